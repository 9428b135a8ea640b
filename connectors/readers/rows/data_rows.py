"""Separates data rows from blank rows, footers, titles and headers, and batches them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy

import numpy as np
import pyarrow as pa

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.header import Header, Row
from connectors.readers.rows.row_kinds import Kind, RowKinds
from connectors.readers.rows.second_block import Block, check_above
from connectors.tables.text_table import Batch, Notice, RaggedRow, TextTable

BATCH_ROWS = 65_536

# Place, cells (None: the row could not be split), and the text of a row that has no cells.
SourceRow = tuple[int, Sequence[str] | None, str]

# Rule and sentence of the notice for each kind of row that is told.
_TOLD = {
    "footer": ("footer", "{} als Summen- oder Fußzeile erkannt und nicht als Datenzeile gelesen."),
    "header": (
        "repeated_header",
        "{} als wiederholte Kopfzeile erkannt und nicht als Datenzeile gelesen.",
    ),
    "title": ("title_row", "{} als Überschrift erkannt und nicht als Datenzeile gelesen."),
    "block": (
        "second_block",
        "{} als Kopfzeile eines weiteren Blocks erkannt; dessen Zeilen wurden nach ihr gelesen.",
    ),
    "doubtful": (
        "footer_like",
        "{} mitgelesen, obwohl der Schlüssel ein Wort wie in einer Summen-, Fuß- oder Kopfzeile "
        "ist. Bitte prüfen, ob es ein Datensatz ist.",
    ),
    "part_header": (
        "repeated_header",
        "{} als Kopfzeile erkannt, die einen Teil der Spalten nennt, sie nummeriert oder "
        "beschreibt, und nicht als Datenzeile gelesen.",
    ),
}


# What whole columns cannot tell from each other.
_ONE_BY_ONE = {"block", "above"}
_KEPT = {"data", "doubtful", "wordy"}


class OtherBlock(Exception):
    """Among whole columns begins a block of its own, by its header or what stands above it.

    Only ``batch_rows`` reads what follows.
    """


class DataRows:
    """Decides which rows of one table are data and records the places of the others.

    Rows below a second header are put into the order of the first.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        self.kinds = RowKinds(header)
        self.told: dict[str, list[int]] = {}
        self.kept = 0
        self._block: Block | None = None

    @property
    def width(self) -> int:
        """Number of columns a row must have."""
        return len(self.header.names)

    @property
    def is_rearranged(self) -> bool:
        """Whether a header with another order of columns was met."""
        return self._block is not None

    @property
    def left_out(self) -> list[int]:
        """The places of the rows that are no data."""
        return [place for kind, at in self.told.items() if kind not in _KEPT for place in at]

    def keep_row(self, cells: Sequence[str], row: int) -> bool:
        """Whether a row is data; what is to be told is recorded with its place.

        Raises OtherBlock.
        """
        return self._record_kind(self.kinds.kind_of(cells), row)

    def _record_kind(self, kind: Kind, row: int) -> bool:
        if kind in _ONE_BY_ONE:
            raise OtherBlock
        if kind not in ("data", "blank"):
            self.told.setdefault(kind, []).append(row)
        self.kept += kind in _KEPT
        return kind in _KEPT

    def keep_columns(self, columns: Sequence[pa.Array], rows: np.ndarray) -> np.ndarray | None:
        """Indices of the data rows of whole string columns, or None if all are data.

        ``rows`` are the places of the rows (int64); rows that are no data are recorded. Raises
        OtherBlock before anything is recorded.
        """
        doubtful = np.flatnonzero(self.kinds.find_doubtful(columns)).tolist()
        kinds = [self.kinds.kind_of([c[i].as_py() for c in columns]) for i in doubtful]
        if not _ONE_BY_ONE.isdisjoint(kinds):
            raise OtherBlock
        examined = zip(doubtful, kinds, strict=True)
        dropped = [i for i, kind in examined if not self._record_kind(kind, int(rows[i]))]
        self.kept += len(rows) - len(doubtful)
        return np.delete(np.arange(len(rows)), dropped) if dropped else None

    def batch_rows(self, rows: Iterable[SourceRow], cell_chars: int) -> Iterator[Batch]:
        """Batches of the data rows among (place, cells, text).

        Rows without cells (they could not be split) are kept by their text as ragged, rows of
        another width or with a cell of more than ``cell_chars`` characters by their cells.
        """
        full: list[Row] = []
        ragged: list[RaggedRow] = []
        for place, cells, text in rows:
            arranged = None if cells is None else self._arrange_row(cells, place)
            if cells is None:
                ragged.append(RaggedRow(place, (text,)))
            elif arranged is None:
                continue
            elif len(arranged) != self.width or max(map(len, arranged)) > cell_chars:
                ragged.append(RaggedRow(place, tuple(cells)))
            else:
                full.append((place, arranged))
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

    def _arrange_row(self, cells: Sequence[str], row: int) -> Sequence[str] | None:
        """A row of data in the order of the first header, None for one that is no data.

        One that does not fit its own header stays as it is.
        """
        kind = self.kinds.kind_of(cells)
        if self._block is not None and kind not in ("header", "block"):
            cells = self._block.arrange_row(cells)
            kind = self.kinds.kind_of(cells)
        if kind in ("header", "block") and (self._block is not None or kind == "block"):
            repeats = self._block is not None and self._block.has_header(cells)
            self._block = Block.of(self.header, cells, row)
            self.told.setdefault("header" if repeats else "block", []).append(row)
            return None
        if kind == "above":
            check_above(self.header, cells, row)
            kind = "title"
        return cells if self._record_kind(kind, row) else None

    def of_block(self) -> DataRows:
        """The same decisions without records, for a part of a file that may be parsed again."""
        fresh = copy(self)
        fresh.told, fresh.kept = {}, 0
        return fresh

    def absorb_block(self, block: DataRows, offset: int) -> None:
        """Takes over what a block recorded; its places count from ``offset``."""
        self.kept += block.kept
        for kind, places in block.told.items():
            self.told.setdefault(kind, []).extend(place + offset for place in places)

    def notices(self) -> list[Notice]:
        """What was found so far: one notice per kind of row, with the first place."""
        told = self.told
        if (wordy := told.get("wordy")) and 2 * len(wordy) < self.kept:
            told = {**told, "doubtful": [*told.get("doubtful", ()), *wordy]}
        return [
            Notice(rule, text.format(_name_rows(places)), row=min(places))
            for kind, (rule, text) in _TOLD.items()
            if (places := told.get(kind))
        ]


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
    """The table of these rows; ``at_end`` gives what is to be said once all are read."""

    def read_batches() -> Iterator[Batch]:
        data = DataRows(header)
        yield from data.batch_rows(rows, file.limits.cell_chars)
        notices.extend([*data.notices(), *at_end()])

    return header.make_table(
        file=file.shown,
        name=name,
        title=title,
        batches=read_batches(),
        notices=notices,
        sheet=sheet,
        written=written,
    )


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
