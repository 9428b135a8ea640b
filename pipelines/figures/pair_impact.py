"""Tells before a decision what it changes: figures, money, releases, what was handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection, select, union

from pipelines.figures.submitted_periods import SubmittedPeriod, read_submitted
from pipelines.hub import Hub
from pipelines.transfer.decision import open_gate
from pipelines.transfer.parcels import list_handed_over
from warehouse.as_of import resolve_moment
from warehouse.gates.joint_release import (
    ChangedRelease,
    Grants,
    JointReleases,
    compare_grants,
    read_grants,
)
from warehouse.gates.question import Gate
from warehouse.identity.decisions import Pair, name_record
from warehouse.identity.record import Key
from warehouse.identity.waiting_pairs import read_person_ids
from warehouse.marts.counted_persons import CountedPerson, read_counted
from warehouse.marts.funding import Window
from warehouse.marts.merge_impact import FigureChange, FigureChanges
from warehouse.marts.scope import Scope
from warehouse.schema import consent, consent_statement

# Whoever was ever assigned, where the district names no days.
_ANY_DAY = date(1900, 1, 1)


@dataclass(frozen=True)
class ReleaseChange:
    """A record of which a recipient receives other data groups than before."""

    recipient: str
    record: str
    before: Sequence[str]
    after: Sequence[str]


@dataclass(frozen=True)
class Transferred:
    """A form of a record that a recipient has, made when the persons were other ones."""

    recipient: str
    record: str
    sent_on: date


@dataclass(frozen=True)
class PairImpact(FigureChange):
    """What a decision on two records changes.

    ``consents``: what one of them said about a recipient counts for the other, or no longer does.
    ``doubled``: sources of which one person would have several records; if they are joined, what
    linked these before may hold no more, so a list says only what the decision itself changes, and
    a rehearsal all. ``submissions``: those handed over of whose period a figure would be another.
    """

    consents: bool
    doubled: Sequence[str]
    releases: Sequence[ReleaseChange]
    transfers: Sequence[Transferred]
    submissions: Sequence[str]

    def rank(self) -> tuple[bool, bool, bool]:
        """The place in the order of review: consents first, then money, then figures."""
        figures = self.clients or self.reached or self.units
        return (
            not (self.consents or self.releases or self.transfers),
            not self.target_group,
            not figures,
        )


class PersonsNow:
    """Who is who at the newest load, and what follows from it."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub, self._connection = hub, connection
        self._known_at = resolve_moment(connection, None)
        self.persons = read_person_ids(connection)
        self.scope = Scope(None, hub.today, self._known_at, None)
        self._handed_over = list_handed_over(connection)

    @cached_property
    def records(self) -> Mapping[str, frozenset[Key]]:
        """The known records of each person."""
        found: dict[str, set[Key]] = defaultdict(set)
        for record, person in self.persons.items():
            found[person].add(record)
        return {person: frozenset(records) for person, records in found.items()}

    @cached_property
    def counted(self) -> Mapping[str, CountedPerson]:
        """Where each person counts."""
        window = funding_window(self._hub)
        everybody = set(self.persons.values())
        return read_counted(self._connection, self.scope, window, everybody)

    @cached_property
    def submitted(self) -> Sequence[SubmittedPeriod]:
        """Where each person counts in what was submitted."""
        everybody = set(self.persons.values())
        return read_submitted(self._connection, self.scope, funding_window(self._hub), everybody)

    @cached_property
    def figures(self) -> FigureChanges:
        """What changes in figures and money, as against now."""
        return FigureChanges(self.counted.values(), self._hub.config.funding.amount)

    @cached_property
    def gates(self) -> Mapping[str, Gate]:
        """The question to the gate for each recipient."""
        hub, connection = self._hub, self._connection
        return {
            name: open_gate(hub, connection, name, hub.today, self._known_at)
            for name in hub.config.recipients
        }

    @cached_property
    def grants(self) -> Mapping[str, Grants]:
        """What may be released to each recipient."""
        return {name: read_grants(self._connection, gate) for name, gate in self.gates.items()}

    @cached_property
    def joint(self) -> Mapping[str, JointReleases]:
        """What may be released to each recipient if two persons are one."""
        return {
            name: JointReleases(self._connection, gate, self.persons)
            for name, gate in self.gates.items()
        }

    @cached_property
    def asked(self) -> frozenset[Key]:
        """The records with a consent, given or withdrawn, delivered or by hand."""
        tables = (self.scope.select_known(consent), consent_statement)
        said = (select(table.c.source, table.c.person_key) for table in tables)
        return frozenset((source, key) for source, key in self._connection.execute(union(*said)))

    def read_all(self) -> PersonsNow:
        """Reads what is read when asked for, before it changes; returns itself."""
        _ = self.records, self.counted, self.submitted, self.figures, self.grants, self.asked
        return self

    def list_transferred(self, records: Collection[Key]) -> list[Transferred]:
        """The forms of some records that a recipient has."""
        return [
            Transferred(one.recipient, name_record(one.record), one.sent_on)
            for one in self._handed_over
            if one.record in records
        ]

    def compare_joined(self, pair: Pair) -> PairImpact:
        """What changes if the persons of two records are one."""
        one, other = (self.persons[key] for key in pair)
        if one == other:
            return _combine(self.figures.compare((), ()), consents=False, doubled=())
        before = [self.counted[one], self.counted[other]]
        records = [self.records[one], self.records[other]]
        return _combine(
            self.figures.compare(before, [before[0].join(before[1])]),
            consents=all(self.asked & mine for mine in records),
            doubled=_list_doubled([records[0] | records[1]]),
            releases={name: list(j.compare(one, other)) for name, j in self.joint.items()},
            transfers=self.list_transferred(frozenset().union(*records)),
            submissions=list(self._list_changed(one, other)),
        )

    def _list_changed(self, one: str, other: str) -> Iterator[str]:
        """The submissions that would be others if two persons are one."""
        for period in self.submitted:
            before = [period.counted[one], period.counted[other]]
            if period.is_changed(before, [before[0].join(before[1])]):
                yield from period.submissions


