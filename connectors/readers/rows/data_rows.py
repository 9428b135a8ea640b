"""Tell rows of data from blank rows, footers and repeated headers, and batch them. Headers are found elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.rows.header import Header, normalize_name
from connectors.tables.text_table import Batch, Notice, RaggedRow

BATCH_ROWS = 65_536

# First bytes, in UTF-8, of all characters that count as a blank in Python.
_BLANK_BYTE = np.zeros(256, dtype=bool)
_BLANK_BYTE[
    list({chr(c).encode("utf-8", "replace")[0] for c in range(0x10000) if chr(c).isspace()})
] = True

# Programs of the time of DOS end a text with it.
_END_OF_FILE = "\x1a"

Kind = Literal["data", "blank", "footer", "header"]


@dataclass
class DataRows:
    """The rule of one table: which of its rows are data; remembers the places of those that are not.

    A row is a footer if its first filled cell begins with a footer word and its key cells are empty; without any known
    key column no row is a footer.
    """

    header: Header
    footers: tuple[str, ...]
    left_out: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = "|".join(re.escape(w.casefold()) for w in self.footers)
        self._footer = re.compile(rf"(?:{words})\b") if words else re.compile(r"(?!)")
        self._probes = self.header.key or (0,)
        self._probe_text = self.header.raw[self._probes[0]] if self.header.row else ""
        self._forms = tuple(normalize_name(text) for text in self.header.raw)

    @property
    def width(self) -> int:
        """Number of columns a row must have."""
        return len(self.header.names)

    def kind_of(self, cells: Sequence[str]) -> Kind:
        """What a row is; a row of another width than the header can still be blank or a lonely footer."""
        if len(cells) == self.width and not self._worth_a_look([cells[p] for p in self._probes]):
            return "data"
        filled = [c for c in cells if c and not c.isspace()]
        if not filled or filled == [_END_OF_FILE]:
            return "blank"
        if len(cells) != self.width:
            return (
                "footer"
                if len(filled) == 1 and self.header.key and self._is_footer(filled[0])
                else "data"
            )
        if self.header.row and tuple(normalize_name(c) for c in cells) == self._forms:
            return "header"
        no_key = self.header.key and not any(cells[p].strip() for p in self.header.key)
        return "footer" if no_key and self._is_footer(filled[0]) else "data"

    def keep_row(self, cells: Sequence[str], row: int) -> bool:
        """Whether a row is data; a row that is not is remembered with its place."""
        kind = self.kind_of(cells)
        if kind == "data":
            return True
        if kind != "blank":
            self.left_out.setdefault(kind, []).append(row)
        return False

    def keep_columns(self, columns: Sequence[pa.Array], rows: np.ndarray) -> np.ndarray | None:
        """The same for whole string columns: the indices of the data rows, or None if all are (rows: places, int64)."""
        doubtful = _may_be_blank(columns[self._probes[0]])
        for probe in self._probes[1:]:
            doubtful &= _may_be_blank(columns[probe])
        if self._probe_text:
            doubtful |= pc.equal(columns[self._probes[0]], self._probe_text).to_numpy(
                zero_copy_only=False
            )
        drop = [
            i
            for i in np.flatnonzero(doubtful)
            if not self.keep_row([c[i].as_py() for c in columns], int(rows[i]))
        ]
        if not drop:
            return None
        kept = np.ones(len(rows), dtype=bool)
        kept[drop] = False
        return np.flatnonzero(kept)

    def batch_rows(
        self, rows: Iterable[tuple[int, Sequence[str] | None, str]], cell_chars: int
    ) -> Iterator[Batch]:
        """Batches from single rows given as (place, cells, text); cells None: not even splittable, kept as its text."""
        cells_kept: list[Sequence[str]] = []
        places: list[int] = []
        ragged: list[RaggedRow] = []
        for place, cells, text in rows:
            if cells is None:
                ragged.append(RaggedRow(place, (text,)))
            elif not self.keep_row(cells, place):
                continue
            elif len(cells) != self.width or max(map(len, cells)) > cell_chars:
                ragged.append(RaggedRow(place, tuple(cells)))
            else:
                cells_kept.append(cells)
                places.append(place)
            if len(places) + len(ragged) >= BATCH_ROWS:
                yield self.make_batch(
                    _text_columns(cells_kept, self.width), np.array(places, dtype=np.int64), ragged
                )
                cells_kept, places, ragged = [], [], []
        if places or ragged:
            yield self.make_batch(
                _text_columns(cells_kept, self.width), np.array(places, dtype=np.int64), ragged
            )

    def make_batch(
        self, columns: Sequence[pa.Array], rows: np.ndarray, ragged: Sequence[RaggedRow]
    ) -> Batch:
        """One batch under this table's column names."""
        cells = pa.RecordBatch.from_arrays(list(columns), names=list(self.header.names))
        return Batch(cells, pa.array(rows, pa.int64()), tuple(ragged))

    def of_block(self) -> DataRows:
        """The same rule with an empty memory, for a block that may be read in vain."""
        return DataRows(self.header, self.footers)

    def absorb_block(self, block: DataRows, offset: int) -> None:
        """Remember what a block remembered, whose places count from ``offset``."""
        for kind, places in block.left_out.items():
            self.left_out.setdefault(kind, []).extend(place + offset for place in places)

    def notices(self) -> list[Notice]:
        """What was left out so far, one notice per reason with the first place."""
        texts = {
            "footer": "als Summen- oder Fußzeile erkannt und nicht als Datenzeile gelesen",
            "header": "als wiederholte Kopfzeile erkannt und nicht als Datenzeile gelesen",
        }
        return [
            Notice(rule, f"{_name_rows(sorted(places))} {texts[kind]}.", row=min(places))
            for kind, rule in (("footer", "footer"), ("header", "repeated_header"))
            if (places := self.left_out.get(kind))
        ]

    def _worth_a_look(self, probes: Sequence[str]) -> bool:
        return (bool(probes[0]) and probes[0] == self._probe_text) or not any(
            p.strip() for p in probes
        )

    def _is_footer(self, text: str) -> bool:
        return self._footer.match(text.strip().casefold()) is not None


def _may_be_blank(column: pa.Array) -> np.ndarray:
    """Which cells are empty or begin like a blank: cheaper than trimming, and never misses one that is blank."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    text = np.frombuffer(column.buffers()[2] or b"", dtype=np.uint8)
    if not len(text):
        return np.ones(len(column), dtype=bool)
    first = text[np.minimum(offsets[:-1], len(text) - 1)]
    blank: np.ndarray = (offsets[1:] == offsets[:-1]) | _BLANK_BYTE[first]
    return blank


def _text_columns(rows: Sequence[Sequence[str]], width: int) -> list[pa.Array]:
    if not rows:
        return [pa.array([], pa.string())] * width
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def _name_rows(places: Sequence[int]) -> str:
    named = ", ".join(map(str, places[:10]))
    if len(places) == 1:
        return f"Zeile {named} wurde"
    return f"{len(places)} Zeilen ({named}{' …' if len(places) > 10 else ''}) wurden"
