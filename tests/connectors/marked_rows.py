"""Writes rows of text with notes and lines through cells, in every format that has them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests.conformance.formats import SPACES, SS
from tests.connectors.test_workbook import compound_file

Lines = Sequence[Sequence[str]]
# The text of a note by its place, and the places of struck cells: row and column from 0.
Notes, Struck = Mapping[tuple[int, int], str], Collection[tuple[int, int]]
ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODS_SPACES = f'{SPACES} xmlns:style="{ODF}:style:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
END = struct.pack("<HH", 0x0A, 0)


def xlsx(path: Path, title: str, lines: Lines, notes: Notes, struck: Struck) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for line in lines:
        book.active.append(line)
    for (row, column), text in notes.items():
        book.active.cell(row + 1, column + 1).comment = Comment(text, "x")
    for row, column in struck:
        book.active.cell(row + 1, column + 1).font = Font(strike=True)
    book.save(path)


def ods_style(name: str, line: str, family: str = "table-cell", parent: str = "") -> str:
    """A style that draws this kind of line; with none of it, it says nothing of one."""
    said = f'<style:text-properties style:text-line-through-style="{line}"/>' if line else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}" '
        f'style:parent-style-name="{parent}">{said}</style:style>'
    )


def ods_note(text: str) -> str:
    lines = "".join(f"<text:p>{line}</text:p>" for line in text.split("\n"))
    return f"<office:annotation><dc:creator>Widerruf</dc:creator>{lines}</office:annotation>"


def ods_cell(text: str, note: str = "", of: str = "") -> str:
    beside = ods_note(note) if note else ""
    return (
        f'<table:table-cell office:value-type="string"{of}>{beside}<text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def ods_row(*cells: str, of: str = "") -> str:
    return f"<table:table-row{of}>{''.join(cells)}</table:table-row>"


def pack_ods(path: Path, title: str, rows: str, automatic: str = "", shared: str = "") -> None:
    """A workbook of one table with these rows and styles, the shared ones in a file of their own."""
    content = (
        f"<office:document-content{ODS_SPACES}><office:automatic-styles>{automatic}"
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="{title}">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{ODF}:manifest:1.0"/>')
        archive.writestr("content.xml", content)
        if shared:
            styles = f"<office:document-styles{ODS_SPACES}>{shared}</office:document-styles>"
            archive.writestr("styles.xml", styles)


def ods(path: Path, title: str, lines: Lines, notes: Notes, struck: Struck) -> None:
    def cell(text: str, place: tuple[int, int]) -> str:
        of = ' table:style-name="ce1"' if place in struck else ""
        return ods_cell(escape(text), notes.get(place, ""), of) if text else "<table:table-cell/>"

    rows = (
        ods_row(*(cell(text, (row, at)) for at, text in enumerate(line)))
        for row, line in enumerate(lines)
    )
    pack_ods(path, title, "".join(rows), ods_style("ce1", "solid"))


def record(kind: int, layout: str, *values: int | float | bytes) -> bytes:
    data = struct.pack("<" + layout, *values)
    return struct.pack("<HH", kind, len(data)) + data


def fonts_and_styles(is_biff8: bool = True) -> bytes:
    """Style 1 has the font 5, which is struck and the fifth one, as no font is called 4."""
    fonts = b"".join(record(0x31, "HH16s", 200, 8 * (at == 4), bytes(16)) for at in range(5))
    size = 14 if is_biff8 else 10
    return fonts + b"".join(record(0xE0, f"HHH{size}s", f, 0, 1, bytes(size)) for f in (0, 5))


def xls_text(row: int, column: int, text: str, style: int, is_biff8: bool = True) -> bytes:
    raw = b"\1" + text.encode("utf-16-le") if is_biff8 else text.encode("cp1252")
    return record(0x204, f"4H{len(raw)}s", row, column, style, len(text), raw)


def xls_object(number: int, text: str, kind: int = 0x19) -> bytes:
    """A drawn object whose text comes in two parts of another width."""
    half = len(text) // 2
    wide, narrow = b"\1" + text[:half].encode("utf-16-le"), b"\0" + text[half:].encode("cp1252")
    return (
        record(0xEC, "4s", b"draw")
        + record(0x5D, "4H14sHH", 0x15, 0x12, kind, number, bytes(14), 0, 0)
        + record(0x1B6, "HH6sHHI", 0, 0, bytes(6), len(text), 16, 0)
        + b"".join(record(0x3C, f"{len(part)}s", part) for part in (wide, narrow, bytes(16)))
    )


def xls_note(row: int, column: int, number: int) -> bytes:
    return record(0x1C, "4HHB2s", row, column, 0, number, 1, 0, b"x\0")


def pack_xls(path: Path, title: str, *sheets: bytes, is_biff8: bool = True) -> None:
    """A workbook of sheets of these records, the last one of this title."""
    size = 8 if is_biff8 else 0
    version = 0x600 if is_biff8 else 0x500
    begin, start = (
        record(0x809, f"4H{size}s", version, of, 0xDBB, 0x7CC, bytes(size)) for of in (5, 16)
    )
    whole = begin + record(0x42, "H", 1200 if is_biff8 else 1252) + fonts_and_styles(is_biff8)
    wide = b"\0" if is_biff8 else b""
    names = [f"Vor{at}" for at in range(len(sheets) - 1)] + [title]
    titles = [bytes([len(name)]) + wide + name.encode() for name in names]
    place = len(whole) + sum(len(one) + 10 for one in titles) + len(END)
    parts = [start + sheet + END for sheet in sheets]
    for one, part in zip(titles, parts, strict=True):
        whole += record(0x85, f"IH{len(one)}s", place, 0, one)
        place += len(part)
    whole += END + b"".join(parts)
    assert len(whole) <= 4096, "the container of the tests holds small workbooks only"
    name = "Workbook" if is_biff8 else "Book"
    path.write_bytes(compound_file(name)[:-4096] + whole.ljust(4096, b"\0"))


def xls(path: Path, title: str, lines: Lines, notes: Notes, struck: Struck) -> None:
    cells = (
        xls_text(row, at, text, int((row, at) in struck))
        for row, line in enumerate(lines)
        for at, text in enumerate(line)
        if text
    )
    objects = (xls_object(number, text) for number, text in enumerate(notes.values(), 1))
    of_cells = (xls_note(*place, number) for number, place in enumerate(notes, 1))
    pack_xls(path, title, b"".join((*cells, *objects, *of_cells)))


def xml_note(text: str) -> str:
    html = 'xmlns="http://www.w3.org/TR/REC-html40"'
    return f'<Comment ss:Author="Widerruf"><ss:Data {html}><B>{text[:3]}</B><Font>{text[3:]}</Font></ss:Data></Comment>'


def xml_cell(text: str, note: str = "", of: str = "") -> str:
    beside = xml_note(note) if note else ""
    return f'<Cell{of}><Data ss:Type="String">{text}</Data>{beside}</Cell>'


def pack_xml(path: Path, title: str, table: str, styles: str) -> None:
    path.write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{SS}" xmlns:ss="{SS}"><Styles>{styles}</Styles>'
        f'<Worksheet ss:Name="{title}"><Table>{table}</Table></Worksheet></Workbook>',
        "utf-8",
    )


def xml(path: Path, title: str, lines: Lines, notes: Notes, struck: Struck) -> None:
    def cell(text: str, place: tuple[int, int]) -> str:
        of = ' ss:StyleID="s1"' if place in struck else ""
        return xml_cell(escape(text), notes.get(place, ""), of) if text else "<Cell/>"

    rows = (
        f"<Row>{''.join(cell(text, (row, at)) for at, text in enumerate(line))}</Row>"
        for row, line in enumerate(lines)
    )
    style = '<Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style>'
    pack_xml(path, title, "".join(rows), style)


def html(path: Path, title: str, lines: Lines, notes: Notes, struck: Struck) -> None:
    def cell(text: str, place: tuple[int, int]) -> str:
        note = f' title="{escape(notes[place])}"' if place in notes else ""
        line = ' style="text-decoration: line-through"' if place in struck else ""
        return f"<td{note}{line}>{escape(text)}</td>"

    rows = (
        f"<tr>{''.join(cell(text, (row, at)) for at, text in enumerate(line))}</tr>"
        for row, line in enumerate(lines)
    )
    page = f"<table><caption>{title}</caption>{''.join(rows)}</table>"
    path.write_text(f"<html><meta charset='utf-8'><body>{page}</body></html>", "utf-8")


Writer = Callable[[Path, str, Lines, Notes, Struck], None]
# By the format, which is also the ending of a file.
WRITERS: dict[str, Writer] = {"xlsx": xlsx, "ods": ods, "xls": xls, "xml": xml, "html": html}
