"""Writes rows of text in every format the readers know, to try one rule with all of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import xlsxwriter

_MANIFEST = (
    '<?xml version="1.0"?><m:manifest '
    'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)
Rows = Sequence[Sequence[str]]


def csv_text(path: Path, rows: Rows) -> None:
    path.write_text("".join(";".join(row) + "\n" for row in rows), encoding="utf-8")


def long_csv(path: Path, rows: Rows) -> None:
    """Padded with blank lines at the end so that Arrow reads it."""
    text = "".join(";".join(row) + "\n" for row in rows)
    path.write_text(text + (";" * (len(rows[0]) - 1) + "\n") * 70_000, encoding="utf-8")


def xlsx(path: Path, rows: Rows, titles: Sequence[str] = ("T",)) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for title in titles:
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(rows):
                sheet.write_row(row, 0, cells)


def ods(path: Path, rows: Rows) -> None:
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in names.items())
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = [
        f"<table:table-row>{''.join(cell.format(escape(c)) for c in row)}</table:table-row>"
        for row in rows
    ]
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="T">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)


def xml_2003(path: Path, rows: Rows, titles: Sequence[str] = ("T",)) -> None:
    cell = '<Cell><Data ss:Type="String">{}</Data></Cell>'
    lines = "".join(f"<Row>{''.join(cell.format(escape(c)) for c in row)}</Row>" for row in rows)
    sheets = "".join(
        f'<Worksheet ss:Name="{title}"><Table>{lines}</Table></Worksheet>' for title in titles
    )
    path.write_text(
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{sheets}</Workbook>',
        encoding="utf-8",
    )


def html(path: Path, rows: Rows, titles: Sequence[str] = ("T",)) -> None:
    lines = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in rows)
    tables = "".join(f"<table><caption>{title}</caption>{lines}</table>" for title in titles)
    path.write_text(f"<html><body>{tables}</body></html>", encoding="utf-8")


def linear_xml(path: Path, rows: Rows, titles: Sequence[str] = ("T",)) -> None:
    header, *lines = rows
    columns = "".join(f'<Column name="{escape(name)}"/>' for name in header)
    body = "".join(
        f"<Row>{''.join(f'<Value>{escape(c)}</Value>' for c in row)}</Row>" for row in lines
    )
    types = "".join(
        f'<ObjectType name="{title}"><Columns>{columns}</Columns><Rows>{body}</Rows></ObjectType>'
        for title in titles
    )
    path.write_text(
        f'<?xml version="1.0"?><DMSContent format="LOL">{types}</DMSContent>', encoding="utf-8"
    )


def json_lines(path: Path, rows: Rows) -> None:
    header, *lines = rows
    objects = (json.dumps(dict(zip(header, row, strict=True))) for row in lines)
    path.write_text("\n".join(objects), encoding="utf-8")


def fixed_width(path: Path, rows: Rows) -> None:
    """Fields of 20 characters, without the header."""
    lines = ("".join(cell.ljust(20) for cell in row) + "\n" for row in rows[1:])
    path.write_text("".join(lines), encoding="utf-8")


# By the ending of the file; each writes the first row as header.
FORMATS: dict[str, tuple[str, Callable[[Path, Rows], None]]] = {
    "csv": ("T.csv", csv_text),
    "csv-by-arrow": ("T.csv", long_csv),
    "xlsx": ("T.xlsx", xlsx),
    "ods": ("T.ods", ods),
    "xml-2003": ("T.xls", xml_2003),
    "html": ("T.htm", html),
    "linear-xml": ("T.xml", linear_xml),
    "json-lines": ("T.jsonl", json_lines),
    "fixed-width": ("T.txt", fixed_width),
}
