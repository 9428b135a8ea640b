"""What the times of a member on posts bring by the rates, day by day (assumed)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from connectors.documents.funding.evidence_data import HeldTime, RatedTime
from mappings.grant_terms import VzaeRate
from pipelines.funding.evidence_rules import EvidenceRules
from pipelines.funding.grant_book import GrantBook, each_day
from pipelines.funding.posts import round_half_up, sum_holdings

_FULL = Decimal(1)


def count_worked_days(
    book: GrantBook, member: str, times: Sequence[HeldTime]
) -> dict[date, Decimal]:
    """The VZÄ of each day at work, as they are recorded."""
    days: dict[date, Decimal] = {}
    for time in times:
        for day in each_day(time.first, time.last):
            if time.vzae is not None and not book.is_interrupted(member, day):
                days[day] = days.get(day, Decimal(0)) + time.vzae
    return days


def find_overwork(
    book: GrantBook, member: str, first: date, last: date, edition: int
) -> date | None:
    """The first day on which a member has more than a full post.

    Until edition 2 it was not looked for after an interruption.
    """
    holdings = [h for h in book.holdings if h.member == member]
    begins = book.list_begins(holdings) if edition > 2 else [h.begin for h in holdings]
    for day in sorted({max(begin, first) for begin in begins if begin <= last}):
        if sum_holdings([h for h in holdings if book.is_working(h, day)]) > _FULL:
            return day
    return None


def apply_rates(rules: EvidenceRules, worked: Mapping[date, Decimal]) -> list[RatedTime]:
    """Rate × VZÄ × share of the year at work; a year whose rate changes comes in parts.

    Nobody has more than a full post, whatever is recorded.
    """
    rated = []
    for year in sorted({day.year for day in worked}):
        spans = list(_split_year(rules, year))
        for first, last, rate in spans:
            days = [vzae for day, vzae in worked.items() if first <= day <= last]
            if days:
                counted = sum((_cap_day(rules, vzae) for vzae in days), Decimal(0))
                span = (first, last) if len(spans) > 1 else None
                rated.append(_rate_span(year, span, rate, counted))
    return rated


def _cap_day(rules: EvidenceRules, vzae: Decimal) -> Decimal:
    return vzae if rules.edition == 1 else min(vzae, _FULL)


def _split_year(rules: EvidenceRules, year: int) -> Iterator[tuple[date, date, VzaeRate | None]]:
    """The parts of a year that have one rate each, with first and last day."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if rules.edition == 1:
        yield first, last, rules.terms.rate_on(last)
        return
    for rate, days in groupby(each_day(first, last), key=rules.terms.rate_on):
        begin, *others = days
        yield begin, others[-1] if others else begin, rate


def _rate_span(
    year: int, span: tuple[date, date] | None, rate: VzaeRate | None, vzae_days: Decimal
) -> RatedTime:
    if rate is None:
        return RatedTime(year, vzae_days, None, None, None, span)
    length = (date(year, 12, 31) - date(year, 1, 1)).days + 1
    amount = round_half_up(Fraction(rate.amount) * Fraction(vzae_days) / length)
    return RatedTime(year, vzae_days, rate.amount, rate.known, amount, span)
