"""Writes a correction for people: a German PDF, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.documents.german_format import change_text, count_text, number_text, period_text
from connectors.documents.kennzahlen.correction import (
    CorrectionNotice,
    NoticePart,
    print_notice,
)
from pipelines.submission.correction import (
    AlsoCarries,
    CauseCount,
    ChangedFigure,
    Correction,
)
from pipelines.submission.money_effect import MoneyEffect
from pipelines.submission.published_numbers import AlsoPublished

if TYPE_CHECKING:
    from datetime import date

STATE_LABELS = {
    "prepared": "erstellt",
    "approved": "freigegeben",
    "handed_over": "übergeben",
    "accepted": "angenommen",
    "rejected": "zurückgewiesen",
    "withdrawn": "zurückgezogen",
}


def print_correction(
    correction: Correction, labels: Mapping[str, str], names: Mapping[str, str], on: date
) -> bytes:
    """The PDF; ``labels``: of indicators, ``names``: of municipalities by AGS and of carriers."""
    period = period_text(correction.period_from, correction.period_to)
    notice = CorrectionNotice(
        number=correction.submission,
        title="Berichtigung der Kennzahlen",
        subtitle=f"{correction.district}, {period}",
        footer=f"{correction.district} · Berichtigung zu {correction.submission}",
        sentences=list(_write_sentences(correction)),
        parts=[
            _list_causes(correction.causes),
            _list_figures("Kreis", [f for f in correction.changed if not f.unit], labels, names),
            _list_figures("Einheiten", [f for f in correction.changed if f.unit], labels, names),
            _list_money(correction.money, names),
            _list_others(correction),
        ],
    )
    return print_notice(notice, on)


def _write_sentences(correction: Correction) -> Iterator[str]:
    yield from _write_changes(correction)
    for year in correction.money_unknown:
        yield (
            f"Was sich im Berechnungsjahr {year.year} an Zielgruppe und Geld ändert, ist nicht "
            f"bekannt: Für den Stichtag {year.stichtag:%d.%m.%Y} ist keine Regel der Zielgruppe "
            "anwendbar."
        )


def _write_changes(correction: Correction) -> Iterator[str]:
    yield (
        f"Verglichen wird die Einreichung {correction.submission} (Stand nach Ladung "
        f"{correction.load}) mit dem, was nach Ladung {correction.now} bekannt ist."
    )
    if not correction.changed:
        yield "Keine Zahl hat sich geändert."
        return
    changed = count_text(len(correction.changed), "Zahl hat", "Zahlen haben")
    yield (
        f"{changed} sich geändert, davon {number_text(correction.material)} über der Schwelle, "
        "ab der berichtigt wird."
    )
    if not correction.within_horizon:
        yield "Der Zeitraum liegt länger zurück, als nach der Konfiguration berichtigt wird."


def _list_causes(causes: Sequence[CauseCount]) -> NoticePart:
    rows = [_cause_row(one) for one in causes]
    heads = ["Grund (Datensätze, jeder einmal)", "dazu", "weg", "Ladungen"]
    return NoticePart("Warum", heads, [0, 18, 18, 40], [1, 2], rows, "Keine Zahl ist betroffen.")


def _cause_row(one: CauseCount) -> list[str]:
    return [one.label, _plus(one.added), _minus(one.removed), ", ".join(map(str, one.loads))]


def _list_figures(
    title: str,
    figures: Sequence[ChangedFigure],
    labels: Mapping[str, str],
    names: Mapping[str, str],
) -> NoticePart:
    rows = [[_name_figure(figure, labels, names), *_figure_cells(figure)] for figure in figures]
    heads = ["Kennzahl", "bisher", "jetzt", "Änderung", "weil"]
    return NoticePart(
        title, heads, [58, 16, 16, 18, 0], [1, 2, 3], rows, "Hier hat sich keine Zahl geändert."
    )


def _figure_cells(figure: ChangedFigure) -> list[str]:
    """What it was, is and differs by, and why."""
    return [
        number_text(figure.then),
        number_text(figure.now),
        change_text(figure.now, figure.then),
        ", ".join(f"{one.label} ({_count_change(one)})" for one in figure.causes),
    ]


def _name_figure(figure: ChangedFigure, labels: Mapping[str, str], names: Mapping[str, str]) -> str:
    unit = ", ".join(names.get(str(part), str(part)) for part in figure.unit.values())
    label = labels.get(figure.indicator, figure.indicator)
    category = figure.label or figure.category
    return ": ".join(filter(None, [unit, label, category]))


def _list_money(effects: Sequence[MoneyEffect], names: Mapping[str, str]) -> NoticePart:
    heads = ["Berechnungsjahr", "Gemeinde", "Personen bisher", "jetzt", "EUR bisher", "jetzt"]
    return NoticePart(
        "Zielgruppe und Geld",
        heads,
        [34, 0, 26, 16, 26, 26],
        [2, 3, 4, 5],
        [_money_row(effect, names) for effect in effects],
        "Zielgruppe und Mittelverteilung ändern sich in keinem Jahr, dessen Stichtag und Regel "
        "bekannt sind.",
    )


def _money_row(effect: MoneyEffect, names: Mapping[str, str]) -> list[str]:
    persons = [number_text(effect.persons_then), number_text(effect.persons_now)]
    amounts = [_spell_amount(effect.amount_then), _spell_amount(effect.amount_now)]
    place = names.get(effect.municipality, effect.municipality)
    return [_name_year(effect), place, *persons, *amounts]


def _name_year(effect: MoneyEffect) -> str:
    return f"{effect.year} ({'Annahme' if effect.known == 'A' else 'belegt'})"


def _spell_amount(amount: str | None) -> str:
    return "nicht bekannt" if amount is None else number_text(Decimal(amount), 2)


def _list_others(correction: Correction) -> NoticePart:
    rows = [_other_row(other) for other in correction.also_in]
    rows += [_published_row(one) for one in correction.published]
    heads = ["Einreichung oder Tabelle", "Zeitraum", "Zustand", "geändert", "auch hier"]
    return NoticePart(
        "Wo die Zahlen noch stehen",
        heads,
        [0, 44, 26, 18, 18],
        [3, 4],
        rows,
        "In keiner anderen Einreichung und keiner veröffentlichten Tabelle hat sich eine Zahl geändert.",
    )


def _published_row(one: AlsoPublished) -> list[str]:
    return [
        f"Veröffentlichung {one.number} ({one.layout})",
        period_text(one.period_from, one.period_to),
        f"vom {one.made_on}",
        number_text(one.cells),
        number_text(one.shared),
    ]


def _other_row(other: AlsoCarries) -> list[str]:
    return [
        other.id,
        period_text(other.period_from, other.period_to),
        STATE_LABELS[other.state],
        number_text(other.changed),
        number_text(other.shared),
    ]


def _count_change(one: CauseCount) -> str:
    return " ".join(filter(None, [_plus(one.added), _minus(one.removed)]))


def _plus(value: int) -> str:
    return f"+{number_text(value)}" if value else ""


def _minus(value: int) -> str:
    return f"\u2212{number_text(value)}" if value else ""
