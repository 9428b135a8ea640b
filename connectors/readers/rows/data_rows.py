"""Separates data rows from blank rows, footers and repeated headers, and batches them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.header import Header, Row, normalize_name
from connectors.tables.text_table import Batch, Notice, RaggedRow, TextTable

BATCH_ROWS = 65_536

# Place, cells (None: the row could not be split), and the text of a row that has no cells.
SourceRow = tuple[int, Sequence[str] | None, str]

# First UTF-8 bytes of all characters that Python counts as whitespace.
_BLANK_BYTE = np.zeros(256, dtype=bool)
_BLANK_BYTE[
    list({chr(c).encode("utf-8", "replace")[0] for c in range(0x10000) if chr(c).isspace()})
] = True

_NO_LETTERS = re.compile(r"[\W\d_]+")

# DOS programs end a text with it.
_END_OF_FILE = "\x1a"

Kind = Literal["data", "blank", "footer", "header"]

# Rule and sentence of the notice for each kind of row that is left out.
_LEFT_OUT = {
    "footer": ("footer", "als Summen- oder Fußzeile erkannt und nicht als Datenzeile gelesen"),
    "header": (
        "repeated_header",
        "als wiederholte Kopfzeile erkannt und nicht als Datenzeile gelesen",
    ),
}


@dataclass
class DataRows:
    """Decides which rows of one table are data and records the places of footers and headers.

    A row is a footer if its first filled cell begins with a footer word and its key cells are
    empty; without any known key column no row is a footer. Where ``footer_words`` are given, all
    its other cells are empty, too, and only these words and numbers follow; it may be a key cell.
    """

    header: Header
    footers: tuple[str, ...]
    footer_words: frozenset[str] | None = None
    left_out: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._footer = _footer_pattern(self.footers)
        self._beginning = rf"^\s*(?:{_join_words(self.footers)})"
        self._probes = self.header.key or (0,)
        self._probe_text = self.header.raw[self._probes[0]] if self.header.row else ""
        self._forms = tuple(map(normalize_name, self.header.raw))

    @property
    def width(self) -> int:
        """Number of columns a row must have."""
        return len(self.header.names)

    def kind_of(self, cells: Sequence[str]) -> Kind:
        """What a row is.

        One of another width than the header can only be blank, a footer of one cell, or data.
        """
        if len(cells) == self.width and not self._may_be_left_out([cells[p] for p in self._probes]):
            return "data"
        filled = [c for c in cells if c.strip()]
        if not filled or filled == [_END_OF_FILE]:
            return "blank"
        if self._repeats_header(cells):
            return "header"
        return "footer" if self._lacks_key(cells, filled) and self._is_footer(filled) else "data"

    def keep_row(self, cells: Sequence[str], row: int) -> bool:
        """Whether a row is data; footers and headers are recorded with their place."""
        kind = self.kind_of(cells)
        if kind == "data":
            return True
        if kind != "blank":
            self.left_out.setdefault(kind, []).append(row)
        return False

    def keep_columns(self, columns: Sequence[pa.Array], rows: np.ndarray) -> np.ndarray | None:
        """Indices of the data rows of whole string columns, or None if all are data.

        ``rows`` are the places of the rows (int64); rows that are no data are recorded.
        """
        dropped = [
            i
            for i in np.flatnonzero(self._doubtful_rows(columns))
            if not self.keep_row([c[i].as_py() for c in columns], int(rows[i]))
        ]
        return np.delete(np.arange(len(rows)), dropped) if dropped else None

    def _doubtful_rows(self, columns: Sequence[pa.Array]) -> np.ndarray:
        """Marks the rows that may be no data and have to be examined cell by cell."""
        probed = [columns[probe] for probe in self._probes]
        doubtful: np.ndarray = np.logical_and.reduce([_may_be_blank(column) for column in probed])
        if self.footer_words is not None and self.footers:
            for column in probed:
                begins = pc.match_substring_regex(column, self._beginning, ignore_case=True)
                doubtful |= begins.to_numpy(zero_copy_only=False)
        if self._probe_text:
            repeated = pc.equal(probed[0], self._probe_text)
            doubtful |= repeated.to_numpy(zero_copy_only=False)
        return doubtful

    def batch_rows(self, rows: Iterable[SourceRow], cell_chars: int) -> Iterator[Batch]:
        """Batches of the data rows among (place, cells, text).

        Rows without cells (they could not be split) are kept by their text as ragged, rows of
        another width or with a cell of more than ``cell_chars`` characters by their cells.
        """
        full: list[Row] = []
        ragged: list[RaggedRow] = []
        for place, cells, text in rows:
            if cells is None:
                ragged.append(RaggedRow(place, (text,)))
            elif not self.keep_row(cells, place):
                continue
            elif len(cells) != self.width or max(map(len, cells)) > cell_chars:
                ragged.append(RaggedRow(place, tuple(cells)))
            else:
                full.append((place, cells))
            if len(full) + len(ragged) >= BATCH_ROWS:
                yield self._join_rows(full, ragged)
                full, ragged = [], []
        if full or ragged:
            yield self._join_rows(full, ragged)

    def _join_rows(self, full: Sequence[Row], ragged: Sequence[RaggedRow]) -> Batch:
        places = np.array([place for place, _ in full], dtype=np.int64)
        return self.make_batch(_text_columns([c for _, c in full], self.width), places, ragged)

    def make_batch(
        self, columns: Sequence[pa.Array], rows: np.ndarray, ragged: Sequence[RaggedRow]
    ) -> Batch:
        """A batch under this table's column names."""
        cells = pa.RecordBatch.from_arrays(list(columns), names=list(self.header.names))
        return Batch(cells, pa.array(rows, pa.int64()), tuple(ragged))

    def of_block(self) -> DataRows:
        """The same decisions without records, for a block whose parsing may be discarded."""
        return DataRows(self.header, self.footers, self.footer_words)

    def absorb_block(self, block: DataRows, offset: int) -> None:
        """Takes over what a block recorded; its places count from ``offset``."""
        for kind, places in block.left_out.items():
            self.left_out.setdefault(kind, []).extend(place + offset for place in places)

    def notices(self) -> list[Notice]:
        """What was left out so far: one notice per reason, with the first place."""
        return [
            Notice(rule, f"{_name_rows(places)} {text}.", row=min(places))
            for kind, (rule, text) in _LEFT_OUT.items()
            if (places := self.left_out.get(kind))
        ]

    def _may_be_left_out(self, probes: Sequence[str]) -> bool:
        is_header_like = bool(probes[0]) and probes[0] == self._probe_text
        may_end = self.footer_words is not None and any(self._begins_footer(p) for p in probes)
        return is_header_like or may_end or not any(p.strip() for p in probes)

    def _repeats_header(self, cells: Sequence[str]) -> bool:
        return (
            self.header.row > 0
            and len(cells) == self.width
            and tuple(map(normalize_name, cells)) == self._forms
        )

    def _lacks_key(self, cells: Sequence[str], filled: Sequence[str]) -> bool:
        if len(cells) != self.width or self.footer_words is not None:
            return len(filled) == 1 and bool(self.header.key)
        return bool(self.header.key) and not any(cells[p].strip() for p in self.header.key)

    def _is_footer(self, filled: Sequence[str]) -> bool:
        begun = self._begins_footer(filled[0])
        if begun is None or self.footer_words is None:
            return begun is not None
        words = _NO_LETTERS.split(unicodedata.normalize("NFC", begun.string[begun.end() :]))
        return all(word in self.footer_words for word in words if word)

    def _begins_footer(self, cell: str) -> re.Match[str] | None:
        return self._footer.match(cell.strip().casefold())


