"""Takes from the evidence of a grant what belongs to one year; what has no part by year is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectors.documents.funding.evidence_data import GrantEvidence, MemberEvidence
from pipelines.funding.evidence import add_known, write_euro
from pipelines.funding.grant_book import HeldPost


def take_year(grant: GrantEvidence, holdings: Sequence[HeldPost], year: int) -> GrantEvidence:
    """The evidence of the year: its members, times, rates and costs.

    A grant or a cost for longer than the year is in no sum: the register has no part of it, and
    two years would have it twice.
    """
    if _is_of_year(grant.first, grant.last, year):
        return grant
    paid = [h for h in holdings if h.grant == grant.grant]
    members = [
        _take_member(member, [h for h in paid if h.member == member.member], year)
        for member in grant.members
        if any(_meets_year(t.first, t.last, year) for t in member.times)
    ]
    told = _tell_amount(grant, year)
    return replace(grant, amount=None, members=members, missing=[*grant.missing, *told])


def _is_of_year(begin: date | None, end: date | None, year: int) -> bool:
    """Whether all days of a period are in the year."""
    return begin is not None and end is not None and begin.year == end.year == year


def _meets_year(begin: date, end: date, year: int) -> bool:
    return begin.year <= year <= end.year


def _take_member(member: MemberEvidence, held: Sequence[HeldPost], year: int) -> MemberEvidence:
    rated = [part for part in member.rated if part.year == year]
    amounts = [part.amount for part in rated]
    within = [h for h in held if _is_of_year(h.begin, h.end, year)]
    return replace(
        member,
        times=[t for t in member.times if _meets_year(t.first, t.last, year)],
        rated=rated,
        by_rate=None if None in amounts else sum((a for a in amounts if a), Decimal(0)),
        staff_cost=add_known([h.staff_cost for h in within]),
        training_cost=add_known([h.training_cost for h in within]),
        missing=[*member.missing, *_tell_costs(held, year)],
    )


def _tell_amount(grant: GrantEvidence, year: int) -> Iterator[str]:
    if grant.amount is not None:
        yield (
            f"Zuwendung {grant.grant}: Sie gilt nicht nur für {year}; der bewilligte Betrag "
            f"({write_euro(grant.amount)}) gilt für ihre ganze Zeit und ist in keiner Summe."
        )


def _tell_costs(held: Iterable[HeldPost], year: int) -> Iterator[str]:
    for one in held:
        costs = add_known([one.staff_cost, one.training_cost])
        meets = one.meets(date(year, 1, 1), date(year, 12, 31))
        if costs is not None and meets and not _is_of_year(one.begin, one.end, year):
            yield (
                f"Fachkraft {one.member}: Die Besetzung ab {one.begin:%d.%m.%Y} gilt nicht nur für "
                f"{year}; ihre Kosten ({write_euro(costs)}) sind in keiner Summe. Tragen Sie die "
                "Besetzung je Jahr in einer eigenen Zeile ein."
            )
