"""The table of retention: what is kept how long, on which ground, and who sees to it."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.documents.person.person_letter import LetterSection, LetterTable
from mappings.retention import PERSONS, RetentionTerm, load_terms
from pipelines.papers.district_facts import DistrictFacts
from pipelines.papers.paper import Paper
from warehouse.erasure.blanked_rows import COUNTED
from warehouse.schema import ENTITIES

KNOWN = {"F": "festgelegt", "A": "Annahme; vom Datenschutz des Landkreises festzulegen"}
DONE_BY = {
    "emptied": "drehscheibe person retention --apply",
    "organisation": "Organisation des Landkreises",
}


def make_table(district: DistrictFacts) -> Paper:
    """The table for a district, with what stays of an emptied person."""
    heads = ["Angaben", "Beginn", "Jahre", "Grund", "belegt", "durch"]
    rows = [_write_row(term, district) for term in load_terms()]
    kept = [_name_kept(name, columns) for name, columns in COUNTED.items() if columns]
    text = (
        "Nach Ablauf und nach einer Löschung auf Verlangen werden alle Angaben geleert bis auf die "
        "folgenden, die unter zufälligen Schlüsseln für die Zahlen bleiben. Der Geburtstag wird auf "
        "den Monat vergröbert."
    )
    sections = [
        LetterSection("Fristen", [], [LetterTable(heads, rows)]),
        LetterSection("Was danach bleibt", [text], [LetterTable(["Art", "bleibt"], kept)]),
        LetterSection("Aufschub", ["Wer mit person hold vermerkt ist, wird nicht geleert."]),
    ]
    return Paper("fristen", "Aufbewahrungsfristen", sections)


def _write_row(term: RetentionTerm, district: DistrictFacts) -> list[str]:
    return [
        term.label,
        term.begins,
        str(district.person_years if term.name == PERSONS else term.years),
        term.ground,
        KNOWN[term.known],
        DONE_BY[term.then],
    ]


def _name_kept(entity: str, columns: Iterable[str]) -> list[str]:
    labels = ", ".join(_label(entity, column) for column in sorted(columns))
    return [ENTITIES[entity].table.info["label"], labels]


def _label(entity: str, column: str) -> str:
    label: str = ENTITIES[entity].table.columns[column].info["label"]
    return label
