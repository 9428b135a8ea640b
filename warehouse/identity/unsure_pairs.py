"""Tells whether pairs are what they were: what nobody could decide is not asked again until then."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from warehouse.identity.decisions import Pair
from warehouse.identity.record import Key
from warehouse.identity.rows_of_keys import read_rows
from warehouse.identity.verdicts import Verdicts
from warehouse.schema import person


@dataclass(frozen=True)
class _Version:
    """A version of a record: the loads that knew it, and the hash of what it says."""

    since: int
    until: int | None
    row_hash: int

    def was_known(self, number: int) -> bool:
        return self.since <= number and (self.until is None or self.until > number)


def find_unchanged(connection: Connection, verdicts: Verdicts) -> set[Pair]:
    """The unsure pairs of which neither record has changed since nobody could decide."""
    keys = {key for pair in verdicts.unsure for key in pair}
    versions = _read_versions(connection, keys)
    return {
        pair
        for pair in verdicts.unsure
        if all(_is_unchanged(versions[key], verdicts.by_pair[pair].known_load) for key in pair)
    }


def read_versions(connection: Connection, pair: Pair) -> str:
    """Names what two records say now; two records that say the same have the same name."""
    versions = _read_versions(connection, pair)
    hashes = [[v.row_hash for v in versions[key] if v.until is None] for key in pair]
    return hashlib.sha256(repr((pair, hashes)).encode()).hexdigest()


def _read_versions(connection: Connection, keys: Collection[Key]) -> dict[Key, list[_Version]]:
    c = person.c
    versions: dict[Key, list[_Version]] = defaultdict(list)
    rows = select(c.source, c.source_key, c.known_from, c.known_to, c.row_hash)
    for source, key, *version in read_rows(connection, rows, person, keys):
        versions[source, key].append(_Version(*version))
    return versions


def _is_unchanged(versions: Sequence[_Version], number: int) -> bool:
    """Whether the version of today is that of a load, also where it was gone in between."""
    then = [version.row_hash for version in versions if version.was_known(number)]
    now = [version.row_hash for version in versions if version.until is None]
    return then == now != []
