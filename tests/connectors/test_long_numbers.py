"""Numbers of 16 and more digits in number cells keep the digits that the file has; what it has not is not made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.tables.cell_text import long_number_text, number_text
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import Number, write_table
from tests.connectors.reading import one_table, wanted
from tests.connectors.test_sheet_marks import SPELLINGS, workbook

# As a program writes them, and what they are; None: the last digits are lost.
WRITTEN = {
    "1234567890123456": "1234567890123456",
    "9007199254740993": "9007199254740993",
    "12345678901234567890": "12345678901234567890",
    "-1234567890123456": "-1234567890123456",
    "1234567890123456.0": "1234567890123456",
    "1.234567890123456E15": "1234567890123456",
    "1.2345678901234E15": "1234567890123400",
    "1.234567890123456E+15": "1234567890123456",
    "1.23456789012346E+15": None,
    "1.2345678901234568e+16": None,
    "1.5E19": None,
}
OTHERS = ["123456789012345", "4711", "0.7083333333333334", "1.5E+3", "x", "", "NaN", "1e999x"]


@pytest.mark.parametrize(("written", "text"), WRITTEN.items())
def test_long_numbers(written: str, text: str | None) -> None:
    assert long_number_text(written) == (written if text is None else text)


@pytest.mark.parametrize("written", OTHERS)
def test_other_numbers_are_left_to_their_value(written: str) -> None:
    assert long_number_text(written) is None


@holds(10, "xlsx", "ods", "xml_2003", "json", "rest")
def test_a_format_that_has_the_text(reader: str, tmp_path: Path) -> None:
    cells = [Number(written) for written in WRITTEN]
    table = write_table(reader, tmp_path, "AB", *((str(n), cell) for n, cell in enumerate(cells)))
    assert [b for _, b in table.rows()] == [text or w for w, text in WRITTEN.items()]


@holds(10, "xls", "sql")
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1234567890123456.0", "1234567890123456"),
        ("9007199254740991.0", "9007199254740991"),
        ("12345678901234567.0", "1.23456789012346e+16"),
        ("4711.0", "4711"),
        ("4711.5", "4711.5"),
    ],
)
def test_a_format_that_has_the_value(reader: str, written: str, text: str, tmp_path: Path) -> None:
    table = write_table(reader, tmp_path, "AB", (Number(written), "x"), (Number("1"), "y"))
    assert [a for a, _ in table.rows()] == [text, "1"]


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_value_keeps_all_digits_that_it_has(number: int) -> None:
    assert number_text(float(number)) == str(number)


@pytest.mark.parametrize("spelling", ["usual", *SPELLINGS])
def test_however_the_sheet_is_spelled(spelling: str, tmp_path: Path) -> None:
    rows = """<row r="1"><c r="A1" t="inlineStr"><is><t>K</t></is></c><c r="B1" t="inlineStr"><is><t>B</t></is></c>\
<c r="C1" t="inlineStr"><is><t>C</t></is></c></row><row r="2"><c r="A2"><v>1234567890123456</v></c><c r="B2"><f>A2</f>\
<v>1234567890123457</v></c><c r="C2" t="str"><f>A2</f><v>1.5E+20</v></c></row><row r="3"><c r="A3"><v>1</v></c>\
<c r="B3"><v>0.7083333333333334</v></c><c r="C3"><v>1.23456789012346E+15</v></c></row>"""
    path = workbook(tmp_path, rows, SPELLINGS.get(spelling, str))
    _, found, _ = one_table(path, wanted("K", "B", "C"))
    assert [list(cells.values()) for _, cells in found] == [
        ["1234567890123456", "1234567890123457", "1.5E+20"],
        ["1", "0.708333333333333", "1.23456789012346E+15"],
    ]
