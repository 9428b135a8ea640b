"""Tables of web pages that are called .xls, as sheets of text. Nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.text.encoding import detect_encoding
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_BLOCK_ENDS = frozenset({"br", "p", "div", "li"})


def html_sheets(path: Path, encoding: str | None, limits: Limits) -> list[SheetText]:
    """The tables of a web page in its order, those within others left out; raises CannotRead ``html``, ``too_large``."""
    text = detect_encoding(path, encoding)
    if path.stat().st_size > limits.whole_bytes:
        raise CannotRead(
            "too_large",
            "Die Webseite ist größer als erlaubt. Bitte als Excel-Arbeitsmappe (.xlsx) speichern.",
        )
    content = b"".join(text.read_blocks())
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        raise not_a_table() from None
    found = []
    for number, table in enumerate(
        (t for t in root.iter("table") if not any(a.tag == "table" for a in t.iterancestors())), 1
    ):
        caption = table.find("caption")
        name = (
            " ".join("".join(map(str, caption.itertext())).split()) if caption is not None else ""
        )
        rows = _html_rows(table, limits)
        if any(any(cells) for cells in rows):
            found.append(SheetText(name or f"Tabelle {number}", iter(_pad_rows(rows))))
    if not found:
        raise not_a_table()
    return found


def not_a_table() -> CannotRead:
    """The refusal of a web page without the table that is looked for, such as a login page."""
    return CannotRead(
        "html",
        "Die Datei ist eine Webseite (HTML), auch wenn ihr Name anders endet. "
        "Bitte in Excel öffnen und als Excel-Arbeitsmappe (.xlsx) speichern.",
    )


def _html_rows(table: etree._Element, limits: Limits) -> list[list[str]]:
    """The rows of a table; a cell over several columns or rows has its text in the first of them."""
    rows: list[list[str]] = []
    hanging: dict[int, int] = {}
    for row in table.iter("tr"):
        if next(a for a in row.iterancestors() if a.tag == "table") is not table:
            continue
        cells: list[str] = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while hanging.get(len(cells), 0) > 0:
                hanging[len(cells)] -= 1
                cells.append("")
            width, height = (
                _cell_span(cell, "colspan", limits.columns),
                _cell_span(cell, "rowspan", 65_534),
            )
            for place in range(len(cells), len(cells) + width if height > 1 else 0):
                hanging[place] = height - 1
            cells += [_shown_text(cell), *[""] * (width - 1)]
            if len(cells) > limits.columns:
                raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
        rows.append(cells)
    return rows


def _cell_span(cell: etree._Element, name: str, most: int) -> int:
    stated = cell.get(name, "1").strip()
    return max(1, min(int(stated), most)) if stated.isdecimal() and len(stated) < 7 else 1


def _shown_text(cell: etree._Element) -> str:
    """The text of a cell as a page shows it: blanks collapsed, line breaks where elements break."""
    parts: list[str] = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            continue
        if event == "start" and element.text:
            parts.append(" ".join(element.text.split()) if not element.text.isspace() else " ")
            parts[-1] += " " if element.text[-1:].isspace() and parts[-1] != " " else ""
        if event == "end" and element is not cell:
            parts.append("\n" if element.tag in _BLOCK_ENDS else "")
            parts.append(" ".join(element.tail.split()) if element.tail else "")
    return "\n".join(line.strip() for line in "".join(parts).split("\n")).strip()


def _pad_rows(rows: list[list[str]]) -> Iterator[list[str]]:
    width = max(map(len, rows), default=0)
    for cells in rows:
        yield cells + [""] * (width - len(cells))
