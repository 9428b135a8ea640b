"""The balance of a delivery: every row and every record has gone somewhere, or the delivery is not taken. Counting stands elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RowCount:
    """The rows of one table of a delivery. ``left_out`` says why rows were left out on purpose."""

    file: str
    table: str
    read: int = 0
    used: int = 0
    rejected: int = 0
    repeated: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def add(
        self, read: int, used: int, rejected: int, repeated: int, left_out: Mapping[str, int]
    ) -> None:
        """Counts one more batch."""
        self.read += read
        self.used += used
        self.rejected += rejected
        self.repeated += repeated
        for reason, rows in left_out.items():
            self.left_out[reason] = self.left_out.get(reason, 0) + rows

    def closes(self) -> bool:
        """read = used + rejected + repeated + left out."""
        return self.read == self.used + self.rejected + self.repeated + sum(self.left_out.values())

    def as_row(self, delivery_id: str) -> dict[str, Any]:
        """As a row of table_balance."""
        return {
            "delivery_id": delivery_id,
            "file": self.file,
            "table_name": self.table,
            "read": self.read,
            "used": self.used,
            "rejected": self.rejected,
            "repeated": self.repeated,
            "left_out": sum(self.left_out.values()),
            "left_out_by": json.dumps(self.left_out, sort_keys=True),
        }


class BalanceOpen(Exception):
    """The balance of a delivery does not close; nothing of it is kept. Names the table or entity and the numbers, no content."""


def check_rows(counts: list[RowCount]) -> None:
    """Raises BalanceOpen where a table's rows do not add up."""
    for c in counts:
        if not c.closes():
            parts = f"used {c.used} + rejected {c.rejected} + repeated {c.repeated} + left out {sum(c.left_out.values())}"
            raise BalanceOpen(f"{c.file}#{c.table}: read {c.read} != {parts}")


def check_records(entity: str, before: int, new: int, gone: int, after: int) -> None:
    """Raises BalanceOpen where known before + new − gone is not what is known after."""
    if before + new - gone != after:
        raise BalanceOpen(
            f"{entity}: known before {before} + new {new} - gone {gone} != known after {after}"
        )
