"""The files beside the landing in which the last full load of each source is remembered. Any doubt about them: as if there were none."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, and_, select

from warehouse.encryption.key import Key
from warehouse.encryption.sealed_file import Damaged, seal, unseal
from warehouse.remembered.file_order import FileOrder
from warehouse.remembered.marks import Marks
from warehouse.schema import delivery, load

_FORMAT = 4
_Columns = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """One table as it was loaded.

    ``shape`` names what stood around its rows; ``steady``: what its cells mean does not hang on the day of the delivery.
    ``found`` counts the findings of its file by severity, ``known`` the rows of each entity known after the load. ``parts`` are the
    SHA-256 of the files that hold what its marks are made of.
    """

    file: str
    sha256: str
    title: str
    shape: str
    steady: bool
    read: int
    used: int
    rejected: int
    repeated: int
    found: dict[str, int]
    known: dict[str, int]
    parts: dict[str, str]


@dataclass(frozen=True)
class LastLoad:
    """A whole full delivery as it was loaded. ``meaning`` names the mapping and all else that says what cells mean."""

    meaning: str
    number: int
    delivery_id: str
    loaded_at: str
    tables: dict[str, Table] = field(default_factory=dict)


class Remembered:
    """What is remembered of one source; ``folder`` lies beside the landed bytes and is sealed with their key where there is one."""

    def __init__(self, folder: Path, source: str, key: Key | None = None) -> None:
        self.folder = folder / "cache" / hashlib.sha256(source.encode()).hexdigest()[:16]
        self.source = source
        self.key = key
        self._there: dict[str, _Columns] = {}

    def last(self, connection: Connection, meaning: str) -> LastLoad | None:
        """The last load, if it is also the last the warehouse knows of this source, and cells still mean the same."""
        last = self._last()
        if last is None:
            return None
        newest = select(load.c.number, load.c.delivery_id, load.c.loaded_at, delivery.c.state).where(load.c.source == self.source)
        # Read once more and then held, a delivery has other findings than when it was loaded.
        newest = newest.outerjoin(delivery, and_(delivery.c.delivery_id == load.c.delivery_id, delivery.c.load_number == load.c.number))
        row = connection.execute(newest.order_by(load.c.number.desc()).limit(1)).first()
        # The instant tells this warehouse from another one whose loads have the same numbers.
        there = None if row is None else (row.number, row.delivery_id, row.loaded_at.isoformat(), row.state, meaning)
        return last if there == (last.number, last.delivery_id, last.loaded_at, "loaded", last.meaning) else None

    def _last(self) -> LastLoad | None:
        try:
            said = json.loads((self.folder / "last.json").read_bytes())
            # The other files are known by their names, this one by what it says of itself: half a truth would change answers.
            if said["format"] != _FORMAT or said["sha256"] != hashlib.sha256(said["load"].encode()).hexdigest():
                return None
            content = json.loads(said["load"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return LastLoad(**{**content, "tables": {name: Table(**t) for name, t in content["tables"].items()}})

    def marks(self, table: Table) -> Marks | None:
        """The marks of a table; None where a file is not what it was."""
        parts = {part: self._read(name) for part, name in table.parts.items()}
        try:
            keys, rows, places, watched = (parts[n] or {} for n in ("keys", "rows", "places", "watched"))
            return Marks(keys["key"], keys["hash"], watched["watched"], FileOrder(rows["hash"], places["key"]))
        except KeyError:
            return None

    def keep(self, marks: Marks) -> dict[str, str]:
        """Writes what the marks of a table are made of and returns the names to find it under."""
        return {
            "keys": self._keep({"key": marks.keys, "hash": marks.hashes}),
            "rows": self._keep({"hash": marks.order.rows}),
            "places": self._keep({"key": marks.order.keys}),
            "watched": self._keep({"watched": marks.watched}),
        }

    def _read(self, name: str) -> _Columns | None:
        try:
            content = self._content(self.folder / name, name)
            if hashlib.sha256(content).hexdigest() != name:
                return None
            rows = pa.ipc.open_file(content).read_all()
        except (OSError, Damaged, pa.ArrowException):
            return None
        arrays = {n: rows.column(n).combine_chunks() for n in rows.column_names}
        self._there[name] = {n: a if a.type == pa.string() else a.to_numpy(zero_copy_only=False) for n, a in arrays.items()}
        return self._there[name]

    def _content(self, path: Path, name: str) -> pa.Buffer:
        if not self.key:
            # Read and not mapped: where the disk fails, an error can be borne, a page that does not come cannot.
            return pa.py_buffer(path.read_bytes())
        content = io.BytesIO()
        unseal(path, content, self.key, name)
        return pa.py_buffer(content.getbuffer())

    def _keep(self, columns: _Columns) -> str:
        for name, there in self._there.items():
            if there.keys() == columns.keys() and all(there[n] is columns[n] for n in columns):
                # It comes back as it was read.
                return name
        content, table = io.BytesIO(), pa.table(columns)
        with pa.ipc.new_file(content, table.schema) as writer:
            writer.write_table(table, max_chunksize=max(1, table.num_rows))
        name = hashlib.sha256(content.getbuffer()).hexdigest()
        content.seek(0)
        self._write(name, content)
        return name

    def write(self, last: LastLoad) -> None:
        """Remembers this load instead of the one before."""
        text = json.dumps(asdict(last), ensure_ascii=False)
        content = {"format": _FORMAT, "sha256": hashlib.sha256(text.encode()).hexdigest(), "load": text}
        self._write("last.json", io.BytesIO(json.dumps(content, ensure_ascii=False).encode()), sealed=False)
        wanted = {"last.json", *(name for t in last.tables.values() for name in t.parts.values())}
        for old in [p for p in self.folder.iterdir() if p.name not in wanted]:
            old.unlink(missing_ok=True)

    def forget(self) -> None:
        """Throws away what is remembered."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, content: io.BytesIO, *, sealed: bool = True) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".writing-", delete=False) as file:
            try:
                if self.key and sealed:
                    seal(content, file, self.key)
                else:
                    shutil.copyfileobj(content, file)
            except BaseException:
                with suppress(OSError):
                    os.unlink(file.name)
                raise
        os.replace(file.name, self.folder / name)
