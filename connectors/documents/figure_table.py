"""Looks up figures and lays them out in the order of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.documents.figure_data import Figure, FigureName, Gap, Group, Indicator, Known, Unit
from connectors.documents.german_format import Number, alphabetical_key, number_text
from connectors.documents.signs import NOT_DELIVERED, REVISED

Key = Mapping[str, str]
NOT_SHOWN = "nicht ausgewiesen"
BEYOND = "Weitere Zahlen, die der Katalog nicht nennt"

_Values = dict[str | None, Number | None]


@dataclass(frozen=True)
class Line:
    """One printed line: a whole indicator (``category`` None) or one of its categories.

    ``value`` is None if nothing was computed. ``missing``: the sources that do not deliver it.
    ``revised``: another value was handed in.
    """

    category: str | None
    label: str
    value: Number | None
    known: Known
    missing: Sequence[str] = ()
    revised: bool = False

    @property
    def text(self) -> str:
        """What stands in place of a value where there is none."""
        return NOT_DELIVERED if self.missing else NOT_SHOWN


class FigureTable:
    """Figures by indicator, category and unit; ``gaps``, ``revised`` as in FigureDocument."""

    def __init__(
        self,
        figures: Sequence[Figure],
        gaps: Sequence[Gap] = (),
        catalogue: Sequence[Group] = (),
        revised: Collection[FigureName] = frozenset(),
    ) -> None:
        self._revised = revised
        self._units = {
            i["indicator"]: i.get("units", ()) for g in catalogue for i in g["indicators"]
        }
        self._gaps = {(gap.indicator, frozenset(gap.unit.items())): gap for gap in gaps}
        self._values: dict[tuple[str, frozenset[tuple[str, str]]], _Values] = defaultdict(dict)
        self._labels: dict[tuple[str, str], str] = {}
        for figure in figures:
            self._add_figure(figure)
        self._kinds = {(indicator, frozenset(dict(unit))) for indicator, unit in self._values}
        self.indicators = list(dict.fromkeys(figure.indicator for figure in figures))

    def _add_figure(self, figure: Figure) -> None:
        indicator, category = figure.indicator, figure.category
        self._values[indicator, frozenset(figure.unit.items())][category] = figure.value
        if category is not None:
            self._labels[indicator, category] = figure.label or category

    def value(
        self, indicator: str, category: str | None = None, unit: Key | None = None
    ) -> Number | None:
        """A figure; 0 if it was left out as zero.

        None if this kind of unit was not computed, or if no source of the unit delivers it.
        """
        found = self._unit_values(indicator, unit)
        if category in found:
            return found[category]
        if self.lacks(indicator, unit):
            return None
        return 0 if self._is_computed(indicator, frozenset(unit or {})) else None

    def _is_computed(self, indicator: str, kind: frozenset[str]) -> bool:
        """Whether this kind of unit was computed, though all of its figures may be 0."""
        if (indicator, kind) in self._kinds:
            return True
        counted_by = self._units.get(indicator, ())
        return not kind.isdisjoint(counted_by) and any(kind == other for _, other in self._kinds)

    def lacks(self, indicator: str, unit: Key | None = None) -> bool:
        """Whether no source of the unit delivers the indicator."""
        gap = self._find_gap(indicator, unit)
        return gap is not None and gap.whole

    def missing(self, indicator: str, unit: Key | None = None) -> Sequence[str]:
        """The sources of the unit that do not deliver the indicator."""
        gap = self._find_gap(indicator, unit)
        return gap.sources if gap else ()

    def is_revised(self, indicator: str, category: str | None, unit: Key | None = None) -> bool:
        """Whether another value was handed in."""
        return (indicator, category, frozenset((unit or {}).items())) in self._revised

    def text(self, indicator: str, unit: Key | None = None) -> str:
        """The total as documents print it."""
        value = self.value(indicator, None, unit)
        if value is None and self.lacks(indicator, unit):
            return NOT_DELIVERED
        shown = number_text(value)
        return f"{shown} {REVISED}" if self.is_revised(indicator, None, unit) else shown

    def _find_gap(self, indicator: str, unit: Key | None) -> Gap | None:
        return self._gaps.get((indicator, frozenset((unit or {}).items())))

    def label(self, indicator: str, category: str) -> str:
        """The German label of a category, or its code."""
        return self._labels.get((indicator, category), category)

    def categories(self, indicator: str) -> dict[str, Number]:
        """The district's counted categories of an indicator, largest first, then by label."""
        counted = {
            code: value
            for code, value in self._unit_values(indicator, None).items()
            if code is not None and value is not None
        }

        def rank_category(code: str) -> tuple[Number, str]:
            return -counted[code], alphabetical_key(self.label(indicator, code))

        return {code: counted[code] for code in sorted(counted, key=rank_category)}

    def every_category(self, indicator: str) -> list[str]:
        """All categories that any unit has, those of the district first."""
        codes = dict.fromkeys(self.categories(indicator))
        codes |= dict.fromkeys(sorted(code for name, code in self._labels if name == indicator))
        return list(codes)

    def has_total(self, indicator: str) -> bool:
        """Whether the indicator has a figure of its own beside those of its categories."""
        return any(None in found for (name, _), found in self._values.items() if name == indicator)

    def _unit_values(self, indicator: str, unit: Key | None) -> _Values:
        return self._values.get((indicator, frozenset((unit or {}).items())), {})


