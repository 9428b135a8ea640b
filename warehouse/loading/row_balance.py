"""The balance of a delivery: every row and every record is accounted for, or nothing is loaded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RowCount:
    """Row counts of a delivered table; ``left_out``: rows left out on purpose, by reason."""

    file: str
    table: str
    read: int = 0
    used: int = 0
    rejected: int = 0
    repeated: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def add(
        self, read: int, used: int, rejected: int, repeated: int, left_out: Mapping[str, int]
    ) -> None:
        """Adds the counts of one batch."""
        self.read += read
        self.used += used
        self.rejected += rejected
        self.repeated += repeated
        self.left_out.update(left_out)

    def closes(self) -> bool:
        """Whether read = used + rejected + repeated + left out."""
        return self.read == self.used + self.rejected + self.repeated + self.left_out.total()

    def as_row(self, delivery_id: str) -> dict[str, Any]:
        """Returns the row for ``table_balance``."""
        return {
            "delivery_id": delivery_id,
            "file": self.file,
            "table_name": self.table,
            "read": self.read,
            "used": self.used,
            "rejected": self.rejected,
            "repeated": self.repeated,
            "left_out": self.left_out.total(),
            "left_out_by": json.dumps(self.left_out, sort_keys=True),
        }


class BalanceOpen(Exception):
    """The balance of a delivery does not close, so nothing of it is kept.

    Names the table or entity and the numbers, no content.
    """


def check_rows(counts: list[RowCount]) -> None:
    """Raises BalanceOpen where the rows of a table do not add up."""
    for c in counts:
        if not c.closes():
            raise BalanceOpen(
                f"{c.file}#{c.table}: read {c.read} != used {c.used} + rejected {c.rejected}"
                f" + repeated {c.repeated} + left out {c.left_out.total()}"
            )


def check_records(entity: str, before: int, new: int, gone: int, after: int) -> None:
    """Raises BalanceOpen unless known before + new - gone = known after."""
    if before + new - gone != after:
        raise BalanceOpen(
            f"{entity}: known before {before} + new {new} - gone {gone} != known after {after}"
        )
