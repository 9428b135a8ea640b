"""The marks on records, beside the warehouse: an older backup does not know the newest.

Records are named by keyed hashes only. A line is written before the warehouse knows the mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from warehouse.files.json_lines import add_line, read_json_lines
from warehouse.identity.record import Key
from warehouse.rights.hashed_records import find_hashed
from warehouse.rights.record_marks import Mark, MarkEvent
from warehouse.rights.rights_key import open_rights_key
from warehouse.schema import record_mark

MARKS = "marks.jsonl"


@dataclass(frozen=True)
class MarkLine:
    """An event of a mark: the hash of its record; ``made_at`` in UTC."""

    record: str
    kind: str
    event: str
    made_at: str


def keep_marks(
    folder: Path, kind: Mark, event: MarkEvent, records: Iterable[Key], made_at: datetime
) -> None:
    """Adds a line for each record that is about to be marked so."""
    key = open_rights_key(folder)
    for record in sorted(records):
        line = MarkLine(key.hash_record(record), kind, event, made_at.isoformat())
        add_line(folder / MARKS, asdict(line))


def list_pending_marks(connection: Connection, folder: Path) -> list[tuple[Key, MarkLine]]:
    """The events that the warehouse does not know, of records that it has, in order."""
    lines = [MarkLine(**content) for content in read_json_lines(folder / MARKS)]
    if not lines:
        return []
    c, key = record_mark.c, open_rights_key(folder)
    rows = connection.execute(select(c.source, c.source_key, c.kind, c.event, c.made_at))
    known = {
        MarkLine(key.hash_record((row.source, row.source_key)), *row[2:4], row[4].isoformat())
        for row in rows
    }
    missing = [line for line in lines if line not in known]
    records = find_hashed(connection, folder) if missing else {}
    return [(records[line.record], line) for line in missing if line.record in records]
