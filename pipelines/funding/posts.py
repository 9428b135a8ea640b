"""Posts and who is on them, month by month: VZÄ, vacancies, start months, trainings, ratios."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter

from mappings.grant_terms import GrantTerms, add_months, month_end
from pipelines.funding.grant_book import FundedPost, GrantBook, HeldPost, covers, each_day

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Month:
    """The posts of a month in VZÄ.

    ``approved``, ``filled``, ``vacant`` and ``persons`` are those of its last day (of the period's,
    where it ends before); ``average`` is the mean of all days. ``without_vzae`` counts holdings that
    state no VZÄ and so are in no sum.
    """

    month: str
    approved: Decimal
    filled: Decimal
    vacant: Decimal
    average: Decimal
    persons: int
    without_vzae: int


@dataclass(frozen=True)
class StartMonth:
    """The month in which half of a municipality's posts were filled; None: not yet."""

    municipality: str
    approved: Decimal
    month: str | None


@dataclass(frozen=True)
class Vacancy:
    """Days in a row on which a post was not filled as a whole; ``vzae``: what was missing."""

    post: str
    first: date
    last: date
    vzae: Decimal


@dataclass(frozen=True)
class Training:
    """The Nachqualifizierung of a member whose class needs one (None: no class is recorded).

    ``state``: done, done_late, running, due (deadline ahead), late, unknown.

    """

    member: str
    needed: bool | None
    begin_by: date | None
    finish_by: date | None
    begun_on: date | None
    finished_on: date | None
    state: str


def list_months(book: GrantBook, first: date, last: date) -> list[Month]:
    """All months of a period, those it has a part of included."""
    return [_sum_month(book, begin, end) for begin, end in split_months(first, last)]


def split_months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last day of each month, within the period."""
    begin = first
    while begin <= last:
        end = min(month_end(begin), last)
        yield begin, end
        begin = end + timedelta(days=1)


def _sum_month(book: GrantBook, first: date, last: date) -> Month:
    on_last = [h for h in book.holdings if book.is_working(h, last)]
    approved = sum_posts(book.posts, last)
    filled = sum_holdings(on_last)
    return Month(
        f"{last:%Y-%m}",
        approved,
        filled,
        _sum_vacant(book, last),
        average_vzae(book, first, last),
        len({h.member for h in on_last}),
        sum(h.vzae is None for h in on_last),
    )


def _sum_vacant(book: GrantBook, day: date) -> Decimal:
    """What is missing on the posts of a day; too many on one leave another as vacant as it is.

    Who is on none that is known fills any.
    """
    posts = [p for p in book.posts if covers(p.begin, p.end, day)]
    lacks = (_measure_lack(book, p, book.holdings, day) for p in posts)
    keys = {p.key for p in book.posts}
    anywhere = [h for h in book.holdings if h.post not in keys and book.is_working(h, day)]
    return max(sum(lacks, Decimal(0)) - sum_holdings(anywhere), Decimal(0))


def sum_posts(posts: Sequence[FundedPost], day: date) -> Decimal:
    """The VZÄ of the posts that exist on a day."""
    return sum((p.vzae for p in posts if covers(p.begin, p.end, day)), Decimal(0))


def sum_holdings(holdings: Sequence[HeldPost]) -> Decimal:
    """The VZÄ of holdings, as far as they are stated."""
    return sum((h.vzae for h in holdings if h.vzae is not None), Decimal(0))


def average_vzae(book: GrantBook, first: date, last: date) -> Decimal:
    """The mean of the VZÄ at work over all days of a period, to a hundredth, half up."""
    days = (last - first).days + 1
    return round_half_up(Fraction(count_vzae_days(book, first, last)) / days)


def average_by_name(book: GrantBook, first: date, last: date) -> dict[tuple[str, str], Decimal]:
    """The mean of each member's VZÄ by source and name as recorded there."""
    return {
        (source, name): average_vzae(book.of_member(member), first, last)
        for source, name, member in book.names
    }


def list_other_names(book: GrantBook) -> list[list[tuple[str, str]]]:
    """The names, each after its source, of every member who has several."""
    named: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for source, name, member in book.names:
        named[member].append((source, name))
    return [sorted(names) for names in named.values() if len(names) > 1]


def count_vzae_days(book: GrantBook, first: date, last: date) -> Decimal:
    """VZÄ × days at work of a period."""
    days = (
        sum_holdings([h for h in book.holdings if book.is_working(h, day)])
        for day in each_day(first, last)
    )
    return sum(days, Decimal(0))


