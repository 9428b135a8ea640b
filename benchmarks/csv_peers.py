"""The readers that are compared on mutated CSV files, ours and others', each giving rows of text. Nothing is scored here."""

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
    """What a reader gave: its rows, and whether it told of anything unusual."""

    rows: Rows = field(default_factory=list)
    has_notices: bool = False


Reader = Callable[[Path, CorpusFile], Answer]

_ASSUMED = {"delimiter_assumed", "header_assumed"}


def ours_stated(path: Path, file: CorpusFile) -> Answer:
    """Our reader with the whole dialect given."""
    s = file.spelling
    escape = "\\" if s.escape == "\\" else None
    return _read_ours(
        path,
        delimiter=s.delimiter,
        quote=s.quote,
        escape=escape,
        encoding=s.encoding,
        header_row=_header_line(file),
    )


def ours_alone(path: Path, file: CorpusFile) -> Answer:
    """Our reader with nothing given."""
    return _read_ours(path)


def _header_line(file: CorpusFile) -> int:
    return file.header_line


def _read_ours(path: Path, **stated: Any) -> Answer:
    from connectors.readers.profiling.profile_file import profile_file
    from connectors.tables.text_table import CannotRead, TextTable

    answer = Answer()
    try:
        for table in profile_file(path, **stated):
            if not isinstance(table, TextTable):
                answer.has_notices = True
                continue
            answer.rows += [list(r.cells) for r in table.above]
            if any(table.raw):
                answer.rows.append(list(table.raw))
            for batch in table.batches:
                answer.rows += map(
                    list, zip(*(c.to_pylist() for c in batch.cells.columns), strict=True)
                )
                answer.rows += [list(r.cells) for r in batch.ragged]
                answer.has_notices |= bool(batch.ragged)
            answer.has_notices |= any(n.rule not in _ASSUMED for n in table.notices)
    except CannotRead:
        answer.has_notices = True
    return answer


def duckdb_stated(path: Path, file: CorpusFile) -> Answer:
    """DuckDB with the whole dialect given, forgiving as far as it goes, with room for longer rows."""
    s = file.spelling
    names = {f"c{n}": "VARCHAR" for n in range(max(len(r) for r in file.rows) + 3)}
    quote = s.quote or ""
    return _read_duckdb(
        path, auto_detect=False, columns=names, delimiter=s.delimiter, quotechar=quote, escapechar=s.escape if quote else "",
        skiprows=file.preamble, header=False, strict_mode=False, null_padding=True, ignore_errors=True, parallel=False,
    )  # fmt: skip


def duckdb_alone(path: Path, file: CorpusFile) -> Answer:
    """DuckDB with its own detection."""
    return _read_duckdb(
        path,
        header=False,
        all_varchar=True,
        strict_mode=False,
        null_padding=True,
        ignore_errors=True,
        parallel=False,
    )


def _read_duckdb(path: Path, **options: Any) -> Answer:
    import duckdb

    try:
        rows = duckdb.read_csv(str(path), **options).fetchall()
    except duckdb.Error:
        return Answer(has_notices=True)
    return Answer([[("" if c is None else str(c)) for c in row] for row in rows])


def clevercsv_alone(path: Path, file: CorpusFile) -> Answer:
    """CleverCSV's detection, then the standard library."""
    import clevercsv

    text = _decode_file(path)
    try:
        dialect = clevercsv.Detector().detect(text)
        if dialect is None:
            return Answer(has_notices=True)
        return Answer(
            list(csv.reader(io.StringIO(text, newline=""), dialect=dialect.to_csv_dialect()))
        )
    except Exception:
        return Answer(has_notices=True)


def sniffer_alone(path: Path, file: CorpusFile) -> Answer:
    """The standard library's Sniffer."""
    text = _decode_file(path)
    try:
        return Answer(
            list(csv.reader(io.StringIO(text, newline=""), csv.Sniffer().sniff(text[:8192])))
        )
    except csv.Error:
        return Answer(has_notices=True)


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
