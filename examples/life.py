"""The records of a simulated district, each with the days on which exports show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from examples.people import Person


@dataclass(slots=True)
class Recorded:
    """A record of a system: in exports from `known` on, and no longer from `gone` on."""

    key: str
    known: date
    gone: date | None = field(default=None, kw_only=True)

    def visible_on(self, day: date) -> bool:
        """Whether an export of that day holds it."""
        return self.known <= day and (self.gone is None or self.gone > day)


@dataclass(slots=True)
class Case(Recorded):
    """One person at one carrier, with the name as written there and the staff in order of time.

    `written`: what the system has otherwise than the person is, by field of the row.
    """

    source: str
    person: Person
    municipality: str
    begin: date
    end: date | None
    last: str
    first: str
    born: date
    staff: list[tuple[date, str]]
    team: str
    course: bool
    skills: dict[str, str] = field(default_factory=dict)
    releases: list[tuple[date, tuple[str, ...]]] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)

    @property
    def record(self) -> str:
        """The key with its source in front, unique within the district."""
        return f"{self.source}:{self.key}"

    def staff_on(self, day: date) -> str:
        """Name of the counsellor of the case on that day."""
        return next(
            (name for since, name in reversed(self.staff) if since <= day), self.staff[0][1]
        )

    def release_on(self, day: date) -> tuple[str, ...]:
        """Data groups the person had released for the Jobcenter on that day."""
        return next((groups for since, groups in reversed(self.releases) if since <= day), ())

    def last_change(self, day: date) -> date:
        """The latest day, not after `day`, on which an exported value of the case changed."""
        changes = [since for since, _ in (*self.staff, *self.releases)]
        changes += [since for since, _, _ in self.person.changes]
        return max(since for since in changes if since <= day)


@dataclass(slots=True)
class Conversation(Recorded):
    """One conversation with a person or several of a family.

    `corrected` replaces the topics from a day on.
    """

    cases: tuple[Case, ...]
    day: date
    setting: str
    kind: str
    topics: tuple[str, ...]
    referrals: tuple[str, ...]
    channel: str
    minutes: int | None
    staff: str
    interpreter: bool
    note: str
    corrected: tuple[date, tuple[str, ...]] | None = None

    def topics_on(self, day: date) -> tuple[str, ...]:
        """Topics as the record said on that day."""
        return self.corrected[1] if self.corrected and self.corrected[0] <= day else self.topics


@dataclass(slots=True)
class Goal(Recorded):
    """One goal of a plan, or of a case where the system has no plans; `outcome` is '' if open."""

    area: str
    begin: date
    due: date | None
    outcome: str
    outcome_day: date | None

    def state_on(self, day: date) -> str:
        """`offen`, `in Arbeit`, `erreicht` or `abgebrochen` as the record says on that day."""
        if self.outcome_day and self.outcome_day <= day:
            return self.outcome
        return "in Arbeit" if self.begin + timedelta(days=45) <= day else "offen"


@dataclass(slots=True)
class Plan(Recorded):
    """One Integrationsplan of a person or a family; it is open until the day `concluded`."""

    cases: tuple[Case, ...]
    concluded: date
    goals: list[Goal]


@dataclass(slots=True)
class Consent(Recorded):
    """One consent to pass data on; exports show a revocation from its day on."""

    case: Case
    recipient: str
    purpose: str
    groups: tuple[str, ...]
    given: date
    until: date | None
    revoked: date | None
    secrecy_released: bool


@dataclass(slots=True)
class Life:
    """All records of one district, per kind in the order in which the systems list them."""

    cases: list[Case] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    goals: list[tuple[Case, Goal]] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    same_person: list[tuple[str, str, str]] = field(default_factory=list)

    def iterate_records(self) -> Iterator[tuple[Case, Recorded]]:
        """Every record with the case it belongs to, the first where it belongs to several."""
        yield from ((case, case) for case in self.cases)
        yield from ((talk.cases[0], talk) for talk in self.conversations)
        yield from ((plan.cases[0], plan) for plan in self.plans)
        yield from self.goals
        yield from ((consent.case, consent) for consent in self.consents)
