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
    told: bool = False


Reader = Callable[[Path, CorpusFile], Answer]

_ASSUMED = {"delimiter_assumed", "header_assumed"}


def ours_stated(path: Path, file: CorpusFile) -> Answer:
    """Our reader with the whole dialect given."""
    s = file.spelling
    escape = "\\" if s.escape == "\\" else None
    return _ours(path, delimiter=s.delimiter, quote=s.quote, escape=escape, encoding=s.encoding, header_row=_header_line(file))


def ours_alone(path: Path, file: CorpusFile) -> Answer:
    """Our reader with nothing given."""
    return _ours(path)


def _header_line(file: CorpusFile) -> int:
    return file.header_line


def _ours(path: Path, **stated: Any) -> Answer:
    from connectors.readers.look import look
    from connectors.text_table import CannotRead, TextTable

    answer = Answer()
    try:
        for table in look(path, **stated):
            if not isinstance(table, TextTable):
                answer.told = True
                continue
            answer.rows += [list(r.cells) for r in table.above]
            if any(table.raw):
                answer.rows.append(list(table.raw))
            for batch in table.batches:
                answer.rows += map(list, zip(*(c.to_pylist() for c in batch.cells.columns), strict=True))
                answer.rows += [list(r.cells) for r in batch.ragged]
                answer.told |= bool(batch.ragged)
            answer.told |= any(n.rule not in _ASSUMED for n in table.notices)
    except CannotRead:
        answer.told = True
    return answer


def duckdb_stated(path: Path, file: CorpusFile) -> Answer:
    """DuckDB with the whole dialect given, forgiving as far as it goes, with room for longer rows."""
    s = file.spelling
    names = {f"c{n}": "VARCHAR" for n in range(max(len(r) for r in file.rows) + 3)}
    quote = s.quote or ""
    return _duckdb(
        path, auto_detect=False, columns=names, delimiter=s.delimiter, quotechar=quote, escapechar=s.escape if quote else "",
        skiprows=file.preamble, header=False, strict_mode=False, null_padding=True, ignore_errors=True, parallel=False,
    )  # fmt: skip


def duckdb_alone(path: Path, file: CorpusFile) -> Answer:
    """DuckDB with its own detection."""
    return _duckdb(path, header=False, all_varchar=True, strict_mode=False, null_padding=True, ignore_errors=True, parallel=False)


def _duckdb(path: Path, **options: Any) -> Answer:
    import duckdb

    try:
        rows = duckdb.read_csv(str(path), **options).fetchall()
    except duckdb.Error:
        return Answer(told=True)
    return Answer([[("" if c is None else str(c)) for c in row] for row in rows])


def clevercsv_alone(path: Path, file: CorpusFile) -> Answer:
    """CleverCSV's detection, then the standard library."""
    import clevercsv

    text = _decoded(path)
    try:
        dialect = clevercsv.Detector().detect(text)
        if dialect is None:
            return Answer(told=True)
        return Answer(list(csv.reader(io.StringIO(text, newline=""), dialect=dialect.to_csv_dialect())))
    except Exception:
        return Answer(told=True)


def sniffer_alone(path: Path, file: CorpusFile) -> Answer:
    """The standard library's Sniffer."""
    text = _decoded(path)
    try:
        return Answer(list(csv.reader(io.StringIO(text, newline=""), csv.Sniffer().sniff(text[:8192]))))
    except csv.Error:
        return Answer(told=True)


def _decoded(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig").replace("\0", "")


STATED: dict[str, Reader] = {"ours_stated": ours_stated, "duckdb_stated": duckdb_stated}
ALONE: dict[str, Reader] = {
    "ours_alone": ours_alone,
    "duckdb_alone": duckdb_alone,
    "clevercsv_alone": clevercsv_alone,
    "sniffer_alone": sniffer_alone,
}


def shown(value: Any) -> str:
    """A value for the last line of a benchmark."""
    return json.dumps(value, ensure_ascii=False)
