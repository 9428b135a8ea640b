"""Find where in one text file several tables begin, one below the other. Their rows are read elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from connectors.readers.csv_careful import CarefulReader, LineBlocks
from connectors.readers.guessed_header import are_labels, is_value, usual_width
from connectors.readers.header import plain
from connectors.readers.limits import Limits
from connectors.readers.text_file import TextFile
from connectors.text_table import Dialect

Row = tuple[int, Sequence[str]]

# Looking through a file for further tables means reading it carefully once more.
_SEARCHED_BYTES = 64 * 2**20
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r)[;,\t|:\" ]*(?:\r\n|\n|\r)[^\r\n]")
_GAP_ROWS = 200


@dataclass(frozen=True)
class Section:
    """Rows between two blank ones: the first few of them, and the line after the last."""

    rows: tuple[Row, ...]
    end: int


def may_hold_several(text: TextFile) -> bool:
    """Whether a blank line stands between lines of a file that is not too large to be read twice."""
    if text.path.stat().st_size > _SEARCHED_BYTES:
        return False
    rest = b""
    for block in text.blocks():
        if _BLANK_LINE.search(rest + block):
            return True
        rest = block[-4096:]
    return False


def all_records(text: TextFile, dialect: Dialect, limits: Limits) -> Iterator[Row]:
    """Every record of a text with its line, read carefully; a broken one is a single cell."""
    source = LineBlocks(text.blocks(), limits)
    line = 0
    while block := source.next_block():
        reader = CarefulReader(source, dialect, dialect.delimiter or ";", limits, line=line)
        for place, cells, broken in reader.records(block):
            yield place, cells if cells is not None else [broken]
        line = reader.line


def sections(records: Iterable[Row]) -> list[Section]:
    """The runs of filled rows, at most the first rows of each."""
    found: list[Section] = []
    held: list[Row] = []
    last = 0
    for place, cells in chain(records, [(0, [])]):
        if any(c.strip() for c in cells):
            if len(held) < _GAP_ROWS:
                held.append((place, cells))
            last = place
        elif held:
            found.append(Section(tuple(held), last + 1))
            held = []
    return found


def tables_begin(found: Sequence[Section], header: Sequence[str]) -> list[tuple[int, str]]:
    """Line of the header of each further table, and the title above it; ``header`` is that of the first."""
    begun: list[tuple[int, str]] = []
    known = header
    for section in found:
        titles = 0
        while titles < len(section.rows) - 1 and _filled(section.rows[titles][1]) == 1:
            titles += 1
        if titles and _filled(section.rows[titles][1]) < 2:
            continue
        line, cells = section.rows[titles]
        if _is_header(cells, section.rows[titles + 1 :], known):
            title = " ".join(c.strip() for c in section.rows[titles - 1][1] if c.strip()) if titles else ""
            begun.append((line, title))
            known = cells
    return begun


def _is_header(cells: Sequence[str], below: Sequence[Row], known: Sequence[str]) -> bool:
    filled = [c.strip() for c in cells if c.strip()]
    if len(filled) < 2 or not are_labels(filled) or [plain(c) for c in cells] == [plain(c) for c in known]:
        return False
    if _filled(cells) != _filled(known):
        return not below or _filled(cells) >= _filled(below[0][1]) or usual_width(below) == len(cells)
    return any(cells[place].strip() and _names_values(place, below) for place in range(len(cells)))


def _names_values(place: int, below: Sequence[Row]) -> bool:
    texts = [cells[place] for _, cells in below if place < len(cells) and cells[place].strip()]
    return bool(texts) and sum(map(is_value, texts)) * 2 > len(texts)


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(c.strip()) for c in cells)
