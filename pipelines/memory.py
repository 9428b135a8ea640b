"""Which tables of a delivery can lean on the last one, and what is remembered of this one when it is loaded. Reading stands elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from connectors.readers.open_file import wants_file
from connectors.text_table import TextTable, Wanted
from mappings.code_lists import CodeList
from mappings.engine.row_marks import hashed_by
from mappings.source import SourceMapping
from pipelines.row_watch import Doubt, RowWatch
from warehouse.balance import RowCount
from warehouse.findings import Found
from warehouse.landing import Manifest
from warehouse.load import Loaded
from warehouse.remembered.cache import LastLoad, Remembered, Table
from warehouse.remembered.marks import Marks
from warehouse.schema import ENTITIES, load


@dataclass
class _Read:
    watch: RowWatch
    count: RowCount
    shape: str
    rows: list[int]


class Memory:
    """Leans on the last load of the source where nothing speaks against it, table by table.

    A table has to be the only one that feeds its records, out of one file, with the key of its rows: then what became of a row
    hangs on the rows with the same key alone. A table that only names records feeds none, and is never remembered.
    """

    def __init__(self, mapping: SourceMapping, manifest: Manifest, wanted: Sequence[Wanted]) -> None:
        self.mapping = mapping
        self.manifest = manifest
        self._wanted = wanted
        self._alone = {w.name for w in wanted if self._is_alone(w)}
        self._read: dict[str, _Read] = {}
        self._carried: dict[str, Table] = {}
        self.last: LastLoad | None = None
        self._remembered: Remembered | None = None

    def lean_on(self, connection: Connection, remembered: Remembered, municipalities: CodeList, *, trust: bool) -> None:
        """Looks up what is remembered, for a delivery that says everything; not ``trust``: only to remember this one."""
        if self.manifest.scope != "full":
            return
        # A year of two digits is read by the year of the delivery, and a municipality by the district's list.
        meant = [self.mapping.digest, dict(municipalities.spellings), self.manifest.delivered_on.year, hashed_by()]
        self._meaning = hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()
        self._remembered = remembered
        last = remembered.last(connection, self._meaning) if trust else None
        self.last = last if last and last.delivery_id != self.manifest.delivery_id else None

    def same(self, file: str) -> dict[str, Table]:
        """The tables of a file that came with these bytes before, if nothing in it can have another meaning today."""
        wanted = [w.name for w in self._wanted if wants_file(w, file)]
        sha256 = next(f.sha256 for f in self.manifest.files if f.name == file)
        tables = {n: self.last.tables[n] for n in wanted if self.last and n in self.last.tables}
        whole = all(n in tables and n in self._alone for n in wanted)
        return tables if whole and all(t.steady and (t.file, t.sha256) == (file, sha256) for t in tables.values()) else {}

    def carry(self, tables: Mapping[str, Table]) -> None:
        """Remembers these tables as they were."""
        self._carried |= tables

    def watches(self, item: TextTable) -> bool:
        """Whether the rows of this table can be watched."""
        if item.name in self._read:
            # A second table of this name in the file: neither is alone.
            if self.last is not None:
                raise Doubt
            self._alone.discard(item.name)
            del self._read[item.name]
        return item.name in self._alone

    def known(self, item: TextTable) -> tuple[Table, Marks] | None:
        """What is remembered of a table, if it still has the same shape."""
        table = self.last.tables.get(item.name) if self.last else None
        if table is None or table.shape != _shape(item):
            return None
        marks = self._remembered.marks(table) if self._remembered else None
        return None if marks is None else (table, marks)

    def read(self, item: TextTable, watch: RowWatch, count: RowCount, found: list[int]) -> None:
        """Says that a table was read through; ``found`` are the rows with findings."""
        self._read[item.name] = _Read(watch, count, _shape(item), found)

    def dated(self, table: str) -> set[str]:
        """The columns of a table whose meaning hangs on the day of the delivery."""
        feeds = self.mapping.file.tables[table].feeds.values()
        return {f.column for part in feeds for f in part.fields.values() if f.past and f.column}

    def remember(self, connection: Connection, loaded: Loaded, found: Found, contradicted: Mapping[str, list[str]]) -> None:
        """Writes down what was loaded, once it is; a full disk only means that next time the way is longer."""
        if self._remembered is None:
            return
        loaded_at = connection.execute(select(load.c.loaded_at).where(load.c.number == loaded.number)).scalar_one()
        last = LastLoad(self._meaning, loaded.number, self.manifest.delivery_id, loaded_at.isoformat())
        with suppress(OSError):
            for name, table in self._carried.items():
                last.tables[name] = replace(table, known=self._rows(name, loaded))
            for name, read in self._read.items():
                last.tables[name] = self._table(self._remembered, name, read, loaded, found, contradicted)
            self._remembered.write(last)

    def _table(
        self, remembered: Remembered, name: str, read: _Read, loaded: Loaded, found: Found, contradicted: Mapping[str, list[str]]
    ) -> Table:
        import pyarrow as pa

        marks, count = read.watch.marks(read.rows), read.count
        odd = [key for entity in self.mapping.file.tables[name].feeds for key in contradicted.get(entity, ())]
        if odd:
            marks = marks.watching(read.watch.marker.hash_texts(pa.array(odd, pa.string())))
        sha256 = next(f.sha256 for f in self.manifest.files if f.name == count.file)
        return Table(
            file=count.file,
            sha256=sha256,
            title=count.table,
            shape=read.shape,
            # Rows that contradict each other are counted for the whole delivery; they are looked at every time.
            steady=not self.dated(name) and not odd,
            read=count.read,
            used=count.used,
            rejected=count.rejected,
            repeated=count.repeated,
            found=found.of_file(count.file),
            known=self._rows(name, loaded),
            parts=remembered.keep(marks),
        )

    def _rows(self, name: str, loaded: Loaded) -> dict[str, int]:
        return {entity: loaded.known[entity] for entity in self.mapping.file.tables[name].feeds}

    def _is_alone(self, want: Wanted) -> bool:
        tables = self.mapping.file.tables
        mine = _kinds(tables[want.name].feeds)
        others = [_kinds(part.feeds) for name, part in tables.items() if name != want.name]
        own_keys = any(part.key for part in tables[want.name].feeds.values())
        files = sum(wants_file(want, f.name) for f in self.manifest.files)
        if want.dialect.description is not None:
            # What another file says of the fields may change while these bytes do not.
            return False
        # A consent whose rows contradict each other lets nothing out: that is seen only where all its rows are read.
        return bool(mine) and files == 1 and not own_keys and "consent" not in mine and not any(mine & other for other in others)


def _kinds(feeds: Mapping[str, object]) -> set[str]:
    return {*feeds, *(ENTITIES[name].record for name in feeds)}


def _shape(item: TextTable) -> str:
    # How the file is written counts, too: read with another delimiter, the same line says something else.
    shape = (item.header, item.raw, sorted(item.preamble.items()), sorted(item.written.items()))
    return hashlib.sha256(repr(shape).encode()).hexdigest()
