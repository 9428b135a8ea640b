"""Recomputes the ledger: every leaf from its content, every root, and every row that was entered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, Table, select

from warehouse.ledger.checkpoint import Checkpoint
from warehouse.ledger.entered_rows import GROUPS, list_entered_tables
from warehouse.ledger.entries import (
    ERASURE,
    KEPT_LEVEL,
    SIGNATURE,
    Sign,
    compute_mac,
    hash_entry,
    write_content,
)
from warehouse.ledger.merkle_tree import GrowingTree, compute_root
from warehouse.schema import (
    consent_statement,
    consent_statement_group,
    ledger_content,
    ledger_leaf,
    ledger_node,
    transmission,
)

Content = Mapping[str, Any]


class Fault(StrEnum):
    """What can be wrong with a ledger."""

    GAP = "gap"
    CONTENT_CHANGED = "content_changed"
    CONTENT_MISSING = "content_missing"
    CONTENT_EXTRA = "content_extra"
    NODE_CHANGED = "node_changed"
    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    ROW_EXTRA = "row_extra"
    TOO_SHORT = "too_short"
    OTHER_ROOT = "other_root"
    ERASURE_UNPROVED = "erasure_unproved"
    FORM_MISSING = "form_missing"
    FORM_CHANGED = "form_changed"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong; ``position`` of the entry, ``table`` of the row that it is about."""

    fault: Fault
    position: int | None = None
    table: str | None = None


@dataclass(frozen=True)
class PrintedForm:
    """A form as its recipient has it: its number and the SHA-256 of its file."""

    number: str
    sha256: str


@dataclass(frozen=True)
class Verification:
    """What the ledger says of itself: its size and root now, erased contents, what is wrong.

    ``against``: the printed checkpoint that it was compared with, ``covered``: how many entries were
    before it. Without one nothing is proved: somebody may have built the whole tree anew.
    """

    size: int
    root: str
    erased: int
    rows: int
    against: str | None
    covered: int
    findings: Sequence[Finding]

    @property
    def is_proved(self) -> bool:
        """Whether everything before the printed checkpoint is as it was when it was printed."""
        return self.covered > 0 and not self.findings


@dataclass(frozen=True)
class _Leaf:
    position: int
    kind: str
    made_at: datetime
    mac: str


def verify_ledger(
    connection: Connection,
    against: Checkpoint | None = None,
    form: PrintedForm | None = None,
    sign: Sign | None = None,
) -> Verification:
    """Recomputes everything and compares it with a printed checkpoint, where there is one.

    ``form``: one that must be in the ledger as it is. Its checkpoint is older than its own entry,
    which may have been cut off. ``sign``: as erasures were signed; without it, whatever is entered
    as an erasure counts as one.
    """
    leaves, contents = _read_leaves(connection), _read_contents(connection)
    hashes = [hash_entry(leaf.kind, leaf.made_at, leaf.mac) for leaf in leaves]
    true = _select_true(leaves, contents)
    erased = _list_erased(leaves, true)
    return Verification(
        len(hashes),
        compute_root(hashes).hex(),
        len(erased),
        sum(leaf.kind in _entered_names() for leaf in leaves if leaf.position in true),
        against.text if against else None,
        against.size if against else 0,
        [
            *_check_positions(leaves),
            *_check_contents(leaves, contents, true, erased),
            *_check_erasures(leaves, true, sign),
            *_check_nodes(connection, hashes),
            *_check_checkpoint(hashes, against),
            *_check_tables(connection, leaves, true),
            *_check_groups(connection, leaves, true),
            *_check_form(connection, form),
        ],
    )


def _read_leaves(connection: Connection) -> list[_Leaf]:
    c = ledger_leaf.c
    rows = select(c.position, c.kind, c.made_at, c.mac).order_by(c.position)
    return [_Leaf(*row) for row in connection.execute(rows)]


def _entered_names() -> set[str]:
    return {table.name for table in list_entered_tables()}


def _read_contents(connection: Connection) -> dict[int, tuple[str, str]]:
    """Salt and content by position."""
    c = ledger_content.c
    rows = connection.execute(select(c.position, c.salt, c.content))
    return {position: (salt, content) for position, salt, content in rows}


def _select_true(
    leaves: Sequence[_Leaf], contents: Mapping[int, tuple[str, str]]
) -> dict[int, Content]:
    """The contents that are what was entered, by position."""
    return {
        leaf.position: json.loads(contents[leaf.position][1])
        for leaf in leaves
        if leaf.position in contents and _is_entered(leaf, *contents[leaf.position])
    }


def _is_entered(leaf: _Leaf, salt: str, content: str) -> bool:
    try:
        return compute_mac(bytes.fromhex(salt), content) == leaf.mac
    except ValueError:
        return False


def _list_erased(leaves: Sequence[_Leaf], true: Mapping[int, Content]) -> set[int]:
    """The positions that entries of erasures name; each names only such before it."""
    return {
        position
        for leaf in leaves
        if leaf.kind == ERASURE
        for position in true.get(leaf.position, {}).get("positions", ())
        if position < leaf.position
    }


def _check_positions(leaves: Sequence[_Leaf]) -> Iterator[Finding]:
    for place, leaf in enumerate(leaves):
        if leaf.position != place:
            yield Finding(Fault.GAP, place)
            return


