"""Findings in the ledger, their values in the quarantine and nowhere else. The sentences are made by whoever found something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Select, delete, select

from warehouse.database import bulk_insert
from warehouse.schema import delivery, finding, quarantine
from warehouse.schema.states import Severity


@dataclass
class DeliveryFindings:
    """All findings of one delivery while it is loaded, in columns named as in the table ``finding``, with ``value`` beside them.

    ``stopped`` names the mapping's tables that could not be read.
    """

    tables: list[pa.Table] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)

    def add(self, table: pa.Table) -> None:
        """More findings; columns file, table_name, sheet, row_number, column_name, rule, severity, message, value."""
        if table.num_rows:
            self.tables.append(table)

    def count_severity(self, severity: str) -> int:
        """How many findings of this severity there are."""
        return sum(int(np.sum(t.column("severity").to_numpy() == severity)) for t in self.tables)


def write_findings(connection: Connection, delivery_id: str, found: DeliveryFindings) -> None:
    """Replaces the findings of a delivery by these."""
    connection.execute(delete(finding).where(finding.c.delivery_id == delivery_id))
    connection.execute(delete(quarantine).where(quarantine.c.delivery_id == delivery_id))
    start = 0
    for table in found.tables:
        numbers = pa.array(np.arange(start, start + table.num_rows))
        ids = pa.array([delivery_id]).take(pa.array(np.zeros(table.num_rows, np.int8)))
        # PostgreSQL keeps no NUL in a text; a workbook can hold one.
        values = pa.table(
            {
                "delivery_id": ids,
                "number": numbers,
                "value": pc.replace_substring(table.column("value"), "\0", ""),
            }
        )
        bulk_insert.insert_batch(
            connection,
            finding,
            table.drop_columns("value")
            .append_column("delivery_id", ids)
            .append_column("number", numbers),
        )
        bulk_insert.insert_batch(
            connection, quarantine, values.filter(pc.is_valid(values.column("value")))
        )
        start += table.num_rows


@dataclass(frozen=True)
class ListedFinding:
    """A finding with its place; ``row`` is the number a person sees in their program."""

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
    """A finding with the value as it was delivered, which may name a person: not in its repr."""

    value: str | None = field(repr=False)


def list_findings(
    connection: Connection,
    *,
    sources: Sequence[str] = (),
    severity: str | None = None,
    with_values: bool = False,
) -> Sequence[ListedFinding]:
    """The findings, oldest delivery first; the value only where asked for."""
    columns = [
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
    ]
    joined = finding.join(delivery, delivery.c.delivery_id == finding.c.delivery_id)
    statement: Select[Any] = select(*columns).select_from(joined)
    if with_values:
        both = (quarantine.c.delivery_id == finding.c.delivery_id) & (
            quarantine.c.number == finding.c.number
        )
        statement = select(*columns, quarantine.c.value).select_from(
            joined.outerjoin(quarantine, both)
        )
    if sources:
        statement = statement.where(delivery.c.source.in_(sources))
    if severity:
        statement = statement.where(finding.c.severity == severity)
    order = (
        delivery.c.delivered_on,
        delivery.c.source,
        finding.c.file,
        finding.c.table_name,
        finding.c.row_number,
        finding.c.number,
    )
    kind = FindingWithValue if with_values else ListedFinding
    rows = connection.execute(statement.order_by(*order)).mappings()
    return [kind(**{**row, "severity": Severity(row["severity"])}) for row in rows]
