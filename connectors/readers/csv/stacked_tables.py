"""Finds where tables begin that are stacked in one text file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, groupby, islice, takewhile
from pathlib import Path

from connectors.readers.csv.strict_parser import Record, StrictParser
from connectors.readers.rows.guessed_header import are_labels, is_value, usual_width
from connectors.readers.rows.header import (
    Header,
    Row,
    filled_cells,
    header_at,
    normalize_name,
    spellings_of,
)
from connectors.readers.text.encoding import TextFile
from connectors.readers.text.line_blocks import open_blocks
from connectors.tables.text_table import CannotRead, Dialect, Notice, Wanted

# The first rows between two blank ones.
Section = list[Row]
_Found = tuple[Wanted, Header]

# Searching for further tables needs the strict parser, which takes several times as long.
_SEARCHED_BYTES = 64 * 2**20
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r)[;,\t|:\" ]*(?:\r\n|\n|\r)[^\r\n]")
_OVERLAP = 4096
_GAP_ROWS = 200
# Longer cells are no headers and not worth caching.
_CACHED_CHARS = 200


@dataclass
class NextTable:
    """Searches the rows of a table for the header of one of the ``waiting`` tables, which ends it.

    A header is a row with all columns that its table requires; where the mapping names the table, a
    title above it (a row of one cell) must be that name. No row is examined until a blank line was
    seen (``awake``), so that rows can be parsed fast.
    """

    waiting: Sequence[Wanted]
    awake: bool
    found: _Found | None = None
    first: int = 0
    _titles: list[Record] = field(default_factory=list)
    _before: bytes = b"\n"

    def __post_init__(self) -> None:
        self._marks = [(want, _forms_of_one_column(want)) for want in self.waiting if want.required]

    def may_begin_in(self, block: bytes) -> bool:
        """Whether a blank line was seen, in this block of a text or in one before it."""
        if not self.awake:
            self.awake = has_blank_line(self._before + block)
            self._before = block[-_OVERLAP:]
        return self.awake

    def records_before(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records up to the next header and its titles; the header is ``found`` then.

        ``records`` may be those of a single block.
        """
        for record in records:
            line, cells, text = record
            filled = filled_cells(cells or (text,))
            if len(filled) == 1:
                self._titles.append(record)
                continue
            self.found = self._header_of(cells, line) if filled and cells else None
            if self.found is not None:
                return
            yield from self.take_titles()
            yield record

    def end_before(self, following: Record | None, line: int) -> None:
        """Sets where the rows of the found table begin: at the next record, or in this line."""
        self.first = following[0] if following else line

    def take_titles(self) -> list[Record]:
        """Rows of one cell that no header followed: they belong to the current table."""
        titles, self._titles = self._titles, []
        return titles

    def _header_of(self, cells: Sequence[str], line: int) -> _Found | None:
        title = self._read_title()
        for want in self._candidates(cells, title):
            try:
                return want, header_at(cells, line, want, title=title)
            except CannotRead:
                continue
        return None

    def _candidates(self, cells: Sequence[str], title: str) -> Iterator[Wanted]:
        """The waiting tables whose header this may be, by a required column and the title above."""
        forms = set(map(_shape_of, cells))
        is_prefixed = any("_usr_" in cell or "_sys_" in cell for cell in cells)
        for want, marks in self._marks:
            if (is_prefixed or marks is None or marks & forms) and _has_title(want, title):
                yield want

    def _read_title(self) -> str:
        if not self._titles:
            return ""
        _, cells, text = self._titles[-1]
        return filled_cells(cells or (text,))[0]


def _has_title(want: Wanted, title: str) -> bool:
    """Whether a title may be that of a table; both may lack it."""
    if want.table is None or not title:
        return True
    return normalize_name(title) == normalize_name(want.table)


def _forms_of_one_column(want: Wanted) -> frozenset[str] | None:
    """The spellings of a required column, one of which each header has; None if it may be blank."""
    column = next(c for c in want.columns if c in want.required)
    spellings = spellings_of(want)
    forms = frozenset(form.split("#")[0] for form in spellings if spellings[form] == column)
    return None if any(form.startswith("spalte ") for form in forms) else forms


