"""Reads the tables of web pages that are named .xls; nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree, html

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.spreadsheet.size_check import stated_number
from connectors.readers.text.encoding import detect_encoding
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_BLOCK_ENDS = frozenset({"br", "p", "div", "li"})


def html_sheets(file: DeliveredFile, encoding: str | None) -> list[SheetText]:
    """The tables of a web page in its order, without those inside others.

    Raises CannotRead ``html`` for a page without a table, or ``too_large``.
    """
    found = []
    for number, table in enumerate(_outer_tables(_parse_page(file, encoding)), 1):
        rows = _html_rows(table, file.limits)
        if any(map(any, rows)):
            name = _caption_of(table) or f"Tabelle {number}"
            found.append(SheetText(name, iter(_pad_rows(rows))))
    if not found:
        raise not_a_table()
    return found


def _parse_page(file: DeliveredFile, encoding: str | None) -> etree._Element:
    text = detect_encoding(file, encoding)
    file.check_whole(
        "Die Webseite ist größer als erlaubt. Bitte als Excel-Arbeitsmappe (.xlsx) speichern."
    )
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    content = b"".join(text.read_blocks())
    try:
        return html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        raise not_a_table() from None


def _outer_tables(root: etree._Element) -> Iterator[etree._Element]:
    for table in root.iter("table"):
        if next(table.iterancestors("table"), None) is None:
            yield table


def _caption_of(table: etree._Element) -> str:
    caption = table.find("caption")
    if caption is None:
        return ""
    return " ".join("".join(map(str, caption.itertext())).split())


def not_a_table() -> CannotRead:
    """The refusal of a web page without the wanted table, such as a login page."""
    return CannotRead(
        "html",
        "Die Datei ist eine Webseite (HTML), auch wenn ihr Name anders endet. "
        "Bitte in Excel öffnen und als Excel-Arbeitsmappe (.xlsx) speichern.",
    )


def _html_rows(table: etree._Element, limits: Limits) -> list[list[str]]:
    """The rows of a table; a cell over several columns or rows has its text in the first."""
    # How many of the next rows a cell further up covers, by column.
    covered: dict[int, int] = {}
    own_rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    return [_row_cells(row, covered, limits) for row in own_rows]


def _row_cells(row: etree._Element, covered: dict[int, int], limits: Limits) -> list[str]:
    cells: list[str] = []
    for cell in row.iterchildren("td", "th"):
        while covered.get(len(cells), 0) > 0:
            covered[len(cells)] -= 1
            cells.append("")
        width = _cell_span(cell, "colspan", limits.columns)
        height = _cell_span(cell, "rowspan", 65_534)
        if height > 1:
            covered.update(dict.fromkeys(range(len(cells), len(cells) + width), height - 1))
        cells += [_shown_text(cell), *[""] * (width - 1)]
        limits.check_columns(len(cells))
    return cells


def _cell_span(cell: etree._Element, name: str, most: int) -> int:
    return max(1, min(stated_number(cell.get(name, "1").strip(), 6, 1), most))


def _shown_text(cell: etree._Element) -> str:
    """The text of a cell as a page shows it: blanks collapsed, line breaks after blocks."""
    parts: list[str] = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            continue
        if event == "start":
            parts.append(_collapse_blanks(element.text or ""))
        elif element is not cell:
            parts.append("\n" if element.tag in _BLOCK_ENDS else "")
            parts.append(" ".join((element.tail or "").split()))
    return "\n".join(line.strip() for line in "".join(parts).split("\n")).strip()


def _collapse_blanks(text: str) -> str:
    """The text with single blanks, one of them at the end if the text ends with any."""
    words = " ".join(text.split())
    return f"{words} " if text[-1:].isspace() else words


def _pad_rows(rows: list[list[str]]) -> Iterator[list[str]]:
    width = max(map(len, rows), default=0)
    for cells in rows:
        yield cells + [""] * (width - len(cells))
