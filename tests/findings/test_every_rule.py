"""Every rule of the catalogue is raised by a real reader, by the mapping engine or by a real delivery."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]

from connectors.readers.open_file import open_tables
from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable
from mappings.compile import Compiler
from mappings.engine.plan import TablePlan
from mappings.findings.rules import RULES
from pipelines.intake.run import run_intake
from pipelines.workbench.profile import describe_files
from tests.acceptance.damages import edit
from tests.connectors.reading import rows_of, wanted
from tests.connectors.test_enaio_xml import export, object_type, values
from tests.mappings import small
from tests.sources.sample import open_hub
from warehouse.loading.findings import FindingWithValue, list_findings

AB = wanted("A", "B")
PERSONS = wanted("A", "B", table="Person")
PERSONS_XML = export(object_type("Person", "AB", values("1", "x\x0b")))
XML_2003 = "<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")

# What a file holds, and the table that is wanted of it.
FILES: dict[str, tuple[str, bytes, Any]] = {
    "block_unlike": ("t.csv", b"A;B\n1;2\nB;A;C\n3;4;5\n", AB),
    "broken_file": ("t.xlsx", b"PK\x03\x04 torn off", AB),
    "broken_page": ("Person/000001-000002.json", b"{", wanted("A", table="Person")),
    "column_missing": ("t.csv", b"A;C\n1;2\n", AB),
    "control_removed": ("t.xml", PERSONS_XML.encode(), PERSONS),
    "description": ("t.txt", b"1x", wanted("A", "B", description="*.des")),
    "doctype": ("t.xml", b"<!DOCTYPE x><DMSContent/>", AB),
    "duplicate_header": ("t.csv", b"A;B;B\n1;2;3\n", AB),
    "empty_file": ("t.csv", b"", AB),
    "encoding": ("t.csv", b"A;B\n1;\x81\n", AB),
    "encrypted": ("t.xls", LOCKED, AB),
    "footer": ("t.csv", b"A;B\n1;2\n;Summe\n", AB),
    "footer_like": ("t.csv", b"A;B\nSumme;x\n", AB),
    "header_row_missing": ("t.csv", b"A;B\n1;2\n", wanted("A", "B", header_row=9)),
    "html": ("t.xls", b"<html><p>Anmeldung</p></html>", AB),
    "json_unknown": ("t.json", b"[{}]", AB),
    "nul_removed": ("t.csv", b"A;B\n1;x\0y\n", AB),
    "repeated_header": ("t.csv", b"A;B\n1;2\nA;B\n3;4\n", AB),
    "second_block": ("t.csv", b"A;B\n1;2\nB;A\n3;4\n", AB),
    "sheet_missing": ("t.xml", PERSONS_XML.encode(), wanted("A", table="Ziel")),
    "title_row": ("t.csv", b"A;B\n1;2\nNeue;\n", replace(AB, telling=frozenset("B"))),
    "unknown_format": ("t.csv", b"%PDF-1.7", AB),
    "widths_in_bytes": (
        "t.txt",
        "Müller   1\nMeier    1\nGroß     1\n".encode(),
        wanted("A", "B", fixed=("A C(10)", "B N(1,0)")),
    ),
    "xml_2003": ("t.xml", XML_2003.encode(), AB),
    "xml_unknown": ("t.xml", b"<?xml version='1.0'?><anderes/>", AB),
}
# What is seen where no mapping says how a file is written.
UNMAPPED = {
    "delimiter_assumed": "Nr;Name\n1;x\n",
    "header_assumed": "Nr;Name\n1;x\n",
    "mended": 'Nr;Name;Ort\n1;a;b\n2;"Haus "Sonne"";x\n3;c;d\n',
    "quotes_kept": "Nr;Name\n1;'x\n2;y\n",
    "several_tables": "Nr;Name\n1;x\n2;y\n\n\nOrt;Anzahl\nU;3\nV;4\n",
}
IN_A_WORKBOOK = {
    "beside_table",
    "cell_merged",
    "error_value",
    "formula_without_value",
    "hidden_rows",
    "hidden_sheet",
}

TALKS = small.plan(
    """
    key: Nr
    feeds:
      conversation:
        fields: {held_on: {column: Datum, required: true}, minutes: {column: Dauer, required: true}}
      person: {fields: {birth_date: {column: Geboren, past: true}, sex: Geschlecht, official_number: AZR}}
    """
)
HEADER = ["Nr", "Datum", "Dauer", "Geboren", "Geschlecht", "AZR"]
ROWS = {
    "future_date": ["1", "01.02.2024", "5", "01.01.2099", "w"],
    "impossible_date": ["1", "01.02.2024", "5", "31.06.2018", "w"],
    "imprecise_date": ["1", "01.02.2024", "5", "Mai 2021", "w"],
    "key_unreadable": ["1\0", "01.02.2024", "5", "", "w"],
    "key_rounded": ["1,23457E+12", "01.02.2024", "5", "", "w"],
    "key_stand_in": ["#NV", "01.02.2024", "5", "", "w"],
    "key_too_long": ["x" * 401, "01.02.2024", "5", "", "w"],
    "key_missing": ["", "01.02.2024", "5", "", "w"],
    "no_official_number": ["1", "01.02.2024", "5", "", "", "beantragt"],
    "placeholder_date": ["1", "01.02.2024", "5", "01.01.1900", "w"],
    "required_date_unreadable": ["1", "30.02.2024", "5", "", "w"],
    "required_missing": ["1", "", "5", "", "w"],
    "required_unreadable": ["1", "01.02.2024", "lang", "", "w"],
    "unknown_code": ["1", "01.02.2024", "5", "", "Zebra"],
    "unreadable_date": ["1", "01.02.2024", "5", "gestern", "w"],
}
# Told of days that a field cannot hold: tests/mappings/test_days.py.
OF_DAYS = {
    "case_end_unreadable",
    "date_too_early",
    "date_too_late",
    "end_before_begin",
    "other_calendar",
    "required_date_implausible",
}
IN_A_DELIVERY = {"refused_file", "rows_disagree", "table_missing", "unknown_column", "unknown_file"}
TALK = "key: Nr\nfeeds: {conversation: {fields: {held_on: Datum, minutes: Dauer}}}"
DELETED = """
system: Probe
tables:
  Klienten: {files: "K*.csv", key: Nr, feeds: {case: {}}}
  Tabelle: {files: "T*.csv", key: Nr, optional: true, ends: case}
