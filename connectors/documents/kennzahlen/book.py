"""The data that the Kennzahlen workbook shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.documents.figure_data import Delivery, FigureDocument
from connectors.documents.report.report_data import Earlier


@dataclass(frozen=True)
class CoverageLine:
    """How many open cases of a unit have a plan; ``with_plan`` None: nobody delivers plans."""

    unit: str
    with_plan: int | None
    cases: int


@dataclass(frozen=True, kw_only=True)
class KennzahlenBook(FigureDocument):
    """Everything the workbook shows: figures, their catalogue, the deliveries behind them.

    ``entity_labels`` maps the records of the balance to German names. ``before``: the period of
    the same length before, if the data reach back. ``coverage``: clients with an integration plan,
    by Gemeinde and by Regionalteam. ``vzae``: the mean of each Integrationsmanager/in in the period
    by source and name; empty without a register. ``same_member``: the names of one person, who has
    that mean once. ``created`` is written into the file as its date of creation, so that the same
    input gives the same bytes.
    """

    deliveries: Sequence[Delivery]
    entity_labels: Mapping[str, str] = field(default_factory=dict)
    before: Earlier | None = None
    coverage: Mapping[str, Sequence[CoverageLine]] = field(default_factory=dict)
    vzae: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    same_member: Sequence[Sequence[tuple[str, str]]] = ()
