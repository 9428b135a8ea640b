"""Workbooks: written with xlsxwriter or by hand, read back with their places; damaged and dangerous ones refused."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from connectors.tables.cell_text import cell_text
from connectors.tables.limits import Limits
from tests.connectors.reading import one_table, refusal, walked, wanted

AB = wanted("A", "B")
Cells = list[list[object]]


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    def write(sheets: dict[str, Cells], hidden: tuple[str, ...] = (), name: str = "t.xlsx") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path), {"default_date_format": "dd.mm.yyyy"}) as file:
            for title, rows in sheets.items():
                sheet = file.add_worksheet(title)
                for row, cells in enumerate(rows):
                    for column, value in enumerate(cells):
                        if value is not None:
                            sheet.write(row, column, value)
                if title in hidden:
                    sheet.hide()
        return path

    return write


def test_rows_have_the_number_a_person_sees(book) -> None:
    path = book(
        {"S": [[], ["Stand:", "heute"], [], ["A", "B"], ["1", "x"], [], ["2"], [None, "Summe"]]}
    )
    table, rows, ragged = one_table(path, AB)
    assert rows == [(5, {"A": "1", "B": "x"}), (7, {"A": "2", "B": ""})]
    assert (table.sheet, table.title, table.preamble, ragged) == ("S", "S", {"Stand": "heute"}, [])
    assert [(n.rule, n.row) for n in table.notices] == [("footer", 8)]


def test_a_label_with_two_values_has_none(book) -> None:
    rows = [["Ort:", "Nord"], ["Stand: heute"], ["Ort", "Süd"], ["stand:", "Heute"]]
    table, *_ = one_table(book({"S": [*rows, ["A", "B"], ["1", "x"]]}), AB)
    assert table.preamble == {"Ort": "", "Stand": "heute", "stand": "Heute"}


def test_a_table_that_does_not_begin_in_the_corner(book) -> None:
    path = book({"S": [[], [], [None, None, "A", "B"], [None, None, 7, "x"]]})
    assert one_table(path, AB)[1] == [(4, {"A": "7", "B": "x"})]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4711.0, "4711"),
        (-3, "-3"),
        (15.5, "15.5"),
        (0.1 + 0.2, "0.3"),
        (0.00001, "0.00001"),
        (1e20, "1e+20"),
        (True, "Wahr"),
        (False, "Falsch"),
        ("00017", "00017"),
        (datetime.date(2025, 4, 24), "2025-04-24"),
        (datetime.datetime(2025, 4, 24, 10, 30), "2025-04-24T10:30:00"),
        (datetime.time(10, 30), "10:30:00"),
        (datetime.timedelta(hours=30, minutes=5), "30:05:00"),
    ],
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text  # type: ignore[arg-type]


def test_types_through_a_real_file(book) -> None:
    day = datetime.date(2025, 4, 24)
    path = book(
        {"S": [["A", "B"], [4711, day], [True, 1.5], ["=1+1", "a\nb"], ["00017", "\u00a0x\u00ad"]]}
    )
    _, rows, _ = one_table(path, AB)
    texts = [list(cells.values()) for _, cells in rows]
    assert texts == [
        ["4711", "2025-04-24"],
        ["Wahr", "1.5"],
        ["0", "a\nb"],
        ["00017", "\u00a0x\u00ad"],
    ]


def test_sheets_are_found_by_name_and_one_missing_stops_no_other(book) -> None:
    sheets = {
        "Gespräche ": [["A", "B"], [1, 2]],
        "Falsch": [["A", "C"]],
        "Geheim": [["A", "B"], [3, 4]],
    }
    path = book(sheets, ("Geheim",))
    wants = [wanted("A", "B", table=t) for t in ("Klienten", "gespraeche", "Falsch", "Geheim")]
    missing, good, wrong, hidden = walked(path, wants)
    assert (missing.error.rule, missing.sheet) == ("sheet_missing", "Klienten")  # type: ignore[union-attr]
    assert "„Gespräche “, „Falsch“" in missing.error.message  # type: ignore[union-attr]
    assert good[1] == [(2, {"A": "1", "B": "2"})]  # type: ignore[index]
    (notice,) = good[0].notices  # type: ignore[index]
    assert notice.message == "Ausgeblendete Blätter wurden nicht gelesen: „Geheim“."
    assert (wrong.error.rule, wrong.error.column, wrong.sheet) == ("column_missing", "B", "Falsch")  # type: ignore[union-attr]
    assert hidden.error.rule == "sheet_missing"  # type: ignore[union-attr]


def test_cells_beside_the_table_are_told(book) -> None:
    table, rows, _ = one_table(book({"S": [["A", "B"], [1, 2], [3, 4, None, "Notiz am Rand"]]}), AB)
    assert [row for row, _ in rows] == [2, 3]
    assert [(n.rule, n.row) for n in table.notices] == [("beside_table", 3)]


def test_hidden_rows_are_data_and_cells_without_a_value_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    file = openpyxl.Workbook()
    sheet = file.active
    assert sheet is not None
    for row in (
        ("A", "B"),
        (1, "=1+1"),
        (2, "x"),
        (3, "#REF!"),
        (None, "=SUM(B2:B4)"),
        (None, "Summe"),
    ):
        sheet.append([None, *row])
    sheet.row_dimensions[3].hidden = True
    file.save(path)
    table, rows, _ = one_table(path, wanted("A", "B"))
    assert [(row, cells["A"]) for row, cells in rows] == [(2, "1"), (3, "2"), (4, "3")]
    assert [(n.rule, n.row, n.column) for n in table.notices] == [
        ("footer", 6, None),
        ("hidden_rows", 3, None),
        ("formula_without_value", 2, "B"),
        ("formula_without_value", 5, "B"),
        ("error_value", 4, "B"),
    ]


def test_a_header_without_rows(book) -> None:
    assert one_table(book({"S": [["A", "B"]]}), AB)[1] == []


@pytest.mark.parametrize("name", ["t.csv", "t.xls", "t.ods", "t.xlsb", "t"])
def test_the_content_decides_not_the_name(book, tmp_path: Path, name: str) -> None:
    path = book({"S": [["A", "B"], [1, 2]]})
    path = path.rename(tmp_path / name)
    assert one_table(path, AB)[1] == [(2, {"A": "1", "B": "2"})]
    (tmp_path / "t.xlsx").write_bytes(b"A;B\n1;2\n")
    assert one_table(tmp_path / "t.xlsx", AB)[1] == [(2, {"A": "1", "B": "2"})]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated(book, tmp_path: Path, kept: float) -> None:
    whole = book({"S": [["A", "B"], *[[n, "x"] for n in range(500)]]}).read_bytes()
    path = tmp_path / "half.xlsx"
    path.write_bytes(whole[: int(len(whole) * kept)])
    error = refusal(path, AB)
    assert error.rule == "broken_file" and "neu exportieren" in error.message


def test_flipped_bytes(book, tmp_path: Path) -> None:
    whole = bytearray(book({"S": [["A", "B"], *[[n, str(n)] for n in range(500)]]}).read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 200
    whole[at] ^= 0xFF
    (tmp_path / "flipped.xlsx").write_bytes(whole)
    assert refusal(tmp_path / "flipped.xlsx", AB).rule == "broken_file"


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_zip_bombs(tmp_path: Path, book) -> None:
    bomb = zipped(
        tmp_path / "b.xlsx",
        {"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": bytes(30 * 2**20)},
    )
    assert refusal(bomb, AB).rule == "too_large"
    assert refusal(book({"S": [["A", "B"]]}), AB, Limits(unzipped_bytes=1000)).rule == "too_large"
    other = zipped(tmp_path / "z.xlsx", {"liste.csv": b"A;B\n"})
    assert refusal(other, AB).rule == "unknown_format"


def test_a_stray_cell_in_the_far_corner_is_refused_before_a_rectangle_is_made_of_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as file:
        sheet = file.add_worksheet()
        sheet.write_row(0, 0, ["A", "B"])
        sheet.write(1_048_575, 1_000, "x")
    error = refusal(path, AB)
    assert error.rule == "too_large" and "1048576" in error.message


def ods(path: Path, *rows: str) -> Path:
    names = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    body = f'<table:table table:name="S">{"".join(rows)}</table:table>'
    content = f"<office:document-content{names}><office:body><office:spreadsheet>{body}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped(
        path, {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content.encode()}
    )


def ods_row(*texts: str, times: int = 1) -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{t}</text:p></table:table-cell>'
        for t in texts
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def test_opendocument(tmp_path: Path) -> None:
    blank = '<table:table-row table:number-rows-repeated="{}"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    path = ods(
        tmp_path / "t.ods",
        ods_row("A", "B"),
        ods_row("1", "x"),
        blank.format(3),
        ods_row("2", "y"),
        blank.format(1_048_570),
    )
    assert one_table(path, AB)[1] == [(2, {"A": "1", "B": "x"}), (6, {"A": "2", "B": "y"})]
    bomb = ods(tmp_path / "b.ods", ods_row("A", "B"), ods_row("1", "x", times=100_000_000))
    assert refusal(bomb, AB).rule == "too_large"


def compound_file(*streams: str) -> bytes:
    """The container of old Excel and of encrypted workbooks, with empty streams of these names."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    table = [0xFFFFFFFD, end]
    entries = []
    for number, name in enumerate(("Root Entry", *streams)):
        raw = (name + "\0").encode("utf-16-le")
        first = len(table) if number else end
        table += [*range(first + 1, first + 8), end] if number else []
        right = number + 1 if 0 < number < len(streams) else free
        child = free if number else 1
        entries.append(
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw), 2 if number else 5, 1, free, right, child)
        )
        entries[-1] += bytes(36) + struct.pack("<IQ", first, 4096 if number else 0)
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    )
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack(
        "<109I", 0, *[free] * 108
    )
    sectors = struct.pack("<128I", *table, *[free] * (128 - len(table)))
    return head + sectors + b"".join(entries).ljust(512, b"\0") + bytes(4096 * len(streams))


def test_encrypted_workbook(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(compound_file("EncryptedPackage", "EncryptionInfo"))
    error = refusal(tmp_path / "t.xlsx", AB)
    assert error.rule == "encrypted" and "ohne Kennwortschutz" in error.message


def test_old_excel_magic_without_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert refusal(tmp_path / "t.xls", AB).rule == "broken_file"


def test_web_page_called_xls(tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_bytes(b"\xef\xbb\xbf \r\n<HTML><body><table></table></body></html>")
    error = refusal(tmp_path / "t.xls", AB)
    assert error.rule == "html" and ".xlsx" in error.message
