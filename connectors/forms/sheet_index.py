"""Where in the bytes of a sheet's part its rows and cells are, so that one can be replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from connectors.documents.cell_place import Place, Range, parse_place, parse_range
from connectors.readers.spreadsheet.size_check import incomplete_error

_SEPARATOR = " "
_START_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_TRUE = ("1", "true")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


@dataclass
class Cell:
    """One cell: its bytes from ``start`` to ``end``, attributes, and what is in it."""

    place: Place
    start: int
    attributes: dict[str, str]
    end: int = 0
    value: str = ""
    text: str = ""
    formula: str | None = None
    # The bytes of the formula and of the value, whose end is 0 where there is none.
    formula_span: tuple[int, int] = (0, 0)
    value_span: tuple[int, int] = (0, 0)

    @property
    def kind(self) -> str:
        """The type of the value as the part states it; n for numbers."""
        return self.attributes.get("t", "n")

    @property
    def style(self) -> int | None:
        """The number of the cell's style, None where it states none."""
        return _to_number(self.attributes.get("s"))


@dataclass
class Row:
    """One row: its start tag ends at ``inside``, its cells before ``closing``."""

    number: int
    start: int
    inside: int
    attributes: dict[str, str]
    is_empty: bool
    closing: int = 0
    end: int = 0
    cells: dict[int, Cell] = field(default_factory=dict)


@dataclass
class SheetIndex:
    """All rows and cells of a part and what of the sheet decides how a cell may be filled."""

    content: bytes
    prefix: str = ""
    # The first byte within the rows and the first one behind them; both of the start tag if empty.
    inside: int = 0
    closing: int = 0
    is_empty: bool = False
    rows: dict[int, Row] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    # What one formula fills, and of these the tables of a what-if analysis.
    arrays: list[Range] = field(default_factory=list)
    what_if: list[Range] = field(default_factory=list)
    column_styles: list[tuple[int, int, int]] = field(default_factory=list)
    is_protected: bool = False

    def cell(self, place: Place) -> Cell | None:
        """The cell at a place; None where the part has none."""
        row = self.rows.get(place.row)
        return row.cells.get(place.column) if row else None

    def cells(self) -> Iterator[Cell]:
        """All cells, row by row."""
        for row in self.rows.values():
            yield from row.cells.values()

    def style_of(self, place: Place) -> int:
        """The style a cell has or, where the part has none, would have: of the row or column."""
        cell, row = self.cell(place), self.rows.get(place.row)
        if cell is not None:
            return cell.style or 0
        if row is not None and row.attributes.get("customFormat") in _TRUE:
            return _to_number(row.attributes.get("s")) or 0
        return next((s for a, b, s in self.column_styles if a <= place.column <= b), 0)

    def merge_at(self, place: Place) -> Range | None:
        """The merged range that covers a place."""
        return next((merged for merged in self.merged if place in merged), None)


def index_sheet(content: bytes) -> SheetIndex:
    """Reads a sheet's part; CannotRead where it is no XML, or has a DOCTYPE."""
    reader = _Reader(SheetIndex(content))
    _parse_bytes(reader.parser, content)
    return reader.index


def list_children(content: bytes) -> tuple[str, list[tuple[str, int, int]]]:
    """The prefix of a part's root, and name, start and end of each element directly within it."""
    found: list[tuple[str, int, int]] = []
    prefix = ""
    path: list[int] = []
    parser = _make_parser()

    def start(name: str, _: object) -> None:
        nonlocal prefix
        prefix = prefix if path else _split_name(name)[1]
        path.append(parser.CurrentByteIndex)

    def end(name: str) -> None:
        begun = path.pop()
        if len(path) == 1:
            found.append((_split_name(name)[0], begun, _end_of(content, begun, parser)))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    _parse_bytes(parser, content)
    return prefix, found


def _make_parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _parse_bytes(parser: expat.XMLParserType, content: bytes) -> None:
    if content.startswith(_WIDE):
        # Offsets and what is written into a part are those of bytes.
        raise incomplete_error()
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        raise incomplete_error() from None


def _split_name(name: str) -> tuple[str, str]:
    """Local name and prefix (with its colon) of an element."""
    _, local, prefix = (
        [*name.split(_SEPARATOR), "", ""][:3] if _SEPARATOR in name else ("", name, "")
    )
    return local, f"{prefix}:" if prefix else ""


def _tag_at(content: bytes, at: int) -> bytes:
    found = _START_TAG.match(content, at)
    if found is None:
        raise ValueError
    return found[0]


def _end_of(content: bytes, start: int, parser: expat.XMLParserType) -> int:
    """The byte behind the element that began at ``start`` and that the parser is leaving."""
    tag = _tag_at(content, start)
    if tag.endswith(b"/>"):
        return start + len(tag)
    return content.index(b">", parser.CurrentByteIndex) + 1


