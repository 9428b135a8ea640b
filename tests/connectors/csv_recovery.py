"""Reads a file of the corpus with our reader, and counts which of its cells came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable
from tests.connectors.csv_spelling import CorpusFile

_ASSUMED = {"delimiter_assumed", "header_assumed"}


@dataclass
class Answer:
    """The rows our reader returned, and whether it reported anything unusual."""

    rows: list[list[str]] = field(default_factory=list)
    has_notices: bool = False


def ours_stated(path: Path, file: CorpusFile) -> Answer:
    """Our reader with the whole dialect given."""
    s = file.spelling
    return _read_ours(
        path,
        delimiter=s.delimiter,
        quote=s.quote,
        escape="\\" if s.escape == "\\" else None,
        encoding=s.encoding,
        header_row=file.header_line,
    )


def ours_alone(path: Path, file: CorpusFile) -> Answer:
    """Our reader with nothing given."""
    return _read_ours(path)


def _read_ours(path: Path, **stated: Any) -> Answer:
    answer = Answer()
    try:
        for table in profile_file(path, **stated):
            _add_table(answer, table)
    except CannotRead:
        answer.has_notices = True
    return answer


def _add_table(answer: Answer, table: TextTable | UnreadableTable) -> None:
    if not isinstance(table, TextTable):
        answer.has_notices = True
        return
    answer.rows += [list(record.cells) for record in table.above]
    if any(table.raw):
        answer.rows.append(list(table.raw))
    for batch in table.batches:
        columns = (column.to_pylist() for column in batch.cells.columns)
        answer.rows += map(list, zip(*columns, strict=True))
        answer.rows += [list(record.cells) for record in batch.ragged]
        answer.has_notices |= bool(batch.ragged)
    answer.has_notices |= any(notice.rule not in _ASSUMED for notice in table.notices)


def count_recovered(file: CorpusFile, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The number of expected cells found in their place, and of all expected cells.

    A row is found by its first cell.
    """
    found = {row[0].replace("\0", ""): row for row in reversed(rows) if row}
    right = sum(_count_same(found.get(row[0], ()), row) for row in file.expected)
    return right, sum(map(len, file.expected))


def _count_same(row: Sequence[str], expected: Sequence[str]) -> int:
    return sum(map(_same_cell, row, expected))


def is_lost(file: CorpusFile, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a filled cell appears nowhere in what was read, not even joined to others."""
    everything = "\x1f".join(map(_plain_cell, chain(*rows)))
    # An empty cell is part of any text.
    return any(_plain_cell(cell) not in everything for cell in chain(*file.expected))


def _same_cell(read: str, expected: str) -> bool:
    return _plain_cell(read) == _plain_cell(expected)


def _plain_cell(cell: str) -> str:
    return cell.replace("\0", "").replace("\r\n", "\n")
