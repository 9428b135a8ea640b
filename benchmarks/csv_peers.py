"""Wraps the CSV readers that are compared, ours and others', so that each returns rows of text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.csv_spelling import CorpusFile

Rows = list[list[str]]


@dataclass
class Answer:
    """The rows a reader returned, and whether it reported anything unusual."""

    rows: Rows = field(default_factory=list)
    has_notices: bool = False


Reader = Callable[[Path, CorpusFile], Answer]

_ASSUMED = {"delimiter_assumed", "header_assumed"}
_TOLERANT = {
    "header": False,
    "strict_mode": False,
    "null_padding": True,
    "ignore_errors": True,
    "parallel": False,
}


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
    from connectors.readers.profiling.profile_file import profile_file
    from connectors.tables.text_table import CannotRead

    answer = Answer()
    try:
        for table in profile_file(path, **stated):
            _add_table(answer, table)
    except CannotRead:
        answer.has_notices = True
    return answer


def _add_table(answer: Answer, table: object) -> None:
    from connectors.tables.text_table import TextTable

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


def duckdb_stated(path: Path, file: CorpusFile) -> Answer:
    """DuckDB with the whole dialect given, as tolerant as it can be, with room for longer rows."""
    s = file.spelling
    return _read_duckdb(
        path,
        auto_detect=False,
        columns=_text_columns(max(map(len, file.rows)) + 3),
        delimiter=s.delimiter,
        quotechar=s.quote,
        escapechar=s.escape if s.quote else "",
        skiprows=file.preamble,
    )


def _text_columns(width: int) -> dict[str, str]:
    return {f"c{number}": "VARCHAR" for number in range(width)}


def duckdb_alone(path: Path, file: CorpusFile) -> Answer:
    """DuckDB with its own detection."""
    return _read_duckdb(path, all_varchar=True)


def _read_duckdb(path: Path, **options: Any) -> Answer:
    import duckdb

    try:
        rows = duckdb.read_csv(str(path), **_TOLERANT, **options).fetchall()
    except duckdb.Error:
        return Answer(has_notices=True)
    return Answer([["" if cell is None else str(cell) for cell in row] for row in rows])


def clevercsv_alone(path: Path, file: CorpusFile) -> Answer:
    """CleverCSV's detection, then the standard library."""
    import clevercsv

    text = _decode_file(path)
    try:
        dialect = clevercsv.Detector().detect(text)
        # Without a dialect this raises, too.
        return _read_standard(text, dialect.to_csv_dialect())
    except Exception:
        return Answer(has_notices=True)


def sniffer_alone(path: Path, file: CorpusFile) -> Answer:
    """The standard library's Sniffer."""
    text = _decode_file(path)
    try:
        return _read_standard(text, csv.Sniffer().sniff(text[:8192]))
    except csv.Error:
        return Answer(has_notices=True)


def _read_standard(text: str, dialect: Any) -> Answer:
    return Answer(list(csv.reader(io.StringIO(text, newline=""), dialect=dialect)))


def _decode_file(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig").replace("\0", "")


STATED: dict[str, Reader] = {"ours_stated": ours_stated, "duckdb_stated": duckdb_stated}
ALONE: dict[str, Reader] = {
    "ours_alone": ours_alone,
    "duckdb_alone": duckdb_alone,
    "clevercsv_alone": clevercsv_alone,
    "sniffer_alone": sniffer_alone,
}


def as_json(value: Any) -> str:
    """A value for the last line of a benchmark."""
    return json.dumps(value, ensure_ascii=False)