class _Doctype(ValueError):
    """A part has no business with a document type."""


class _Reader:
    """Handlers of the parser, which state where in the bytes each element is."""

    def __init__(self, index: SheetIndex) -> None:
        self.index = index
        self.path: list[str] = []
        self.row: Row | None = None
        self.cell: Cell | None = None
        self.row_number = self.column = 0
        self.heard: list[str] = []
        self.begun = 0
        self.parser = _make_parser()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.heard.append

    @property
    def at(self) -> int:
        return self.parser.CurrentByteIndex

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local, prefix = _split_name(name)
        self.path.append(local)
        plain = {key: value for key, value in attributes.items() if _SEPARATOR not in key}
        match self.path[1:]:
            case ["sheetData"]:
                self.index.prefix = prefix
                tag = _tag_at(self.index.content, self.at)
                self.index.inside = self.index.closing = self.at + len(tag)
                self.index.is_empty = tag.endswith(b"/>")
            case ["sheetData", "row"]:
                self.start_row(plain)
            case ["sheetData", "row", "c"]:
                self.start_cell(plain)
            case ["sheetData", "row", "c", "f"]:
                self.start_formula(plain)
            case ["sheetData", "row", "c", "v"]:
                self.heard.clear()
                self.begun = self.at
            case ["sheetData", "row", "c", "is", *_] if local == "t":
                self.heard.clear()
            case [*outside]:
                self.note_setting(outside, plain)

    def start_row(self, attributes: dict[str, str]) -> None:
        self.row_number = _to_number(attributes.get("r")) or self.row_number + 1
        self.column = 0
        tag = _tag_at(self.index.content, self.at)
        inside = self.at + len(tag)
        self.row = Row(self.row_number, self.at, inside, attributes, tag.endswith(b"/>"))
        self.index.rows[self.row_number] = self.row

    def start_cell(self, attributes: dict[str, str]) -> None:
        place = parse_place(attributes.get("r", "")) or Place(self.row_number, self.column + 1)
        self.column = place.column
        self.cell = Cell(place, self.at, attributes)

    def start_formula(self, attributes: dict[str, str]) -> None:
        assert self.cell
        self.heard.clear()
        self.begun = self.at
        self.cell.formula = ""
        kind = attributes.get("t")
        if kind in ("array", "dataTable"):
            alone = Range(self.cell.place, self.cell.place)
            covered = parse_range(attributes.get("ref", "")) or alone
            self.index.arrays.append(covered)
            self.index.what_if += [covered] if kind == "dataTable" else []

    def note_setting(self, path: list[str], attributes: Mapping[str, str]) -> None:
        match path:
            case ["sheetProtection"]:
                self.index.is_protected = attributes.get("sheet") in _TRUE
            case ["mergeCells", "mergeCell"]:
                if merged := parse_range(attributes.get("ref", "")):
                    self.index.merged.append(merged)
            case ["cols", "col"]:
                numbers = [_to_number(attributes.get(name)) for name in ("min", "max", "style")]
                if numbers[0] and numbers[1]:
                    style = (numbers[0], numbers[1], numbers[2] or 0)
                    self.index.column_styles.append(style)

    def end(self, name: str) -> None:
        path, self_at = self.path[1:], self.at
        local = self.path.pop()
        if path[:1] != ["sheetData"]:
            return
        if path == ["sheetData"]:
            self.index.closing = self_at if not self.index.is_empty else self.index.inside
        elif path == ["sheetData", "row"]:
            self.end_row(self_at)
        elif self.cell is not None:
            self.end_in_cell(path, local)

    def end_of(self, start: int) -> int:
        return _end_of(self.index.content, start, self.parser)

    def end_row(self, at: int) -> None:
        assert self.row
        self.row.end = self.end_of(self.row.start)
        self.row.closing = self.row.inside if self.row.is_empty else at

    def end_in_cell(self, path: list[str], local: str) -> None:
        assert self.cell and self.row
        said = "".join(self.heard)
        match path[3:]:
            case []:
                self.cell.end = self.end_of(self.cell.start)
                self.row.cells[self.cell.place.column] = self.cell
                self.cell = None
            case ["v"]:
                self.cell.value = said
                self.cell.value_span = self.begun, self.end_of(self.begun)
            case ["f"]:
                self.cell.formula = said
                self.cell.formula_span = self.begun, self.end_of(self.begun)
            # The reading of Japanese words stands beside the text and is no part of it.
            case ["is", *between] if local == "t" and "rPh" not in between:
                self.cell.text += said


def _refuse_doctype(*_: Any) -> None:
    raise _Doctype


def _to_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else None
