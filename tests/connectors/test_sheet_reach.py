"""A sheet that would fill the memory is refused before the workbook library is let at it; one that is merely odd is read."""

from __future__ import annotations

import re
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.connectors.reading import one_table, refusal, wanted
from tests.connectors.test_foreign_formats import WORKBOOKS
from tests.connectors.test_fuzz import LIMITS, sheet_of, sheet_xml, workbook

KB = wanted("K", "B", required=("K",))
CELL, ROW = b'<c r="A2"', b'<row r="2" spans="1:2"><c r="A2"'
XLS = (WORKBOOKS / "gemeinde.xls").read_bytes()


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (CELL, b'<c r="XFD1048576"'),
        (CELL, b"<c r='XFD1048576'"),
        (CELL, b'<c\nr="xfd1048576"'),
        (CELL, b'<c s="0"r="XFD1048576"'),
        (CELL, b'<c r = "XFD1048576"'),
        (CELL, b'<c r="A1048576"'),
        (CELL, b'<c r="A99999999999"'),
        (CELL, b'<c r="ABCDEFG2"'),
        (ROW, b'<row r="99999999" spans="1:2"><c'),
        (ROW, b'<row r="4294967295"><c'),
    ],
)
def test_a_far_place_is_refused_however_it_is_written(
    usual: bytes, odd: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(sheet_of(sheet_xml().replace(usual, odd, 1)))
    assert refusal(path, KB, LIMITS).rule == "too_large"


def test_a_far_place_over_the_edge_of_what_is_looked_at_together(tmp_path: Path) -> None:
    far = b'<c r="XFD1048576"><v>1</v></c>'
    for back in range(len(far)):
        blanks = b" " * ((1 << 20) - sheet_xml().index(CELL) - back)
        path = tmp_path / f"{back}.xlsx"
        path.write_bytes(sheet_of(sheet_xml().replace(CELL, blanks + far + CELL, 1)))
        assert refusal(path, KB).rule == "too_large"


@pytest.mark.parametrize("length", [0, 7, 8, 11, 12])
def test_a_workbook_may_hold_an_entry_of_few_bytes(length: int, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(sheet_of(sheet_xml()))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("note.txt", "x" * length)
    assert one_table(path, KB)[1]


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize(
    "rows",
    [
        "<row>" + "<c/>" * 900 + "</row>" + "<row/>" * 2000 + "<row><c><v>1</v></c></row>",
        "<row>"
        + '<c t="n"><v>1</v></c>' * 900
        + "</row>"
        + '<row ht="9"/>' * 2000
        + '<row><c s="0"><v>1</v></c></row>',
        "<c/>" * 900 + "<row/>" * 2000 + "<row><c><v>1</v></c></row>",
        '<row r="1"><c r="AHP1"><v>1</v></c></row>' + "<row/>" * 2000 + '<row><c r="A2"/></row>',
    ],
    ids=["bare", "attributes", "outside of rows", "one place"],
)
def test_cells_without_places_are_counted(rows: str, prefix: str, tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (
        f'<worksheet xmlns="{space}" xmlns:x="{space}"><sheetData>{rows}</sheetData></worksheet>'
    )
    path = tmp_path / "t.xlsx"
    path.write_bytes(sheet_of(re.sub(r"<(/?)(?=c\b|row\b)", rf"<\1{prefix}", sheet).encode()))
    assert refusal(path, KB, LIMITS).rule == "too_large"


def test_texts_that_are_announced_and_not_there(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(BytesIO(workbook())) as usual, zipfile.ZipFile(path, "w") as made:
        for entry in usual.infolist():
            made.writestr(
                entry.filename,
                re.sub(rb'uniqueCount="\d+"', b'uniqueCount="99999999999"', usual.read(entry)),
            )
    assert refusal(path, KB).rule == "too_large"


def test_a_wide_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(sheet_of(sheet_xml().replace(b"</row>", b'<c r="AB1"><v>7</v></c></row>', 1)))
    _, rows, _ = one_table(path, KB)
    assert len(rows) == 3


def record(kind: int, layout: str, *values: int) -> bytes:
    data = struct.pack(layout, *values)
    return struct.pack("<HH", kind, len(data)) + data


TEXTS = struct.pack("<HHII", 0xFC, 233, 22, 20)
DIMENSIONS = record(0x200, "<IIHHH", 0, 7, 0, 7, 0)


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (DIMENSIONS, record(0x200, "<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)),
        (DIMENSIONS, record(0x200, "<IIHHH", 0, 0x10000, 0, 0xFFFF, 0)),
        (DIMENSIONS, record(0x200, "<IIHHH", 128, 7, 0, 7, 0)),
        (TEXTS, TEXTS[:8] + struct.pack("<I", 0x7FFFFFFF)),
        (struct.pack("<HHHH", 0x203, 14, 3, 4), struct.pack("<HHHH", 0x203, 14, 0xFFFF, 0xFFFF)),
        (struct.pack("<HHHH", 0xBD, 18, 3, 2), struct.pack("<HHHH", 0xBD, 18, 0xFFFF, 0xFFF0)),
    ],
    ids=["dimensions", "columns", "backwards", "texts", "number", "several numbers"],
)
def test_an_old_workbook_is_looked_at_as_well(usual: bytes, odd: bytes, tmp_path: Path) -> None:
    assert usual in XLS
    path = tmp_path / "t.xls"
    path.write_bytes(XLS.replace(usual, odd, 1))
    assert refusal(path, KB).rule == "too_large"


TABLE = 512 * (1 + struct.unpack_from("<I", XLS, 76)[0])
DIRECTORY = 512 * (1 + struct.unpack_from("<I", XLS, 48)[0])


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (TABLE + 4 * 10, 10),
        (TABLE + 4 * 13, 12),
        (TABLE + 4 * 7, 4),
        (DIRECTORY + 128 + 120, 1 << 30),
        (44, 1 << 30),
    ],
    ids=["sector after itself", "directory", "circle", "size", "sectors of the table"],
)
def test_a_container_that_has_no_end_is_refused(at: int, number: int, tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(XLS[:at] + struct.pack("<I", number) + XLS[at + 4 :])
    assert refusal(path, KB).rule == "broken_file"


def test_a_container_without_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(XLS.replace("Workbook".encode("utf-16-le"), "Document".encode("utf-16-le")))
    assert "enthält keine Arbeitsmappe" in refusal(path, KB).message


def test_a_binary_workbook_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", b"")
        archive.writestr("xl/workbook.bin", b"")
    error = refusal(path, KB)
    assert error.rule == "unknown_format"
    assert ".xlsx speichern" in error.message
