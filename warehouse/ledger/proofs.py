"""Proves single entries of the ledger in the terms of RFC 9162."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from warehouse.ledger.entries import count_entries, read_leaves
from warehouse.ledger.merkle_tree import compute_root, prove_consistency, prove_inclusion


@dataclass(frozen=True)
class EntryProof:
    """That a leaf is in the tree of ``size``, and that this tree only added to that of ``since``.

    Hashes in hexadecimal digits, paths from the leaf upwards. ``consistency`` is empty without an
    earlier size.
    """

    position: int
    leaf_hash: str
    size: int
    root: str
    inclusion: Sequence[str]
    since: int | None
    consistency: Sequence[str]


def prove_entry(connection: Connection, position: int, since: int | None = None) -> EntryProof:
    """Proves the entry at a position; ValueError where there is none, or never was such a size."""
    size = count_entries(connection)
    _check_places(size, position, since)
    leaves = read_leaves(connection, 0, size)
    return EntryProof(
        position,
        leaves[position].hex(),
        size,
        compute_root(leaves).hex(),
        [node.hex() for node in prove_inclusion(leaves, position)],
        since,
        [node.hex() for node in prove_consistency(leaves, since)] if since else [],
    )


def _check_places(size: int, position: int, since: int | None) -> None:
    if not 0 <= position < size:
        raise ValueError(f"there is no entry {position}; the ledger has {size}, from 0")
    if since is not None and not 0 < since <= size:
        raise ValueError(f"the ledger has {size} entries and proves nothing of {since}")
