"""Shows what the readers find in files without a mapping, and writes clean CSV of each table."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from operator import itemgetter
from pathlib import Path
from typing import Any

from connectors.readers.profiling.profile_file import profile_file
from connectors.readers.rows.header import normalize_name
from connectors.readers.rows.table_names import fits_name, suggest_pattern
from connectors.tables.text_table import (
    Batch,
    CannotRead,
    Notice,
    RaggedRow,
    TextTable,
    UnreadableTable,
)
from mappings.engine.foreign_letters import DOUBTFUL, find_doubtful
from mappings.engine.spoiled_text import (
    MISREAD,
    ROUNDED,
    STAND_IN,
    find_misread,
    find_rounded,
    find_stand_ins,
)
from mappings.findings.rules import RULES
from warehouse.files.atomic_file import open_atomic
from warehouse.schema.states import Severity

_FINDERS = (
    (MISREAD, find_misread),
    (ROUNDED, find_rounded),
    (STAND_IN, find_stand_ins),
    (DOUBTFUL, find_doubtful),
)
_NEGATIVE = re.compile(r"-[0-9]+([.,][0-9]+)*")
_BEGIN = r"(?:^|(?<=[;|\t\r\n]))"
# Wide forms of the signs are formulas to spreadsheets of some languages.
_FORMULA = re.compile(_BEGIN + r"(?=[ \u00a0]*['=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")
_MARK = re.compile(_BEGIN + "'")

# The CSV files written so far, so that no two tables are written to the same.
Taken = set[Path]


@dataclass(frozen=True)
class SeenProblem:
    """Why a file or table could not be read to its end, and where; ``message`` is German."""

    rule: str
    message: str
    row: int | None
    column: str | None


@dataclass(frozen=True)
class SeenNotice(SeenProblem):
    """What a reader noticed, and where; ``message`` is German."""

    severity: Severity


@dataclass(frozen=True)
class SeenRow:
    """The cells of a row, with its number as shown in the file."""

    row: int
    cells: Sequence[str]


@dataclass(frozen=True)
class SeenTable:
    """A table as the readers see it.

    ``rows`` are the first of ``count``; ``above`` are the rows over the header, ``ragged`` those of
    another width; ``written`` is the clean CSV.
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
class AlikeSheets:
    """Sheets with the same header, and what a mapping writes under ``table`` to read them as one."""

    sheets: Sequence[str]
    table: Sequence[str]


@dataclass(frozen=True)
class SeenFile:
    """The tables of a file; ``error`` where it could not be read to its end."""

    file: Path
    tables: Sequence[SeenTable]
    error: SeenProblem | None
    alike: Sequence[AlikeSheets] = ()


def describe_files(
    paths: Iterable[Path], dialect: dict[str, Any], out: Path | None, most: int | None = None
) -> Iterator[SeenFile]:
    """All tables of each file: header, rows with their places, ragged rows, notices; all as text.

    At most ``most`` rows of a table are returned (None: all). No two tables are written to the same
    CSV.
    """
    taken: Taken = set()
    for path in paths:
        yield _describe_file(path, dialect, out, most, taken)


def _describe_file(
    path: Path, dialect: dict[str, Any], out: Path | None, most: int | None, taken: Taken
) -> SeenFile:
    tables: list[SeenTable] = []
    problem = None
    try:
        for table in profile_file(path, **dialect):
            tables.append(_describe_table(table, path, out, most, taken))
    except CannotRead as error:
        problem = _describe_problem(error)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = RULES["unreadable_file"].write_sentence(reason=reason)
        problem = _describe_problem(CannotRead("unreadable_file", message))
    return SeenFile(path, tables, problem, _find_alike(tables))


def _find_alike(tables: Sequence[SeenTable]) -> list[AlikeSheets]:
    """The sheets that one table of a mapping may read together."""
    by_header: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for table in tables:
        if table.sheet and table.header:
            by_header[tuple(map(normalize_name, table.header))].append(table.sheet)
    others = [table.sheet for table in tables if table.sheet]
    return [
        AlikeSheets(sheets, _name_together(sheets, set(others) - set(sheets)))
        for sheets in by_header.values()
        if len(sheets) > 1
    ]


def _name_together(sheets: Sequence[str], others: Collection[str]) -> list[str]:
    """A pattern that fits these sheets and none of the others, else their names."""
    pattern = suggest_pattern(sheets)
    is_own = pattern is not None and not any(fits_name(other, pattern) for other in others)
    return [pattern] if pattern and is_own else list(sheets)


def _describe_table(
    table: TextTable | UnreadableTable, path: Path, out: Path | None, most: int | None, taken: Taken
) -> SeenTable:
    if isinstance(table, UnreadableTable):
        return SeenTable(table.name, table.sheet, error=_describe_problem(table.error))
    seen, error = _RowCollector(most), None
    with _open_writer(table, path, out, taken) as (write, written):
        try:
            for batch in table.batches:
                write(seen.add_batch(batch))
        except CannotRead as broken:
            error = _describe_problem(broken)
    return SeenTable(
        table=table.title or table.name,
        sheet=table.sheet,
        dialect=table.written,
        header=table.header,
        preamble=table.preamble,
        above=table.above,
        count=seen.count,
        rows=seen.rows,
        ragged=seen.ragged,
        notices=[
            _describe_notice(notice)
            for notice in (*table.notices, *_ragged_notice(seen.ragged), *seen.spoiled_notices())
        ],
        error=error,
        written=written,
    )


