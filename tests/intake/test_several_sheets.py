"""A table in several sheets: all that fit are read, each row keeps its sheet, and none is lost unseen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select

from connectors.readers.open_file import open_tables
from connectors.readers.rows.table_names import fits_name, suggest_pattern
from connectors.tables.text_table import TextTable, Wanted
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake
from pipelines.workbench.profile import AlikeSheets, describe_files
from tests.conformance.fault_kinds import holds
from tests.connectors.written import html, xlsx, xml_2003
from warehouse.loading.findings import list_findings
from warehouse.schema import ENTITIES

# title of a sheet, name or pattern in the mapping, whether they fit
NAMES = [
    ("Quartal 1", "Quartal *", True),
    ("QUARTAL-4", "Quartal *", True),
    ("Quartal", "Quartal *", True),
    ("Quartale alt", "Quartal *", False),
    ("Mühlenröth 2024", "Muehlenroeth *", True),
    ("Q1", "Q?", True),
    ("Q12", "Q?", False),
    ("Deckblatt", "*", True),
    ("Klienten", "Klienten", True),
    ("Klienten 2", "Klienten", False),
    ("Q(1)", "Q(?)", True),
]


@pytest.mark.parametrize(("title", "name", "fits"), NAMES)
def test_names_that_fit(title: str, name: str, fits: bool) -> None:
    assert fits_name(title, name) == fits


@pytest.mark.parametrize(
    ("titles", "pattern"),
    [
        (["Quartal 1", "Quartal 2"], "Quartal *"),
        (["Klienten Nord", "Klienten Süd", "Klienten"], "Klienten*"),
        (["2023", "2024"], None),
        (["Nord", "Süd"], None),
    ],
)
def test_the_pattern_that_is_suggested(titles: list[str], pattern: str | None) -> None:
    assert suggest_pattern(titles) == pattern


@pytest.mark.parametrize(
    ("write", "name"), [(xlsx, "T.xlsx"), (html, "T.htm"), (xml_2003, "T.xls")]
)
def test_all_sheets_that_fit_are_read_in_order(write: object, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write(path, [["Nr", "Ort"], ["1", "A"]], ["Quartal 2", "Quartal 1", "Hilfe"])  # type: ignore[operator]
    columns = {"Nr": ("Nr",), "Ort": ("Ort",)}
    want = Wanted(
        "T", ("*",), "Quartal *", columns, frozenset(columns), ("Nr",), sheets=("Quartal *",)
    )
    titles = []
    for table in open_tables(path, name, [want]):
        assert isinstance(table, TextTable)
        titles.append(table.title)
        assert [batch.row.to_pylist() for batch in table.batches] == [[2]]
        beside = table.beside
    assert titles == ["Quartal 2", "Quartal 1"]
    assert [part.title for part in beside if part.fits] == (["Hilfe"])


MAPPING = """\
system: Probe
ignore: [Quartal alt]
tables:
  Klienten:
    files: ["Mappe*"]
    table: [TABLE]
    key: Nr
    feeds:
      person: {fields: {last_name: Nachname, first_name: Vorname, birth_date: Geboren}}
      case: {fields: {begun_on: Von, municipality: {sheet: true}}}
