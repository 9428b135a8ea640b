"""Tells what later deliveries made of a period that is over.

What has no day of its own, such as a status, counts as it was delivered last: a figure of last year
may be another one than it was then, and another one than others have.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from connectors.documents import german_format
from connectors.documents.figure_data import Figure, RevisedFigure, name_figure
from pipelines.figures.figure_rules import FigureRules
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from warehouse.as_of import KnownAt
from warehouse.ledger.submissions import Submission, read_submissions
from warehouse.marts.deliverers import list_known_sources
from warehouse.marts.scope import By, find_kind
from warehouse.schema import load

if TYPE_CHECKING:
    from pipelines.hub import Hub

_KENNZAHLEN = "kennzahlen"
_AS_LAST = (
    "Was keinen eigenen Tag hat (Status, Unterbringung, Gemeinde und Zuständige eines Falls), zählt, "
    "wie es zuletzt geliefert wurde ({newest}). Wie es die ersten Lieferungen nach dem Ende des "
    "Zeitraums sagten, gibt --as-of {first}."
)
_LEFT_OUT = (
    "Stand nach Ladung {load} ohne die Ladungen {late}, die Lieferungen späterer Tage brachten; "
    "denselben Stand gibt --as-of {moment}, nicht die Nummer."
)
_NOTHING = "Die Zahlen sind ohne {sources}: Von dort liegt noch nichts vor."
_ENDED = (
    "Der Zeitraum ist nicht vollständig: Die letzte Lieferung von {sources} ist vom {day}; was "
    "danach war, fehlt in den Zahlen."
)
_OTHER = (
    "r: In der Einreichung {submission} vom {day} {stand} {count} mit einem anderen Wert; warum, sagt: "
    "drehscheibe submit correct {submission}."
)


@dataclass(frozen=True)
class LaterChanges:
    """The figures that others have with another value, and German sentences on what came later.

    ``incomplete``: sentences on the sources that have not delivered since the period's end.
    """

    revised: Sequence[RevisedFigure] = ()
    sentences: Sequence[str] = ()
    incomplete: Sequence[str] = ()

    @property
    def notes(self) -> list[str]:
        """All sentences, what is missing first."""
        return [*self.incomplete, *self.sentences]

    @property
    def answer(self) -> dict[str, Any]:
        """The fields of a document."""
        return {"revised": frozenset(map(name_figure, self.revised)), "later": self.sentences}


def tell_changes(
    hub: Hub,
    asked: FigureRequest,
    known_at: KnownAt,
    figures: Sequence[Figure],
    units: Collection[By],
) -> LaterChanges:
    """What became of the figures after the period's end.

    ``units``: the kinds of unit that ``figures`` are divided by.
    """
    made = _find_submission(hub, asked)
    revised = _find_revised(hub, known_at, figures, units, made)
    days = _read_days(hub, known_at) if asked.last else {}
    sentences = list(_tell_left_out(known_at))
    sentences += _tell_newest(days, asked.last) if asked.last else []
    incomplete = list(_tell_incomplete(days, asked.last)) if asked.last else []
    if made and revised:
        sentences.append(_name_submission(made, len(revised)))
    return LaterChanges(revised, sentences, incomplete)


def _tell_left_out(known_at: KnownAt) -> Iterator[str]:
    """Says where the number of the load is not all: loads before it brought later days."""
    if known_at.late:
        numbers = ", ".join(map(str, sorted(known_at.late)))
        yield _LEFT_OUT.format(load=known_at.load, late=numbers, moment=known_at.moment)


def _read_days(hub: Hub, known_at: KnownAt) -> Mapping[str, Sequence[date]]:
    """The days of the deliveries of each source, in order; none of a source without one."""
    c = load.c
    loaded = select(c.source, c.delivered_on).where(known_at.includes(c.number)).distinct()
    with hub.store.read() as connection:
        days: dict[str, list[date]] = {one: [] for one in list_known_sources(connection, known_at)}
        for source, day in connection.execute(loaded.order_by(c.delivered_on)):
            if source in days:
                days[source].append(day)
    return days


def _tell_newest(days: Mapping[str, Sequence[date]], last: date) -> Iterator[str]:
    """Says of which day the state is, where sources delivered again after the period's end."""
    after = [found for one in days.values() if (found := [day for day in one if day >= last])]
    first, newest = (max((one[at] for one in after), default=last) for at in (0, -1))
    if newest > first:
        yield _AS_LAST.format(newest=german_format.day_text(newest), first=first)


def _tell_incomplete(days: Mapping[str, Sequence[date]], last: date) -> Iterator[str]:
    """Names the sources of which nothing of the period's last days can be known."""
    behind: dict[date | None, list[str]] = defaultdict(list)
    for source, found in sorted(days.items()):
        if not found or found[-1] < last:
            behind[found[-1] if found else None].append(source)
    for day, sources in sorted(behind.items(), key=lambda one: one[0] or date.min):
        named = ", ".join(sources)
        if day is None:
            yield _NOTHING.format(sources=named)
        else:
            yield _ENDED.format(sources=named, day=german_format.day_text(day))


def _name_submission(made: Submission, count: int) -> str:
    day = german_format.day_text(made.prepared_at.date())
    counted = german_format.count_text(count, "dieser Kennzahlen", "dieser Kennzahlen")
    stand = "steht" if count == 1 else "stehen"
    return _OTHER.format(submission=made.submission_id, day=day, stand=stand, count=counted)


def _find_revised(
    hub: Hub,
    known_at: KnownAt,
    figures: Sequence[Figure],
    units: Collection[By],
    made: Submission | None,
) -> list[RevisedFigure]:
    """The figures that a submission of the same period has with another value.

    None where what is asked for was known before it.
    """
    if made is None or known_at.load <= made.load_number:
        return []
    both: list[By] = [by for by in json.loads(made.units) if by in units]
    rules = FigureRules.from_json(made.rules)
    frozen = FigureRequest(made.period_from, made.period_to, made.load_number, rules)
    then = compute_kennzahlen(hub, frozen, both).figures
    now = [figure for figure in figures if find_kind(figure.unit) in (None, *both)]
    return list(_compare(made, then, now))


def _find_submission(hub: Hub, asked: FigureRequest) -> Submission | None:
    """The newest submission of the period that others have; none of the district's own figures."""
    if asked.purpose != "state":
        return None
    with hub.store.read() as connection:
        made = read_submissions(connection)
    ours = [
        one
        for one in made
        if one.product == _KENNZAHLEN
        and one.is_with_others
        and (one.period_from, one.period_to) == (asked.first, asked.last)
    ]
    return ours[-1] if ours else None


def _compare(
    made: Submission, then: Sequence[Figure], now: Sequence[Figure]
) -> Iterator[RevisedFigure]:
    before = {name_figure(figure): figure for figure in then}
    after = {name_figure(figure): figure for figure in now}
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        figure = new or old
        then_value, now_value = (one.value if one else 0 for one in (old, new))
        if figure and then_value != now_value:
            yield RevisedFigure(
                figure.indicator,
                figure.category,
                figure.label,
                figure.unit,
                then_value,
                now_value,
                made.submission_id,
            )
