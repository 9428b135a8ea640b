"""The same small table in every format that there is a reader for, and what its reader makes of it.

A cell is a text, or a ``Number`` in formats that have numbers. In the others a number is written as its ``text``.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import create_engine, text

from connectors.fetch.sql_view import SqlView, SqlViewSettings
from connectors.readers.open_file import open_tables
from connectors.tables.text_table import TextTable, UnreadableTable, Wanted
from tests.connectors.reading import rows_of, wanted
from tests.connectors.test_enaio_xml import export, values
from tests.connectors.test_workbook import compound_file

WIDTH = 40
SPACES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
SS = "urn:schemas-microsoft-com:office:spreadsheet"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@dataclass(frozen=True)
class Number:
    """A number as a file holds it: its ``text`` where it is text, its value where it is binary; ``form`` is its number format."""

    text: str
    form: str = "General"

    def __str__(self) -> str:
        return self.text


Cell = str | Number
Row = Sequence[Cell]


@dataclass(frozen=True)
class Written:
    """A written table: its file, the name under which it is delivered, how it is wanted."""

    path: Path
    shown: str
    want: Wanted

    def read(self) -> tuple[TextTable, list[list[str]]]:
        """The table of the file and the cells of its rows; raises its refusal."""
        (answer,) = [
            found if isinstance(found, UnreadableTable) else (found, rows_of(found)[0])
            for found in open_tables(self.path, self.shown, [self.want])
        ]
        if isinstance(answer, UnreadableTable):
            raise answer.error
        table, rows = answer
        return table, [list(cells.values()) for _, cells in rows]

    def rows(self) -> list[list[str]]:
        """The cells of its rows; raises the refusal of the file."""
        return self.read()[1]


def write_table(
    reader: str, folder: Path, header: Sequence[str], *rows: Row, **how: Any
) -> Written:
    """A table in the format of a reader; ``how``: ``encoding`` of text, ``from_1904`` of workbooks, ``merged`` areas of xls."""
    folder.mkdir(parents=True, exist_ok=True)
    return WRITERS[reader](_Task(folder, tuple(header), rows, **how))


@dataclass(frozen=True)
class _Task:
    folder: Path
    header: tuple[str, ...]
    rows: Sequence[Row]
    encoding: str = "utf-8"
    declared: str | None = None
    from_1904: bool = False
    # First and last row, first and last column, from 0.
    merged: Sequence[tuple[int, int, int, int]] = ()
    want: Wanted = field(init=False)

    def __post_init__(self) -> None:
        want = wanted(*self.header, table="Tabelle", encoding=self.declared)
        object.__setattr__(self, "want", want)

    @property
    def lines(self) -> list[Row]:
        return [self.header, *self.rows]

    def write(self, name: str, content: str | bytes) -> Written:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(self.encoding))
        return Written(path, name, self.want)

    def pack(self, name: str, entries: dict[str, str]) -> Written:
        with zipfile.ZipFile(self.folder / name, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return Written(self.folder / name, name, self.want)


def _csv(task: _Task) -> Written:
    return task.write(
        "Tabelle.csv", "".join(";".join(map(str, line)) + "\r\n" for line in task.lines)
    )


def _json(task: _Task) -> Written:
    def value(cell: Cell) -> str:
        return cell.text if isinstance(cell, Number) else json.dumps(cell, ensure_ascii=False)

    objects = [
        ", ".join(
            f"{json.dumps(n)}: {value(cell)}" for n, cell in zip(task.header, row, strict=True)
        )
        for row in task.rows
    ]
    return task.write("Tabelle.jsonl", "".join(f"{{{fields}}}\n" for fields in objects))


def _fixed(task: _Task) -> Written:
    lines = ("".join(str(cell).ljust(WIDTH) for cell in row) + "\r\n" for row in task.rows)
    written = task.write("Tabelle.txt", "".join(lines))
    fields = tuple(f"{name} C({WIDTH})" for name in task.header)
    return replace(written, want=wanted(*task.header, fixed=fields, encoding=task.declared))


def _xml(task: _Task) -> Written:
    columns = "".join(f'<Column name="{escape(name)}"/>' for name in task.header)
    rows = "".join(
        f'<Row id="{n}">{values(*(escape(str(cell)) for cell in row))}</Row>'
        for n, row in enumerate(task.rows, 1)
    )
    table = f"<Rowset><Columns>{columns}</Columns><Rows>{rows}</Rows></Rowset>"
    content = export(f'<ObjectType name="Tabelle" id="1">{table}</ObjectType>')
    return task.write("Tabelle.xml", content)


def _rest(task: _Task) -> Written:
    objects = [
        {
            "properties": {
                "system:objectId": {"value": str(number)},
                **{
                    name: {"value": f"NUMBER{cell}NUMBER" if isinstance(cell, Number) else cell}
                    for name, cell in zip(task.header, row, strict=True)
                },
            }
        }
        for number, row in enumerate(task.rows, 1)
    ]
    (task.folder / "Tabelle").mkdir(exist_ok=True)
    name = f"Tabelle/000001-{len(objects):06}.json"
    content = json.dumps({"objects": objects, "hasMoreItems": False})
    return task.write(name, content.replace('"NUMBER', "").replace('NUMBER"', ""))


def _sql(task: _Task) -> Written:
    source = task.folder / "source.db"
    engine = create_engine(f"sqlite:///{source}")
    columns = ", ".join(f'"{name}"' for name in task.header)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE quelle ({columns})"))
        for row in task.rows:
            cells = [json.loads(c.text) if isinstance(c, Number) else c for c in row]
            places = {f"c{n}": cell for n, cell in enumerate(cells)}
            named = ", ".join(f":{name}" for name in places)
            connection.execute(text(f"INSERT INTO quelle VALUES ({named})"), places)
    engine.dispose()
    SqlView(SqlViewSettings(engine.url, {"Tabelle": "quelle"})).fetch(task.folder, {})
    return Written(task.folder / "Tabelle.csv", "Tabelle.csv", task.want)


def _html(task: _Task) -> Written:
    rows = (
        "".join(f"<td>{escape(str(cell))}</td>" for cell in line).join(("<tr>", "</tr>"))
        for line in task.lines
    )
    return task.write(
        "Tabelle.html",
        f"<html><table><caption>Tabelle</caption>{''.join(rows)}</table></html>",
    )


def _xml_2003(task: _Task) -> Written:
    def data(cell: Cell) -> str:
        kind = "Number" if isinstance(cell, Number) else "String"
        return f'<Cell><Data ss:Type="{kind}">{escape(str(cell))}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(data, line))}</Row>" for line in task.lines)
    option = "<x:Date1904/>" if task.from_1904 else ""
    return task.write(
        "Tabelle.xml",
        f'<?xml version="1.0"?><Workbook xmlns="{SS}" xmlns:ss="{SS}" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f"<x:ExcelWorkbook>{option}</x:ExcelWorkbook>"
        f'<Worksheet ss:Name="Tabelle"><Table>{rows}</Table></Worksheet></Workbook>',
    )


def _ods(task: _Task) -> Written:
    def element(cell: Cell) -> str:
        is_number = isinstance(cell, Number)
        value = f'float" office:value="{cell}"' if is_number else 'string"'
        value = f'office:value-type="{value}'
        return f"<table:table-cell {value}><text:p>{escape(str(cell))}</text:p></table:table-cell>"

    rows = "".join(
        f"<table:table-row>{''.join(map(element, line))}</table:table-row>" for line in task.lines
    )
    null = '<table:null-date table:date-value="1904-01-01"/>' if task.from_1904 else ""
    content = (
        f"<office:document-content{SPACES}><office:body><office:spreadsheet>"
        f"<table:calculation-settings>{null}</table:calculation-settings>"
        f'<table:table table:name="Tabelle">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return task.pack(
        "Tabelle.ods",
        {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content},
    )


def _xlsx(task: _Task) -> Written:
    forms = sorted({c.form for row in task.rows for c in row if isinstance(c, Number)})

    def element(cell: Cell, place: str) -> str:
        if isinstance(cell, Number):
            return f'<c r="{place}" s="{forms.index(cell.form) + 1}"><v>{cell}</v></c>'
        inline = f'<is><t xml:space="preserve">{escape(cell)}</t></is>'
        return f'<c r="{place}" t="inlineStr">{inline}</c>'

    rows = "".join(
        f'<row r="{number}">'
        + "".join(element(cell, f"{chr(65 + at)}{number}") for at, cell in enumerate(line))
        + "</row>"
        for number, line in enumerate(task.lines, 1)
    )
    numbers = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{escape(form, {chr(34): "&quot;"})}"/>'
        for n, form in enumerate(forms)
    )
    styles = '<xf numFmtId="0"/>' + "".join(
        f'<xf numFmtId="{0 if form == "General" else 200 + n}" applyNumberFormat="1"/>'
        for n, form in enumerate(forms)
    )
    option = '<workbookPr date1904="1"/>' if task.from_1904 else ""
    return task.pack(
        "Tabelle.xlsx",
        {
            "[Content_Types].xml": _types(),
            "_rels/.rels": _relations("officeDocument", "xl/workbook.xml"),
            "xl/_rels/workbook.xml.rels": _relations(
                "worksheet", "worksheets/sheet1.xml", "styles", "styles.xml"
            ),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{option}<sheets>'
            '<sheet name="Tabelle" sheetId="1" r:id="r0"/></sheets></workbook>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{numbers}</numFmts>'
            f"<cellXfs>{styles}</cellXfs></styleSheet>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">'
            f"<sheetData>{rows}</sheetData></worksheet>",
        },
    )


def _relations(*kinds_and_targets: str) -> str:
    pairs = zip(kinds_and_targets[::2], kinds_and_targets[1::2], strict=True)
    entries = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(pairs)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def _types() -> str:
    package, sheets = "application/vnd.openxmlformats-package", "spreadsheetml.sheet.main+xml"
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="application/vnd.openxmlformats-officedocument.{sheets}"/></Types>'
    )


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls(task: _Task) -> Written:
    forms = sorted({c.form for row in task.rows for c in row if isinstance(c, Number)})
    begin = struct.pack("<4H8s", 0x600, 5, 0xDBB, 0x7CC, bytes(8))
    end = _record(0x0A, b"")

    def cell(content: Cell, row: int, column: int) -> bytes:
        place = struct.pack("<2H", row, column)
        if isinstance(content, Number):
            style = forms.index(content.form) + 1
            return _record(0x203, place + struct.pack("<Hd", style, float(content.text)))
        raw = content.encode("utf-16-le")
        return _record(0x204, place + struct.pack("<HHB", 0, len(raw) // 2, 1) + raw)

    whole = _record(0x809, begin) + _record(0x42, struct.pack("<H", 1200))
    whole += _record(0x22, struct.pack("<H", task.from_1904))
    for number, form in enumerate(forms):
        named = struct.pack("<HHB", 164 + number, len(form), 0) + form.encode()
        whole += _record(0x41E, named)
    for style in (0, *(0 if form == "General" else 164 + n for n, form in enumerate(forms))):
        whole += _record(0xE0, struct.pack("<3H14s", 0, style, 1, bytes(14)))
    title = b"\x07\0Tabelle"
    place = len(whole) + 10 + len(title) + len(end)
    whole += _record(0x85, struct.pack("<IH", place, 0) + title) + end
    whole += _record(0x809, begin.replace(b"\x05\0", b"\x10\0", 1))
    for row, line in enumerate(task.lines):
        for column, content in enumerate(line):
            whole += cell(content, row, column)
    for area in task.merged:
        whole += _record(0xE5, struct.pack("<5H", 1, *area))
    whole += end
    assert len(whole) <= 4096, "the container of the tests holds small workbooks only"
    return task.write("Tabelle.xls", compound_file("Workbook")[:-4096] + whole.ljust(4096, b"\0"))


WRITERS: dict[str, Callable[[_Task], Written]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "xls": _xls,
    "ods": _ods,
    "xml_2003": _xml_2003,
    "html": _html,
    "xml": _xml,
    "json": _json,
    "fixed": _fixed,
    "rest": _rest,
    "sql": _sql,
}