def _check_contents(
    leaves: Sequence[_Leaf],
    contents: Mapping[int, object],
    true: Mapping[int, Content],
    erased: set[int],
) -> Iterator[Finding]:
    for leaf in leaves:
        if leaf.position not in contents:
            if leaf.position not in erased:
                yield Finding(Fault.CONTENT_MISSING, leaf.position)
        elif leaf.position not in true:
            yield Finding(Fault.CONTENT_CHANGED, leaf.position)
        elif leaf.position in erased:
            yield Finding(Fault.CONTENT_EXTRA, leaf.position)
    for position in sorted(contents.keys() - {leaf.position for leaf in leaves}):
        yield Finding(Fault.CONTENT_EXTRA, position)


def _check_erasures(
    leaves: Sequence[_Leaf], true: Mapping[int, Content], sign: Sign | None
) -> Iterator[Finding]:
    """Finds erasures that were not signed with the key of the data folder."""
    for leaf in leaves:
        if sign is not None and leaf.kind == ERASURE and leaf.position in true:
            content = true[leaf.position]
            signature = sign(content.get("positions", ()))
            if not compare_digest(signature, str(content.get(SIGNATURE))):
                yield Finding(Fault.ERASURE_UNPROVED, leaf.position)


def _check_nodes(connection: Connection, hashes: Sequence[bytes]) -> Iterator[Finding]:
    """Compares the kept roots of subtrees with those of the leaves."""
    c = ledger_node.c
    kept = {(row.level, row.number): row.hash for row in connection.execute(select(ledger_node))}
    true = _compute_nodes(hashes)
    if kept != true:
        wrong = min(place for place in kept.keys() | true.keys() if _differ(kept, true, place))
        yield Finding(Fault.NODE_CHANGED, wrong[1] << wrong[0], c.level.table.name)


def _differ(one: Mapping[Any, str], other: Mapping[Any, str], key: Any) -> bool:
    return one.get(key) != other.get(key)


def _check_checkpoint(hashes: Sequence[bytes], against: Checkpoint | None) -> Iterator[Finding]:
    """Compares the root at the printed size with the printed one."""
    if against is None:
        return
    if against.size > len(hashes):
        yield Finding(Fault.TOO_SHORT, len(hashes))
        return
    tree = GrowingTree()
    for leaf in hashes[: against.size]:
        tree.add_leaf(leaf)
    if tree.compute_root() != against.root:
        yield Finding(Fault.OTHER_ROOT, against.size)


def _check_tables(
    connection: Connection, leaves: Sequence[_Leaf], true: Mapping[int, Content]
) -> Iterator[Finding]:
    """Compares the rows of every table that is entered with their entries."""
    for table in list_entered_tables():
        own = (leaf.position for leaf in leaves if leaf.kind == table.name)
        entered = {position: true[position] for position in own if position in true}
        yield from _check_rows(connection, table, entered)


def _check_groups(
    connection: Connection, leaves: Sequence[_Leaf], true: Mapping[int, Content]
) -> Iterator[Finding]:
    """Compares the data groups of consents by hand with those entered, where these were."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in connection.execute(select(consent_statement_group)):
        found[row.number].append(row.data_group)
    for leaf in leaves:
        content = true.get(leaf.position, {}) if leaf.kind == consent_statement.name else {}
        if GROUPS in content and sorted(found[content["row"]["number"]]) != content[GROUPS]:
            yield Finding(Fault.ROW_CHANGED, leaf.position, consent_statement_group.name)


def _check_form(connection: Connection, form: PrintedForm | None) -> Iterator[Finding]:
    if form is not None:
        c = transmission.c
        rows = connection.execute(select(c.sha256).where(c.form_number == form.number))
        sums = set(rows.scalars())
        if form.sha256 not in sums:
            fault = Fault.FORM_CHANGED if sums else Fault.FORM_MISSING
            yield Finding(fault, None, transmission.name)


def _compute_nodes(hashes: Sequence[bytes]) -> dict[tuple[int, int], str]:
    """The roots of all subtrees that are kept, by level and number."""
    return {
        (level, number): compute_root(hashes[number << level : number + 1 << level]).hex()
        for level in range(KEPT_LEVEL, len(hashes).bit_length())
        for number in range(len(hashes) >> level)
    }


def _check_rows(
    connection: Connection, table: Table, entered: Mapping[int, Content]
) -> Iterator[Finding]:
    """Compares the rows of a table with what was entered of them, by their keys."""
    places: dict[tuple[str, ...], tuple[int, dict[str, Any]]] = {}
    for position, content in entered.items():
        places[_key_of(table, content["row"])] = position, content["row"]
    for found in connection.execute(select(table)).mappings():
        row = _plain_row(found)
        entry = places.pop(_key_of(table, row), None)
        if entry is None:
            yield Finding(Fault.ROW_EXTRA, None, table.name)
        elif entry[1] != row:
            yield Finding(Fault.ROW_CHANGED, entry[0], table.name)
    for position, _ in places.values():
        yield Finding(Fault.ROW_MISSING, position, table.name)


def _plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The values of a row as an entry has them; a column that came later and is empty has none."""
    return {
        name: json.loads(write_content({"": value}))[""] if isinstance(value, date) else value
        for name, value in row.items()
        if value is not None
    }


def _key_of(table: Table, row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(c.name)) for c in table.primary_key)
