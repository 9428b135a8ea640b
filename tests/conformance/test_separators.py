"""Signs that separate lines or values elsewhere are a blank within a cell, from every reader and in every kind of column."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.tables.text_table import CannotRead
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import write_table
from tests.mappings.small import findings, plan, rows_of, run

# What no XML can hold, and what it can.
CONTROLS = "\v\f\x1c\x1d\x1e\x1f"
SEPARATORS = {
    "VT": "\v",
    "FF": "\f",
    "FS": "\x1c",
    "GS": "\x1d",
    "RS": "\x1e",
    "US": "\x1f",
    "NEL": "\x85",
    "LS": "\u2028",
    "PS": "\u2029",
}
PERSONS = plan("key: Nr\nfeeds: {person: {fields: {last_name: Name}}, case: {}}")


def as_written(reader: str, sign: str) -> str:
    """The sign as programs write it in a format."""
    if reader == "xlsx" and sign in CONTROLS:
        return f"_x{ord(sign):04X}_"
    return sign


@holds(10, "csv", "xlsx", "xls", "ods", "xml_2003", "html", "xml", "json", "fixed", "rest", "sql")
@pytest.mark.parametrize("sign", SEPARATORS)
def test_a_separator_in_a_name_and_in_a_key(reader: str, sign: str, tmp_path: Path) -> None:
    within = as_written(reader, SEPARATORS[sign])
    key = f"7{within}A"
    written = write_table(reader, tmp_path, ("Nr", "Name"), (key, f"Anna{within}Maria"))
    if reader == "ods" and within in CONTROLS:
        # No XML has them, so a document with one is broken.
        with pytest.raises(CannotRead):
            written.rows()
        return
    rows = written.rows()
    mapped = run(PERSONS, ["Nr", "Name"], rows)
    assert [(row["key"], row["last_name"]) for row in rows_of(mapped, "person")] == [
        ("7 A", "Anna Maria")
    ]
    assert findings(mapped) == []


@holds(10, "xml", "xml_2003")
@pytest.mark.parametrize("reference", ["&#11;", "&#x0B;", "&#xb;", "&#0012;", "&#x1C;", "&#31;"])
def test_a_reference_to_a_separator(reader: str, reference: str, tmp_path: Path) -> None:
    written = write_table(reader, tmp_path, "AB", ("1", "Anna§Maria"))
    content = written.path.read_bytes().replace("§".encode(), reference.encode())
    written.path.write_bytes(content)
    assert written.rows() == [["1", "Anna Maria"]]


# Field of an entity with more about it, its cell (\v for the sign) and what it says.
COLUMNS: dict[str, tuple[str, str, str, Any]] = {
    "text": ("person", "last_name: X", "Anna\vMaria", "Anna Maria"),
    "code": ("person", "sex: X", "weiblich\v", "w"),
    "day": ("person", "birth_date: X", "\v04.05.1990\v", date(1990, 5, 4)),
    "official number": ("person", "official_number: X", "\v1234567892\v", "1234567892"),
    "duration": ("conversation", "held_on: Tag, minutes: X", "45\vmin", 45),
    "flag": ("conversation", "held_on: Tag, interpreter: X", "\vja", True),
}


@holds(10)
@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("sign", SEPARATORS)
def test_every_kind_of_column(kind: str, sign: str) -> None:
    entity, fields, cell, value = COLUMNS[kind]
    table = plan(f"key: Nr\nfeeds: {{{entity}: {{fields: {{{fields}}}}}}}")
    row = ["1", "01.02.2024", cell.replace("\v", SEPARATORS[sign])]
    mapped = run(table, ["Nr", "Tag", "X"], [row])
    (found,) = rows_of(mapped, entity)
    field = fields.split(", ")[-1].partition(":")[0]
    assert (found.get(field), findings(mapped)) == (value, [])


@holds(10)
@pytest.mark.parametrize("sign", SEPARATORS)
def test_several_values_of_a_cell(sign: str) -> None:
    table = plan(
        """
        key: Nr
        feeds:
          conversation: {fields: {held_on: Tag}}
          conversation_participant: {each: {column: Wer, split: ","}}
          conversation_topic: {each: {column: Thema, split: ","}}
        """
    )
    within = SEPARATORS[sign]
    row = ["1", "01.02.2024", f"7{within}A,{within}8{within}", f"{within}Schule,Arbeit{within}"]
    mapped = run(table, ["Nr", "Tag", "Wer", "Thema"], [row])
    persons = [r["person_key"] for r in rows_of(mapped, "conversation_participant")]
    topics = [r["topic"] for r in rows_of(mapped, "conversation_topic")]
    assert (persons, topics, findings(mapped)) == (["7 A", "8"], ["schule", "arbeit"], [])
