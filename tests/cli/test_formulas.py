"""The clean CSV of `read --out`: no cell is a formula to a spreadsheet, and every cell can be had back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.workbench.profile import describe_files, mark_formula, unmark_formula

STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBERS = ["-5", "-0,5", "-1.234,50", "-1234.5", "5", "1.234,50", "0"]
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example")',
    "+49 7071 1234",
    "-",
    "-1+1",
    "-5%",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u00a0=1",
    "=",
    "Müller;=1+1",
    "a|@x",
    "Zeile\n=1",
    "'=1",
    "'",
]
CELLS = st.text(st.sampled_from("=+-@'\t\r\n;| ,\"a1\uff1d"), max_size=12)


def pieces(cell: str) -> list[str]:
    """What a program takes for cells, whichever separator it goes by."""
    for sign in ";|\t\r\n":
        cell = cell.replace(sign, "\x00")
    return [cell, *cell.split("\x00")]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_marked(cell: str) -> None:
    assert mark_formula(cell) != cell
    assert unmark_formula(mark_formula(cell)) == cell


@pytest.mark.parametrize(
    "cell", [*NUMBERS, "", "Anna", "A=1", "x-y", "anna@kreis.example", "O'Neill"]
)
def test_everything_else_stays_as_it_is(cell: str) -> None:
    assert mark_formula(cell) == unmark_formula(cell) == cell


@given(CELLS)
def test_no_piece_of_a_marked_cell_is_a_formula(cell: str) -> None:
    marked = mark_formula(cell)
    assert unmark_formula(marked) == cell
    if marked != cell or not cell.startswith("-"):
        assert not [part for part in pieces(marked) if part.lstrip(" ").startswith(STARTS)]


def test_the_csv_holds_the_marked_cells_of_header_and_rows(tmp_path: Path) -> None:
    file, out = tmp_path / "export.csv", tmp_path / "out"
    file.write_text('Name;"=Betrag"\nAnna;-5\n=1+1;+49 7071\n', "utf-8")
    (out / "export.csv").parent.mkdir(mode=0o755)
    (out / "export.csv").write_text("old")
    (out / "export.csv").chmod(0o644)
    (seen,) = describe_files([file], {"delimiter": ";"}, out)
    (table,) = seen.tables
    assert [row.cells for row in table.rows] == [["Anna", "-5"], ["=1+1", "+49 7071"]]
    assert table.written is not None and table.written.stat().st_mode & 0o777 == 0o600
    with table.written.open(encoding="utf-8", newline="") as written:
        rows = list(csv.reader(written))
    assert rows == [["Name", "'=Betrag"], ["Anna", "-5"], ["'=1+1", "'+49 7071"]]
