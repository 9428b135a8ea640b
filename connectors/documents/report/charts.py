"""The charts of the reports, each with the same numbers as a table. How a chart becomes SVG stands in chart_svg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.documents.german_format import (
    Number,
    count_text,
    month_text,
    number_text,
    percent_text,
)
from connectors.documents.report.chart_svg import BAR, INK, LABELS, REST, TARGET, WIDTH, render_svg

if TYPE_CHECKING:
    import altair as alt

ROW_HEIGHT = 30
# More columns than this leave no room for a number on each.
MOST_NUMBERED = 18
Item = tuple[str, Number]


@dataclass(frozen=True)
class Chart:
    """A drawn chart and its numbers: ``heads`` and ``rows`` (formatted, first cell names the row) make the table."""

    name: str
    title: str
    description: str
    svg: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def draw_by_month(name: str, title: str, months: Sequence[tuple[date, int]], what: str) -> Chart:
    """Draw a column per month; ``months`` holds each month's first day and count, ``what`` names what is counted."""
    import altair as alt

    values = [
        {"month": first.isoformat(), "value": value, "text": number_text(value)}
        for first, value in months
    ]
    columns = alt.Chart(alt.InlineData(values=values), width=WIDTH + LABELS, height=240).encode(
        x=alt.X("month:O", timeUnit="utcyearmonth", title=None).axis(
            format="%b %y", labelAngle=0, labelOverlap=True, grid=False
        ),
        y=alt.Y("value:Q", title=what).axis(format=",d", tickCount=5, tickMinStep=1),
    )
    layers = alt.layer(columns.mark_bar(color=BAR))
    if len(months) <= MOST_NUMBERED:
        layers += columns.mark_text(dy=-8, fontSize=11, color=INK).encode(text="text:N")
    most, least = max(months, key=lambda item: item[1]), min(months, key=lambda item: item[1])
    description = (
        f"Säulendiagramm mit {count_text(len(months), 'Monat', 'Monaten')}. Am meisten: {month_text(most[0])} mit "
        f"{number_text(most[1])}. Am wenigsten: {month_text(least[0])} mit {number_text(least[1])}."
    )
    rows = [(month_text(first), number_text(value)) for first, value in months]
    return Chart(
        name,
        title,
        description,
        render_svg(layers, name, title, description),
        ("Monat", what),
        rows,
    )


def draw_bars(name: str, title: str, items: Sequence[Item], what: str, kind: str) -> Chart:
    """Draw a horizontal bar per item in the given order, its number at its end; ``kind`` heads the column of labels."""
    import altair as alt

    values = [
        {"label": label, "value": float(value), "text": number_text(value)}
        for label, value in items
    ]
    base = _base_chart(values)
    room = alt.Scale(
        domainMin=0, domainMax=1.12 * max([1.0, *(float(value) for _, value in items)]), nice=False
    )
    across = alt.X("value:Q", title=None, axis=None, scale=room)
    layers = alt.layer(
        base.mark_bar(color=BAR, height={"band": 0.7}).encode(x=across),
        base.mark_text(align="left", dx=6).encode(x=across, text="text:N"),
    )
    most = max(items, key=lambda item: item[1])
    description = f"Balkendiagramm mit {number_text(len(items))} Balken. Am meisten: {most[0]} mit {number_text(most[1])}."
    rows = [(label, number_text(value)) for label, value in items]
    return Chart(
        name, title, description, render_svg(layers, name, title, description), (kind, what), rows
    )


