"""Appends entries to the ledger and reads its checkpoints.

An entry is a leaf of an RFC 9162 tree. The leaf holds a keyed hash of the content; content and salt
lie beside the tree and can be erased, after which nobody can tell from the leaf what was in it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, false, func, insert, or_, select, text

from warehouse.errors import DamagedLedger
from warehouse.ledger.checkpoint import Checkpoint
from warehouse.ledger.clock import read_clock
from warehouse.ledger.merkle_tree import compute_root, hash_leaf, hash_node, join_peaks, list_peaks
from warehouse.schema import ledger_content, ledger_leaf, ledger_node

# Roots of subtrees are kept from this level on, so that no checkpoint reads more than 2^8 leaves.
KEPT_LEVEL = 8
ERASURE = "erasure"
SIGNATURE = "signature"
# Signs the positions that are erased with the key of the data folder.
Sign = Callable[[Sequence[int]], str]
_CHUNK = 1 << KEPT_LEVEL
_LOCK = "SELECT pg_advisory_xact_lock(1281451335, hashtext(own_district()))"
_BULK = 100

Record = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """What is to be entered; ``subject``: the person record (source, key) that it is about."""

    kind: str
    content: Mapping[str, Any]
    subject: Record | None = None


def append_entry(
    connection: Connection, kind: str, subject: Record | None, content: Mapping[str, Any]
) -> int:
    """Appends one entry in the caller's transaction and returns its position."""
    return append_entries(connection, [Entry(kind, content, subject)])


def append_entries(connection: Connection, entries: Sequence[Entry]) -> int:
    """Appends entries in the caller's transaction; the position of the first.

    Others who append wait until the transaction ends, so positions never fork.
    """
    first, moment = lock_ledger(connection), read_clock()
    leaves, contents = [], []
    for position, entry in enumerate(entries, first):
        written, salt = write_content(entry.content), secrets.token_bytes(32)
        source, source_key = entry.subject or (None, None)
        mac = compute_mac(salt, written)
        leaves.append({"position": position, "kind": entry.kind, "made_at": moment, "mac": mac})
        kept = {"position": position, "salt": salt.hex(), "content": written}
        contents.append({**kept, "source": source, "source_key": source_key})
    insert_many(connection, ledger_leaf, leaves)
    insert_many(connection, ledger_content, contents)
    _keep_subtrees(connection, first, first + len(leaves))
    return first


def lock_ledger(connection: Connection) -> int:
    """Keeps others from appending until the transaction ends; how many entries there are."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_LOCK))
    return count_entries(connection)


def count_entries(connection: Connection) -> int:
    """How many entries the ledger has."""
    newest = connection.execute(select(func.max(ledger_leaf.c.position))).scalar_one()
    return 0 if newest is None else int(newest) + 1


def read_checkpoint(connection: Connection, size: int | None = None) -> Checkpoint:
    """The checkpoint now, or as it was when the ledger had ``size`` entries.

    Raises DamagedLedger where leaves are missing.
    """
    size = count_entries(connection) if size is None else size
    kept = [peak for peak in list_peaks(size) if peak[0] >= KEPT_LEVEL]
    roots = _read_subtrees(connection, kept)
    rest = read_leaves(connection, size & ~(_CHUNK - 1), size)
    peaks = [compute_root(rest[a:b]) for a, b in _cut_rest(size & (_CHUNK - 1))]
    return Checkpoint(size, join_peaks([*roots, *peaks]))


def write_content(content: Mapping[str, Any]) -> str:
    """The content as the one JSON text that it is entered as."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_write_value
    )


def _write_value(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} is not entered into the ledger")


def compute_mac(salt: bytes, written: str) -> str:
    """The keyed hash of a content, in hexadecimal digits."""
    return hmac.new(salt, written.encode(), hashlib.sha256).hexdigest()


def hash_entry(kind: str, made_at: datetime, mac: str) -> bytes:
    """The hash of a leaf, which covers what stays after an erasure."""
    return hash_leaf(write_content({"kind": kind, "made_at": made_at, "mac": mac}).encode())


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns; many of them at once."""
    if len(rows) > _BULK and connection.dialect.name == "duckdb":
        from warehouse.database.bulk_insert import insert_rows

        insert_rows(connection, table, rows)
    elif rows:
        connection.execute(insert(table), [dict(row) for row in rows])


def read_leaves(connection: Connection, begin: int, end: int) -> list[bytes]:
    """The hashes of the leaves from ``begin`` to before ``end``; raises DamagedLedger."""
    c = ledger_leaf.c
    rows = select(c.kind, c.made_at, c.mac).where(c.position >= begin, c.position < end)
    found = [hash_entry(*row) for row in connection.execute(rows.order_by(c.position))]
    if len(found) != end - begin:
        raise DamagedLedger
    return found


def _read_subtrees(connection: Connection, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
    """The kept roots of the subtrees of these levels and numbers; raises DamagedLedger."""
    c = ledger_node.c
    named = or_(false(), *(and_(c.level == level, c.number == number) for level, number in wanted))
    rows = connection.execute(select(c.level, c.number, c.hash).where(named)) if wanted else ()
    found = {(level, number): bytes.fromhex(root) for level, number, root in rows}
    if found.keys() != set(wanted):
        raise DamagedLedger
    return [found[place] for place in wanted]


def _cut_rest(count: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees within the last leaves, as begin and end."""
    return ((n << level, n + 1 << level) for level, n in list_peaks(count))


def _keep_subtrees(connection: Connection, first: int, size: int) -> None:
    """Keeps the roots of the subtrees that became complete with the leaves from ``first`` on."""
    begun = first >> KEPT_LEVEL
    if begun == size >> KEPT_LEVEL:
        return
    leaves = read_leaves(connection, begun << KEPT_LEVEL, size & ~(_CHUNK - 1))
    level_below = {
        begun + n: compute_root(leaves[n * _CHUNK : (n + 1) * _CHUNK])
        for n in range(len(leaves) // _CHUNK)
    }
    insert_many(connection, ledger_node, _list_nodes(KEPT_LEVEL, level_below))
    level = KEPT_LEVEL
    while level_below := _complete_level(connection, level, level_below):
        level += 1
        insert_many(connection, ledger_node, _list_nodes(level, level_below))


def _complete_level(
    connection: Connection, level: int, below: Mapping[int, bytes]
) -> dict[int, bytes]:
    """The subtrees of the next level that the new ones of ``level`` complete."""
    right = [number for number in below if number & 1]
    missing = [(level, number - 1) for number in right if number - 1 not in below]
    left = dict(zip((n for _, n in missing), _read_subtrees(connection, missing), strict=True))
    known = {**below, **left}
    return {n >> 1: hash_node(known[n - 1], below[n]) for n in right}


def _list_nodes(level: int, roots: Mapping[int, bytes]) -> list[dict[str, Any]]:
    return [{"level": level, "number": n, "hash": root.hex()} for n, root in roots.items()]