def round_half_up(value: Fraction, unit: Decimal = _HUNDREDTH) -> Decimal:
    """Rounds an exact value to a unit, half up."""
    steps = value / Fraction(unit)
    return int(steps + Fraction(1, 2)) * unit if steps >= 0 else -round_half_up(-value, unit)


def find_start_months(book: GrantBook, first: date, last: date) -> list[StartMonth]:
    """For every municipality that posts serve, the first month at whose end half were filled.

    A post that serves several municipalities counts whole in each (ifm Mannheim).
    """
    places = sorted({ags for post in book.posts for ags in post.municipalities})
    return [_find_start(book, ags, first, last) for ags in places]


def _find_start(book: GrantBook, ags: str, first: date, last: date) -> StartMonth:
    posts = [p for p in book.posts if ags in p.municipalities]
    for _, end in split_months(first, last):
        approved = sum_posts(posts, end)
        open_posts = (p for p in posts if covers(p.begin, p.end, end))
        lacks = (_measure_lack(book, p, book.holdings, end) for p in open_posts)
        if approved and sum(lacks, Decimal(0)) * 2 <= approved:
            return StartMonth(ags, approved, f"{end:%Y-%m}")
    return StartMonth(ags, sum_posts(posts, last), None)


def list_vacancies(book: GrantBook, first: date, last: date) -> list[Vacancy]:
    """When posts were not filled as a whole, post by post."""
    return [vacancy for post in book.posts for vacancy in _find_vacancies(book, post, first, last)]


def _find_vacancies(
    book: GrantBook, post: FundedPost, first: date, last: date
) -> Iterator[Vacancy]:
    begin, end = max(first, post.begin or first), min(last, post.end or last)
    own = [h for h in book.holdings if h.post == post.key]
    missing = ((day, _measure_lack(book, post, own, day)) for day in each_day(begin, end))
    for lack, days in groupby(missing, key=itemgetter(1)):
        if lack > 0:
            since, *others = [day for day, _ in days]
            yield Vacancy(post.key, since, others[-1] if others else since, lack)


def _measure_lack(
    book: GrantBook, post: FundedPost, holdings: Sequence[HeldPost], day: date
) -> Decimal:
    own = [h for h in holdings if h.post == post.key and book.is_working(h, day)]
    filled = sum_holdings(own)
    return max(post.vzae - filled, Decimal(0))


def list_trainings(
    book: GrantBook, terms: GrantTerms, today: date, line: str | None = None
) -> list[Training]:
    """The Nachqualifizierung of every member who needs one, or of whom no class is recorded.

    Only of those who were on a post (of this line of funding) when it was asked for, or later; its
    deadlines count from the first post of any line.
    """
    held = book.in_line(line).holdings
    asked = {h.member for h in held if h.end is None or h.end >= terms.new_rules_from}
    return [
        _check_training(book, key, terms, today)
        for key, member in book.members.items()
        if key in asked and terms.needs_training(member["qualification"]) is not False
    ]


def _check_training(book: GrantBook, key: str, terms: GrantTerms, today: date) -> Training:
    member = book.members[key]
    begun, finished = member["training_begun_on"], member["training_finished_on"]
    begin_by, finish_by = _find_limits(book, key, terms)
    needed = terms.needs_training(member["qualification"])
    is_late = (begun or today) > begin_by or (finished or today) > finish_by
    if finished and not begun:
        # That the begin was in time cannot be told, and is not held against it.
        is_late = finished > finish_by
    state = _name_state(needed, begun, finished, is_late=is_late)
    return Training(key, needed, begin_by, finish_by, begun, finished, state)


def _find_limits(book: GrantBook, key: str, terms: GrantTerms) -> tuple[date, date]:
    """By when a training is to be begun and finished."""
    first_held = min(h.begin for h in book.holdings if h.member == key)
    since = max(book.members[key]["hired_on"] or first_held, terms.new_rules_from)
    limits = terms.deadlines
    return (
        add_months(since, limits.training_begun_months.value),
        add_months(since, limits.training_finished_months.value),
    )


def _name_state(
    needed: bool | None, begun: date | None, finished: date | None, *, is_late: bool
) -> str:
    if needed is None and not begun:
        return "unknown"
    if finished:
        return "done_late" if is_late else "done"
    if is_late:
        return "late"
    return "running" if begun else "due"
