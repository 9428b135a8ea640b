"""Cells that are merged over several rows of data: their value is each row's, a key's is the first row's alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from connectors.readers.spreadsheet import sheet_text
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import write_table
from tests.connectors.ods import ods
from tests.connectors.reading import one_table, wanted

TABLE = [["Nr", "Ort", "Bis"], ["1", "Ulm", ""], ["2", "", ""], ["3", "", "X"], ["4", "Bonn", ""]]
Area = tuple[int, int, int, int]


def xlsx(path: Path, lines: list[list[str]], areas: list[Area], column: int = 0) -> Path:
    """A workbook of these texts; areas are first row, first column, last row, last column from 0."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("T")
        for row, cells in enumerate(lines):
            sheet.write_row(row, column, cells)
        for top, left, bottom, right in areas:
            text = lines[top][left]
            sheet.merge_range(top, left + column, bottom, right + column, text)
            for row in range(top + 1, bottom + 1):
                sheet.write(row, left + column, lines[row][left])
    return path


WRITERS = {"xlsx": xlsx, "ods": ods}
# The areas, the cells that are read, and the places that are told.
CASES: dict[str, tuple[list[Area], list[list[str]], list[tuple[int, str]]]] = {
    "three rows": (
        [(1, 1, 3, 1)],
        [["1", "Ulm", ""], ["2", "Ulm", ""], ["3", "Ulm", "X"], ["4", "Bonn", ""]],
        [(2, "Ort")],
    ),
    "an end for two": (
        [(3, 2, 4, 2)],
        [["1", "Ulm", ""], ["2", "", ""], ["3", "", "X"], ["4", "Bonn", "X"]],
        [(4, "Bis")],
    ),
    "a covered cell with a value of its own": (
        [(1, 1, 4, 1)],
        [["1", "Ulm", ""], ["2", "Ulm", ""], ["3", "Ulm", "X"], ["4", "Bonn", ""]],
        [(2, "Ort")],
    ),
    "within one row": (
        [(1, 1, 1, 2)],
        [["1", "Ulm", ""], ["2", "", ""], ["3", "", "X"], ["4", "Bonn", ""]],
        [],
    ),
    "a cell without a value": (
        [(1, 2, 2, 2)],
        [["1", "Ulm", ""], ["2", "", ""], ["3", "", "X"], ["4", "Bonn", ""]],
        [],
    ),
    "header and data": (
        [(0, 2, 1, 2)],
        [["1", "Ulm", ""], ["2", "", ""], ["3", "", "X"], ["4", "Bonn", ""]],
        [],
    ),
}


@holds(4, "xlsx", "ods")
@pytest.mark.parametrize("column", [0, 2])
@pytest.mark.parametrize("case", CASES)
def test_the_value_is_each_rows(case: str, column: int, reader: str, tmp_path: Path) -> None:
    areas, cells, told = CASES[case]
    path = WRITERS[reader](tmp_path / f"t.{reader}", TABLE, areas, column)
    table, rows, _ = one_table(path, wanted("Nr", "Ort", "Bis"))
    assert [list(row.values()) for _, row in rows] == cells
    assert [(n.row, n.column) for n in table.notices if n.rule == "cell_merged"] == told


@holds(4, "xls")
def test_an_old_workbook(tmp_path: Path) -> None:
    rows = (["1", "Ulm"], ["2", ""], ["3", ""])
    written = write_table("xls", tmp_path, ["Nr", "Ort"], *rows, merged=[(1, 2, 1, 1)])
    table, found = written.read()
    assert found == [["1", "Ulm"], ["2", "Ulm"], ["3", ""]]
    assert [(n.rule, n.row, n.column) for n in table.notices] == [("cell_merged", 2, "Ort")]


@pytest.mark.parametrize("reader", WRITERS)
def test_a_key_is_the_first_rows_alone(reader: str, tmp_path: Path) -> None:
    lines = [["Nr", "Ort"], ["1", "Ulm"], ["", "Bonn"], ["3", "Köln"]]
    path = WRITERS[reader](tmp_path / f"t.{reader}", lines, [(1, 0, 2, 0)])
    table, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert [row["Nr"] for _, row in rows] == ["1", "", "3"]
    (notice,) = table.notices
    assert (notice.rule, notice.row, notice.last_row, notice.column) == ("cell_merged", 2, 3, "Nr")
    assert "keine" in notice.message


def test_rows_that_are_no_data_get_no_value(tmp_path: Path) -> None:
    lines = [["Nr", "Ort"], ["1", "Ulm"], ["", ""], ["", "Summe"], ["4", ""]]
    path = xlsx(tmp_path / "t.xlsx", lines, [(1, 1, 4, 1)])
    table, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert [list(row.values()) for _, row in rows] == [["1", "Ulm"], ["4", "Ulm"]]
    assert [(n.rule, n.row) for n in table.notices] == [("footer", 4), ("cell_merged", 2)]


def test_below_a_header_in_another_order_it_is_told_alone(tmp_path: Path) -> None:
    lines = [["Nr", "Ort"], ["1", "Ulm"], ["Ort", "Nr"], ["Bonn", "2"], ["", "3"]]
    path = xlsx(tmp_path / "t.xlsx", lines, [(3, 0, 4, 0)])
    table, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert [row["Ort"] for _, row in rows] == ["Ulm", "Bonn", ""]
    assert [(n.rule, n.row) for n in table.notices if n.rule == "cell_merged"] == [
        ("cell_merged", 4)
    ]


def test_areas_that_go_on_in_the_next_batch_and_many_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_text, "_BATCH_CHUNKS", 1)
    pairs = [(n, 1, n + 1, 1) for n in range(1, 401, 2)]
    lines = [["Nr", "Ort"], *([f"{n}", ""] for n in range(1, 1101))]
    for top in (*(pair[0] for pair in pairs), 500):
        lines[top][1] = f"bei {top}"
    path = xlsx(tmp_path / "t.xlsx", lines, [*pairs, (500, 1, 1100, 1)])
    table, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert {row["Ort"] for _, row in rows[499:]} == {"bei 500"}
    assert [row["Ort"] for _, row in rows[:4]] == ["bei 1", "bei 1", "bei 3", "bei 3"]
    assert [n.row for n in table.notices] == [*range(2, 202, 2), None]
    assert table.notices[-1].message.startswith("101 weitere")
