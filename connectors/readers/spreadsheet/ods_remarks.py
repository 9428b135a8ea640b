"""Finds the notes of an OpenDocument sheet and the cells that have a line through their text."""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from lxml import etree

from connectors.readers.spreadsheet.ods_text import TEXT, read_paragraph
from connectors.readers.spreadsheet.row_remarks import RowRemarks
from connectors.readers.spreadsheet.size_check import TABLE, VALUE_TYPE, repeat_count

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
ANNOTATION, COLUMN = f"{_OFFICE}annotation", f"{TABLE}table-column"
STYLE, DEFAULT_STYLE = f"{_STYLE}style", f"{_STYLE}default-style"
_CELL, _PARAGRAPH = "table-cell", f"{TEXT}p"
_FAMILIES = {_PARAGRAPH: "paragraph", f"{TEXT}span": "text"}
# The style of cells that name none.
_USUAL = "Default"


def read_note(annotation: etree._Element) -> str:
    """What a note says, without who wrote it and when."""
    return "\n".join(map(read_paragraph, annotation.iter(_PARAGRAPH)))


@dataclass
class OdsStyles:
    """The styles of a workbook that draw a line through text, or say that there is none.

    They are known by family and name; the style of a family that has no name stands for all.
    """

    draws_lines: bool = False
    _lines: dict[tuple[str, str], bool] = field(default_factory=dict)
    _parents: dict[tuple[str, str], str] = field(default_factory=dict)

    def add_style(self, element: etree._Element) -> None:
        """Adds a named or a default style."""
        family = element.get(f"{_STYLE}family", "")
        place = family, element.get(f"{_STYLE}name", "")
        self._parents[place] = element.get(f"{_STYLE}parent-style-name", "")
        line = _stated_line(element)
        if line is not None:
            self._lines[place] = line
            self.draws_lines |= line and family in (_CELL, *_FAMILIES.values())

    def find_line(self, family: str, name: str) -> bool | None:
        """Whether a style draws a line, or one that it comes from; None if none says so."""
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            if (family, name) in self._lines:
                return self._lines[family, name]
            name = self._parents.get((family, name), "")
        return None

    def strikes_cell(self, name: str) -> bool:
        """Whether the style of a cell draws a line."""
        line = self.find_line(_CELL, name or _USUAL)
        return self._lines.get((_CELL, ""), False) if line is None else line


def _stated_line(style: etree._Element) -> bool | None:
    form = style.find(f"{_STYLE}text-properties")
    said = (
        ()
        if form is None
        else (form.get(f"{_STYLE}text-line-through-{of}") for of in ("style", "type"))
    )
    lines = [line for line in said if line]
    return "none" not in lines if lines else None


def read_styles(archive: zipfile.ZipFile) -> OdsStyles:
    """The styles that the sheets of a workbook share; those of its content come with them."""
    styles = OdsStyles()
    # Where styles are damaged, the sheets themselves may be whole.
    with suppress(KeyError, etree.XMLSyntaxError):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(archive.read("styles.xml"), parser)
        # Those beside them have names of their own, which the content may give to others.
        for shared in root.iterchildren(f"{_OFFICE}styles"):
            for style in shared.iterchildren(STYLE, DEFAULT_STYLE):
                styles.add_style(style)
    return styles


@dataclass
class OdsRemarks:
    """The remarks of one sheet while it is read.

    ``columns`` are the ends of the columns with the styles of their cells.
    """

    styles: OdsStyles
    remarks: RowRemarks = field(default_factory=RowRemarks)
    _columns: list[tuple[int, str]] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)

    def add_column(self, column: etree._Element) -> None:
        """Adds columns that follow the ones before."""
        last = self._columns[-1][0] if self._columns else 0
        style = column.get(f"{TABLE}default-cell-style-name", "")
        self._columns.append((last + repeat_count(column, "columns"), style))

    def add_note(self, annotation: etree._Element) -> None:
        """Keeps a note of the row that is being read."""
        self._notes.append(read_note(annotation))

    def begin_row(self) -> None:
        """Forgets the notes that are not in a row."""
        self._notes.clear()

    def end_row(self, row: etree._Element, rows: range) -> None:
        """Takes what is said of the rows that one element stands for."""
        for text in self._notes:
            self.remarks.add_note(rows, text)
        self._notes.clear()
        if self.styles.draws_lines:
            self.remarks.add_struck(rows, sum(self._count_struck(row)))

    def _count_struck(self, row: etree._Element) -> Iterator[int]:
        usual = row.get(f"{TABLE}default-cell-style-name", "")
        column = 0
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            count = repeat_count(cell, "columns")
            if len(cell) or cell.get(VALUE_TYPE):
                style = cell.get(f"{TABLE}style-name") or usual or self._style_of(column)
                yield count * self._is_struck(cell, self.styles.strikes_cell(style))
            column += count

    def _style_of(self, column: int) -> str:
        at = bisect_right(self._columns, column, key=lambda known: known[0])
        return self._columns[at][1] if at < len(self._columns) else ""

    def _is_struck(self, cell: etree._Element, line: bool) -> bool:
        """Whether a line goes through all text of a cell, or through a value without any."""
        lines = [own for p in cell.iterchildren(_PARAGRAPH) for own in self._list_lines(p, line)]
        if lines:
            return all(lines)
        return line and cell.get(VALUE_TYPE, "string") != "string"

    def _list_lines(self, element: etree._Element, line: bool) -> Iterator[bool]:
        """For each text within an element whether a line goes through it."""
        family = _FAMILIES.get(str(element.tag), "")
        own = self.styles.find_line(family, element.get(f"{TEXT}style-name", ""))
        own = line if own is None else own
        if (element.text or "").strip():
            yield own
        for part in element:
            if isinstance(part.tag, str):
                yield from self._list_lines(part, own)
            if (part.tail or "").strip():
                yield own
