"""Tells where the sum over units is not the district's figure: nobody should hand in one for the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.documents.figure_data import UNIT_LABELS, WITHOUT_UNIT
from mappings.catalogue import choose_catalogue, label_indicators
from warehouse.marts.scope import find_kind

if TYPE_CHECKING:
    from mappings.form_anchors import FormCell
    from pipelines.figures.kennzahlen import Kennzahlen
    from warehouse.marts.scope import By
# Indicator, category and kind of unit.
Line = tuple[str, str | None, "By"]


def tell_sums(answer: Kennzahlen, cells: Sequence[FormCell]) -> Iterator[str]:
    """German sentences on the figures that a form has of several units of a kind.

    What belongs to no such unit is in none of its cells; what belongs to several is in each of
    theirs. ``answer`` has the figures of the district and of these units.
    """
    labels = label_indicators(choose_catalogue(answer.period.last))
    for line in _list_asked(cells):
        indicator, category, by = line
        mine = [f for f in answer.figures if (f.indicator, f.category) == (indicator, category)]
        whole, units = (
            sum(f.value for f in mine if find_kind(f.unit) == kind) for kind in (None, by)
        )
        left = sum(
            one.value
            for one in answer.without_unit
            if (one.indicator, one.category, one.by) == line
        )
        label = labels[indicator] + next((f" {f.label}" for f in mine if f.label), "")
        yield from _tell_line(label, by, whole, units, left)


def _tell_line(label: str, by: By, whole: int, units: int, left: int) -> Iterator[str]:
    if left:
        yield f"{WITHOUT_UNIT[by]}, im Kreis mitgezählt: {label} {left}"
    if units + left > whole:
        beside = f" und {WITHOUT_UNIT[by]} {left}" if left else ""
        yield (
            f"je {UNIT_LABELS[by]} zusammen {units}{beside}, im Kreis {whole}: {label}; wer oder "
            "was zu mehreren Einheiten gehört, zählt in jeder einmal und im Kreis einmal"
        )


def _list_asked(cells: Sequence[FormCell]) -> list[Line]:
    """What cells of several units of one kind show."""
    units: dict[Line, set[frozenset[tuple[str, str]]]] = defaultdict(set)
    for cell in cells:
        by = find_kind(cell.unit)
        if cell.figure and by:
            units[cell.figure, cell.category, by].add(frozenset(cell.unit.items()))
    return [line for line, found in units.items() if len(found) > 1]
