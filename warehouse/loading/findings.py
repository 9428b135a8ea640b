"""Writes findings to the ledger, their values to the quarantine only, and lists them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Select, and_, delete, select

from warehouse.database import bulk_insert
from warehouse.loading.storable_text import fit_columns
from warehouse.schema import delivery, finding, quarantine
from warehouse.schema.states import Severity

_ROWS_AT_ONCE = 1 << 16


@dataclass
class DeliveryFindings:
    """The findings of one delivery while it is loaded.

    ``tables`` have the columns of the table ``finding`` and ``value``. ``stopped`` names the
    mapping's tables that could not be read.
    """

    tables: list[pa.Table] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)

    def add(self, table: pa.Table) -> None:
        """Adds findings.

        Columns: file, table_name, sheet, row_number, column_name, rule, severity, message, value.
        """
        if table.num_rows:
            self.tables.append(table)

    def count_severity(self, severity: str) -> int:
        """Counts the findings of this severity."""
        return sum(int(np.sum(t.column("severity").to_numpy() == severity)) for t in self.tables)


def write_findings(connection: Connection, delivery_id: str, found: DeliveryFindings) -> None:
    """Replaces the findings of a delivery."""
    for table in (finding, quarantine):
        connection.execute(delete(table).where(table.c.delivery_id == delivery_id))
    first_number = 0
    for rows in _join_tables(found.tables):
        _insert_findings(connection, _number_findings(rows, delivery_id, first_number))
        first_number += rows.num_rows


def _join_tables(tables: Sequence[pa.Table]) -> Iterator[pa.Table]:
    """Joins findings of many small tables: inserting each by itself would take far longer."""
    waiting: list[pa.Table] = []
    count = 0
    for rows in tables:
        waiting.append(rows)
        count += rows.num_rows
        if count >= _ROWS_AT_ONCE:
            yield pa.concat_tables(waiting)
            waiting, count = [], 0
    if waiting:
        yield pa.concat_tables(waiting)


def _number_findings(rows: pa.Table, delivery_id: str, first: int) -> pa.Table:
    ids = pa.repeat(delivery_id, rows.num_rows)
    numbers = pa.array(np.arange(first, first + rows.num_rows))
    return rows.append_column("delivery_id", ids).append_column("number", numbers)


def _insert_findings(connection: Connection, rows: pa.Table) -> None:
    listed = fit_columns(rows.drop_columns("value"), finding)
    bulk_insert.insert_batch(connection, finding, listed)
    with_value = rows.filter(pc.is_valid(rows.column("value")))
    # PostgreSQL cannot store NUL in a text; a workbook may contain it.
    values = pc.replace_substring(with_value.column("value"), "\0", "")
    numbered = with_value.select(["delivery_id", "number"])
    bulk_insert.insert_batch(connection, quarantine, numbered.append_column("value", values))


@dataclass(frozen=True)
class ListedFinding:
    """A finding with its place; ``row`` is the number a person sees in their program."""

    delivery_id: str
    source: str
    delivered_on: date
    file: str | None
    table: str | None
    sheet: str | None
    row: int | None
    column: str | None
    rule: str
    severity: Severity
    message: str


@dataclass(frozen=True)
class FindingWithValue(ListedFinding):
    """A finding with the delivered value, which may name a person and is not in its repr."""

    value: str | None = field(repr=False)


# Named as the fields of ListedFinding.
_LISTED = (
    delivery.c.delivery_id,
    delivery.c.source,
    delivery.c.delivered_on,
    finding.c.file,
    finding.c.table_name.label("table"),
    finding.c.sheet,
    finding.c.row_number.label("row"),
    finding.c.column_name.label("column"),
    finding.c.rule,
    finding.c.severity,
    finding.c.message,
)
_ORDER = (
    delivery.c.delivered_on,
    delivery.c.source,
    finding.c.file,
    finding.c.table_name,
    finding.c.row_number,
    finding.c.number,
)


def list_findings(
    connection: Connection,
    *,
    sources: Sequence[str] = (),
    severity: str | None = None,
    rules: Sequence[str] = (),
    deliveries: Collection[str] | None = None,
    with_values: bool = False,
) -> Sequence[ListedFinding]:
    """Lists findings, oldest delivery first; of all sources, rules, deliveries if none is given.

    ``deliveries`` are identifiers; None: all there ever were.
    """
    statement = _select_with_values() if with_values else _select_without_values()
    if sources:
        statement = statement.where(delivery.c.source.in_(sources))
    if rules:
        statement = statement.where(finding.c.rule.in_(rules))
    if deliveries is not None:
        statement = statement.where(finding.c.delivery_id.in_(sorted(deliveries)))
    if severity:
        statement = statement.where(finding.c.severity == severity)
    kind = FindingWithValue if with_values else ListedFinding
    rows = connection.execute(statement.order_by(*_ORDER)).mappings()
    return [kind(**{**row, "severity": Severity(row["severity"])}) for row in rows]


def _select_without_values() -> Select[Any]:
    same_delivery = delivery.c.delivery_id == finding.c.delivery_id
    return select(*_LISTED).select_from(finding.join(delivery, same_delivery))


def _select_with_values() -> Select[Any]:
    same_finding = and_(
        quarantine.c.delivery_id == finding.c.delivery_id,
        quarantine.c.number == finding.c.number,
    )
    statement = _select_without_values().add_columns(quarantine.c.value)
    return statement.outerjoin(quarantine, same_finding)
