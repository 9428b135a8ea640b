"""The data that the Kennzahlen workbook shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.documents.figure_data import Delivery, FigureDocument


@dataclass(frozen=True, kw_only=True)
class KennzahlenBook(FigureDocument):
    """Everything the workbook shows: figures, their catalogue, the deliveries behind them.

    ``entity_labels`` maps the records of the balance to German names. ``created`` is written into
    the file as its date of creation, so that the same input gives the same bytes.
    """

    deliveries: Sequence[Delivery]
    entity_labels: Mapping[str, str] = field(default_factory=dict)
