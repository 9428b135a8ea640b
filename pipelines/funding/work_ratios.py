"""Sets clients and conversations of a period against the VZÄ on the posts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from mappings.grant_terms import month_end
from pipelines.funding.grant_book import GrantBook
from pipelines.funding.posts import count_vzae_days, round_half_up, split_months, sum_holdings
from warehouse.marts.conversations import count_by_staff_and_day
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope


@dataclass(frozen=True)
class Ratios:
    """What the posts are measured by, until today at most; None: nothing to divide by.

    ``vzae_per_100_clients`` on the last day; ``conversations``: those that names on posts held on
    their days at work there, ``conversations_of_others`` all others. ``vzae_months``: what they are
    divided by.
    """

    clients: int
    vzae_per_100_clients: Decimal | None
    conversations: int
    conversations_of_others: int
    vzae_months: Decimal
    conversations_per_vzae_month: Decimal | None


def measure_work(connection: Connection, book: GrantBook, scope: Scope) -> Ratios:
    """Clients and conversations of a period, measured by the posts; it has a first and a last day."""
    first, last = scope.first, scope.counted_on
    if first is None or last is None:
        raise ValueError("an open period has no months")
    clients = _count_clients(connection, scope)
    filled = sum_holdings([h for h in book.holdings if book.is_working(h, last)])
    months = count_vzae_months(book, first, last)
    ours, all_held = _count_held(connection, book, replace(scope, last=last))
    return Ratios(
        clients,
        round_half_up(Fraction(filled) * 100 / clients) if clients else None,
        ours,
        all_held - ours,
        round_half_up(months),
        # Without a recorded name there is nothing to count: no 0, but no figure.
        round_half_up(ours / months) if months and _has_names(book, first, last) else None,
    )


def count_vzae_months(book: GrantBook, first: date, last: date) -> Fraction:
    """VZÄ × months at work; each day is that part of its month."""
    return sum(
        (
            Fraction(count_vzae_days(book, begin, end)) / month_end(begin).day
            for begin, end in split_months(first, last)
        ),
        Fraction(0),
    )


def _has_names(book: GrantBook, first: date, last: date) -> bool:
    """Whether a source's name is known of anyone on a post in the period."""
    named = {member for _, _, member in book.names}
    return any(h.member in named and h.meets(first, last) for h in book.holdings)


def _count_clients(connection: Connection, scope: Scope) -> int:
    return sum(int(row.value) for row in connection.execute(INDICATORS["clients"](scope)))


def _count_held(connection: Connection, book: GrantBook, scope: Scope) -> tuple[int, int]:
    """The conversations that members held on days at work on a post of the book, and all."""
    working = {(source, name): book.of_member(key) for source, name, key in book.names}
    ours = total = 0
    for row in connection.execute(count_by_staff_and_day(scope)):
        total += int(row.value)
        own = working.get((row.source, row.staff))
        if own and any(own.is_working(held, row.held_on) for held in own.holdings):
            ours += int(row.value)
    return ours, total
