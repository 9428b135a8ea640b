"""Computes what a submission would say today: which figures changed, why, and where else they stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pipelines.figures.figure_rules import FigureRules, read_rules
from pipelines.figures.kennzahlen import UNKNOWN_LABELS, FigureRequest, open_scope
from pipelines.submission.cause_totals import CauseTotals
from pipelines.submission.change_steps import CAUSE_LABELS, Cause, StepRecords, list_steps
from pipelines.submission.counted_things import Line, Thing, Things, count_lines, list_things
from pipelines.submission.evidence_package import PRODUCT as EVIDENCE
from pipelines.submission.evidence_package import count_evidence, name_grant
from pipelines.submission.kennzahlen_package import read_frozen_rules
from pipelines.submission.made_of import list_units
from pipelines.submission.money_effect import MoneyEffect, UnknownEffect, find_money_effects
from pipelines.submission.published_numbers import AlsoPublished, list_published
from pipelines.submission.submissions import NotPossible, find_submission, list_submissions
from warehouse.as_of import KnownAt, read_newest_load
from warehouse.ledger.effective_loads import read_loads
from warehouse.ledger.submissions import State, Submission
from warehouse.marts.scope import Scope

if TYPE_CHECKING:
    from pipelines.hub import Hub


@dataclass(frozen=True)
class CauseCount:
    """How many things a cause added to a figure and took from it, and with which loads."""

    cause: Cause
    label: str
    added: int
    removed: int
    loads: Sequence[int]


@dataclass(frozen=True)
class ChangedFigure:
    """A figure then and now; ``then`` + all added − all removed = ``now``.

    ``material``: the change reaches the configured threshold.
    """

    indicator: str
    category: str | None
    label: str | None
    unit: Mapping[str, str]
    then: int
    now: int
    material: bool
    causes: Sequence[CauseCount]


@dataclass(frozen=True)
class AlsoCarries:
    """Another submission with figures that have changed since; ``shared``: lines of this one too."""

    id: str
    state: State
    period_from: date
    period_to: date
    changed: int
    shared: int


@dataclass(frozen=True)
class Correction:
    """What a submission would say today.

    ``load`` and ``now`` are the loads compared. ``within_horizon``: the period is not longer ago
    than the configured years. ``money``: what became of target group and money, but for the years
    in ``money_unknown``.
    """

    submission: str
    district: str
    period_from: date
    period_to: date
    load: int
    now: int
    within_horizon: bool
    changed: Sequence[ChangedFigure]
    causes: Sequence[CauseCount]
    money: Sequence[MoneyEffect]
    money_unknown: Sequence[UnknownEffect]
    also_in: Sequence[AlsoCarries]
    published: Sequence[AlsoPublished]

    @property
    def material(self) -> int:
        """How many figures changed by more than the threshold."""
        return sum(figure.material for figure in self.changed)


# Added and removed things of a line by cause and load.
_Changes = dict[Line, dict[Cause, Counter[tuple[str, int]]]]


def correct_submission(hub: Hub, submission_id: str) -> Correction:
    """Compares the figures of a submission with what is known now."""
    made = find_submission(hub, submission_id)
    _refuse_evidence(made)
    with hub.store.read() as connection:
        newest = read_newest_load(connection)
    today = read_rules(hub, made.period_to, KnownAt(newest))
    then, now, changes, totals = _follow_changes(hub, made, newest, today)
    figures = list(_list_changed(hub, today, then, now, changes))
    money = find_money_effects(hub, KnownAt(made.load_number), KnownAt(newest))
    return Correction(
        made.submission_id,
        today.district,
        made.period_from,
        made.period_to,
        made.load_number,
        newest,
        _is_within_horizon(hub, made),
        figures,
        _list_causes(totals.count()),
        money.known,
        money.unknown,
        list(_list_others(hub, made, newest, _find_differing(then, now))),
        list(list_published(hub, made, newest)) if figures else [],
    )


def _is_within_horizon(hub: Hub, made: Submission) -> bool:
    years = hub.today.year - made.period_to.year
    return years <= hub.config.submissions.horizon_years


def _refuse_evidence(made: Submission) -> None:
    if made.product == EVIDENCE:
        raise NotPossible(
            f"{made.submission_id} is the evidence of a grant. What changed is told by the "
            "correction of the Kennzahlen of its period; make the evidence anew with: drehscheibe "
            f"submit evidence {name_grant(made)} --corrects {made.submission_id}"
        )


def _follow_changes(
    hub: Hub, made: Submission, newest: int, today: FigureRules
) -> tuple[Counter[Line], Counter[Line], _Changes, CauseTotals]:
    """The figures then and now, and what every step since added and removed, line by line and in all.

    What other rules than the frozen ones add and remove comes last.
    """
    changes: _Changes = defaultdict(lambda: defaultdict(Counter))
    totals = CauseTotals()
    frozen = read_frozen_rules(made)
    with hub.store.read() as connection:
        things = _list_things(hub, connection, made, made.load_number, frozen)
        then = count_lines(things)
        for step in list_steps(read_loads(connection), made.load_number, newest):
            after = _list_things(hub, connection, made, step.last, frozen)
            records = StepRecords(connection, step)
            for sign, thing, shown in _compare_things(things, after):
                at, cause = (sign, step.last), records.find_cause(thing[0], shown)
                changes[thing[0]][cause][at] += 1
                totals.note(cause, at, thing, records.select_touched(thing[0], shown))
            things = after
        after = _list_things(hub, connection, made, newest, today)
        _count_by_rules(changes, totals, _compare_things(things, after), newest)
    return then, count_lines(after), changes, totals


def _count_by_rules(
    changes: _Changes,
    totals: CauseTotals,
    compared: Iterable[tuple[str, Thing, frozenset[tuple[str, str]]]],
    newest: int,
) -> None:
    """Adds what other rules than the frozen ones add and remove."""
    for sign, thing, shown in compared:
        changes[thing[0]][Cause.RULES][sign, newest] += 1
        totals.note(Cause.RULES, (sign, newest), thing, shown)


def _list_things(
    hub: Hub,
    connection: Connection,
    made: Submission,
    number: int,
    rules: FigureRules,
) -> Things:
    scopes = _open_scopes(hub, made, number, rules)
    shown = [line.indicator for line in rules.catalogue.indicators()]
    return list_things(connection, scopes, shown)


def _open_scopes(hub: Hub, made: Submission, number: int, rules: FigureRules) -> list[Scope]:
    """The whole district and each kind of unit that was submitted."""
    asked = FigureRequest(made.period_from, made.period_to, number, rules)
    whole = open_scope(hub, asked, KnownAt(number))
    return [replace(whole, by=by) for by in (None, *list_units(made))]


def _compare_things(
    before: Things, after: Things
) -> Iterator[tuple[str, Thing, frozenset[tuple[str, str]]]]:
    """Each thing that is counted on one side only, "added" or "removed", with its records."""
    for thing in after.keys() - before.keys():
        yield "added", thing, after[thing]
    for thing in before.keys() - after.keys():
        yield "removed", thing, before[thing]


def _list_changed(
    hub: Hub,
    rules: FigureRules,
    then: Counter[Line],
    now: Counter[Line],
    changes: _Changes,
) -> Iterator[ChangedFigure]:
    labels = {i.indicator: i.labels() | UNKNOWN_LABELS for i in rules.catalogue.indicators()}
    for line in _sort_lines(_find_differing(then, now), list(labels)):
        yield ChangedFigure(
            line.indicator,
            line.category,
            labels.get(line.indicator, {}).get(line.category),
            dict(line.unit),
            then[line],
            now[line],
            _is_material(hub, then[line], now[line]),
            _list_causes(changes[line]),
        )


def _sort_lines(lines: Iterable[Line], order: Sequence[str]) -> list[Line]:
    """The district first, then the units; within one the order of the catalogue."""
    return sorted(lines, key=lambda line: _place_line(line, order))


def _place_line(line: Line, order: Sequence[str]) -> tuple[str, int, str]:
    known = order.index(line.indicator) if line.indicator in order else len(order)
    return _join_unit(line), known, line.category or ""


def _join_unit(line: Line) -> str:
    return ", ".join(str(part) for _, part in line.unit)


def _list_causes(counted: Mapping[Cause, Counter[tuple[str, int]]]) -> list[CauseCount]:
    return [_count_cause(cause, counted[cause]) for cause in Cause if cause in counted]


def _count_cause(cause: Cause, counted: Counter[tuple[str, int]]) -> CauseCount:
    added, removed = _count_sign(counted, "added"), _count_sign(counted, "removed")
    loads = sorted({load for _, load in counted})
    return CauseCount(cause, CAUSE_LABELS[cause], added, removed, loads)


def _count_sign(counted: Counter[tuple[str, int]], wanted: str) -> int:
    return sum(n for (sign, _), n in counted.items() if sign == wanted)


def _is_material(hub: Hub, then: int, now: int) -> bool:
    limits, change = hub.config.submissions, abs(now - then)
    by_share = limits.least_share > 0 and change > 0 and change >= limits.least_share * then
    return change >= limits.least_change or by_share


def _list_others(
    hub: Hub, made: Submission, newest: int, changed: set[Line]
) -> Iterator[AlsoCarries]:
    """The other submissions of which figures have changed, too."""
    for other in list_submissions(hub):
        if other.submission_id == made.submission_id or other.state is State.WITHDRAWN:
            continue
        if lines := _find_changed(hub, other, newest):
            yield _describe_other(other, len(lines), len(lines & changed))


def _describe_other(other: Submission, changed: int, shared: int) -> AlsoCarries:
    return AlsoCarries(
        other.submission_id, other.state, other.period_from, other.period_to, changed, shared
    )


def _find_changed(hub: Hub, made: Submission, newest: int) -> set[Line]:
    """The lines of a submission that count something else than then."""
    if made.product == EVIDENCE:
        loads = (made.load_number, newest)
        return _find_differing(*(Counter(count_evidence(hub, made, number)) for number in loads))
    rules = read_frozen_rules(made)
    with hub.store.read() as connection:
        then, now = (
            count_lines(_list_things(hub, connection, made, number, rules))
            for number in (made.load_number, newest)
        )
    return _find_differing(then, now)


def _find_differing(then: Counter[Line], now: Counter[Line]) -> set[Line]:
    """The lines that count another number on either side."""
    return {line for line in then.keys() | now.keys() if then[line] != now[line]}
