"""Collects the findings of a batch in columns; declares the result of mapping a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from mappings.findings.rules import RULES

FINDINGS = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)


class Findings:
    """Collects findings of one batch in columns; ``value`` goes to the quarantine only."""

    def __init__(self) -> None:
        self._batches: list[pa.RecordBatch] = []

    def add(
        self,
        rows: pa.Array | Sequence[int | None],
        column: str | None,
        rule: str,
        values: pa.Array | None = None,
        reason: str | None = None,
    ) -> None:
        """Adds one rule broken in several rows.

        ``rows`` are the numbers a person sees (None: of no row), ``values`` the raw values, if any;
        ``reason`` completes the sentence of the rule.
        """
        count = len(rows)
        if not count:
            return
        if not isinstance(rows, pa.Array):
            rows = pa.array(rows, pa.int64())
        if values is None:
            values = pa.nulls(count, pa.string())
        same = [repeat_text(text, count) for text in (column, rule, RULES[rule].severity)]
        columns = [rows, *same, values, repeat_text(reason, count)]
        self._batches.append(pa.RecordBatch.from_arrays(columns, schema=FINDINGS))

    def as_table(self) -> pa.Table:
        """All findings so far."""
        return pa.Table.from_batches(self._batches, FINDINGS)


def repeat_text(text: str | None, count: int) -> pa.StringArray:
    """A column of ``count`` equal texts."""
    return pa.array([text], pa.string()).take(pa.array(np.zeros(count, np.int8)))


@dataclass(frozen=True)
class RejectedConsent:
    """A row that may be a withdrawal: it was rejected, or says so where nobody looks for one.

    ``person``: the person's key, if it could be read; ``is_filled``: whether a cell of the consent
    is filled. ``said_on``: the day on which the row was written, where it has one; ``said_in``: its
    table. ``record``: the kind and key of the record whose persons are meant, where the row names
    none. ``says_so``: it was read and says that something was withdrawn; ``names_nobody``: it is of
    a conversation in which nobody is named to have taken part. ``words``: the cells that say so.
    The cells may name a person and are not in its repr.
    """

    person: str | None = field(repr=False)
    cells: tuple[str, ...] = field(repr=False)
    is_filled: bool = True
    said_on: date | None = field(default=None, repr=False)
    said_in: str | None = None
    record: tuple[str, str] | None = field(default=None, repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    says_so: bool = False
    names_nobody: bool = False


@dataclass
class MappedBatch:
    """The result of mapping one batch; ``entities``: name → rows.

    The counts add up: read = used + rejected + repeated. ``named_keys``: the keys of the used rows,
    where the table only names records that end or stay; ``doubled``: the keys of rows that were
    rejected because an earlier row has the same key. ``rejected_consents``: the rejected rows of a
    table with consents. ``emptied``: the keys of consents whose row says that there is none any
    more; ``doubted``: those of consents with a data group that is not understood. ``withheld``:
    entity → keys of the records whose rows were rejected; ``torn``: entity → what is read of those
    keys of several parts that are not read whole; ``nameless``: entity → what the rejected rows
    without a key say, to tell their record by. ``in_files``: earlier files that have some of
    the keys.
    """

    entities: dict[str, pa.RecordBatch]
    findings: pa.Table
    read: int
    used: int
    rejected: int
    repeated: int
    left_out: dict[str, int] = field(default_factory=dict)
    named_keys: pa.StringArray | None = None
    doubled: pa.StringArray | None = None
    rejected_consents: Sequence[RejectedConsent] = ()
    emptied: pa.StringArray | None = None
    doubted: pa.StringArray | None = None
    withheld: dict[str, pa.StringArray] = field(default_factory=dict)
    torn: dict[str, pa.RecordBatch] = field(default_factory=dict)
    nameless: dict[str, pa.RecordBatch] = field(default_factory=dict)
    in_files: Sequence[str] = ()
