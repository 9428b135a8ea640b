"""The page of indicators: what each counts, its source, and whether it is proven or assumed."""

from __future__ import annotations

from mappings import code_lists
from mappings.catalogue import Group, Indicator, choose_catalogue
from pipelines.docs.markdown import (
    format_code,
    format_codes,
    format_page,
    format_table,
    wrap_paragraph,
)
from pipelines.figures.kennzahlen import check_catalogue
from warehouse.marts.declaration import Counts
from warehouse.marts.indicators import FOR_THE_REPORT, INDICATORS
from warehouse.marts.scope import UNITS

KNOWN = {"F": "belegt", "A": "Annahme"}
COUNTED = {
    Counts.RECORDS: "Datensätze",
    Counts.PERSON_RECORDS: "Personendatensätze",
    Counts.PERSONS: "Menschen",
}
UNIT_MEANING = {
    "municipality": (
        "Gemeinde: bei Gesprächen die Gemeinde des Falls der beratenen Person in derselben "
        "Quelle, sonst die des Falls; hat eine Person mehrere Fälle, gilt für Gespräche, Pläne und "
        "Ziele der am Tag offene (von mehreren der zuletzt begonnene), sonst der letzte davor, "
        "sonst der nächste"
    ),
    "staff": (
        "Integrationsmanager/in: bei Gesprächen, wer das Gespräch führte, sonst wer den Fall "
        "führt; Name und Quelle zusammen"
    ),
    "carrier": "Träger, der die Quelle führt (Konfiguration, `sources`)",
    "team": "Regionalteam der Gemeinde (Konfiguration, `municipalities`)",
    "source": "Quelle, wie sie in der Konfiguration heißt",
}


def page_text() -> str:
    """The page indicators.md."""
    check_catalogue()
    shown, own = choose_catalogue(None), choose_catalogue(None, "internal")
    until = f" bis {shown.valid_to:%d.%m.%Y}" if shown.valid_to else ""
    about = [
        ("Katalog", format_code(shown.name)),
        ("Grundlage", shown.basis),
        ("gültig", f"ab {shown.valid_from:%d.%m.%Y}{until}"),
        ("Sperre", f"{format_code(shown.gate)}: {shown.legal_ground}"),
    ]
    return format_page(
        shown.title,
        format_table(("", ""), about),
        wrap_paragraph(
            "„belegt“ heißt: veröffentlichte Zahlen zeigen, dass die Angabe erhoben wird; "
            "„Annahme“ heißt: nicht belegt, bis das landeseinheitliche Muster vorliegt. Jede Zahl "
            "gilt für einen Zeitraum (beide Tage eingeschlossen) und einen Kenntnisstand."
        ),
        *(part for group in shown.groups for part in _group_section(group)),
        "## Nur für den Kreis selbst",
        wrap_paragraph(
            f"`kennzahlen --internal`, Katalog {format_code(own.name)}: {own.basis}. Keine Kennzahl "
            "des Landes."
        ),
        *(_indicator_section(line) for line in own.indicators()),
        "## Nur im Bericht, keine Kennzahl des Landes",
        *(_definition_text(name, f"### {format_code(name)}") for name in FOR_THE_REPORT),
        "## Einheiten",
        format_table(("Einheit", "Bedeutung"), [(format_code(u), UNIT_MEANING[u]) for u in UNITS]),
        wrap_paragraph(
            "Ein Mensch zählt je Einheit einmal und im Landkreis einmal; die Einheiten dürfen "
            "zusammen mehr ergeben als der Landkreis. Was zu keiner Einheit gehört, steht nur in "
            "der Zeile des Landkreises."
        ),
    )


def _group_section(group: Group) -> list[str]:
    return [f"## {group.title}", *map(_indicator_section, group.indicators)]


def _indicator_section(indicator: Indicator) -> str:
    name = indicator.indicator
    title = f"### {indicator.label} ({format_code(name)}, {KNOWN[indicator.known]})"
    return "\n\n".join(filter(None, (_definition_text(name, title), _category_table(indicator))))


def _definition_text(name: str, title: str) -> str:
    declared = {**INDICATORS, **FOR_THE_REPORT}[name]
    evidence = declared.records.info["label"]
    counted = f"Gezählt werden {COUNTED[declared.counts]}; Nachweis: {evidence}."
    if declared.units != UNITS:
        counted += f" Einheiten: {format_codes(declared.units) or 'nur der Landkreis'}."
    parts = (declared.definition, counted, f"Quelle: {declared.source}.")
    return "\n\n".join((title, *map(wrap_paragraph, parts)))


def _category_table(indicator: Indicator) -> str:
    if indicator.codes is None:
        return ""
    listed = f"Schlüsselliste {format_code(indicator.codes)} (siehe codes.md)"
    if indicator.open_list:
        return f"{listed}; gezeigt werden nur Codes, die vorkommen."
    labels = code_lists.load_code_list(indicator.codes).labels
    rows = [_category_row(indicator, code, label) for code, label in labels.items()]
    return f"{listed}.\n\n{format_table(('Kategorie', 'Bezeichnung', ''), rows)}"


def _category_row(indicator: Indicator, code: str, label: str) -> tuple[str, str, str]:
    known = "" if code == code_lists.NOT_STATED else KNOWN[indicator.known_of(code)]
    return format_code(code), label, known
