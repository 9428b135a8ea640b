"""The registers of staff, posts and grants as known at a load, ready to be computed with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from warehouse.ledger.grant_registers import read_entries
from warehouse.schema import (
    grant_period,
    interruption,
    post,
    post_holding,
    post_municipality,
    staff_member,
    staff_name,
)

if TYPE_CHECKING:
    from warehouse.as_of import KnownAt


@dataclass(frozen=True)
class HeldPost:
    """A member on a post, both days included; ``end`` None: open. ``vzae`` None: not stated."""

    member: str
    post: str
    begin: date
    end: date | None
    vzae: Decimal | None
    grant: str | None
    line: str
    staff_cost: Decimal | None
    training_cost: Decimal | None

    def meets(self, first: date, last: date | None) -> bool:
        """Whether it has a day in common with a period (None: open)."""
        return (last is None or self.begin <= last) and (self.end is None or first <= self.end)


@dataclass(frozen=True)
class FundedPost:
    """A post with the municipalities it serves."""

    key: str
    carrier: str | None
    grant: str | None
    line: str
    vzae: Decimal
    begin: date | None
    end: date | None
    municipalities: frozenset[str]


@dataclass(frozen=True)
class GrantBook:
    """All registers of staff, posts and grants; entries of a kind by their keys."""

    grants: dict[str, dict[str, Any]]
    posts: Sequence[FundedPost]
    members: dict[str, dict[str, Any]]
    names: Sequence[tuple[str, str, str]]
    holdings: Sequence[HeldPost]
    interruptions: Mapping[str, Sequence[tuple[date, date | None]]]

    def is_interrupted(self, member: str, day: date) -> bool:
        """Whether the member did not work on this day."""
        return any(covers(*span, day) for span in self.interruptions.get(member, ()))

    def is_working(self, held: HeldPost, day: date) -> bool:
        """Whether the member is on the post on this day and works."""
        return covers(held.begin, held.end, day) and not self.is_interrupted(held.member, day)

    def list_begins(self, holdings: Sequence[HeldPost]) -> list[date]:
        """The days on which somebody begins to work on one of the posts, or does so again."""
        members = {h.member for h in holdings}
        ends = (end for m in members for _, end in self.interruptions.get(m, ()) if end)
        days = {h.begin for h in holdings} | {end + timedelta(days=1) for end in ends}
        return sorted(days)

    def of_member(self, member: str) -> GrantBook:
        """The same with the holdings of one member."""
        return replace(self, holdings=[h for h in self.holdings if h.member == member])

    def in_line(self, line: str | None) -> GrantBook:
        """The same with the posts and holdings of one line of funding; None: all."""
        if line is None:
            return self
        posts = [p for p in self.posts if p.line == line]
        holdings = [h for h in self.holdings if h.line == line]
        return replace(self, posts=posts, holdings=holdings)


def covers(begin: date | None, end: date | None, day: date) -> bool:
    """Whether a period, open where a day is missing, includes the day."""
    return (begin is None or begin <= day) and (end is None or day <= end)


def each_day(first: date, last: date) -> Iterator[date]:
    """All days from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def read_grant_book(connection: Connection, known_at: KnownAt) -> GrantBook:
    """Reads all of it as it was in force."""
    read = partial(read_entries, connection, known_at=known_at)
    grants = {g["key"]: g for g in read(grant_period)}
    served = _group_by((p["post"], p["ags"]) for p in read(post_municipality))
    spans = _group_by((i["member"], (i["begun_on"], i["ended_on"])) for i in read(interruption))
    return GrantBook(
        grants,
        [_read_post(p, grants, served) for p in read(post)],
        {m["key"]: m for m in read(staff_member)},
        [(n["source"], n["name"], n["member"]) for n in read(staff_name)],
        [_read_holding(h, grants) for h in read(post_holding)],
        spans,
    )


def _group_by(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    grouped = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return grouped


def _line_of(grants: dict[str, dict[str, Any]], key: str | None) -> str:
    return str(grants[key]["line"]) if key in grants else "integrationsmanagement"


def _read_post(
    entry: dict[str, Any], grants: dict[str, dict[str, Any]], served: dict[str, list[str]]
) -> FundedPost:
    return FundedPost(
        entry["key"],
        entry["carrier"],
        entry["grant_key"],
        _line_of(grants, entry["grant_key"]),
        entry["vzae"],
        entry["begun_on"],
        entry["ended_on"],
        frozenset(served.get(entry["key"], ())),
    )


def _read_holding(entry: dict[str, Any], grants: dict[str, dict[str, Any]]) -> HeldPost:
    return HeldPost(
        entry["member"],
        entry["post"],
        entry["begun_on"],
        entry["ended_on"],
        entry["vzae"],
        entry["grant_key"],
        _line_of(grants, entry["grant_key"]),
        entry["staff_cost"],
        entry["training_cost"],
    )
