"""The data that the Kennzahlen workbook shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from connectors.documents.figure_data import Delivery, Figure, Group


@dataclass(frozen=True)
class KennzahlenBook:
    """Everything the workbook shows: figures, their catalogue, the deliveries behind them.

    ``figures`` are those of the district and of its units. ``municipalities`` maps AGS to names,
    ``entity_labels`` the records of the balance to German names. ``created`` is written into the
    file as its date of creation, so that the same input gives the same bytes.
    """

    district: str
    period_from: date
    period_to: date
    as_of: date
    load: int
    created: datetime
    catalogue_version: str
    catalogue: Sequence[Group]
    figures: Sequence[Figure]
    deliveries: Sequence[Delivery]
    municipalities: Mapping[str, str] = field(default_factory=dict)
    entity_labels: Mapping[str, str] = field(default_factory=dict)
