"""Technical measures (Art. 32 DSGVO): who may read what, what cannot be changed, what is encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.documents.person.person_letter import LetterSection, LetterTable
from pipelines.papers.district_facts import DistrictFacts
from pipelines.papers.paper import Paper
from warehouse.schema import ENTITIES, metadata
from warehouse.schema.columns import without_identity
from warehouse.schema.roles import ROLES

_ROLES = {
    "loader": "lädt Lieferungen",
    "analyst": "rechnet Zahlen",
    "transfer": "macht Formulare",
    "auditor": "prüft",
}
_MEASURES = (
    ("Zugriff auf Dateien", "Ordner 0700, Dateien 0600, gelandete Bytes nur lesbar (0400)"),
    ("Trennung der Landkreise", "auf dem Server je Zeile (row level security)"),
    ("Mappen mit Makros, Formeln, Dokumenttypen", "werden nie ausgeführt oder nachgeladen"),
    ("Verfügbarkeit", "eine Übertragung je Lieferung; nach einem Abbruch gilt der alte Stand"),
    ("Wiederherstellung", "Sicherung in einer Datei, vor dem Zurückspielen ganz geprüft"),
    ("Löschung", "Pseudonyme ohne Rückweg, neue Datenbankdateien, Suche über jedes Byte"),
)


def make_measures(district: DistrictFacts) -> Paper:
    """The measures for a district."""
    rights = LetterTable(["Rolle", "Aufgabe", "liest"], list(_list_rights()))
    fixed = LetterTable(["Tabelle"], _list_fixed())
    measures = LetterTable(["Gegenstand", "Maßnahme"], _list_measures(district))
    return Paper(
        "technische-massnahmen",
        "Technische und organisatorische Maßnahmen (Art. 32 DSGVO)",
        [
            LetterSection("Maßnahmen", [], [measures]),
            LetterSection("Rollen auf dem Server", [], [rights]),
            LetterSection("Nur zu ergänzen, nie zu ändern", [], [fixed]),
        ],
    )


def _list_measures(district: DistrictFacts) -> list[list[str]]:
    own = [["Datenbestand", district.warehouse], ["Verschlüsselung", district.encryption]]
    return [*own, *([name, what] for name, what in _MEASURES)]


def _list_fixed() -> list[list[str]]:
    return [[t.info["label"]] for t in metadata.sorted_tables if t.info.get("append_only")]


def _list_rights() -> Iterator[list[str]]:
    for role in ROLES:
        name = role.removeprefix("drehscheibe_")
        yield [role, _ROLES[name], "; ".join(_list_readable(name))]


def _list_readable(role: str) -> Iterator[str]:
    entities = {entity.table.name for entity in ENTITIES.values()}
    if role == "loader":
        yield "alles"
        return
    for table in metadata.sorted_tables:
        label = table.info["label"]
        if table.name in entities and role == "transfer":
            yield label
        elif table.name in entities and role == "analyst":
            hidden = len(table.columns) - len(without_identity(table))
            yield f"{label} (ohne {hidden} Felder)"
        elif role in table.info.get("read_by", ()):
            yield label
