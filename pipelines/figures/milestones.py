"""Counts what was reached of the milestones, each from its own first day, whatever is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from connectors.documents.german_format import day_text, period_text
from connectors.documents.report.report_data import WHOLE, Milestone
from mappings.catalogue import choose_catalogue
from pipelines.config.models import Target
from pipelines.figures.explain_command import write_command
from pipelines.figures.report_figures import count_by_unit
from pipelines.figures.undelivered import list_gaps
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope

OF_TEAM, OF_DISTRICT = "je Regionalteam", "im Kreis"


@dataclass(frozen=True)
class _Goal:
    """What several teams, or the district, are to reach in the same days."""

    indicator: str
    first: date
    until: date
    is_of_team: bool

    @classmethod
    def of(cls, target: Target) -> _Goal:
        return cls(target.indicator, target.first, target.until, target.team is not None)


def list_milestones(
    connection: Connection, scope: Scope, all_targets: Sequence[Target], teams: Sequence[str]
) -> Iterator[Milestone]:
    """Every target whose days the period touches, for all teams, also those without one.

    A target's ``indicator`` may name one category: ``conversations_by_kind.clearing``. The value is
    counted from the target's own first day to its last, or to the period's where that comes before.
    """
    targets = [target for target in all_targets if _is_touched(target, scope)]
    for goal in dict.fromkeys(map(_Goal.of, targets)):
        label = milestone_label(goal.indicator, goal.until, of_team=goal.is_of_team)
        if label is not None:
            own = {t.team: round(t.value) for t in targets if _Goal.of(t) == goal}
            title = f"{label}, {_describe_days(goal, scope)}"
            own_scope = _find_scope(scope, goal)
            reached = _count_reached(connection, own_scope, goal)
            command = _write_command(own_scope, goal)
            for team in teams if goal.is_of_team else [None]:
                label = f"{title} {OF_TEAM if team else OF_DISTRICT}"
                value = reached.get(team or "", 0)
                yield Milestone(team or WHOLE, label, value, own.get(team), command)


def _is_touched(target: Target, scope: Scope) -> bool:
    begins_later = scope.last is not None and target.first > scope.last
    ended_before = scope.first is not None and target.until < scope.first
    return not (begins_later or ended_before)


def _describe_days(goal: _Goal, scope: Scope) -> str:
    days = period_text(goal.first, goal.until)
    is_open = scope.last is not None and scope.last < goal.until
    return f"{days} (gezählt bis {day_text(scope.last)})" if is_open else days


def _find_scope(scope: Scope, goal: _Goal) -> Scope:
    """The days and units in which a milestone is counted."""
    last = min(goal.until, scope.last or goal.until)
    by: By | None = "team" if goal.is_of_team else None
    return replace(scope, first=goal.first, last=last, by=by)


def _write_command(own: Scope, goal: _Goal) -> str:
    name, _, category = goal.indicator.partition(".")
    return write_command(own, INDICATORS[name], category or None)


def _count_reached(connection: Connection, own: Scope, goal: _Goal) -> dict[str, int | None]:
    """What was reached by team, or under "" in the district; None: no source delivers it."""
    name, _, category = goal.indicator.partition(".")
    counted: dict[str, int | None] = {**count_by_unit(connection, INDICATORS[name], own, category)}
    lacking = [gap.unit for gap in list_gaps(connection, own, [name]) if gap.whole]
    return {**counted, **{unit.get("team", ""): None for unit in lacking}}


def milestone_label(indicator: str, until: date, *, of_team: bool = True) -> str | None:
    """The German label of an indicator or, after a dot, of one of its categories.

    None where the catalogue of that day has no such indicator, or it is not counted by team.
    """
    name, _, category = indicator.partition(".")
    found = next((i for i in choose_catalogue(until).indicators() if i.indicator == name), None)
    if found is None or (of_team and not counts_by_team(name)):
        return None
    if not category:
        return found.label
    return found.labels().get(category)


def counts_by_team(indicator: str) -> bool:
    """Whether an indicator is counted by Regionalteam; True for an unknown name."""
    return indicator not in INDICATORS or "team" in INDICATORS[indicator].units


def unknown_targets(targets: Sequence[Target]) -> list[str]:
    """Indicators of targets that the catalogue does not know or that are not counted by team."""
    return sorted(
        {
            t.indicator
            for t in targets
            if milestone_label(t.indicator, t.until, of_team=t.team is not None) is None
        }
    )