"""
# A table of its own: plan, rows, and the numbers of the rows without columns.
TABLES: dict[str, tuple[TablePlan, list[list[str]], list[int]]] = {
    "key_repeated": (small.plan(TALK), [["1", "01.02.2024", "5"], ["1", "01.02.2024", "6"]], []),
    "key_incomplete": (
        small.plan(
            "key: Nr\nfeeds: {goal: {fields: {person_key: {column: Dauer, within: Datum}}}}"
        ),
        [["1", "", "5"]],
        [],
    ),
    "nothing_named": (
        Compiler(small.load(DELETED), small.MUNICIPALITIES, small.DAY).compile_table("Tabelle", {}),
        [["", "", "5"]],
        [],
    ),
    "preamble_missing": (
        small.plan("key: Nr\nfeeds: {case: {fields: {municipality: {preamble: Gemeinde}}}}"),
        [["1", "", ""]],
        [],
    ),
    "ragged_row": (small.plan(TALK), [["1", "01.02.2024", "5"]], [3]),
    "repeated": (small.plan(TALK), [["1", "01.02.2024", "5"], ["1", "01.02.2024", "5"]], []),
    "no_purpose": (
        small.plan(
            "key: Nr\nfeeds: {consent: {fields: {person_key: Nr, basis: {constant: form}, "
            "purpose: Datum}, without: {recipient: x, valid_until: x, valid_until_unreadable: x, "
            "revoked_on: x, revoked_on_unreadable: x}}}"
        ),
        [["1", "k. A.", ""]],
        [],
    ),
    "text_unreadable": (
        small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Datum}}}"),
        [["1", "M\ufffdller", ""]],
        [],
    ),
    "text_misread": (
        small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Datum}}}"),
        [["1", "MÃ¼ller", ""]],
        [],
    ),
    "text_perhaps_misread": (
        small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Datum}}}"),
        [["1", "Doðan", ""]],
        [],
    ),
    "text_stand_in": (
        small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Datum}}}"),
        [["1", "#REF!", ""]],
        [],
    ),
    "number_rounded": (
        small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Datum}}}"),
        [["1", "1,23457E+12", ""]],
        [],
    ),
    "text_too_long": (
        small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Datum}}}"),
        [["1", "x" * 201, ""]],
        [],
    ),
    "hours_or_minutes": (small.plan(TALK), [["1", "01.02.2024", "1,5"]], []),
    "unreadable_number": (small.plan(TALK), [["1", "01.02.2024", "lang"]], []),
}
BY_ITSELF = {"late_field", "password", "too_large", "unreadable_file"}
# Told when persons are linked: tests/warehouse/test_dissolved_links.py.
# Told of copies and of further sheets: tests/intake/test_copies.py.
OF_COPIES = {
    "copied_table",
    "copy_with_other_keys",
    "part_resembles",
    "part_unread",
    "same_file",
    "long_before_case",
    "same_person_twice",
    "table_read_twice",
    "nested_rows",
}
OF_LINKS = {"links_dissolved", "number_of_many"}
# Told when persons are compared with history: tests/warehouse/test_reused_keys.py.
OF_KEYS = {"key_perhaps_reused", "key_reused", "keys_respelled"}
# Told when a delivery is held against those before: tests/intake/test_what_is_not_here.py.
OF_HISTORY = {
    "codes_unknown",
    "column_vanished",
    "ends_withheld",
    "file_missing",
    "rows_rejected",
    "table_absent",
}
# Told when tables are held against each other: tests/warehouse/test_unknown_persons.py.
OF_PERSONS = {
    "person_key_matched",
    "person_key_spelled",
    "person_keys_in_cell",
    "person_unknown",
    "persons_unknown",
}
# Told where consents may be among what was not read: tests/consents/test_what_was_not_read.py, and
# where a withdrawal vanished: tests/consents/test_lost_withdrawals.py.
OF_CONSENTS = {"consents_unfed", "consents_unread", "withdrawal_lost"}
# tests/rights/test_erasure.py raises it.
OF_RIGHTS = ("erased_person",)


def rules_of(tables: Iterable[TextTable | UnreadableTable]) -> set[str]:
    """The rules of all refusals and notices, each table walked to its end."""
    found: set[str] = set()
    try:
        for table in tables:
            if isinstance(table, UnreadableTable):
                found.add(table.error.rule)
            else:
                rows_of(table)
                found |= {notice.rule for notice in table.notices}
    except CannotRead as error:
        found.add(error.rule)
    return found


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_workbook(path: Path) -> Path:
    """A workbook with everything that its reader remarks on."""
    with xlsxwriter.Workbook(str(path)) as file:
        sheet = file.add_worksheet("Daten")
        for number, row in enumerate((["A", "B"], ["1", "x", "am Rand"], ["2"], ["3"], ["4", "y"])):
            sheet.write_row(number, 0, row)
        sheet.merge_range(5, 1, 6, 1, "z")
        sheet.write_column(5, 0, ["5", "6"])
        sheet.write_formula(2, 1, "=1/0", value="#DIV/0!")
        sheet.write_formula(3, 1, "=B2", value="")
        sheet.set_row(4, options={"hidden": True})
        file.add_worksheet("Versteckt").hide()
    return path


@pytest.mark.parametrize("rule", FILES)
def test_a_file_that_a_mapping_wants(rule: str, tmp_path: Path) -> None:
    name, content, want = FILES[rule]
    assert rule in rules_of(open_tables(write(tmp_path / name, content), name, [want], beside={}))


@pytest.mark.parametrize("rule", UNMAPPED)
def test_a_file_without_a_mapping(rule: str, tmp_path: Path) -> None:
    assert rule in rules_of(profile_file(write(tmp_path / "t.csv", UNMAPPED[rule].encode())))


def test_a_workbook(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "t.xlsx")
    assert rules_of(open_tables(path, path.name, [AB])) == IN_A_WORKBOOK


@pytest.mark.parametrize("rule", ROWS)
def test_a_row(rule: str) -> None:
    row = [*ROWS[rule], ""][: len(HEADER)]
    assert {found[2] for found in small.findings(small.run(TALKS, HEADER, [row]))} == {rule}


@pytest.mark.parametrize("rule", TABLES)
def test_rows_of_a_table(rule: str) -> None:
    plan, rows, ragged = TABLES[rule]
    assert {
        found[2]
        for found in small.findings(small.run(plan, ["Nr", "Datum", "Dauer"], rows, ragged))
    } == {rule}


def test_a_delivery(tmp_path: Path) -> None:
    day = date(2025, 1, 31)
    with open_hub(tmp_path, "tau_office", delivered_on=day) as hub:
        folder = hub.config.sources["tau_office"].folder / day.isoformat()
        edit(
            "Kontakte.csv",
            lambda content: content.replace(b"17.06.2022;20,0", b"17.06.2022;25,0", 1),
        )(folder)
        (folder / "Ziele.csv").unlink()
        (folder / "Liesmich.txt").write_text("Notiz")
        os.mkfifo(folder / "Pipe.csv")
        run_intake(hub)
        with hub.store.read() as connection:
            listed = list_findings(connection, with_values=True)
            disagree = [f for f in listed if f.rule == "rows_disagree"]
    found = {(f.rule, f.severity) for f in listed}
    assert {(rule, RULES[rule].severity) for rule in IN_A_DELIVERY} <= found
    # What the later row says is lost.
    assert {one.severity for one in disagree} == {"set_aside"}
    # The row that was changed, and the first one of its key.
    lines = (folder / "Kontakte.csv").read_text("cp1252").split("\n")
    for one in disagree:
        assert isinstance(one, FindingWithValue) and one.row and one.value
        (first,) = re.findall(r"wie Zeile (\d+) und", one.message)
        assert one.file == "Kontakte.csv" and one.value not in one.message
        assert all(one.value in lines[int(row) - 1] for row in (one.row, first))


def test_a_wrong_password(tmp_path: Path) -> None:
    locked = tmp_path / "t.xlsx"
    with write_workbook(tmp_path / "plain.xlsx").open("rb") as source, locked.open("wb") as target:
        OOXMLFile(source).encrypt("geheim", target)
    assert rules_of(open_tables(locked, locked.name, [AB], password="falsch")) == {"password"}


def test_a_file_beyond_the_limits(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"A;B\n1;2\n")
    assert rules_of(open_tables(path, path.name, [AB], Limits(file_bytes=3))) == {"too_large"}


def test_a_field_that_comes_late(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", b'{"A": 1, "B": 2}\n' * 10_001 + b'{"A": 1, "C": 2}\n')
    assert rules_of(open_tables(path, path.name, [AB])) == {"late_field"}


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    (file,) = describe_files([tmp_path / "none.csv"], {}, None)
    error = file.error
    assert error is not None and error.rule == "unreadable_file"


def test_no_rule_is_left_out() -> None:
    raised = [
        *FILES,
        *UNMAPPED,
        *IN_A_WORKBOOK,
        *ROWS,
        *TABLES,
        *IN_A_DELIVERY,
        *BY_ITSELF,
        *OF_COPIES,
        *OF_LINKS,
        *OF_KEYS,
        *OF_HISTORY,
        *OF_PERSONS,
        *OF_CONSENTS,
        *OF_DAYS,
        *OF_RIGHTS,
    ]
    assert sorted(raised) == sorted(RULES)
