"""What workbook and report show alike: the catalogue with its definitions, the figures, when they were known. No layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from connectors.documents.figure_data import Category, Group, Indicator
from mappings.catalogue import Catalogue, choose_catalogue
from mappings.catalogue import Indicator as CatalogueIndicator
from mappings.code_lists import NOT_STATED
from pipelines.failures import Failure, Kind
from pipelines.figures.kennzahlen import Figure, FigureRequest, compute_kennzahlen
from warehouse.as_of import KnownAt
from warehouse.marts.indicators import INDICATORS
from warehouse.schema import ENTITIES, RECORDS, load

if TYPE_CHECKING:
    from pipelines.hub import Hub


class PeriodOpen(Failure):
    """A document needs a period with a first and a last day."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class DocumentContent:
    """The answer of the Kennzahlen for district, municipality and staff, with all that a document says beside it.

    ``created`` is when the newest of the data was loaded, so that the same question makes the same document.
    """

    first: date
    last: date
    as_of: date
    known_at: KnownAt
    created: datetime
    catalogue: Catalogue
    groups: Sequence[Group]
    figures: Sequence[Figure]

    @property
    def answer(self) -> dict[str, Any]:
        """The fields that every document takes under the same name."""
        return {
            "period_from": self.first,
            "period_to": self.last,
            "as_of": self.as_of,
            "load": self.known_at.load,
            "created": self.created,
            "catalogue_version": self.catalogue.name,
            "catalogue": self.groups,
        }


def collect_content(hub: Hub, asked: FigureRequest) -> DocumentContent:
    """Asks for the figures; PeriodOpen where the period has no first or no last day."""
    if asked.first is None or asked.last is None:
        raise PeriodOpen("workbook and report need a first and a last day")
    known_at = hub.known_at(asked.as_of)
    answer = compute_kennzahlen(hub, asked, ("municipality", "staff"), known_at)
    with hub.store.read() as connection:
        created = connection.execute(
            select(load.c.loaded_at).where(load.c.number == known_at.load)
        ).scalar_one()
    figures, catalogue = answer.figures, choose_catalogue(asked.last)
    return DocumentContent(
        first=asked.first,
        last=asked.last,
        as_of=answer.as_of,
        known_at=known_at,
        created=created,
        catalogue=catalogue,
        groups=group_catalogue(figures, catalogue),
        figures=figures,
    )


def group_catalogue(figures: Sequence[Figure], catalogue: Catalogue) -> list[Group]:
    """The catalogue as documents print it; of an open list only what counted anything, the district's most frequent first."""
    counts: dict[tuple[str, str | None], int] = {}
    for figure in figures:
        # A unit's figure proves only that the category occurs; the district's says how often.
        value = figure.value if not figure.unit else 0
        key = (figure.indicator, figure.category)
        if figure.value or key in counts:
            counts[key] = counts.get(key, 0) + value
    return [
        {
            "label": group.title,
            "indicators": [_indicator_entry(i, counts) for i in group.indicators],
        }
        for group in catalogue.groups
    ]


def record_labels() -> dict[str, str]:
    """German name of each kind of record in the balance."""
    return {name: str(ENTITIES[name].table.info["label"]) for name in RECORDS}


def _indicator_entry(
    indicator: CatalogueIndicator, counts: dict[tuple[str, str | None], int]
) -> Indicator:
    declared = INDICATORS[indicator.indicator]
    return {
        "indicator": indicator.indicator,
        # In the catalogue labels stand within sentences; here they stand for themselves, except under their heading.
        "label": indicator.label
        if indicator.label.startswith("nach ")
        else indicator.label[:1].upper() + indicator.label[1:],
        "categories": _category_entries(indicator, counts),
        "definition": declared.definition,
        "source": declared.source,
        "known": indicator.known,
    }


def _category_entries(
    indicator: CatalogueIndicator, counts: dict[tuple[str, str | None], int]
) -> list[Category]:
    labels = {code: label or code for code, label in indicator.labels().items() if code is not None}
    found = [
        c
        for c in labels
        if (indicator.indicator, c) in counts or not (indicator.open_list or c == NOT_STATED)
    ]
    if indicator.open_list:
        found.sort(key=lambda c: (c == NOT_STATED, -counts[indicator.indicator, c]))
    return [{"code": c, "label": labels[c], "known": indicator.known_of(c)} for c in found]
