"""Walks the files of one delivery: each wanted table is read, mapped and staged; what stops a table stops that table only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.beside import describes
from connectors.readers.open_file import open_tables, wants_file
from connectors.text_table import CannotRead, Dialect, Notice, TextTable, UnreadableTable, Wanted
from mappings.compile import Compiler
from mappings.engine.ahead import map_ahead
from mappings.engine.clean import clean_line
from mappings.engine.found import Mapped
from mappings.engine.plan import TablePlan
from mappings.engine.repeats import Seen
from mappings.engine.table import TableMapper
from mappings.findings.rules import RULES
from mappings.source import SourceMapping, columns
from mappings.source_file import TablePart
from pipelines.opening import Opening
from warehouse.balance import RowCount
from warehouse.findings import Found
from warehouse.load import Loader
from warehouse.schema import ENTITIES

USUAL = Opening()


@dataclass(frozen=True)
class Stopped:
    """A table (or a whole file, without ``table``) that could not be read, with the German sentence why and what to do."""

    file: str
    table: str | None
    rule: str
    message: str


class DeliveredTables:
    """Carries the tables of one delivery from their files into the loader, and collects what was found on the way."""

    def __init__(self, mapping: SourceMapping, compiler: Compiler, scope: str) -> None:
        self.mapping = mapping
        self.compiler = compiler
        self._scope = scope
        self.found = Found()
        self.stopped: list[Stopped] = []
        self._wanted = [self._want(name, part) for name, part in mapping.file.tables.items()]
        self._read: set[str] = set()
        self._keys: dict[str, Seen] = {}
        self._distrusted: set[str] = set()

    def into(self, loader: Loader, files: Iterable[tuple[str, Path]], opening: Opening = USUAL) -> None:
        """Reads the files, in order of name, into the loader; ``stopped`` then tells what was left standing."""
        for name, path in files:
            wanted = [w for w in self._wanted if wants_file(w, name)]
            if not wanted and any(describes(w.dialect, name) for w in self._wanted):
                continue
            if not wanted:
                self._note(name, None, None, [_notice("unknown_file")])
                continue
            try:
                for item in open_tables(path, name, wanted, opening.limits, password=opening.password, beside=opening.beside):
                    self._take(loader, item)
            except CannotRead as error:
                self._stop(loader, name, error, [w.name for w in wanted if w.name == error.table] or [w.name for w in wanted])
        for want in self._wanted:
            part = self.mapping.file.tables[want.name]
            if want.name not in self._read and not part.optional:
                missing = CannotRead("table_missing", RULES["table_missing"].write_sentence(), table=want.name)
                self._stop(loader, ", ".join(part.files), missing, [want.name])
        if self._distrusted:
            loader.distrust(self._distrusted)

    def disagree(self, contradictions: Mapping[str, int]) -> None:
        """Notes, per entity, that rows of one record contradicted each other."""
        for entity, count in contradictions.items():
            records = ENTITIES[entity].table.info["label"]
            self._note(None, None, None, [_notice("rows_disagree", count=count, records=records)])

    def _take(self, loader: Loader, item: TextTable | UnreadableTable) -> None:
        self._read.add(item.name)
        if isinstance(item, UnreadableTable):
            self._stop(loader, item.file, item.error, [item.name], sheet=item.sheet)
            return
        plan = self.compiler.table(item.name, item.preamble)
        fed = [e.entity for e in plan.entities]
        count = loader.table(item.file, item.title, fed, unique=plan.unique, companions=plan.companions)
        ignored = set(self.mapping.file.tables[item.name].ignore)
        unknown = [_notice("unknown_column", column=c) for c in item.unknown if c not in ignored]
        self._note(item.file, item.title, item.sheet, unknown)
        try:
            for mapped in self._mapped(item, plan, count):
                for entity, rows in mapped.entities.items():
                    loader.add(entity, rows, count)
                if mapped.named is not None:
                    loader.name(plan.ends, plan.keeps, mapped.named, count)
        except CannotRead as error:
            loader.discard(count)
            self._stop(loader, item.file, error, [item.name], sheet=item.sheet)
        finally:
            self._note(item.file, item.title, item.sheet, item.notices)

    def _mapped(self, item: TextTable, plan: TablePlan, count: RowCount) -> Iterator[Mapped]:
        """What was made of the table's batches; counts their rows."""
        keys = self._keys.setdefault(item.name, Seen())
        for mapped, ragged in map_ahead(TableMapper(plan, keys), item.batches):
            # What a full delivery does not hold has ended, named or not.
            idle = {"vollständige Lieferung": mapped.used} if mapped.named is not None and self._scope == "full" else {}
            count.add(mapped.read, 0 if idle else mapped.used, mapped.rejected, mapped.repeated, {**mapped.left_out, **idle})
            if any(e.entity == "consent" for e in plan.entities):
                self._distrust(mapped.findings)
            yield mapped
            self._found(item, mapped.findings, {r.row: r.cells for r in ragged})

    def _distrust(self, findings: pa.Table) -> None:
        """A consent that came twice with different content may be its own revocation: it lets nothing out."""
        doubled = findings.filter(pc.equal(findings.column("rule"), "key_repeated"))
        self._distrusted |= {clean_line(key) for key in doubled.column("value").to_pylist() if key}

    def _stop(self, loader: Loader, file: str, error: CannotRead, tables: Sequence[str], *, sheet: str | None = None) -> None:
        for name in tables:
            part = self.mapping.file.tables[name]
            # What was to keep records and cannot be read keeps them all.
            loader.stopped([*part.feeds, *part.keeps])
            self._read.add(name)
        table = tables[0] if len(tables) == 1 else None
        self.stopped.append(Stopped(file, table, error.rule, error.message))
        self._note(file, table, sheet or error.sheet, [Notice(error.rule, error.message, error.row, error.column)])

    def _found(self, item: TextTable, findings: pa.Table, ragged: dict[int, tuple[str, ...]]) -> None:
        if not findings.num_rows:
            return
        pairs = zip(findings.column("rule").to_pylist(), findings.column("column").to_pylist(), strict=True)
        values = [
            "\x1f".join(ragged[row]) if rule == "ragged_row" and row in ragged else value
            for rule, row, value in zip(*(findings.column(n).to_pylist() for n in ("rule", "row", "value")), strict=True)
        ]
        self.found.add(
            pa.table(
                {
                    **_same(findings.num_rows, file=item.file, table_name=item.title, sheet=item.sheet),
                    "row_number": findings.column("row"),
                    "column_name": findings.column("column"),
                    "rule": findings.column("rule"),
                    "severity": findings.column("severity"),
                    "message": pa.array([RULES[r].write_sentence(column=c) for r, c in pairs], pa.string()),
                    "value": pa.array(values, pa.string()),
                }
            )
        )

    def _note(self, file: str | None, table: str | None, sheet: str | None, notices: Sequence[Notice]) -> None:
        if notices:
            columns_: dict[str, Any] = {
                **_same(len(notices), file=file, table_name=table, sheet=sheet),
                "row_number": pa.array([n.row for n in notices], pa.int64()),
                "column_name": pa.array([n.column for n in notices], pa.string()),
                "rule": pa.array([n.rule for n in notices]),
                "severity": pa.array([RULES[n.rule].severity for n in notices]),
                "message": pa.array([n.message for n in notices]),
                "value": pa.nulls(len(notices), pa.string()),
            }
            self.found.add(pa.table(columns_))

    def _want(self, name: str, part: TablePart) -> Wanted:
        dialect = self.mapping.file.dialect
        mapped = columns(part)
        known = mapped | set(part.ignore)
        return Wanted(
            name,
            tuple(part.files),
            part.table,
            {c: (c, *part.also.get(c, ())) for c in sorted(known)},
            frozenset(mapped - set(part.optional_columns)),
            tuple(part.key),
            Dialect(
                dialect.encoding,
                dialect.delimiter,
                dialect.quote,
                dialect.escape,
                dialect.header_row,
                tuple(dialect.columns),
                tuple(dialect.footers),
                dialect.header_rows,
                tuple(dialect.fixed),
                dialect.description,
            ),
        )


def _notice(rule: str, column: str | None = None, **details: object) -> Notice:
    return Notice(rule, RULES[rule].write_sentence(column=column, **details), column=column)


def _same(count: int, **texts: str | None) -> dict[str, pa.Array]:
    return {name: pa.array([text] * count, pa.string()) for name, text in texts.items()}