def rows_table(
    file: DeliveredFile,
    name: str,
    title: str,
    header: Header,
    rows: Iterable[SourceRow],
    notices: list[Notice],
    *,
    at_end: Callable[[], Iterable[Notice]] = tuple,
    sheet: str | None = None,
    written: Mapping[str, str | None] | None = None,
) -> TextTable:
    """The table of rows that are all data; ``at_end`` gives what is to be said once all are read."""

    def read_batches() -> Iterator[Batch]:
        yield from DataRows(header, ()).batch_rows(rows, file.limits.cell_chars)
        notices.extend(at_end())

    return header.make_table(
        file=file.shown,
        name=name,
        title=title,
        batches=read_batches(),
        notices=notices,
        sheet=sheet,
        written=written,
    )


def _footer_pattern(footers: Iterable[str]) -> re.Pattern[str]:
    """Matches a casefolded cell that begins with one of the words; nothing if there are none."""
    words = _join_words(footers)
    return re.compile(rf"(?:{words})\b" if words else r"(?!)")


def _join_words(words: Iterable[str]) -> str:
    """A pattern of the casefolded words, the longer of two with one beginning first."""
    return "|".join(re.escape(w.casefold()) for w in sorted(words, key=len, reverse=True))


def cell_offsets(column: pa.Array) -> np.ndarray:
    """Byte offsets of the cells of a string column in its text, one more than there are cells."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


def _may_be_blank(column: pa.Array) -> np.ndarray:
    """Which cells are empty or begin with whitespace.

    Cheaper than trimming; no blank cell is missed.
    """
    offsets = cell_offsets(column)
    text = np.frombuffer(column.buffers()[2] or b"", dtype=np.uint8)
    if not len(text):
        return np.ones(len(column), dtype=bool)
    first = text[np.minimum(offsets[:-1], len(text) - 1)]
    blank: np.ndarray = (np.diff(offsets) == 0) | _BLANK_BYTE[first]
    return blank


def _text_columns(rows: Sequence[Sequence[str]], width: int) -> list[pa.Array]:
    columns: Iterable[Sequence[str]] = zip(*rows, strict=True) if rows else [()] * width
    return [pa.array(column, pa.string()) for column in columns]


def _name_rows(places: Sequence[int]) -> str:
    places = sorted(places)
    if len(places) == 1:
        return f"Zeile {places[0]} wurde"
    return f"{len(places)} Zeilen ({list_places(places)}) wurden"


def list_places(places: Sequence[int]) -> str:
    """The first ten places for a message, with an ellipsis if there are more."""
    return ", ".join(map(str, places[:10])) + (" …" if len(places) > 10 else "")
