"""How public tables may be cut: rows by unit, columns by category, the coarsest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from warehouse.gates.suppression import THRESHOLD

# The name of what belongs to no municipality.
NOWHERE = ""
OTHERS = "weitere"
Level = Literal["district", "team", "municipality"]


@dataclass(frozen=True)
class Layout:
    """Rows down to a kind of unit; of categories the ``top`` most frequent, the others together."""

    name: str
    title: str
    level: Level
    top: int | None = None


LAYOUTS = (
    Layout("kreis-top5", "Kreis, die fünf häufigsten Ausprägungen", "district", 5),
    Layout("kreis", "Kreis, alle Ausprägungen", "district"),
    Layout("team-top5", "Regionalteams, die fünf häufigsten Ausprägungen", "team", 5),
    Layout("team", "Regionalteams, alle Ausprägungen", "team"),
    Layout("gemeinde-top5", "Gemeinden, die fünf häufigsten Ausprägungen", "municipality", 5),
    Layout("gemeinde", "Gemeinden, alle Ausprägungen", "municipality"),
)


@dataclass(frozen=True)
class Row:
    """One row: the municipalities it has; ``unit`` is that of its figures, {} for the district."""

    label: str
    unit: Mapping[str, str]
    places: tuple[str, ...]


def list_rows(
    layout: Layout, places: Mapping[str, str], teams: Mapping[str, str | None]
) -> list[Row]:
    """The rows of a layout, the district last.

    ``places``: AGS → name, ``teams``: AGS → team.
    """
    rows = []
    if layout.level == "municipality":
        rows = [Row(name, {"municipality": ags}, (ags,)) for ags, name in places.items()]
    elif layout.level == "team":
        for team in sorted({team for team in teams.values() if team}):
            members = tuple(ags for ags in places if teams.get(ags) == team)
            rows.append(Row(team, {"team": team}, members))
    return list(_tell_apart([*rows, Row("Kreis", {}, (*places, NOWHERE))]))


def _tell_apart(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows, each with a label of its own: a team may be called "Kreis", two places alike."""
    times = Counter(row.label for row in rows)
    for row in rows:
        if times[row.label] == 1 or not row.unit:
            yield row
        elif ags := row.unit.get("municipality"):
            yield replace(row, label=f"{row.label} ({ags})")
        else:
            yield replace(row, label=f"Regionalteam {row.label}")


def group_categories(
    layout: Layout, totals: Mapping[str, int], labels: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Label of each column → the codes it stands for; ``totals`` are those of the district.

    The columns keep the order of ``totals``: in that of their size, a hidden number would be bounded
    by its neighbours. What is small in the whole district gets no column beside "weitere", and so
    does what is just not small: everything under "weitere" would be known to be no larger.
    """
    counted = [code for code, value in totals.items() if value]
    if layout.top is None or len(counted) <= layout.top + 1:
        return {labels[code]: (code,) for code in counted}
    large = [code for code in counted if totals[code] > THRESHOLD]
    shown = sorted(large, key=lambda code: (-totals[code], code))[: layout.top]
    others = tuple(code for code in counted if code not in shown)
    return {**{labels[code]: (code,) for code in counted if code in shown}, OTHERS: others}


def find_layout(name: str) -> Layout | None:
    """The layout of a name."""
    return next((layout for layout in LAYOUTS if layout.name == name), None)


def layout_names() -> Sequence[str]:
    """The names of all layouts, the coarsest first."""
    return [layout.name for layout in LAYOUTS]
