"""The ledger's tree, notices, and what forms and submissions print of the tree.

What was transmitted and submitted before is entered now, table after table, each in the order in which its rows were made.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from warehouse.ledger.entries import KEPT_LEVEL, compute_mac, hash_entry, write_content
from warehouse.ledger.merkle_tree import compute_root

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OWN = "(district = (SELECT own_district()))"
NUMBER, LONG, SHORT = sa.Integer(), sa.Text(), sa.String(length=64)
KEY, WHO, WORD = sa.String(length=400), sa.String(length=200), sa.String(length=20)
# table → its key, its other columns, and which of those are never null
TABLES: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "ledger_leaf": (
        {"position": NUMBER},
        {"kind": sa.String(length=40), "made_at": sa.DateTime(), "mac": SHORT},
        {"kind", "made_at", "mac"},
    ),
    "ledger_content": (
        {"position": NUMBER},
        {"salt": SHORT, "content": LONG, "source": SHORT, "source_key": KEY},
        {"salt", "content"},
    ),
    "ledger_node": ({"level": NUMBER, "number": NUMBER}, {"hash": SHORT}, {"hash"}),
    "notice": (
        {"notice_id": SHORT},
        {
            "recipient": SHORT,
            "cause": WORD,
            "reasons": LONG,
            "source": SHORT,
            "source_key": KEY,
            "forms": LONG,
            "found_on": sa.Date(),
            "due_on": sa.Date(),
            "tree_size": NUMBER,
        },
        {"recipient", "cause", "reasons", "forms", "found_on", "due_on", "tree_size"},
    ),
    "notice_event": (
        {"notice_id": SHORT, "number": NUMBER},
        {
            "state": WORD,
            "happened_on": sa.Date(),
            "event_at": sa.DateTime(),
            "made_by": WHO,
            "note": LONG,
            "sha256": SHORT,
        },
        {"state", "happened_on", "event_at", "made_by"},
    ),
}
ADDED: dict[str, dict[str, Any]] = {
    "transmission": {"form_number": SHORT, "tree_size": NUMBER, "letter_size": NUMBER},
    "transmission_event": {"happened_on": sa.Date(), "receipt_sha256": SHORT},
    "submission": {"tree_size": NUMBER},
}
# What people write, and who: no statistics, as of all such columns since revision 0006.
WORDS = (
    ("ledger_content", "content"),
    ("ledger_content", "source_key"),
    ("notice", "source_key"),
    ("notice_event", "made_by"),
    ("notice_event", "note"),
)
# table → the columns that its rows are entered by, in order
EARLIER = {
    "transmission": ("made_at", "transmission_id"),
    "transmission_event": ("event_at", "recipient", "sent_on", "load_number"),
    "submission": ("prepared_at", "submission_id"),
    "submission_event": ("event_at", "submission_id", "number"),
}


def upgrade() -> None:
    """To this revision."""
    on_server = op.get_bind().dialect.name == "postgresql"
    for table, (key, others, required) in TABLES.items():
        op.create_table(
            table,
            *(sa.Column(n, t, autoincrement=False, nullable=False) for n, t in key.items()),
            *(sa.Column(n, t, nullable=n not in required) for n, t in others.items()),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
        )
        if on_server:
            _keep_apart(table, ", ".join(key))
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    if on_server:
        for table, column in WORDS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
        _enter_on_server()
    else:
        _enter_all(on_server=False)


def _enter_on_server() -> None:
    """Enters the rows of all districts: without row security, as the owner would see but one."""
    tables = (*EARLIER, "ledger_leaf", "ledger_content", "ledger_node")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    _enter_all(on_server=True)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _enter_all(*, on_server: bool) -> None:
    entries: dict[str | None, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    _number_forms(on_server=on_server)
    for table, order in EARLIER.items():
        asked = sa.select(_reflect(table)).order_by(*(sa.column(name) for name in order))
        for found in op.get_bind().execute(asked).mappings():
            row = dict(found)
            entries[row.pop("district", None)].append((table, row))
    for district, rows in entries.items():
        same = {} if district is None else {"district": district}
        _write_tree(rows, same)


def _reflect(table: str) -> sa.Table:
    return sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())


def _number_forms(*, on_server: bool) -> None:
    """Gives each transmission the number on its form, as it was made of its recipient, day and record."""
    table = _reflect("transmission")
    c = table.c
    for row in op.get_bind().execute(sa.select(table)).mappings().all():
        text = "\x1f".join(
            [row["recipient"], row["sent_on"].isoformat(), row["source"], row["source_key"]]
        )
        number = hashlib.sha256(text.encode()).hexdigest()[:16]
        same = [c.transmission_id == row["transmission_id"]]
        if on_server:
            same.append(c.district == row["district"])
        op.get_bind().execute(sa.update(table).where(*same).values(form_number=number))


def _write_tree(rows: list[tuple[str, dict[str, Any]]], same: dict[str, str]) -> None:
    """Writes leaves, contents and the roots that are kept."""
    moment = datetime.now(UTC).replace(tzinfo=None)
    leaves, contents, hashes = [], [], []
    for position, (table, row) in enumerate(rows):
        written = write_content({"row": {n: v for n, v in row.items() if v is not None}})
        salt = secrets.token_bytes(32)
        mac = compute_mac(salt, written)
        hashes.append(hash_entry(table, moment, mac))
        leaves.append({"position": position, "kind": table, "made_at": moment, "mac": mac, **same})
        record = {"source": row.get("source"), "source_key": row.get("source_key")}
        kept = {"position": position, "salt": salt.hex(), "content": written}
        contents.append({**kept, **record, **same})
    op.bulk_insert(_reflect("ledger_leaf"), leaves)
    op.bulk_insert(_reflect("ledger_content"), contents)
    op.bulk_insert(_reflect("ledger_node"), [{**node, **same} for node in _list_nodes(hashes)])


def _list_nodes(hashes: list[bytes]) -> list[dict[str, Any]]:
    """The roots of all complete subtrees from the level on that is kept."""
    return [
        {
            "level": level,
            "number": number,
            "hash": compute_root(hashes[number << level : (number + 1) << level]).hex(),
        }
        for level in range(KEPT_LEVEL, len(hashes).bit_length())
        for number in range(len(hashes) >> level)
    ]


def _keep_apart(table: str, key: str) -> None:
    """Adds the district and its policy, as revision 0002 did for the tables before."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN district text NOT NULL DEFAULT own_district()")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_district_only ON {table} USING {OWN} WITH CHECK {OWN}")
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, "
        f"ADD CONSTRAINT pk_{table} PRIMARY KEY (district, {key})"
    )
