"""What the readers see in files when no mapping is known, told in plain data; and the clean CSV of each table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import (
    Batch,
    CannotRead,
    Notice,
    RaggedRow,
    TextTable,
    UnreadableTable,
)
from mappings.findings.rules import RULES
from warehouse.schema.states import Severity

Taken = set[Path]


@dataclass(frozen=True)
class SeenProblem:
    """Why a file or table could not be read to its end, and where; ``message`` is German."""

    rule: str
    message: str
    row: int | None
    column: str | None


@dataclass(frozen=True)
class SeenNotice:
    """What a reader noticed, and where; ``message`` is German."""

    rule: str
    message: str
    row: int | None
    column: str | None
    severity: Severity


@dataclass(frozen=True)
class SeenRow:
    """The cells of a row, with the number that a person sees."""

    row: int
    cells: Sequence[str]


@dataclass(frozen=True)
class SeenTable:
    """A table as the readers see it.

    ``rows`` are the first of ``count``; ``above`` stood over the header, ``ragged`` has another width;
    ``written`` is the clean CSV.
    """

    table: str
    sheet: str | None
    dialect: Mapping[str, Any] = field(default_factory=dict)
    header: Sequence[str] = ()
    preamble: Mapping[str, str] = field(default_factory=dict)
    above: Sequence[RaggedRow] = ()
    count: int = 0
    rows: Sequence[SeenRow] = ()
    ragged: Sequence[RaggedRow] = ()
    notices: Sequence[SeenNotice] = ()
    error: SeenProblem | None = None
    written: Path | None = None


@dataclass(frozen=True)
class SeenFile:
    """The tables of a file; ``error`` where it could not be read on."""

    file: Path
    tables: Sequence[SeenTable]
    error: SeenProblem | None


def describe_files(
    paths: Iterable[Path],
    dialect: dict[str, Any],
    out: Path | None,
    most: int | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Iterator[SeenFile]:
    """What is seen in each file, one after the other; no two tables are written to the same CSV. ``most`` rows are told (None: all)."""
    taken: Taken = set()
    for path in paths:
        yield describe_file(path, dialect, out, most, limits, taken)


def describe_file(
    path: Path,
    dialect: dict[str, Any],
    out: Path | None,
    most: int | None = None,
    limits: Limits = USUAL_LIMITS,
    taken: Taken | None = None,
) -> SeenFile:
    """All tables of the file: header, count of rows, the rows with their places, ragged rows, notices; nothing is typed."""
    tables: list[SeenTable] = []
    problem = None
    taken = set() if taken is None else taken
    try:
        for item in profile_file(path, limits=limits, **dialect):
            tables.append(
                _describe_unreadable(item)
                if isinstance(item, UnreadableTable)
                else _describe_table(item, path, out, most, taken)
            )
    except CannotRead as error:
        problem = _describe_problem(error)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = RULES["unreadable_file"].write_sentence(reason=reason)
        problem = _describe_problem(CannotRead("unreadable_file", message))
    return SeenFile(path, tables, problem)


def _describe_table(
    table: TextTable, path: Path, out: Path | None, most: int | None, taken: Taken
) -> SeenTable:
    count, error = 0, None
    rows: list[SeenRow] = []
    ragged: list[RaggedRow] = []
    with _open_writer(table, path, out, taken) as (write, written):
        try:
            for batch in table.batches:
                columns = [c.to_pylist() for c in batch.cells.columns]
                count += len(batch.row) + len(batch.ragged)
                ragged += batch.ragged
                wanted = (
                    len(batch.row)
                    if most is None
                    else max(0, min(len(batch.row), most - len(rows)))
                )
                rows += [
                    SeenRow(batch.row[at].as_py(), [c[at] for c in columns]) for at in range(wanted)
                ]
                write(_in_order(batch, columns))
        except CannotRead as broken:
            error = _describe_problem(broken)
    return SeenTable(
        table=table.title or table.name,
        sheet=table.sheet,
        dialect=table.written,
        header=table.header,
        preamble=table.preamble,
        above=table.above,
        count=count,
        rows=rows,
        ragged=ragged,
        notices=[_describe_notice(n) for n in (*table.notices, *_ragged_notice(ragged))],
        error=error,
        written=written,
    )


def _in_order(batch: Batch, columns: Sequence[Sequence[str]]) -> Iterable[Sequence[str]]:
    """The rows of a batch as they stand in the file, those of another width between the others."""
    rows = zip(*columns, strict=True)
    if not batch.ragged:
        return rows
    width = len(columns)
    placed = [(number, cells) for number, cells in zip(batch.row.to_pylist(), rows, strict=True)]
    placed += [(r.row, r.cells + ("",) * (width - len(r.cells))) for r in batch.ragged]
    return [cells for _, cells in sorted(placed, key=lambda item: item[0])]


def _ragged_notice(ragged: Sequence[RaggedRow]) -> list[Notice]:
    if not ragged:
        return []
    message = f"{len(ragged)} Zeilen haben mehr oder weniger Felder als die Kopfzeile, zuerst Zeile {ragged[0].row}; sie wurden so belassen."
    return [Notice("ragged_row", message, row=ragged[0].row)]


@contextmanager
def _open_writer(table: TextTable, path: Path, out: Path | None, taken: Taken) -> Iterator[Any]:
    if out is None:
        yield (lambda rows: None), None
        return
    out.mkdir(parents=True, exist_ok=True)
    target = _free_path(out, path, table, taken)
    with target.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.raw if any(table.raw) else table.header)
        yield writer.writerows, target


def _free_path(out: Path, path: Path, table: TextTable, taken: Taken) -> Path:
    """A name no other table of this call has: the file's own, with the table's where a file holds several."""
    several = table.sheet or (table.title and table.title != path.stem)
    stem = f"{path.stem}-{table.title or table.name}" if several else path.stem
    stem = re.sub(r"[^\w.-]+", "_", stem)[:150]
    target, number = out / f"{stem}.csv", 1
    while target in taken or (target.exists() and target.samefile(path)):
        number += 1
        target = out / f"{stem}-{number}.csv"
    taken.add(target)
    return target


def _describe_unreadable(item: UnreadableTable) -> SeenTable:
    return SeenTable(item.name, item.sheet, error=_describe_problem(item.error))


def _describe_problem(error: CannotRead) -> SeenProblem:
    return SeenProblem(error.rule, error.message, error.row, error.column)


def _describe_notice(notice: Notice) -> SeenNotice:
    severity = RULES[notice.rule].severity
    return SeenNotice(notice.rule, notice.message, notice.row, notice.column, severity)