class _RowCollector:
    """Counts the rows of a table and keeps the first ``most`` of them (None: all)."""

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.count = 0
        self.rows: list[SeenRow] = []
        self.ragged: list[RaggedRow] = []
        # Per rule and column: in how many rows, and the first.
        self.spoiled: dict[tuple[str, str], tuple[int, int]] = {}

    def add_batch(self, batch: Batch) -> Iterable[Sequence[str]]:
        """Returns the cells of all its rows in the order of the file."""
        self.count += len(batch.row) + len(batch.ragged)
        self.ragged += batch.ragged
        self._count_spoiled(batch)
        columns = [column.to_pylist() for column in batch.cells.columns]
        left = None if self.most is None else max(0, self.most - len(self.rows))
        for at, number in enumerate(batch.row.to_pylist()[:left]):
            self.rows.append(SeenRow(number, [column[at] for column in columns]))
        return _in_order(batch, columns)

    def _count_spoiled(self, batch: Batch) -> None:
        for name, column in zip(batch.cells.schema.names, batch.cells.columns, strict=True):
            for rule, find in _FINDERS:
                found = find(column)
                if found is not None:
                    here = batch.row[int(found.argmax())].as_py()
                    count, first = self.spoiled.get((rule, name), (0, here))
                    self.spoiled[rule, name] = count + int(found.sum()), first

    def spoiled_notices(self) -> Iterator[Notice]:
        """A notice for each column with values that the mapping would set aside or doubt."""
        for (rule, column), (count, first) in self.spoiled.items():
            used = "trotzdem" if rule == DOUBTFUL else "nicht"
            message = (
                f"{RULES[rule].title} in der Spalte „{column}“: {count} Zellen, zuerst in Zeile "
                f"{first}. Beim Laden werden sie {used} übernommen."
            )
            yield Notice(rule, message, first, column)


def _in_order(batch: Batch, columns: Sequence[Sequence[str]]) -> Iterable[Sequence[str]]:
    """The rows of a batch as in the file, those of another width between the others."""
    rows = zip(*columns, strict=True)
    if not batch.ragged:
        return rows
    width = len(columns)
    placed = [(number, cells) for number, cells in zip(batch.row.to_pylist(), rows, strict=True)]
    placed += [(r.row, r.cells + ("",) * (width - len(r.cells))) for r in batch.ragged]
    return [cells for _, cells in sorted(placed, key=itemgetter(0))]


def _ragged_notice(ragged: Sequence[RaggedRow]) -> list[Notice]:
    if not ragged:
        return []
    first = ragged[0].row
    message = (
        f"{len(ragged)} Zeilen haben mehr oder weniger Felder als die Kopfzeile, "
        f"zuerst Zeile {first}; sie wurden so belassen."
    )
    return [Notice("ragged_row", message, row=first)]


@contextmanager
def _open_writer(table: TextTable, path: Path, out: Path | None, taken: Taken) -> Iterator[Any]:
    """The function that writes rows, and the path it writes to; without ``out`` neither."""
    if out is None:
        yield (lambda rows: None), None
        return
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = _free_path(out, path, table, taken)
    taken.add(target)
    with open_atomic(target, sync=False) as file:
        text = TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="")
        writer = csv.writer(text)
        writer.writerow(map(mark_formula, table.raw if any(table.raw) else table.header))
        try:
            yield lambda rows: writer.writerows(map(mark_formula, row) for row in rows), target
        finally:
            text.detach()


def mark_formula(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula.

    So marked is what begins with ``= + - @`` or a control character, at the beginning of the cell or
    after a sign at which another program may split it (semicolon, tab, bar, line break), and what
    begins with an apostrophe; negative numbers are not. ``unmark_formula`` takes the marks away.
    """
    return cell if _NEGATIVE.fullmatch(cell) else _FORMULA.sub("'", cell)


def unmark_formula(cell: str) -> str:
    """The cell as it was before ``mark_formula``."""
    return _MARK.sub("", cell)


def _free_path(out: Path, path: Path, table: TextTable, taken: Taken) -> Path:
    """A path no other table has: the file's name, with the table's where a file holds several."""
    several = table.sheet or (table.title and table.title != path.stem)
    title = f"{path.stem}-{table.title or table.name}" if several else path.stem
    stem = re.sub(r"[^\w.-]+", "_", title)[:150]
    target, number = out / f"{stem}.csv", 1
    while target in taken or (target.exists() and target.samefile(path)):
        number += 1
        target = out / f"{stem}-{number}.csv"
    return target


def _describe_problem(error: CannotRead) -> SeenProblem:
    return SeenProblem(error.rule, error.message, error.row, error.column)


def _describe_notice(notice: Notice) -> SeenNotice:
    severity = RULES[notice.rule].severity
    return SeenNotice(notice.rule, notice.message, notice.row, notice.column, severity)
