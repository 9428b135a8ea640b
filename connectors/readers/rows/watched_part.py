"""Tells whether a part of a file that nothing reads has what must not be left unread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.rows.guessed_header import header_index
from connectors.readers.rows.header import Row
from connectors.tables.text_table import Dialect, Wanted
from connectors.tables.unread_watch import UnreadWatch

# So many words are a sentence, not a choice in a list of them.
_SENTENCE = 3


def find_watch(wanted: Iterable[Wanted]) -> UnreadWatch | None:
    """What judges the parts that are read for none of the wanted tables."""
    return next((want.watch for want in wanted if want.watch), None)


def is_watched_list(
    wanted: Iterable[Wanted], columns: Iterable[str], rows: Iterable[Sequence[str]]
) -> bool:
    """Whether a list of objects that nothing reads matters by a column or a row."""
    if (watch := find_watch(wanted)) is None:
        return False
    if any(map(watch.names, columns)):
        return True
    hint = re.compile(watch.hint, re.IGNORECASE)
    return any(any(map(hint.search, cells)) and watch.says(cells) for cells in rows)


def has_watched_header(watch: UnreadWatch, rows: Sequence[Row], title: str) -> bool:
    """Whether a column matters, or what stands above the columns; ``rows`` are the first ones."""
    index, _ = header_index(rows, Dialect(), title)
    return any(watch.names(cell) for _, cells in rows[: index + 1] for cell in cells)


def has_watched_cells(
    watch: UnreadWatch, columns: Sequence[pa.Array], *, is_hidden: bool = False
) -> bool:
    """Whether a row of some columns of text matters.

    Hidden sheets hold lists of what can be chosen: there a row matters that says more than a word.
    """
    suspicious = _list_suspicious(watch, columns)
    return any(watch.says(row) and (not is_hidden or _says_more(row)) for row in suspicious)


def _list_suspicious(watch: UnreadWatch, columns: Sequence[pa.Array]) -> Iterator[Sequence[str]]:
    if not columns:
        return
    found = (pc.match_substring_regex(c, watch.hint, ignore_case=True) for c in columns)
    rows = pc.indices_nonzero(reduce(pc.or_, found))
    yield from zip(*(column.take(rows).to_pylist() for column in columns), strict=True)


def _says_more(cells: Sequence[str]) -> bool:
    text = " ".join(cells)
    return any(map(str.isdigit, text)) or any(len(cell.split()) >= _SENTENCE for cell in cells)
