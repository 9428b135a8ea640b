"""Seals the values that a form shows, so that a later correction is told without keeping them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from mappings.recipient_fields import RecipientFields
from warehouse.gates.consent import select_known
from warehouse.gates.question import Gate
from warehouse.ledger.entries import Record

# Group, entity, field.
Field = tuple[str, str, str]
Values = Mapping[Field, Sequence[Any]]


def read_values(
    connection: Connection, gate: Gate, terms: RecipientFields, records: Collection[Record]
) -> dict[Record, dict[Field, list[Any]]]:
    """The values of each field of these records, one for each row, in a fixed order.

    They are sealed or compared with what is sealed; what may be told of them, the gate says.
    """
    found: dict[Record, dict[Field, list[Any]]] = defaultdict(dict)
    for group, entity, names in list_entities(terms):
        rows: dict[Record, list[Sequence[Any]]] = defaultdict(list)
        asked = select_known(gate, entity, names, terms.goal_areas)
        for source, source_key, *values in connection.execute(asked):
            if (source, source_key) in records:
                rows[source, source_key].append(values)
        for record, own in rows.items():
            named = zip(names, _sort_columns(own), strict=True)
            found[record] |= {(group, entity, name): list(column) for name, column in named}
    return found


def _sort_columns(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """The columns of rows in a fixed order."""
    return zip(*sorted(rows, key=_write_values), strict=True)


def list_entities(terms: RecipientFields) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Data group, entity and fields that a recipient may receive."""
    for group, entities in terms.groups.items():
        for entity, names in entities.items():
            yield group, entity, names


def list_fields(terms: RecipientFields, groups: Collection[str]) -> list[Field]:
    """The fields of these data groups, in the order of the form."""
    return [
        (group, entity, name)
        for group, entity, names in list_entities(terms)
        if group in groups
        for name in names
    ]


def seal_values(key: bytes, values: Sequence[Any]) -> str | None:
    """The keyed hash of a field's values; None where none of them says anything."""
    if all(value in (None, "", [], ()) for value in values):
        return None
    return hmac.new(key, _write_values(values).encode(), hashlib.sha256).hexdigest()


def name_field(field: Field) -> str:
    """A field as the ledger names it."""
    return ".".join(field)


def _write_values(values: Sequence[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False, default=str)
