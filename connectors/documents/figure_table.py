"""Finding figures and laying them out in the order of the catalogue. Nothing is counted here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.documents.figure_data import Figure, Group, Indicator, Known, Unit
from connectors.documents.german_format import Number, alphabetical_key

Key = Mapping[str, str]
BEYOND = "Weitere Zahlen, die der Katalog nicht nennt"


@dataclass(frozen=True)
class Line:
    """One printed line: a whole indicator (``category`` None) or a category; ``value`` None: not computed."""

    indicator: str
    category: str | None
    label: str
    value: Number | None
    known: Known


class FigureTable:
    """Figures at hand by indicator, category and unit."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._values: dict[
            tuple[str, frozenset[tuple[str, str]]], dict[str | None, Number | None]
        ] = defaultdict(dict)
        self._labels: dict[tuple[str, str], str] = {}
        self._kinds: set[tuple[str, frozenset[str]]] = set()
        for figure in figures:
            indicator, category = figure.indicator, figure.category
            self._values[indicator, frozenset(figure.unit.items())][category] = figure.value
            self._kinds.add((indicator, frozenset(figure.unit)))
            if category is not None:
                self._labels[indicator, category] = figure.label or category
        self.indicators = list(dict.fromkeys(figure.indicator for figure in figures))

    def value(
        self, indicator: str, category: str | None = None, unit: Key | None = None
    ) -> Number | None:
        """Give a figure; 0 where the answer left a zero out, None where nothing was computed for this kind of unit."""
        key = frozenset((unit or {}).items())
        found = self._values.get((indicator, key), {})
        if category in found:
            return found[category]
        return 0 if (indicator, frozenset(unit or {})) in self._kinds else None

    def label(self, indicator: str, category: str) -> str:
        """Give the German label that came with a category, or its code."""
        return self._labels.get((indicator, category), category)

    def categories(self, indicator: str, unit: Key | None = None) -> dict[str, Number]:
        """Give the counted categories of an indicator for a unit, largest first, equal ones by label."""
        found = self._values.get((indicator, frozenset((unit or {}).items())), {})
        counted = {
            code: value for code, value in found.items() if code is not None and value is not None
        }
        return dict(
            sorted(
                counted.items(),
                key=lambda item: (-item[1], alphabetical_key(self.label(indicator, item[0]))),
            )
        )

    def every_category(self, indicator: str) -> list[str]:
        """Give all categories that any unit has, those of the district first."""
        codes = dict.fromkeys(self.categories(indicator))
        codes |= dict.fromkeys(sorted(code for name, code in self._labels if name == indicator))
        return list(codes)

    def has_total(self, indicator: str) -> bool:
        """Say whether the indicator has a figure of its own beside those of its categories."""
        return any(None in found for (name, _), found in self._values.items() if name == indicator)


def lay_out_lines(
    table: FigureTable, indicator: Indicator, unit: Key | None = None
) -> Iterator[Line]:
    """Lay one indicator out: its total if it has one, its categories as in the catalogue, then those beyond it."""
    code = indicator["indicator"]
    if table.has_total(code) or not (indicator["categories"] or table.every_category(code)):
        yield Line(
            code, None, indicator["label"], table.value(code, None, unit), indicator["known"]
        )
    listed = {category["code"]: category for category in indicator["categories"]}
    for category in listed.values():
        value = table.value(code, category["code"], unit)
        yield Line(code, category["code"], category["label"], value, category["known"])
    for other in table.every_category(code):
        if other not in listed:
            yield Line(
                code,
                other,
                table.label(code, other),
                table.value(code, other, unit),
                indicator["known"],
            )


def full_label(group: Group, indicator: Indicator) -> str:
    """Give the label of an indicator as it is understood without the heading of its group above it."""
    label = indicator["label"]
    return f"{group['label']} {label}" if label.startswith("nach ") else label


def complete_catalogue(catalogue: Sequence[Group], table: FigureTable) -> list[Group]:
    """Give the catalogue with a last group for figures it does not name, so that none is dropped unseen."""
    named = {indicator["indicator"] for group in catalogue for indicator in group["indicators"]}
    beyond: list[Indicator] = [
        {
            "indicator": code,
            "label": code,
            "categories": [],
            "definition": "Im Katalog nicht beschrieben.",
            "source": "–",
            "known": "A",
        }
        for code in table.indicators
        if code not in named
    ]
    groups = [group for group in catalogue if group["indicators"]]
    return [*groups, {"label": BEYOND, "indicators": beyond}] if beyond else groups


def list_units(
    figures: Sequence[Figure], kind: str, names: Mapping[str, str] | None = None
) -> list[Unit]:
    """Give the units of one kind ("municipality", "staff", "team" …) that have figures, sorted by title.

    ``names`` turns codes (AGS) into names people use.
    """
    keys = {frozenset(figure.unit.items()) for figure in figures if kind in figure.unit}
    found = [
        Unit(kind, (names or {}).get(key[kind], key[kind]), key, key.get("source"))
        for key in map(dict, keys)
    ]
    return sorted(found, key=lambda unit: (alphabetical_key(unit.title), sorted(unit.key.items())))
