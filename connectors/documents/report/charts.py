"""Draws the charts of the report, each with the same numbers as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    from connectors.documents.report.chart_svg import Drawing

ROW_HEIGHT = 30
# More columns than this leave no room for a number on each.
MOST_NUMBERED = 18
Item = tuple[str, Number]


@dataclass(frozen=True)
class Chart:
    """A drawn chart and its table.

    ``heads`` and ``rows`` hold formatted text; the first cell of a row names it. ``commands`` list
    what is behind all of its numbers.
    """

    name: str
    title: str
    description: str
    drawing: Drawing
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    commands: Sequence[str] = ()

    @property
    def svg(self) -> str:
        """The chart as SVG to be embedded in a page."""
        return render_svg(self.drawing, self.name, self.title, self.description)


def draw_by_month(name: str, title: str, months: Sequence[tuple[date, int]], what: str) -> Chart:
    """Draws a column per month.

    ``months`` holds the first day and the count of each month, ``what`` names what is counted.
    """
    rows = [(month_text(first), number_text(value)) for first, value in months]
    most, least = max(months, key=_value_of), min(months, key=_value_of)
    description = (
        f"Säulendiagramm mit {count_text(len(months), 'Monat', 'Monaten')}."
        f" Am meisten: {month_text(most[0])} mit {number_text(most[1])}."
        f" Am wenigsten: {month_text(least[0])} mit {number_text(least[1])}."
    )
    return Chart(name, title, description, _month_columns(months, what), ("Monat", what), rows)


def draw_bars(name: str, title: str, items: Sequence[Item], what: str, kind: str) -> Chart:
    """Draws a horizontal bar per item in the given order, its number at its end.

    ``kind`` heads the column of labels in the table, ``what`` that of the numbers.
    """
    rows = [(label, number_text(value)) for label, value in items]
    most = max(items, key=_value_of)
    description = (
        f"Balkendiagramm mit {number_text(len(items))} Balken."
        f" Am meisten: {most[0]} mit {number_text(most[1])}."
    )
    return Chart(name, title, description, _value_bars(items), (kind, what), rows)


def draw_shares(
    name: str, title: str, items: Sequence[tuple[str, int, int]], heads: tuple[str, str, str, str]
) -> Chart:
    """Draws, per item (label, part, whole), the part's share of the whole on a scale to 100 %.

    ``heads`` name label, part, whole and share in the table. An item whose whole is 0 has neither
    bar nor share.
    """
    rows = [
        (label, number_text(part), number_text(whole), percent_text(_share(part, whole)))
        for label, part, whole in items
    ]
    description = _describe_shares(items)
    return Chart(name, title, description, _share_bars(items), heads, rows)


def draw_against_target(
    name: str, title: str, items: Sequence[tuple[str, int, int | None]], what: str, kind: str
) -> Chart:
    """Draws, per item (label, reached, target), a bar and an upright mark for the target, if any.

    ``kind`` heads the column of labels in the table, ``what`` that of what was reached.
    """
    rows = [
        (label, number_text(got), number_text(goal), percent_text(got / goal if goal else None))
        for label, got, goal in items
    ]
    with_target = [(reached, target) for _, reached, target in items if target is not None]
    met = sum(reached >= target for reached, target in with_target)
    description = (
        "Balkendiagramm: Balken zeigen das Erreichte, senkrechte Striche das Ziel."
        f" Erreicht: {met} von {count_text(len(with_target), 'Ziel', 'Zielen')}."
    )
    return Chart(
        name, title, description, _target_bars(items), (kind, what, "Ziel", "Anteil am Ziel"), rows
    )


def keep_largest(items: Sequence[Item], most: int, apart: Sequence[str] = ()) -> list[Item]:
    """Keeps the ``most`` largest items and sums up the others as "Andere".

    Items labelled as in ``apart`` are not ranked and come last.
    """
    ranked = sorted((item for item in items if item[0] not in apart), key=lambda item: -item[1])
    others = ranked[most:]
    # A sum of one would only hide its name.
    if len(others) > 1:
        ranked = [*ranked[:most], (f"Andere ({len(others)})", sum(value for _, value in others))]
    return [*ranked, *(item for item in items if item[0] in apart)]


def _month_columns(months: Sequence[tuple[date, int]], what: str) -> Drawing:
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
    return layers


def _value_bars(items: Sequence[Item]) -> Drawing:
    import altair as alt

    base = _base_chart(
        {"label": label, "value": float(value), "text": number_text(value)}
        for label, value in items
    )
    largest = max([1.0, *(float(value) for _, value in items)])
    scale = alt.Scale(domainMin=0, domainMax=1.12 * largest, nice=False)
    across = alt.X("value:Q", title=None, axis=None, scale=scale)
    return alt.layer(
        base.mark_bar(color=BAR, height={"band": 0.7}).encode(x=across),
        base.mark_text(align="left", dx=6).encode(x=across, text="text:N"),
    )


def _share_bars(items: Sequence[tuple[str, int, int]]) -> Drawing:
    import altair as alt

    base = _base_chart(
        {"label": label, "value": _share(part, whole) or 0, "text": _share_text(part, whole)}
        for label, part, whole in items
    )
    scale = alt.Scale(domain=[0, 1.45], nice=False)
    full = alt.X(datum=1, scale=scale, axis=None)
    across = alt.X("value:Q", title=None, axis=None, scale=scale)
    return alt.layer(
        base.mark_bar(color=REST, height={"band": 0.7}).encode(x=full),
        base.mark_bar(color=BAR, height={"band": 0.7}).encode(x=across),
        base.mark_text(align="left", dx=6).encode(x=full, text="text:N"),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share_text(part: int, whole: int) -> str:
    share = percent_text(_share(part, whole), 0)
    return f"{share} ({number_text(part)} von {number_text(whole)})"


def _describe_shares(items: Sequence[tuple[str, int, int]]) -> str:
    text = f"Balkendiagramm der Anteile mit {number_text(len(items))} Balken."
    known = [(label, part / whole) for label, part, whole in items if whole]
    if not known:
        return text
    most, least = max(known, key=_value_of), min(known, key=_value_of)
    return (
        f"{text} Höchster Anteil: {most[0]} mit {percent_text(most[1], 0)}."
        f" Niedrigster: {least[0]} mit {percent_text(least[1], 0)}."
    )


def _target_bars(items: Sequence[tuple[str, int, int | None]]) -> Drawing:
    import altair as alt

    base = _base_chart(
        {"label": label, "value": reached, "target": target, "text": _target_text(reached, target)}
        for label, reached, target in items
    )
    most = max([1, *(max(reached, target or 0) for _, reached, target in items)])
    scale = alt.Scale(domain=[0, 1.3 * most], nice=False)
    return alt.layer(
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


def _target_text(reached: int, target: int | None) -> str:
    text = number_text(reached)
    return text if target is None else f"{text} von {number_text(target)}"


def _value_of(item: tuple[Any, Number]) -> Number:
    return item[1]


def _base_chart(values: Iterable[dict[str, Any]]) -> alt.Chart:
    """The base of a chart with one row per value, in the given order."""
    import altair as alt

    label = alt.Y("label:N", sort=None, title=None).axis(labelAlign="right", minExtent=LABELS)
    data = alt.InlineData(values=list(values))
    return alt.Chart(data, width=WIDTH, height=alt.Step(ROW_HEIGHT)).encode(y=label)