def _shape_of(cell: str) -> str:
    return _short_form(cell) if len(cell) < _CACHED_CHARS else normalize_name(cell)


_short_form = lru_cache(maxsize=2**16)(normalize_name)


def is_searched(path: Path) -> bool:
    """Whether a file is small enough to be searched for further tables."""
    return path.stat().st_size <= _SEARCHED_BYTES


def has_blank_line(block: bytes) -> bool:
    """Whether there is a blank line between the lines at the beginning of a text."""
    return _BLANK_LINE.search(block) is not None


def headers_in(records: Iterable[Record], wanted: Sequence[Wanted]) -> Iterator[NextTable]:
    """The header of each wanted table among the records, from top to bottom."""
    waiting, left = list(wanted), iter(records)
    while waiting:
        search = NextTable(waiting, awake=True)
        for _ in search.records_before(left):
            pass
        if search.found is None:
            return
        want, header = search.found
        following = next(left, None)
        search.end_before(following, header.row + 1)
        yield search
        left = chain([following] if following else [], left)
        waiting = [w for w in waiting if w is not want]


def may_hold_several(text: TextFile) -> bool:
    """Whether a file has a blank line between lines and is small enough to be read twice."""
    if not is_searched(text.file.path):
        return False
    rest = b""
    for block in text.read_blocks():
        if has_blank_line(rest + block):
            return True
        rest = block[-_OVERLAP:]
    return False


def all_records(text: TextFile, dialect: Dialect) -> Iterator[Record]:
    """Every record of a text, read strictly."""
    source = open_blocks(text)
    line = 0
    while block := source.next_block():
        reader = StrictParser(source, dialect, text.file.limits, line=line)
        yield from reader.read_records(block)
        line = reader.line


def find_sections(records: Iterable[Row]) -> list[Section]:
    """The runs of filled rows, with at most the first rows of each."""
    found: list[Section] = []
    for is_filled, rows in groupby(records, key=lambda row: bool(filled_cells(row[1]))):
        if is_filled:
            found.append(list(islice(rows, _GAP_ROWS)))
    return found


def tables_begin(found: Sequence[Section], header: Sequence[str]) -> list[tuple[int, str]]:
    """Line of the header of each further table, and the title above it.

    ``header`` is that of the first table.
    """
    begun: list[tuple[int, str]] = []
    for section in found:
        titles = list(takewhile(lambda row: _count_filled(row[1]) == 1, section[:-1]))
        line, cells = section[len(titles)]
        if _is_header(cells, section[len(titles) + 1 :], header):
            begun.append((line, " ".join(filled_cells(titles[-1][1])) if titles else ""))
            header = cells
    return begun


def further_table_notice(line: int) -> Notice:
    """A notice that another table begins within the file."""
    return Notice(
        "several_tables",
        f"In Zeile {line} beginnt eine weitere Tabelle; sie wurde für sich gelesen.",
        row=line,
    )


def _is_header(cells: Sequence[str], below: Sequence[Row], known: Sequence[str]) -> bool:
    """Whether a row is the header of another table than the one with the known header."""
    filled = filled_cells(cells)
    if len(filled) < 2 or not are_labels(filled) or _same_names(cells, known):
        return False
    if len(filled) == _count_filled(known):
        return any(c.strip() and _names_values(place, below) for place, c in enumerate(cells))
    return (
        not below or len(filled) >= _count_filled(below[0][1]) or usual_width(below) == len(cells)
    )


def _same_names(cells: Sequence[str], known: Sequence[str]) -> bool:
    return list(map(normalize_name, cells)) == list(map(normalize_name, known))


def _names_values(place: int, below: Sequence[Row]) -> bool:
    """Whether most filled cells of a column are values."""
    texts = filled_cells(cells[place] for _, cells in below if place < len(cells))
    return sum(map(is_value, texts)) * 2 > len(texts)


def _count_filled(cells: Sequence[str]) -> int:
    return len(filled_cells(cells))
