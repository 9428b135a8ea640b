"""Stored pages as text tables: places over all pages, table fields, missing properties, pages that are damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.enaio.rest_pages import is_enaio_page, page_tables
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable
from tests.enaio.trial import fetch, read, settings, wanted
from tests.fakes.enaio import FakeEnaio

NAME = "Person/000201-000202.json"


def page(into: Path, *properties: dict[str, Any], name: str = NAME) -> Path:
    path = into / name
    path.parent.mkdir(parents=True, exist_ok=True)
    objects = [
        {"properties": {"system:objectId": {"value": str(n)}, **p}}
        for n, p in enumerate(properties)
    ]
    path.write_text(json.dumps({"objects": objects, "hasMoreItems": False}), "utf-8")
    return path


def tables(path: Path, *wants: Any, name: str = NAME) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in page_tables(DeliveredFile(path, name), wants):
        rows: list[tuple[int, dict[str, str]]] = []
        for batch in table.batches if isinstance(table, TextTable) else ():
            rows += zip(batch.row.to_pylist(), batch.cells.to_pylist(), strict=True)
        found[table.name] = (table, rows)
    return found


def test_half_a_character_is_marked(tmp_path: Path) -> None:
    path = page(tmp_path, {"A": {"value": "x\ud800y"}}, {"A": {"value": "z"}})
    ((_, rows),) = tables(path, wanted("Person", ("A",), "A")).values()
    assert [cells["A"] for _, cells in rows] == ["x\ufffdy", "z"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Müller", "Müller"),
        (None, ""),
        (["a", "b"], "a|b"),
        ([], ""),
        (True, "Wahr"),
        (False, "Falsch"),
        (4711, "4711"),
        (61.50, "61.5"),
        (123456789012345678901234567890, "123456789012345678901234567890"),
        ({"x": 1}, '{"x": "1"}'),
    ],
)
def test_every_value_becomes_text(value: Any, text: str, tmp_path: Path) -> None:
    name = "Person/000001-000001.json"
    path = page(tmp_path, {"Nummer": {"value": "N"}, "Feld": {"value": value}}, name=name)
    ((_, rows),) = tables(path, wanted("Person", ("Nummer", "Feld"), "Nummer"), name=name).values()
    assert rows == [(1, {"Nummer": "N", "Feld": text})]


def test_the_overlap_is_left_out_and_places_go_on(tmp_path: Path) -> None:
    path = page(tmp_path, *({"Nummer": {"value": f"N{n}"}} for n in range(3)))
    ((_, rows),) = tables(path, wanted("Person", ("Nummer",), "Nummer")).values()
    assert [(place, cells["Nummer"]) for place, cells in rows] == [(201, "N1"), (202, "N2")]


def test_a_table_field_is_a_table_with_the_keys_of_its_object(tmp_path: Path) -> None:
    course = {"columnNames": ["Kurs", "Beginn"], "value": [["A1", "01.03.2021"], ["B1", None]]}
    path = page(
        tmp_path, {"Nummer": {"value": "N0"}, "Sprachkurse": course}, {"Nummer": {"value": "N1"}}
    )
    wants = (
        wanted("Person", ("Nummer",), "Nummer"),
        wanted("Person.Sprachkurse", ("Nummer", "Kurs", "Beginn"), "Nummer"),
    )
    found = tables(path, *wants)
    assert found["Person"][0].unknown == ()
    assert found["Person.Sprachkurse"][1] == [
        (201, {"system:objectId": "0", "Nummer": "N0", "Kurs": "A1", "Beginn": "01.03.2021"}),
        (201, {"system:objectId": "0", "Nummer": "N0", "Kurs": "B1", "Beginn": ""}),
    ]
    assert tables(path, wants[0])["Person"][0].unknown == ("Sprachkurse",)


def test_what_no_object_names_is_empty_but_not_the_key(tmp_path: Path) -> None:
    path = page(
        tmp_path, {"Nummer": {"value": "N0"}}, {"Nummer": {"value": "N1"}, "Neu": {"value": "x"}}
    )
    ((table, rows),) = tables(path, wanted("Person", ("Nummer", "Datum"), "Nummer")).values()
    assert [cells["Datum"] for _, cells in rows] == ["", ""]
    assert table.unknown == ("Neu",)
    ((table, _),) = tables(path, wanted("Person", ("Schluessel",), "Schluessel")).values()
    assert isinstance(table, UnreadableTable)
    assert table.error.rule == "column_missing"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[" * 100_000, b'{"objects": [{}]}', b"42", b"[]", b"\xff\xfe"]
)
def test_damaged_pages(content: bytes, tmp_path: Path) -> None:
    path = page(tmp_path, {"Nummer": {"value": "N"}})
    path.write_bytes(content)
    with pytest.raises(CannotRead) as stopped:
        tables(path, wanted("Person", ("Nummer",), "Nummer"))
    assert stopped.value.rule == "broken_page"


@pytest.mark.parametrize(
    ("name", "is_page"),
    [
        (NAME, True),
        ("deleted/Person/000001-000003.json", True),
        ("a/b/000001-000003.json", False),
        ("Person/x.json", False),
    ],
)
def test_only_stored_pages_are_taken(name: str, is_page: bool, tmp_path: Path) -> None:
    assert is_enaio_page(page(tmp_path, {}, name=name), name) is is_page
    (tmp_path / name).write_bytes(b"Nummer;Name\n")
    assert not is_enaio_page(tmp_path / name, name)


def test_everything_the_fake_holds_is_read_as_it_is(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        rows = read(tmp_path, fetch(settings(fake), tmp_path).files)
        held = list(fake.holdings.of("Person"))
    names = [cells[1] for _, cells in rows["Person"]]
    assert names == [h.value("Nachname") for h in held]
    assert any("u\u0308" in name for name in names)  # what was decomposed stays so
    courses = [
        (h.value("Personennummer"), *row)
        for h in held
        if h.value("Sprachkurse")
        for row in h.value("Sprachkurse").rows
    ]
    assert [cells for _, cells in rows["Person.Sprachkurse"]] == courses
    assert rows["Leer"] == []
