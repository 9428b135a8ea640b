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
    connection: Connection, update: HistoryUpdate, entity: str, incoming: Table, misread: int
) -> list[AlteredTexts]:
    """The columns of an entity in which more than a few texts change so.

    ``misread``: how many values of the delivery were set aside as misread; as many texts that are
    missing now count, too.
    """
    columns = _text_columns(entity, incoming)
    if not columns:
        return []
    known, record = ENTITIES[entity].table, ENTITIES[entity].record
    changed = find_changed(connection, update, entity, incoming)
    altered = [_count_rows(_is_alike(known.c[c.name], c)) for c in columns]
    emptied = [_count_rows(and_(_has_letters(known.c[c.name]), c.is_(None))) for c in columns]
    counts = connection.execute(changed.with_only_columns(*altered, *emptied)).one()
    found = [
        (c.name, alike + min(gone, misread))
        for c, alike, gone in zip(columns, counts, counts[len(columns) :], strict=False)
    ]
    return [
        AlteredTexts(record, name, _count_texts(connection, update, known.c[name]), count)
        for name, count in found
        if count >= _FEW
    ]


def count_misread(found: DeliveryFindings) -> int:
    """How many values of a delivery were set aside because they were misread."""
    rules = pa.array(_SPOILED)
    return sum(pc.sum(pc.is_in(t.column("rule"), rules)).as_py() or 0 for t in found.tables)


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


def _is_alike(known: ColumnElement[str], new: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a text differs only where the known one has such letters."""
    pattern = func.translate(known, _LOOSE, _PATTERN)
    return and_(_has_letters(known), new != known, new.like(pattern))


def _count_rows(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _count_texts(connection: Connection, update: HistoryUpdate, column: Column[Any]) -> int:
    c = column.table.c
    texts = select(func.count()).where(c.source == update.source, c.known_to.is_(None))
    return int(connection.execute(texts.where(_has_letters(column))).scalar_one())