"""
HEADER = ["Nr", "Nachname", "Vorname", "Geboren", "Von"]
Sheets = Mapping[str, list[int]]


def client(number: int) -> list[str]:
    name = f"Muster{chr(97 + number % 26)}"
    return [str(number), name, "Amal", f"{number % 28 + 1:02}.05.1990", "01.02.2024"]


class Source:
    """A source that delivers one workbook each month, with the clients of each sheet by number."""

    def __init__(self, folder: Path, table: str) -> None:
        self.folder, self.month = folder, 0
        (folder / "probe.yaml").write_text(MAPPING.replace("TABLE", table), encoding="utf-8")
        (folder / "drehscheibe.yaml").write_text(
            'district: {ags: "08999", name: Musterkreis}\n'
            'municipalities: {"08999001": {name: Musterstadt}, "08999003": {name: Mühlenröth}}\n'
            "sources: {probe: {mapping: probe.yaml, folder: in, delivers: full}}\n",
            encoding="utf-8",
        )

    def deliver(self, sheets: Sheets) -> DeliveryResult:
        self.month += 1
        path = (
            self.folder / "in" / date(2025, self.month, 28).isoformat() / f"Mappe {self.month}.xlsx"
        )
        path.parent.mkdir(parents=True)
        with xlsxwriter.Workbook(str(path)) as book:
            for title, numbers in sheets.items():
                sheet = book.add_worksheet(title)
                for at, row in enumerate([HEADER, *map(client, numbers)] if numbers else []):
                    sheet.write_row(at, 0, row)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        with self.open() as hub:
            return run_intake(hub)[-1]

    def open(self) -> Hub:
        return Hub(load_config(self.folder / "drehscheibe.yaml"))

    def known(self) -> list[tuple[str, str, int, str | None]]:
        """Key, sheet, row and municipality of each known case."""
        c = ENTITIES["case"].table.c
        columns = c.source_key, c.source_table, c.source_row, c.municipality
        with self.open() as hub, hub.store.read() as connection:
            found = connection.execute(select(*columns).where(c.known_to.is_(None)))
            return sorted(map(tuple, found))

    def rules(self) -> dict[str, str | None]:
        """By rule, the sheet of the last finding of the newest delivery."""
        day = date(2025, self.month, 28)
        with self.open() as hub, hub.store.read() as connection:
            return {f.rule: f.sheet for f in list_findings(connection) if f.delivered_on == day}


def test_the_place_and_the_municipality_of_a_row_are_its_sheet(tmp_path: Path) -> None:
    source = Source(tmp_path, "Musterstadt, Mühlen*")
    assert source.deliver({"Musterstadt": [1, 2], "Mühlenröth": [3], "Hilfe": []}).state == "loaded"
    assert source.known() == [
        ("1", "Musterstadt", 2, "08999001"),
        ("2", "Musterstadt", 3, "08999001"),
        ("3", "Mühlenröth", 2, "08999003"),
    ]


def test_a_sheet_that_names_no_municipality_is_told(tmp_path: Path) -> None:
    source = Source(tmp_path, "Muster*")
    source.deliver({"Musterstadt": [1], "Musterdorf": [2], "Musterwald": [3]})
    with source.open() as hub, hub.store.read() as connection:
        told = [(f.rule, f.sheet) for f in list_findings(connection)]
    assert {("unknown_code", "Musterdorf"), ("unknown_code", "Musterwald")} <= set(told)
    assert [place[3] for place in source.known()] == ["08999001", None, None]


QUARTERS = {"Quartal 1": list(range(1, 9)), "Quartal 2": list(range(9, 13))}
# sheets of the second delivery, the rules it breaks of sheets, cases known afterwards
SECOND: dict[str, tuple[Sheets, set[str], int]] = {
    "the same": (QUARTERS, set(), 12),
    "one sheet more": ({**QUARTERS, "Quartal 3": [13, 14]}, set(), 14),
    "one not filled yet": ({**QUARTERS, "Quartal 3": []}, set(), 12),
    "one is missing": ({"Quartal 1": QUARTERS["Quartal 1"]}, {"sheet_missing"}, 12),
    "one is empty": ({**QUARTERS, "Quartal 2": []}, {"sheet_missing"}, 12),
    "one has another name": (
        {"Quartal 1": QUARTERS["Quartal 1"], "Quartal II": QUARTERS["Quartal 2"]},
        set(),
        12,
    ),
    "all in one": ({"Quartal 1": list(range(1, 13))}, set(), 12),
    "another in its place": (
        {"Quartal 1": QUARTERS["Quartal 1"], "Quartal 3": [13, 14, 15, 16]},
        {"sheet_missing"},
        16,
    ),
    "none at all": ({"Übersicht": [20]}, {"sheet_missing"}, 12),
}


@holds(3)
@pytest.mark.parametrize("case", SECOND)
def test_a_sheet_of_the_delivery_before(case: str, tmp_path: Path) -> None:
    sheets, rules, known = SECOND[case]
    source = Source(tmp_path, '"Quartal *"')
    assert source.deliver(QUARTERS).state == "loaded"
    result = source.deliver(sheets)
    assert set(source.rules()) & {"sheet_missing", "part_unread", "part_resembles"} == rules
    assert (result.state == "loaded") == (not rules)
    assert len(source.known()) == known


@holds(3)
def test_a_renamed_sheet_is_still_waited_for(tmp_path: Path) -> None:
    source = Source(tmp_path, '"Quartal *"')
    source.deliver(QUARTERS)
    source.deliver({"Quartal 1": QUARTERS["Quartal 1"], "Quartal II": QUARTERS["Quartal 2"]})
    source.deliver({"Quartal 1": QUARTERS["Quartal 1"]})
    assert source.rules()["sheet_missing"] == "Quartal II"
    assert len(source.known()) == 12


def test_an_ignored_sheet_is_not_waited_for(tmp_path: Path) -> None:
    source = Source(tmp_path, '"Quartal *"')
    source.deliver({"Quartal 1": QUARTERS["Quartal 1"], "Quartal alt": [30]})
    source.deliver({"Quartal 1": QUARTERS["Quartal 1"]})
    assert "sheet_missing" not in source.rules()


def test_a_key_of_two_sheets_counts_once(tmp_path: Path) -> None:
    """As in two files: the first counts, the other is told with the sheet of the first."""
    source = Source(tmp_path, '"Quartal *"')
    source.deliver({"Quartal 1": [1, 2], "Quartal 2": [2, 3]})
    with source.open() as hub, hub.store.read() as connection:
        (told,) = [f for f in list_findings(connection) if f.rule == "key_repeated"]
    assert (told.sheet, told.row) == ("Quartal 2", 2)
    assert "Blatt Quartal 1" in told.message
    assert [place[:3] for place in source.known()] == [
        ("1", "Quartal 1", 2),
        ("2", "Quartal 1", 3),
        ("3", "Quartal 2", 3),
    ]


def test_read_names_the_pattern_of_sheets_with_one_header(tmp_path: Path) -> None:
    path = tmp_path / "T.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for title, header in {"Nord 1": "Nr Ort", "Nord 2": "nr ort", "Hilfe": "Nr Text"}.items():
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, header.split())
            sheet.write_row(1, 0, ["1", "x"])
    (seen,) = describe_files([path], {}, None)
    assert seen.alike == [AlikeSheets(["Nord 1", "Nord 2"], ["Nord *"])]
