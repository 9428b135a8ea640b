"""XML spreadsheets 2003, often called .xls, as sheets of text with their marks. Nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.spreadsheet.zero_format import zeros_of
from connectors.readers.text.encoding import detect_encoding
from connectors.readers.text.safe_xml import XmlText
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


@dataclass
class _Sheet:
    """A sheet being read: its cells by row and column from 1, and its marks."""

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    marks: SheetMarks = field(default_factory=SheetMarks)
    hidden: bool = False
    last_row: int = 0


def xml_2003_sheets(path: Path, encoding: str | None, limits: Limits) -> list[SheetText]:
    """The visible sheets of an XML spreadsheet 2003; raises CannotRead for broken or dangerous XML."""
    if path.stat().st_size > limits.whole_bytes:
        raise CannotRead(
            "too_large",
            "Die XML-Kalkulationstabelle ist größer als erlaubt. Bitte als .xlsx speichern.",
        )
    found: list[SheetText] = []
    sheet = _Sheet("")
    zeros: dict[str, int] = {}
    for event, element in XmlText(detect_encoding(path, encoding)).read_events():
        if element.tag == f"{_SS}Worksheet" and event == "start":
            sheet = _Sheet(element.get(f"{_SS}Name", ""))
        elif event == "end" and element.tag == f"{_SS}Style":
            _take_style(element, zeros)
        elif event == "end" and str(element.tag).endswith("}Visible"):
            sheet.hidden = (element.text or "").startswith("SheetHidden") or (
                element.text or ""
            ) == "SheetVeryHidden"
        elif element.tag == f"{_SS}Row" and event == "end":
            _take_row(element, sheet, zeros, limits)
            element.clear()
        elif (
            element.tag == f"{_SS}Worksheet"
            and any(map(len, sheet.rows.values()))
            and not sheet.hidden
        ):
            found.append(
                SheetText(sheet.name, iter(_from_sparse(sheet.rows, limits)), marks=sheet.marks)
            )
    if not found:
        raise CannotRead(
            "xml_2003",
            "Die XML-Kalkulationstabelle 2003 enthält keine Zellen. Bitte in Excel als .xlsx speichern.",
        )
    return found


def _take_style(element: etree._Element, zeros: dict[str, int]) -> None:
    form = element.find(f"{_SS}NumberFormat")
    width = (
        zeros_of(form.get(f"{_SS}Format", ""))
        if form is not None
        else zeros.get(element.get(f"{_SS}Parent", ""), 0)
    )
    if width:
        zeros[element.get(f"{_SS}ID", "")] = width


def _take_row(
    element: etree._Element, sheet: _Sheet, zeros: Mapping[str, int], limits: Limits
) -> None:
    number = sheet.last_row = _index_of(element, sheet.last_row + 1)
    if element.get(f"{_SS}Hidden") == "1":
        sheet.marks.hidden_rows.append(number)
    cells: dict[int, str] = {}
    column = 0
    for cell in element:
        if cell.tag != f"{_SS}Cell":
            continue
        column = _index_of(cell, column + 1)
        data = cell.find(f"{_SS}Data")
        if data is not None:
            style = cell.get(f"{_SS}StyleID", "") or element.get(f"{_SS}StyleID", "")
            cells[column] = _typed_text(
                "".join(map(str, data.itertext())), data.get(f"{_SS}Type", ""), zeros.get(style, 0)
            )
            if data.get(f"{_SS}Type") == "Error":
                sheet.marks.errors.append((number, column - 1))
        elif cell.get(f"{_SS}Formula"):
            sheet.marks.unstored.append((number, column - 1))
        across = cell.get(f"{_SS}MergeAcross", "0")
        column += int(across) if across.isdecimal() and len(across) < 6 else 0
        if column > limits.columns:
            raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
    sheet.rows[number] = cells
    if number > limits.rows or number > 2**20:
        raise CannotRead(
            "too_large", "Ein Blatt der XML-Kalkulationstabelle reicht weiter als erlaubt."
        )


def _index_of(element: etree._Element, otherwise: int) -> int:
    stated = element.get(f"{_SS}Index", "")
    return max(int(stated), 1) if stated.isdecimal() and len(stated) < 9 else otherwise


def _typed_text(text: str, kind: str, width: int) -> str:
    """The text of a cell; an error has none, a whole number as many digits as its format fills up."""
    if kind == "Error":
        return ""
    if kind == "Number" and text.isdecimal():
        return text.zfill(width)
    if kind == "Boolean":
        return "Wahr" if text == "1" else "Falsch"
    if kind == "DateTime":
        return (
            text.split("T00:00:00")[0]
            if text.endswith("T00:00:00.000") or text.endswith("T00:00:00")
            else text.removesuffix(".000")
        )
    return text


def _from_sparse(rows: dict[int, dict[int, str]], limits: Limits) -> Iterator[list[str]]:
    width = max((max(cells, default=0) for cells in rows.values()), default=0)
    if width * max(rows) > limits.cells:
        raise CannotRead(
            "too_large", "Ein Blatt der XML-Kalkulationstabelle reicht weiter als erlaubt."
        )
    for number in range(1, max(rows) + 1):
        cells = rows.get(number, {})
        yield [cells.get(column, "") for column in range(1, width + 1)]
