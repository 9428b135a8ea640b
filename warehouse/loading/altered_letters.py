"""Counts known texts in which a delivery changes nothing but the letters beyond ASCII.

One name may be corrected so; many at once are an export in another encoding: all ü became Ã¼ or ?.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    and_,
    case,
    func,
    or_,
    select,
)

from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.history import HistoryUpdate, find_changed
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES, KEY_LENGTH

# Of the languages most names come from. The signs of a text that was misread are not among them, so
# that a delivery may correct it.
LETTERS = "äöüßÄÖÜáàâçéèêëíîïñóôúûæøåğışŞİĞÇÉćčđśšźżžłńęąřěůýĆČĐŠŽŁ"
# A backslash would escape the sign after it.
_LOOSE = LETTERS + "\\"
_PATTERN = "%" * len(LETTERS) + "_"
_SPOILED = ("text_misread", "text_unreadable")
_FEW = 5


@dataclass(frozen=True)
class AlteredTexts:
    """How many known texts of one column have such letters, and in how many only these change."""

    record: str
    column: str
    known: int
    altered: int


def count_altered(
    connection: Connection, update: HistoryUpdate, entity: str, incoming: Table, *, emptied: bool
) -> list[AlteredTexts]:
    """The columns of an entity in which more than a few texts change so.

    ``emptied``: a text that is missing now counts, too.
    """
    columns = _text_columns(entity, incoming)
    if not columns:
        return []
    known = ENTITIES[entity].table
    changed = find_changed(connection, update, entity, incoming)
    altered = [func.count(case((_is_altered(known.c[c.name], c, emptied), 1))) for c in columns]
    counts = connection.execute(changed.with_only_columns(*altered)).one()
    found = [(c, count) for c, count in zip(columns, counts, strict=True) if count >= _FEW]
    record = ENTITIES[entity].record
    return [
        AlteredTexts(record, c.name, _count_texts(connection, update, known.c[c.name]), count)
        for c, count in found
    ]


def were_many_spoiled(found: DeliveryFindings) -> bool:
    """Whether more than a few values of a delivery were set aside because they were misread."""
    rules = pa.array(_SPOILED)
    counts = (pc.sum(pc.is_in(t.column("rule"), rules)).as_py() or 0 for t in found.tables)
    return sum(counts) >= _FEW


def _text_columns(entity: str, incoming: Table) -> list[Column[Any]]:
    """The columns of free text that the delivery has."""
    columns: Sequence[Column[Any]] = list(ENTITIES[entity].table.columns)
    return [
        incoming.c[column.name]
        for column in columns
        if isinstance(column.type, String)
        and column.type.length != KEY_LENGTH
        and column.name not in HISTORY_NAMES
        and not column.info["codes"]
        and column.name in incoming.c
    ]


def _has_letters(text: ColumnElement[str]) -> ColumnElement[bool]:
    return func.translate(text, LETTERS, "") != text


def _is_altered(
    known: ColumnElement[str], new: ColumnElement[str], emptied: bool
) -> ColumnElement[bool]:
    """Whether a text differs at most where the known one has such letters."""
    alike = and_(new != known, new.like(func.translate(known, _LOOSE, _PATTERN)))
    return and_(_has_letters(known), or_(alike, new.is_(None)) if emptied else alike)


def _count_texts(connection: Connection, update: HistoryUpdate, column: Column[Any]) -> int:
    c = column.table.c
    texts = select(func.count()).where(c.source == update.source, c.known_to.is_(None))
    return int(connection.execute(texts.where(_has_letters(column))).scalar_one())