def lay_out_lines(
    table: FigureTable, indicator: Indicator, unit: Key | None = None
) -> Iterator[Line]:
    """The lines of an indicator: its total if it has one, then its categories.

    Categories are in the order of the catalogue; those it does not name come last.
    """
    code = indicator["indicator"]
    missing = table.missing(code, unit)
    for category, label, known in _line_heads(table, indicator):
        value = table.value(code, category, unit)
        revised = table.is_revised(code, category, unit)
        yield Line(category, label, value, known, missing, revised)


def _line_heads(
    table: FigureTable, indicator: Indicator
) -> Iterator[tuple[str | None, str, Known]]:
    code, known = indicator["indicator"], indicator["known"]
    found = table.every_category(code)
    if table.has_total(code) or not (indicator["categories"] or found):
        yield None, indicator["label"], known
    listed = {category["code"]: category for category in indicator["categories"]}
    for category in listed.values():
        yield category["code"], category["label"], category["known"]
    for other in found:
        if other not in listed:
            yield other, table.label(code, other), known


def full_label(group: Group, indicator: Indicator) -> str:
    """The label of an indicator as it is understood without the heading of its group."""
    label = indicator["label"]
    return f"{group['label']} {label}" if label.startswith("nach ") else label


def complete_catalogue(catalogue: Sequence[Group], table: FigureTable) -> list[Group]:
    """The catalogue with a last group for figures it does not name, so that none is dropped."""
    named = {indicator["indicator"] for group in catalogue for indicator in group["indicators"]}
    beyond = [_unknown_indicator(code) for code in table.indicators if code not in named]
    groups = [group for group in catalogue if group["indicators"]]
    return [*groups, {"label": BEYOND, "indicators": beyond}] if beyond else groups


def _unknown_indicator(code: str) -> Indicator:
    return {
        "indicator": code,
        "label": code,
        "categories": [],
        "definition": "Im Katalog nicht beschrieben.",
        "source": "–",
        "known": "A",
    }


def list_units(
    figures: Sequence[Figure], kind: str, names: Mapping[str, str] | None = None
) -> list[Unit]:
    """The units of one kind ("municipality", "staff", "team" …) with figures, sorted by title.

    ``names`` maps codes (AGS) to the names people use.
    """
    keys = {frozenset(figure.unit.items()) for figure in figures if kind in figure.unit}
    titles = names or {}
    found = [
        Unit(kind, titles.get(key[kind], key[kind]), key, key.get("source"))
        for key in map(dict, keys)
    ]
    return sorted(found, key=lambda unit: (alphabetical_key(unit.title), sorted(unit.key.items())))
