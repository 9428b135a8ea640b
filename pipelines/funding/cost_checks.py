"""Tells where costs and amounts go beyond their grant: in time or in money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.documents.funding.evidence_data import MemberEvidence
from pipelines.funding.grant_book import HeldPost


def find_longer_costs(
    held: Sequence[HeldPost], grant: Mapping[str, Any], last: date
) -> Iterator[str]:
    """Holdings that end after the grant, and costs of days outside of it, as German sentences.

    A holding without an end is of the grant, until the grant ends.
    """
    ended_on = grant["ended_on"]
    if any(_ends_after(h, ended_on) for h in held):
        yield f"Die Besetzung endet nach der Zuwendung; gezählt ist bis {last:%d.%m.%Y}."
    beyond = [h for h in held if _ends_after(h, ended_on) or _begins_before(h, grant["begun_on"])]
    if any(h.staff_cost is not None or h.training_cost is not None for h in beyond):
        yield (
            "Die Kosten gelten für die ganze Besetzung, auch für die Zeit außerhalb der "
            "Zuwendung, und sind nicht geteilt."
        )


def _ends_after(held: HeldPost, last: date | None) -> bool:
    return held.end is not None and last is not None and held.end > last


def _begins_before(held: HeldPost, first: date | None) -> bool:
    return first is not None and held.begin < first


def find_excess(
    approved: Decimal | None, members: Sequence[MemberEvidence]
) -> Iterator[tuple[str, Decimal]]:
    """What is more than was approved: its name in German, and the amount."""
    if approved is None:
        return
    amounts = {
        "Die Kosten": [m.spent for m in members],
        "Die Beträge nach Satz": [m.by_rate for m in members],
    }
    for label, parts in amounts.items():
        total = sum((part for part in parts if part is not None), Decimal(0))
        if total > approved:
            yield label, total
