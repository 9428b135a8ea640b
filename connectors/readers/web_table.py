"""Tables of web pages and of XML spreadsheets 2003 that are called .xls, as sheets of text. Nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from connectors.readers.limits import Limits
from connectors.readers.sheet_text import SheetText
from connectors.readers.text_file import examine
from connectors.readers.xml_text import XmlText
from connectors.text_table import CannotRead

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_BLOCK_ENDS = frozenset({"br", "p", "div", "li"})


def html_sheets(path: Path, encoding: str | None, limits: Limits) -> list[SheetText]:
    """The tables of a web page in its order, those within others left out; raises CannotRead ``html``, ``too_large``."""
    text = examine(path, encoding)
    if path.stat().st_size > limits.whole_bytes:
        raise CannotRead("too_large", "Die Webseite ist größer als erlaubt. Bitte als Excel-Arbeitsmappe (.xlsx) speichern.")
    content = b"".join(text.blocks())
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        raise not_a_table() from None
    found = []
    for number, table in enumerate((t for t in root.iter("table") if not any(a.tag == "table" for a in t.iterancestors())), 1):
        caption = table.find("caption")
        name = " ".join("".join(map(str, caption.itertext())).split()) if caption is not None else ""
        rows = _html_rows(table, limits)
        if any(any(cells) for cells in rows):
            found.append(SheetText(name or f"Tabelle {number}", iter(_rectangle(rows))))
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
            width, height = _span(cell, "colspan", limits.columns), _span(cell, "rowspan", 65_534)
            for place in range(len(cells), len(cells) + width if height > 1 else 0):
                hanging[place] = height - 1
            cells += [_shown(cell), *[""] * (width - 1)]
            if len(cells) > limits.columns:
                raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
        rows.append(cells)
    return rows


def _span(cell: etree._Element, name: str, most: int) -> int:
    stated = cell.get(name, "1").strip()
    return max(1, min(int(stated), most)) if stated.isdecimal() and len(stated) < 7 else 1


def _shown(cell: etree._Element) -> str:
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


def xml_2003_sheets(path: Path, encoding: str | None, limits: Limits) -> list[SheetText]:
    """The visible sheets of an XML spreadsheet 2003; raises CannotRead for broken or dangerous XML."""
    if path.stat().st_size > limits.whole_bytes:
        raise CannotRead("too_large", "Die XML-Kalkulationstabelle ist größer als erlaubt. Bitte als .xlsx speichern.")
    found: list[SheetText] = []
    name, hidden = "", False
    rows: dict[int, dict[int, str]] = {}
    for event, element in XmlText(examine(path, encoding)).events():
        if element.tag == f"{_SS}Worksheet" and event == "start":
            name, rows, hidden = element.get(f"{_SS}Name", ""), {}, False
        elif event == "end" and str(element.tag).endswith("}Visible"):
            hidden = (element.text or "").startswith("SheetHidden") or (element.text or "") == "SheetVeryHidden"
        elif element.tag == f"{_SS}Row" and event == "end":
            _xml_row(element, rows, limits)
            element.clear()
        elif element.tag == f"{_SS}Worksheet" and any(map(len, rows.values())) and not hidden:
            found.append(SheetText(name, iter(_from_sparse(rows, limits))))
    if not found:
        raise CannotRead("xml_2003", "Die XML-Kalkulationstabelle 2003 enthält keine Zellen. Bitte in Excel als .xlsx speichern.")
    return found


def _xml_row(element: etree._Element, rows: dict[int, dict[int, str]], limits: Limits) -> None:
    number = _index(element, max(rows, default=0) + 1)
    cells: dict[int, str] = {}
    column = 0
    for cell in element:
        if cell.tag != f"{_SS}Cell":
            continue
        column = _index(cell, column + 1)
        data = cell.find(f"{_SS}Data")
        if data is not None:
            cells[column] = _typed("".join(map(str, data.itertext())), data.get(f"{_SS}Type", ""))
        across = cell.get(f"{_SS}MergeAcross", "0")
        column += int(across) if across.isdecimal() and len(across) < 6 else 0
        if column > limits.columns:
            raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
    rows[number] = cells
    if number > limits.rows or number > 2**20:
        raise CannotRead("too_large", "Ein Blatt der XML-Kalkulationstabelle reicht weiter als erlaubt.")


def _index(element: etree._Element, otherwise: int) -> int:
    stated = element.get(f"{_SS}Index", "")
    return max(int(stated), 1) if stated.isdecimal() and len(stated) < 9 else otherwise


def _typed(text: str, kind: str) -> str:
    if kind == "Boolean":
        return "Wahr" if text == "1" else "Falsch"
    if kind == "DateTime":
        return text.split("T00:00:00")[0] if text.endswith("T00:00:00.000") or text.endswith("T00:00:00") else text.removesuffix(".000")
    return text


def _from_sparse(rows: dict[int, dict[int, str]], limits: Limits) -> Iterator[list[str]]:
    width = max((max(cells, default=0) for cells in rows.values()), default=0)
    if width * max(rows) > limits.cells:
        raise CannotRead("too_large", "Ein Blatt der XML-Kalkulationstabelle reicht weiter als erlaubt.")
    for number in range(1, max(rows) + 1):
        cells = rows.get(number, {})
        yield [cells.get(column, "") for column in range(1, width + 1)]


def _rectangle(rows: list[list[str]]) -> Iterator[list[str]]:
    width = max(map(len, rows), default=0)
    for cells in rows:
        yield cells + [""] * (width - len(cells))