def compare_persons(before: PersonsNow, after: PersonsNow) -> PairImpact:
    """What changed between two states, whatever joined or parted the persons.

    All of ``before`` that is used must have been read before the change.
    """
    moved = {*before.records.values()} ^ {*after.records.values()}
    spoke, speaks = (_list_common_words(now, moved) for now in (before, after))
    releases = {
        name: compare_grants(grants, after.grants.get(name, {}))
        for name, grants in before.grants.items()
    }
    return _combine(
        before.figures.compare(before.counted.values(), after.counted.values()),
        consents=spoke != speaks or any(releases.values()),
        doubled=_list_doubled(moved.intersection(after.records.values())),
        releases=releases,
        transfers=after.list_transferred(frozenset().union(*moved)),
        submissions=[
            name
            for then, now in zip(before.submitted, after.submitted, strict=True)
            if then.is_changed(then.counted.values(), now.counted.values())
            for name in then.submissions
        ],
    )


def _list_common_words(now: PersonsNow, moved: set[frozenset[Key]]) -> set[frozenset[Key]]:
    """Of the persons that are others, the records that spoke, where there are several."""
    groups = moved.intersection(now.records.values())
    return {spoken for group in groups if len(spoken := now.asked & group) > 1}


def _combine(
    figures: FigureChange,
    *,
    consents: bool,
    doubled: Sequence[str],
    releases: Mapping[str, Sequence[ChangedRelease]] | None = None,
    transfers: Sequence[Transferred] = (),
    submissions: Sequence[str] = (),
) -> PairImpact:
    named = list(_name_releases(releases or {}))
    return PairImpact(
        **vars(figures),
        consents=consents or bool(named),
        doubled=doubled,
        releases=named,
        transfers=transfers,
        submissions=submissions,
    )


def _list_doubled(persons: Iterable[frozenset[Key]]) -> list[str]:
    """The sources of which one of the persons has several records."""
    sources = [[source for source, _ in records] for records in persons]
    return sorted({one for some in sources for one in some if some.count(one) > 1})


def _name_releases(found: Mapping[str, Sequence[ChangedRelease]]) -> Iterator[ReleaseChange]:
    for recipient, changes in found.items():
        for one in sorted(changes, key=lambda change: change.record):
            groups = sorted(one.before), sorted(one.after)
            yield ReleaseChange(recipient, name_record(one.record), *groups)


def funding_window(hub: Hub) -> Window:
    """The key date and days of assignment that the district names.

    Without them, everybody counts who was ever assigned, as nobody knows which days will count.
    """
    funding = hub.config.funding
    if not (funding.stichtag and funding.begin and funding.end):
        return Window(hub.today, _ANY_DAY, hub.today)
    return Window(funding.stichtag, funding.begin, funding.end)
