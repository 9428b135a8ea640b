"""Random keys in place of a person's: the same for all rows of a record, and nobody can undo them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from warehouse.rights.person_rows import OwnRecords
from warehouse.schema import Entity

UNIT = "\x1f"
PREFIX = "geloescht-"
# Column → the kind of record whose key it has.
KEY_COLUMNS = {
    "person_key": "case",
    "conversation_key": "conversation",
    "plan_key": "plan",
    "household_key": "household",
    "consent_key": "consent",
}


class Pseudonyms:
    """Gives every record that is the person's alone, and the person, a random key."""

    def __init__(self, own: OwnRecords) -> None:
        self._own = own
        self._given: dict[tuple[str, str, str], str] = {}
        self.person_id = self.name_id()

    def name_id(self) -> str:
        """A random id in place of a person's."""
        return PREFIX + secrets.token_hex(8)

    def name_key(self, kind: str, source: str, key: str) -> str:
        """The key that stands in place of a record's; shared ones keep theirs."""
        if not self._own.is_alone(kind, source, key):
            return key
        place = kind, source, key
        if place not in self._given:
            self._given[place] = PREFIX + secrets.token_hex(8)
        return self._given[place]

    def name_person(self, source: str, key: str) -> str:
        """The key that stands in place of that of a person's record."""
        return self.name_key("case", source, key)

    def name_record(self, name: str) -> str:
        """The same for a record as "source:key"."""
        source, _, key = name.partition(":")
        return f"{source}:{self.name_person(source, key)}"

    def replace_keys(self, entity: Entity, row: Mapping[str, Any]) -> dict[str, Any]:
        """The key columns of an entity's row, with random keys."""
        source, record = row["source"], row["record_key"]
        renamed = self.name_key(entity.record, source, record)
        found = {"record_key": renamed, "source_key": self._rename(entity, row, renamed)}
        for column, kind in KEY_COLUMNS.items():
            if row.get(column) is not None:
                found[column] = self.name_key(kind, source, row[column])
        return found

    def _rename(self, entity: Entity, row: Mapping[str, Any], renamed: str) -> str:
        """The row's own key: that of its record, then what tells its rows apart."""
        key, record, source = row["source_key"], row["record_key"], row["source"]
        if not key.startswith(record):
            return PREFIX + secrets.token_hex(8) if renamed != record else key
        rest = key[len(record) :]
        parts = [self.name_person(source, part) for part in rest.split(UNIT)]
        return renamed + UNIT.join(parts)
