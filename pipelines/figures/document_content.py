"""Collects what workbook and report both show: catalogue, definitions, figures, state of data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from connectors.documents.figure_data import Category, Figure, Gap, Group, Indicator, LeftOver
from mappings.catalogue import Catalogue
from mappings.catalogue import Indicator as CatalogueIndicator
from mappings.code_lists import NOT_STATED
from pipelines.failures import Failure, Kind
from pipelines.figures.figure_rules import FigureRules
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen, take_rules
from warehouse.as_of import KnownAt
from warehouse.marts.declaration import Counts
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By
from warehouse.schema import ENTITIES, RECORDS, load

if TYPE_CHECKING:
    from pipelines.hub import Hub

# The kinds of unit that report and workbook divide the figures by.
UNITS_SHOWN: tuple[By, ...] = ("municipality", "staff")
CategoryCounts = dict[tuple[str, str | None], int]


class PeriodOpen(Failure):
    """A document needs a period with a first and a last day."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class DocumentContent:
    """The figures by district, municipality and staff, and what a document shows beside them.

    ``created`` is when the newest data was loaded, so that the same request makes the same
    document.
    """

    district: str
    first: date
    last: date
    counted_on: date
    as_of: date
    known_at: KnownAt
    rules: FigureRules
    created: datetime
    catalogue: Catalogue
    groups: Sequence[Group]
    figures: Sequence[Figure]
    gaps: Sequence[Gap]
    left_over: Sequence[LeftOver]

    @property
    def answer(self) -> dict[str, Any]:
        """The fields that every document takes under the same name."""
        return {
            "district": self.district,
            "period_from": self.first,
            "period_to": self.last,
            "counted_on": self.counted_on,
            "as_of": self.as_of,
            "load": self.known_at.load,
            "created": self.created,
            "catalogue_version": self.catalogue.name,
            "catalogue": self.groups,
            "gaps": self.gaps,
            "left_over": self.left_over,
        }


def collect_content(
    hub: Hub, asked: FigureRequest, units: Sequence[By] = UNITS_SHOWN
) -> DocumentContent:
    """Computes the figures, by these units too; raises PeriodOpen where the period has no first or no last day."""
    if asked.first is None or asked.last is None:
        raise PeriodOpen("workbook and report need a first and a last day")
    known_at = hub.known_at(asked.as_of)
    rules = take_rules(hub, asked, known_at)
    answer = compute_kennzahlen(hub, replace(asked, rules=rules), units, known_at)
    loaded_at = select(load.c.loaded_at).where(load.c.number == known_at.load)
    with hub.store.read() as connection:
        created = connection.execute(loaded_at).scalar_one()
    catalogue = rules.catalogue
    return DocumentContent(
        district=rules.district,
        first=asked.first,
        last=asked.last,
        counted_on=answer.counted_on or asked.last,
        as_of=answer.as_of,
        known_at=known_at,
        rules=rules,
        created=created,
        catalogue=catalogue,
        groups=group_catalogue(answer.figures, catalogue),
        figures=answer.figures,
        gaps=answer.not_delivered,
        left_over=answer.without_unit,
    )


def group_catalogue(figures: Sequence[Figure], catalogue: Catalogue) -> list[Group]:
    """The catalogue as documents print it.

    Of an open list only the categories that counted anything, the most frequent first.
    """
    counts = _count_categories(figures)
    return [
        {
            "label": group.title,
            "indicators": [_indicator_entry(i, counts) for i in group.indicators],
        }
        for group in catalogue.groups
    ]


def _count_categories(figures: Sequence[Figure]) -> CategoryCounts:
    """The district's value of each indicator and category that is shown or counted anywhere."""
    counts: CategoryCounts = {}
    for figure in figures:
        # The figure of a unit shows only that the category occurs.
        value = figure.value if not figure.unit else 0
        key = (figure.indicator, figure.category)
        if figure.value or key in counts:
            counts[key] = counts.get(key, 0) + value
    return counts


def record_labels() -> dict[str, str]:
    """German name of each kind of record in the balance."""
    return {name: str(ENTITIES[name].table.info["label"]) for name in RECORDS}


def _indicator_entry(indicator: CatalogueIndicator, counts: CategoryCounts) -> Indicator:
    declared = INDICATORS[indicator.indicator]
    return {
        "indicator": indicator.indicator,
        "label": _capitalize_label(indicator.label),
        "categories": _category_entries(indicator, counts),
        "definition": declared.definition,
        "source": declared.source,
        "known": indicator.known,
        "units": declared.units,
        "once_per_unit": declared.counts is not Counts.RECORDS,
    }


def _capitalize_label(label: str) -> str:
    # The catalogue's labels are parts of sentences; a document prints them alone, except those
    # that continue their heading.
    return label if label.startswith("nach ") else label[:1].upper() + label[1:]


def _category_entries(indicator: CatalogueIndicator, counts: CategoryCounts) -> list[Category]:
    name = indicator.indicator
    labels = {code: label or code for code, label in indicator.labels().items() if code is not None}
    listed = set() if indicator.open_list else labels.keys() - {NOT_STATED}
    found = [code for code in labels if code in listed or (name, code) in counts]
    if indicator.open_list:
        found.sort(key=lambda code: (code == NOT_STATED, -counts[name, code]))
    return [{"code": c, "label": labels[c], "known": indicator.known_of(c)} for c in found]
