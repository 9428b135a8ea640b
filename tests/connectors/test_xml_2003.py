"""XML spreadsheets 2003: merged cells, places that are taken twice, removed signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.tables.text_table import TextTable
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import SS
from tests.connectors.reading import Rows, one_table, refusal, wanted

NO = wanted("Nr", "Ort", table="S")


def cell(text: str, of: str = "") -> str:
    return f'<Cell{of}><Data ss:Type="String">{text}</Data></Cell>'


def row(*cells: str, of: str = "") -> str:
    inner = "".join(c if c.startswith("<") else cell(c) for c in cells)
    return f"<Row{of}>{inner}</Row>"


def book(folder: Path, *rows: str) -> Path:
    path = folder / "t.xls"
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{SS}" xmlns:ss="{SS}"><Worksheet ss:Name="S"><Table>'
        f"{row('Nr', 'Ort')}{''.join(rows)}</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    return path


def read(folder: Path, *rows: str) -> tuple[TextTable, Rows]:
    table, found, _ = one_table(book(folder, *rows), NO)
    return table, found


DOWN = ' ss:MergeDown="1"'


@holds(4, "xml_2003")
@pytest.mark.parametrize(
    ("rows", "cells", "told"),
    [
        pytest.param(
            [row("1", cell("Ulm", DOWN)), row("2"), row("3", "Bonn")],
            [("1", "Ulm"), ("2", "Ulm"), ("3", "Bonn")], [(2, "Ort")], id="two-rows",
        ),
        pytest.param(
            [row(cell("1", DOWN), "Ulm"), row(cell("Bonn", ' ss:Index="2"'))],
            [("1", "Ulm"), ("", "Bonn")], [(2, "Nr")], id="a-key",
        ),
        pytest.param(
            [row("1", "Ulm"), row("2", cell("Bonn", ' ss:MergeDown="2"')), row("3"), row("4")],
            [("1", "Ulm"), ("2", "Bonn"), ("3", "Bonn"), ("4", "Bonn")], [(3, "Ort")], id="three-rows",
        ),
        pytest.param([row("1", cell("", DOWN)), row("2")], [("1", ""), ("2", "")], [], id="nothing"),
        pytest.param([row(cell("1", ' ss:MergeAcross="1"'))], [("1", "")], [], id="two-columns"),
    ],
)  # fmt: skip
def test_merged_cells(
    rows: list[str], cells: list[tuple[str, str]], told: list[tuple[int, str]], tmp_path: Path
) -> None:
    table, found = read(tmp_path, *rows)
    assert [(c["Nr"], c["Ort"]) for _, c in found] == cells
    assert [(n.row, n.column) for n in table.notices if n.rule == "cell_merged"] == told


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([row("1", "a"), row("2", "b", of=' ss:Index="2"')], id="a-row"),
        pytest.param([row("1", cell("a", ' ss:Index="1"'))], id="a-cell"),
        pytest.param(
            [row(cell("1", ' ss:MergeAcross="1"'), cell("a", ' ss:Index="2"'))], id="a-covered-cell"
        ),
    ],
)
def test_two_cells_in_one_place_are_refused(rows: list[str], tmp_path: Path) -> None:
    assert refusal(book(tmp_path, *rows), NO).rule == "broken_file"


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    blank, far = '<Row ss:Span="2"/>', row("2", "b", of=' ss:Index="9"')
    _, found = read(tmp_path, row("1", "a"), blank, row("3", "c"), far)
    assert [place for place, _ in found] == [2, 6, 9]


def test_removed_signs_are_told(tmp_path: Path) -> None:
    table, found = read(tmp_path, row("1", "U\0l&#1;m"))
    assert found[0][1]["Ort"] == "Ulm"
    assert [n.rule for n in table.notices] == ["nul_removed", "control_removed"]
