"""Counts what changed the figures of a submission: each record once, however many figures it is in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pipelines.submission.change_steps import Cause
from pipelines.submission.counted_things import Key, Thing
from warehouse.marts.indicators import INDICATORS

# "added" or "removed", and the load.
Sign = tuple[str, int]


@dataclass
class CauseTotals:
    """What each cause added and removed; of merged and split persons, the persons."""

    _noted: dict[Cause, set[tuple[Sign, Any]]] = field(default_factory=lambda: defaultdict(set))

    def note(self, cause: Cause, sign: Sign, thing: Thing, records: Collection[Key]) -> None:
        """Notes a counted thing that was added or removed, and the records that did it."""
        line, name = thing
        if cause is Cause.PERSONS:
            self._noted[cause].add((sign, name))
            return
        kind = INDICATORS[line.indicator].record_kind
        self._noted[cause] |= {(sign, (kind, *record)) for record in records}

    def count(self) -> dict[Cause, Counter[Sign]]:
        """How many by cause, sign and load."""
        return {cause: Counter(sign for sign, _ in noted) for cause, noted in self._noted.items()}
