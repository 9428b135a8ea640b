"""What stands at the rows of a sheet beside its cells is found in every format: notes, and lines through a row."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.readers.spreadsheet.row_remarks import STRUCK
from connectors.readers.spreadsheet.xls_marks import xls_marks
from tests.connectors.marked_rows import (
    END,
    WRITERS,
    ods_cell,
    ods_note,
    ods_row,
    ods_style,
    pack_ods,
    pack_xls,
    pack_xml,
    record,
    xls_note,
    xls_object,
    xls_text,
    xml_cell,
)
from tests.connectors.reading import one_table, wanted

KB = wanted("K", "B", table="T")
Remarks = dict[int, list[str]]
LINE = [STRUCK]


def read(path: Path) -> tuple[Remarks, list[list[str]]]:
    table, rows, _ = one_table(path, KB)
    return {row: list(said) for row, said in table.remarks.items()}, [
        list(cells.values()) for _, cells in rows
    ]


@pytest.mark.parametrize("column", [0, 2])
@pytest.mark.parametrize("form", WRITERS)
def test_each_format_tells_of_the_same_rows(form: str, column: int, tmp_path: Path) -> None:
    blank = [""] * column
    lines = [[*blank, "K", "B"], *([*blank, key, "x"] for key in "1234")]
    notes = {(1, column + 1): "hat am 3. widerrufen", (3, column): "per Brief"}
    struck = [(2, column), (2, column + 1), (4, column + 1)]
    WRITERS[form](tmp_path / f"t.{form}", "T", lines, notes, struck)
    remarks, rows = read(tmp_path / f"t.{form}")
    assert remarks == {2: ["hat am 3. widerrufen"], 3: LINE, 4: ["per Brief"]}
    assert [row[-2:] for row in rows] == [[key, "x"] for key in "1234"]


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_columns_in_another_order_keep_what_is_said_of_the_rows(form: str, tmp_path: Path) -> None:
    lines = [["B", "Mehr", "K"], ["x", "y", "1"], ["", "", ""], ["x", "y", "2"]]
    path = tmp_path / f"t.{form}"
    WRITERS[form](path, "T", lines, {(3, 1): "widerrufen"}, [(1, 0), (1, 2)])
    table, rows, _ = one_table(path, KB)
    assert table.remarks == {2: LINE, 4: ["widerrufen"]}
    assert [number for number, _ in rows] == [2, 4]


# ODS: the styles of the content and those of the workbook, what comes before the rows, the row.
CE1 = ' table:style-name="ce1"'
USUAL = ' table:default-cell-style-name="ce1"'
SOLID, NONE = ods_style("ce1", "solid"), ods_style("ce2", "none")
SPAN = ods_style("T1", "solid", "text") + ods_style("T2", "none", "text")
PAIR = ods_cell("1", of=CE1) + ods_cell("x", of=CE1)
SPANS = [f'<text:span text:style-name="T1">{text}</text:span>' for text in "1x"]
COLUMNS = f'<table:table-column{USUAL} table:number-columns-repeated="2"/>'
ODS: dict[str, tuple[str, str, str, str, Remarks]] = {
    "a style": (SOLID, "", "", ods_row(PAIR), {2: LINE}),
    "a line of a type": (
        SOLID.replace('style="solid"', 'type="single"'), "", "", ods_row(PAIR), {2: LINE},
    ),
    "no line": (ods_style("ce1", "none"), "", "", ods_row(PAIR), {}),
    "a parent": (
        ods_style("ce1", "", parent="Alt"), f"<office:styles>{ods_style('Alt', 'solid')}</office:styles>",
        "", ods_row(PAIR), {2: LINE},
    ),
    "a parent that is not followed": (
        ods_style("ce1", "none", parent="Alt"), f"<office:styles>{ods_style('Alt', 'solid')}</office:styles>",
        "", ods_row(PAIR), {},
    ),
    "styles in a circle": (
        ods_style("ce1", "", parent="ce3") + ods_style("ce3", "", parent="ce1") + SPAN, "", "", ods_row(PAIR), {},
    ),
    "a style of the page head": (
        ods_style("ce1", ""), f"<office:automatic-styles>{SOLID}</office:automatic-styles>", "", ods_row(PAIR), {},
    ),
    "the style of all cells": (
        "", f"<office:styles>{ods_style('Default', 'solid')}</office:styles>", "",
        ods_row(ods_cell("1"), ods_cell("x")), {1: LINE, 2: LINE},
    ),
    "broken styles": ("", "<", "", ods_row(ods_cell("1"), ods_cell("x")), {}),
    "a row": (SOLID, "", "", ods_row(ods_cell("1"), ods_cell("x"), of=USUAL), {2: LINE}),
    "columns": (SOLID, "", COLUMNS, ods_row(ods_cell("1"), ods_cell("x")), {1: LINE, 2: LINE}),
    "cells of their own": (
        SOLID + NONE, "", COLUMNS, ods_row(*(ods_cell(t, of=' table:style-name="ce2"') for t in "1x")), {1: LINE},
    ),
    "texts within cells": (SPAN, "", "", ods_row(*map(ods_cell, SPANS)), {2: LINE}),
    "a part of a text": (
        SPAN, "", "", ods_row(ods_cell(SPANS[0]), ods_cell(f"{SPANS[1]}y")), {},
    ),
    "a text without line in a struck cell": (
        SOLID + SPAN, "", "", ods_row(*(ods_cell(s.replace("T1", "T2"), of=CE1) for s in SPANS)), {},
    ),
    "cells without text": (
        SOLID, "", "", ods_row(ods_cell("1", of=CE1), f'<table:table-cell{CE1} table:number-columns-repeated="9"/>'), {},
    ),
    "a cell that stands for two": (
        SOLID, "", "", ods_row(ods_cell("1", of=f'{CE1} table:number-columns-repeated="2"')), {2: LINE},
    ),
    "a row that stands for two": (
        SOLID, "", "", ods_row(PAIR, of=' table:number-rows-repeated="2"'), {2: LINE, 3: LINE},
    ),
    "a note": ("", "", "", ods_row(ods_cell("1", "widerrufen"), ods_cell("x")), {2: ["widerrufen"]}),
    "notes of several lines": (
        "", "", "", ods_row(ods_cell("1", "a<text:s/>b\nc"), ods_cell("x", "d")), {2: ["a b\nc", "d"]},
    ),
    "a note at an empty cell": (
        "", "", "", ods_row(ods_cell("1"), f"<table:table-cell>{ods_note('a')}</table:table-cell>"), {2: ["a"]},
    ),
    "a note beside the rows": (
        "", "", f"<table:shapes>{ods_note('a')}</table:shapes>", ods_row(ods_cell("1"), ods_cell("x")), {},
    ),
    "a blank note": ("", "", "", ods_row(ods_cell("1", " "), ods_cell("x")), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", ODS)
def test_remarks_of_an_opendocument_sheet(case: str, tmp_path: Path) -> None:
    automatic, shared, before, row, expected = ODS[case]
    path = tmp_path / "t.ods"
    pack_ods(path, "T", before + ods_row(ods_cell("K"), ods_cell("B")) + row, automatic, shared)
    remarks, rows = read(path)
    assert remarks == expected
    assert rows[0][0] == "1" and rows[0][1] in ("", "1", "x", "xy")


# XLS: the records of the sheet behind its header.
def pair(style: int, is_biff8: bool = True) -> bytes:
    return xls_text(1, 0, "1", style, is_biff8) + xls_text(1, 1, "x", style, is_biff8)


def note_5(row: int, text: bytes, length: int | None = None) -> bytes:
    return record(0x1C, f"3H{len(text)}s", row, 0, len(text) if length is None else length, text)


CHART = record(0x809, "4H8s", 0x600, 0x20, 0xDBB, 0x7CC, bytes(8)) + END
XLS: dict[str, tuple[bytes, Remarks]] = {
    "texts": (pair(1), {2: LINE}),
    "no line": (pair(0), {}),
    "one struck cell": (xls_text(1, 0, "1", 1) + xls_text(1, 1, "x", 0), {}),
    "several numbers": (record(0xBD, "HHHIHIH", 1, 0, 1, 6, 1, 10, 1), {2: LINE}),
    "empty cells": (pair(0) + record(0xBE, "6H", 1, 2, 1, 1, 1, 4), {}),
    "a note": (pair(0) + xls_object(7, "widerrufen") + xls_note(1, 0, 7), {2: ["widerrufen"]}),
    "a note with umlauts": (pair(0) + xls_object(7, "zurückgezogen") + xls_note(1, 0, 7), {2: ["zurückgezogen"]}),
    "a note behind a chart": (
        pair(0) + CHART + xls_object(7, "widerrufen") + xls_note(1, 0, 7), {2: ["widerrufen"]},
    ),
    "a box beside the cells": (pair(0) + xls_object(7, "widerrufen", kind=6) + xls_note(1, 0, 7), {}),
    "a note of no object": (pair(0) + xls_note(1, 0, 8), {}),
    "a text that breaks off": (
        pair(0) + xls_object(7, "widerrufen")[:-20] + xls_object(8, "a") + xls_note(1, 0, 7), {2: ["widerrufen"]},
    ),
    "short records": (
        pair(0) + b"".join(struct.pack("<HH", k, 2) + b"\1\0" for k in (0x1C, 0x5D, 0x1B6, 0x3C)), {},
    ),
}  # fmt: skip
HEADER = xls_text(0, 0, "K", 0) + xls_text(0, 1, "B", 0)


@pytest.mark.parametrize("case", XLS)
def test_remarks_of_an_old_workbook(case: str, tmp_path: Path) -> None:
    cells, expected = XLS[case]
    pack_xls(tmp_path / "t.xls", "T", HEADER + cells)
    assert read(tmp_path / "t.xls")[0] == expected


def test_another_sheet_of_an_old_workbook_is_not_looked_at(tmp_path: Path) -> None:
    other = pair(1) + xls_object(1, "widerrufen") + xls_note(1, 0, 1)
    pack_xls(tmp_path / "t.xls", "T", other, HEADER + pair(0))
    assert read(tmp_path / "t.xls")[0] == {}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pair(1, is_biff8=False), {2: LINE}),
        (pair(0, is_biff8=False) + note_5(1, "zurückgezogen".encode("cp1252")), {2: ["zurückgezogen"]}),
        (
            pair(0, is_biff8=False) + note_5(1, b"wider", 10) + note_5(0xFFFF, b"rufen") + note_5(0, b"a"),
            {2: ["widerrufen"], 1: ["a"]},
        ),
    ],
    ids=["line", "note", "a long note"],
)  # fmt: skip
def test_remarks_of_excel_5(cells: bytes, expected: Remarks, tmp_path: Path) -> None:
    header = xls_text(0, 0, "K", 0, is_biff8=False) + xls_text(0, 1, "B", 0, is_biff8=False)
    pack_xls(tmp_path / "t.xls", "T", header + cells, is_biff8=False)
    assert read(tmp_path / "t.xls")[0] == expected


KINDS = [0x0A, 0x1C, 0x3C, 0x5D, 0xBD, 0xEC, 0xFD, 0x1B6, 0x203, 0x204, 0x809]


@settings(max_examples=200, deadline=None)
@given(records=st.lists(st.tuples(st.sampled_from(KINDS), st.binary(max_size=26)), max_size=20))
def test_notes_of_any_content_raise_nothing(records: list[tuple[int, bytes]]) -> None:
    cells = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)
    target = Target()
    pack_xls(target, "T", cells)  # type: ignore[arg-type]
    xls_marks(BytesIO(target.content), 0)


class Target:
    """Takes the bytes of a file."""

    content = b""

    def write_bytes(self, content: bytes) -> None:
        self.content = content


# XML: the styles, what comes before the rows, the row.
S1, STRIKE = ' ss:StyleID="s1"', '<Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style>'
CHILD = '<Style ss:ID="s2" ss:Parent="s1">{}</Style>'
XML_PAIR = "".join(xml_cell(text, of=S1) for text in "1x")
PLAIN = xml_cell("1") + xml_cell("x")
RICH = '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">{}</ss:Data></Cell>'
XML: dict[str, tuple[str, str, str, Remarks]] = {
    "cells": (STRIKE, "", f"<Row>{XML_PAIR}</Row>", {2: LINE}),
    "no line": (STRIKE.replace('"1"', '"0"'), "", f"<Row>{XML_PAIR}</Row>", {}),
    "a parent": (
        STRIKE + CHILD.format('<Font ss:Bold="1"/>'), "", f"<Row>{XML_PAIR.replace('s1', 's2')}</Row>", {2: LINE},
    ),
    "a parent that is not followed": (
        STRIKE + CHILD.format('<Font ss:StrikeThrough="0"/>'), "", f"<Row>{XML_PAIR.replace('s1', 's2')}</Row>", {},
    ),
    "a row": (STRIKE, "", f"<Row{S1}>{PLAIN}</Row>", {2: LINE}),
    "columns": (STRIKE, f'<Column{S1} ss:Span="1"/>', f"<Row>{PLAIN}</Row>", {1: LINE, 2: LINE}),
    "other columns": (STRIKE, f'<Column{S1} ss:Index="2"/><Column{S1}/>', f"<Row>{PLAIN}</Row>", {}),
    "the usual style": (STRIKE.replace("s1", "Default"), "", f"<Row>{PLAIN}</Row>", {1: LINE, 2: LINE}),
    "cells without text": (STRIKE, "", f"<Row>{xml_cell('1', of=S1)}<Cell{S1}/><Cell{S1}/></Row>", {}),
    "texts within cells": (
        "", "", f"<Row>{RICH.format('<S>1</S>')}{RICH.format('<B><S>x</S></B>')}</Row>", {2: LINE},
    ),
    "a part of a text": ("", "", f"<Row>{RICH.format('<S>1</S>')}{RICH.format('<S>x</S>y')}</Row>", {}),
    "a note": ("", "", f"<Row>{xml_cell('1', 'widerrufen')}{xml_cell('x')}</Row>", {2: ["widerrufen"]}),
    "a row further below": (
        "", "", f'<Row ss:Index="5">{xml_cell("1", "a")}{xml_cell("x", "b")}</Row>', {5: ["a", "b"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", XML)
def test_remarks_of_an_xml_spreadsheet(case: str, tmp_path: Path) -> None:
    styles, before, row, expected = XML[case]
    header = f"<Row>{xml_cell('K')}{xml_cell('B')}</Row>"
    pack_xml(tmp_path / "t.xml", "T", before + header + row, styles)
    assert read(tmp_path / "t.xml")[0] == expected


# HTML: the head of the page, the row.
CSS = "text-decoration: underline line-through"
HTML: dict[str, tuple[str, str, Remarks]] = {
    "struck texts": ("", "<tr><td><s>1</s><td><del>x</del>", {2: LINE}),
    "an older word": ("", "<tr><td><b><strike>1</strike></b><td><s>x</s> <s>y</s>", {2: LINE}),
    "cells of a class of a row": (f"<style>.w > td {{ {CSS} }}</style>", '<tr class="w"><td>1<td>x', {2: LINE}),
    "cells of a row of a class": (f"<style>p, tr.w td {{ {CSS} }}</style>", '<tr class="w"><td>1<td>x', {2: LINE}),
    "other tags below a class": (f"<style>.w i {{ {CSS} }}</style>", '<tr class="w"><td>1<td><i>x</i>', {}),
    "a usual class": ("", '<tr class="line-through"><td>1<td>x', {2: LINE}),
    "one struck cell": ("", "<tr><td>1<td><s>x</s>", {}),
    "a part of a text": ("", "<tr><td><s>1</s><td><s>x</s>y", {}),
    "a struck row": ("", f'<tr style="{CSS}"><td>1<td>x', {2: LINE}),
    "struck cells": ("", f'<tr><td style="{CSS}">1<td style="{CSS.upper()}">x', {2: LINE}),
    "another decoration": ("", '<tr style="text-decoration: underline"><td>1<td>x', {}),
    "a class": (f"<style><!-- .weg, td.alt {{ {CSS} }} --></style>", '<tr class="a weg"><td>1<td>x', {2: LINE}),
    "another class": (f"<style>.weg {{ {CSS} }} .da {{ color: red }}</style>", '<tr class="da"><td>1<td>x', {}),
    "empty cells": ("", "<tr><td><s>1</s><td><s></s><td><s> </s>", {}),
    "fields": ("", '<tr><td><s><input value="1"></s><td><s><input value="x"></s>', {2: LINE}),
    "a field beside a line": ("", '<tr><td><s>1</s><td><s>x</s><input value="y">', {}),
    "notes": ("", '<tr><td title="widerrufen">1<td><span title="a">x</span>', {2: ["widerrufen", "a"]}),
    "a note at the row": ("", '<tr title="widerrufen"><td>1<td>x', {2: ["widerrufen"]}),
    "a blank note": ("", '<tr title=" "><td title>1<td>x', {}),
}  # fmt: skip


@pytest.mark.parametrize("case", HTML)
def test_remarks_of_a_web_page(case: str, tmp_path: Path) -> None:
    head, row, expected = HTML[case]
    table = f"<table><caption>T</caption><tr><td>K<td>B{row}</table>"
    (tmp_path / "t.html").write_text(f"<html><head>{head}</head><body>{table}</body></html>")
    assert read(tmp_path / "t.html")[0] == expected
