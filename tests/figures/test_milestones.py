"""Milestones count from their own first day; no stock is counted on a day to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipelines.config.models import Target
from pipelines.figures import milestones
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen, open_scope
from pipelines.figures.milestones import counts_by_team, milestone_label
from pipelines.hub import Hub
from tests.conformance.fault_kinds import holds
from warehouse.marts.indicators import INDICATORS

pytestmark = pytest.mark.thorough

UNTIL = date(2025, 12, 31)
YEAR = "2024-01-01 2024-12-31"


@pytest.mark.parametrize(
    ("indicator", "label"),
    [
        ("conversations", "Gespräche gesamt"),
        ("conversations_by_kind.clearing", "Clearinggespräch"),
        ("conversations_by_kind.tanz", None),
        ("house_visits", None),
    ],
)
def test_label_of_a_milestone(indicator: str, label: str | None) -> None:
    assert milestone_label(indicator, UNTIL) == label


def test_an_indicator_not_counted_by_team_is_a_milestone_of_the_district_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_sources = replace(INDICATORS["conversations"], units=("source",))
    monkeypatch.setitem(INDICATORS, "conversations", of_sources)
    labels = [milestone_label("conversations", UNTIL, of_team=team) for team in (True, False)]
    assert labels == [None, "Gespräche gesamt"]
    assert not counts_by_team("conversations")
    assert counts_by_team("topics") and counts_by_team("house_visits")


def days(text: str) -> FigureRequest:
    first, last = (date.fromisoformat(day) for day in text.split())
    return FigureRequest(first, last)


def reached(hub: Hub, target: Target, period: str) -> dict[str, int] | None:
    """What a report of the period says of the target, by team; None: it does not show it."""
    scope = open_scope(hub, days(period), hub.known_at(None))
    with hub.store.read() as connection:
        found = list(milestones.list_milestones(connection, scope, [target], hub.config.teams))
    return {m.team: m.reached for m in found} if found else None


def counted(hub: Hub, indicator: str, period: str, team: str | None = "Nord") -> int:
    name, _, category = indicator.partition(".")
    unit = {"team": team} if team else {}
    answer = compute_kennzahlen(hub, days(period), ("team",)).figures
    return sum(
        f.value
        for f in answer
        if f.indicator == name and f.unit == unit and category in ("", f.category)
    )


def target(indicator: str, first: str | None, until: str, team: str | None = "Nord") -> Target:
    values = {"indicator": indicator, "value": 10, "from": first, "until": until, "team": team}
    return Target.model_validate({k: v for k, v in values.items() if v is not None})


@holds(11)
@pytest.mark.parametrize(
    ("indicator", "first", "until", "shown_in", "counts"),
    [
        ("conversations", None, "2024-12-31", YEAR, YEAR),
        ("conversations", None, "2024-12-31", "2024-12-01 2024-12-31", YEAR),
        ("conversations", None, "2024-12-31", "2023-01-01 2025-06-30", YEAR),
        ("conversations", None, "2024-12-31", "2024-01-01 2024-06-30", "2024-01-01 2024-06-30"),
        ("topics.arbeit", "2024-04-01", "2025-03-31", YEAR, "2024-04-01 2024-12-31"),
        ("clients", "2024-04-01", "2024-09-30", YEAR, "2024-04-01 2024-09-30"),
        ("conversations", "2025-01-01", "2025-12-31", YEAR, None),
        ("conversations", None, "2023-12-31", YEAR, None),
    ],
    ids=["its year", "a month", "years", "half", "own start", "stock", "later", "earlier"],
)
@pytest.mark.parametrize("team", ["Nord", None], ids=["team", "district"])
def test_a_milestone_reads_the_same_in_every_period(
    hub: Hub,
    team: str | None,
    indicator: str,
    first: str | None,
    until: str,
    shown_in: str,
    counts: str | None,
) -> None:
    found = reached(hub, target(indicator, first, until, team), shown_in)
    if counts is None:
        assert found is None
        return
    assert found is not None
    assert found[team or "Kreis gesamt"] == counted(hub, indicator, counts, team) > 0
    assert len(found) == (len(hub.config.teams) if team else 1)


@holds(11)
@pytest.mark.parametrize("by", [None, "municipality"])
@pytest.mark.parametrize(
    ("today", "last", "counted_on"),
    [
        ("2024-03-31", "2024-12-31", "2024-03-31"),
        ("2024-03-31", "2024-02-29", "2024-02-29"),
        ("2024-03-31", None, "2024-03-31"),
        ("2025-03-31", "2024-12-31", "2024-12-31"),
    ],
    ids=["running", "ended", "open", "past"],
)
def test_clients_are_counted_on_no_day_to_come(
    hub: Hub, today: str, last: str | None, counted_on: str, by: str | None
) -> None:
    def clients(running: Hub, end: str | None) -> list[tuple[object, int]]:
        asked = FigureRequest(date(2024, 1, 1), date.fromisoformat(end) if end else None)
        answer = compute_kennzahlen(running, asked, (by,) if by else ())  # type: ignore[arg-type]
        assert answer.counted_on == date.fromisoformat(counted_on)
        return [
            (sorted(f.unit.items()), f.value) for f in answer.figures if f.indicator == "clients"
        ]

    running = Hub(hub.config, date.fromisoformat(today))
    running.__dict__["store"] = hub.store
    assert clients(running, last) == clients(hub, counted_on)