def draw_shares(
    name: str, title: str, items: Sequence[tuple[str, int, int]], heads: tuple[str, str, str, str]
) -> Chart:
    """Draw, per item (label, part, whole), the part's share of the whole on a scale to 100 %.

    ``heads`` name label, part, whole and share in the table. An item whose whole is 0 has no bar and no share.
    """
    import altair as alt

    parts = [(label, part, whole, part / whole if whole else None) for label, part, whole in items]
    values = [
        {
            "label": label,
            "value": share or 0,
            "text": f"{percent_text(share, 0)} ({number_text(part)} von {number_text(whole)})",
        }
        for label, part, whole, share in parts
    ]
    base = _base_chart(values)
    scale = alt.Scale(domain=[0, 1.45], nice=False)
    across = alt.X("value:Q", title=None, axis=None, scale=scale)
    layers = alt.layer(
        base.mark_bar(color=REST, height={"band": 0.7}).encode(
            x=alt.X(datum=1, scale=scale, axis=None)
        ),
        base.mark_bar(color=BAR, height={"band": 0.7}).encode(x=across),
        base.mark_text(align="left", dx=6).encode(
            x=alt.X(datum=1, scale=scale, axis=None), text="text:N"
        ),
    )
    known = [(label, share) for label, _, _, share in parts if share is not None]
    description = f"Balkendiagramm der Anteile mit {number_text(len(items))} Balken."
    if known:
        most, least = max(known, key=lambda item: item[1]), min(known, key=lambda item: item[1])
        description += f" Höchster Anteil: {most[0]} mit {percent_text(most[1], 0)}."
        description += f" Niedrigster: {least[0]} mit {percent_text(least[1], 0)}."
    rows = [
        (label, number_text(part), number_text(whole), percent_text(share))
        for label, part, whole, share in parts
    ]
    return Chart(
        name, title, description, render_svg(layers, name, title, description), heads, rows
    )


def draw_against_target(
    name: str, title: str, items: Sequence[tuple[str, int, int | None]], what: str, kind: str
) -> Chart:
    """Draw, per item (label, reached, target), a bar for what is reached and an upright mark for the target, if any."""
    import altair as alt

    values = [
        {"label": label, "value": reached, "target": target, "text": _of_target(reached, target)}
        for label, reached, target in items
    ]
    base = _base_chart(values)
    most = max([1, *(max(reached, target or 0) for _, reached, target in items)])
    scale = alt.Scale(domain=[0, 1.3 * most], nice=False)
    layers = alt.layer(
        base.mark_bar(color=BAR, height={"band": 0.55}).encode(
            x=alt.X("value:Q", title=None, axis=None, scale=scale)
        ),
        base.transform_filter("datum.target != null")
        .mark_tick(color=TARGET, thickness=4, size=26, opacity=1)
        .encode(x=alt.X("target:Q", scale=scale, axis=None)),
        base.transform_calculate(end="max(datum.value, datum.target || 0)")
        .mark_text(align="left", dx=10)
        .encode(x=alt.X("end:Q", scale=scale, axis=None), text="text:N"),
    )
    reached_all = sum(1 for _, reached, target in items if target is not None and reached >= target)
    with_target = sum(1 for _, _, target in items if target is not None)
    description = "Balkendiagramm: Balken zeigen das Erreichte, senkrechte Striche das Ziel. "
    description += f"Erreicht: {reached_all} von {count_text(with_target, 'Ziel', 'Zielen')}."
    rows = [
        (label, number_text(got), number_text(goal), percent_text(got / goal if goal else None))
        for label, got, goal in items
    ]
    heads = (kind, what, "Ziel", "Anteil am Ziel")
    return Chart(
        name, title, description, render_svg(layers, name, title, description), heads, rows
    )


def keep_largest(items: Sequence[Item], most: int, apart: Sequence[str] = ()) -> list[Item]:
    """Give the ``most`` largest items, the others summed up as "Andere", and last those labelled as in ``apart``."""
    ranked = sorted((item for item in items if item[0] not in apart), key=lambda item: -item[1])
    others = ranked[most:]
    # A sum of one would only hide its name.
    if len(others) > 1:
        ranked = [*ranked[:most], (f"Andere ({len(others)})", sum(value for _, value in others))]
    return [*ranked, *(item for item in items if item[0] in apart)]


def _base_chart(values: list[dict[str, Any]]) -> alt.Chart:
    """Give the base of a chart with one row per value, in the given order."""
    import altair as alt

    label = alt.Y("label:N", sort=None, title=None).axis(labelAlign="right", minExtent=LABELS)
    chart = alt.Chart(alt.InlineData(values=values), width=WIDTH, height=alt.Step(ROW_HEIGHT))
    return chart.encode(y=label)


def _of_target(reached: int, target: int | None) -> str:
    return (
        number_text(reached)
        if target is None
        else f"{number_text(reached)} von {number_text(target)}"
    )
