"""The answer of `funding staff`: months, start months, vacancies, trainings and ratios."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from mappings.grant_terms import GrantTerms, load_terms
from pipelines.funding.grant_book import (
    FundedPost,
    GrantBook,
    HeldPost,
    covers,
    read_grant_book,
)
from pipelines.funding.posts import (
    Month,
    StartMonth,
    Training,
    Vacancy,
    find_start_months,
    list_months,
    list_trainings,
    list_vacancies,
    sum_holdings,
)
from pipelines.funding.recorded_names import find_unrecorded
from pipelines.funding.work_ratios import Ratios, measure_work
from pipelines.intake.registers import is_register_current
from warehouse.marts.deliverers import list_staff_names
from warehouse.marts.scope import Scope

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt

_CHANGED = (
    "Das Verzeichnis wurde seit dem letzten Lauf geändert; gezählt ist, was der letzte Lauf kannte."
)
TRAINING_STATES = {
    "done": "abgeschlossen",
    "done_late": "abgeschlossen, nicht fristgerecht",
    "running": "läuft",
    "due": "noch nicht begonnen, Frist läuft",
    "late": "Frist versäumt",
    "unknown": "Qualifikation nicht erfasst",
}


@dataclass(frozen=True)
class StaffAnswer:
    """The posts of a period and a line of funding; ``doubts`` are German sentences."""

    first: date
    last: date
    line: str | None
    months: Sequence[Month]
    start_months: Sequence[StartMonth]
    vacancies: Sequence[Vacancy]
    trainings: Sequence[Training]
    ratios: Ratios
    doubts: Sequence[str]


def describe_staff(
    hub: Hub, first: date, last: date, known_at: KnownAt, line: str | None = None
) -> StaffAnswer:
    """Everything about the posts of a period; ``line`` None: all lines of funding together."""
    terms = load_terms(hub.config.funding.rates)
    with hub.store.read() as connection:
        whole = read_grant_book(connection, known_at)
        book = whole.in_line(line)
        scope = Scope(first, last, known_at, today=hub.today)
        ratios = measure_work(connection, book, scope)
        unrecorded = find_unrecorded(book.names, list_staff_names(connection, known_at))
    return StaffAnswer(
        first,
        last,
        line,
        list_months(book, first, last),
        find_start_months(book, first, last),
        list_vacancies(book, first, last),
        list_trainings(whole, terms, min(last, hub.today), line),
        ratios,
        [
            *tell_changed_register(hub, known_at),
            *find_doubts(book, terms),
            *(find_shared_lines(whole, line) if line else ()),
            *(f"Fachkraft {member}: {text}" for member, text in unrecorded),
        ],
    )


def tell_changed_register(hub: Hub, known_at: KnownAt) -> list[str]:
    """A sentence where today's register is asked for and its file is another by now."""
    is_stale = known_at.current and not is_register_current(hub)
    return [_CHANGED] if is_stale else []


def find_doubts(book: GrantBook, terms: GrantTerms) -> Iterator[str]:
    """What in the register can hardly be, as German sentences without names."""
    for post in book.posts:
        yield from _doubt_size(post, terms)
        yield from _doubt_post(book, post)
    for held in book.holdings:
        yield from _doubt_holding(held)
        yield from _find_outside(book, held.member, held.post, held.begin, held.end)
    yield from _find_overworked(book)
    named = {member for _, _, member in book.names}
    for key in book.members:
        if key not in named:
            yield f"Fachkraft {key}: Kein Name aus einer Quelle, ihre Gespräche zählen zu niemandem."


def _doubt_size(post: FundedPost, terms: GrantTerms) -> Iterator[str]:
    who, smallest = f"Stelle {post.key}: {post.vzae} VZÄ", terms.smallest_post.value
    own, begin = terms.own_post_from_2025.value, terms.new_rules_from
    if post.vzae < smallest:
        yield f"{who} sind weniger als die kleinste Teilung {smallest}."
    elif post.vzae < own and (post.end is None or post.end >= begin):
        yield f"{who} sind ab {begin.year} für eine eigene Stelle einer Kommune zu wenig ({own})."


def _doubt_post(book: GrantBook, post: FundedPost) -> Iterator[str]:
    if not post.municipalities:
        yield f"Stelle {post.key}: Es ist keine Gemeinde eingetragen."
    yield from _find_overfilled(book, post.key, post.vzae)


def _doubt_holding(held: HeldPost) -> Iterator[str]:
    where = f"Fachkraft {held.member}: Für die Besetzung ab {held.begin:%d.%m.%Y} fehlt"
    if held.vzae is None:
        yield f"{where} der Umfang in VZÄ."
    if held.grant is None:
        yield f"{where} die Zuwendung."


def _find_overfilled(book: GrantBook, post: str, vzae: Decimal) -> Iterator[str]:
    holdings = [h for h in book.holdings if h.post == post]
    for day in book.list_begins(holdings):
        filled = sum_holdings([h for h in holdings if book.is_working(h, day)])
        if filled > vzae:
            yield f"Stelle {post}: Ab {day:%d.%m.%Y} sind {filled} VZÄ auf {vzae} VZÄ besetzt."
            return


def _find_outside(
    book: GrantBook, member: str, key: str, begin: date, end: date | None
) -> Iterator[str]:
    post = next((p for p in book.posts if p.key == key), None)
    if post and not (
        covers(post.begin, post.end, begin) and covers(post.begin, post.end, end or begin)
    ):
        yield f"Fachkraft {member}: Die Besetzung ab {begin:%d.%m.%Y} reicht über die Stelle {key} hinaus."


def find_shared_lines(whole: GrantBook, line: str) -> Iterator[str]:
    """Who is also on a post of another line: nobody can tell for which a conversation was held."""
    for member in whole.members:
        own = whole.of_member(member).holdings
        others = [h for h in own if h.line != line]
        if any(h.meets(other.begin, other.end) for h in own if h.line == line for other in others):
            yield (
                f"Fachkraft {member}: Zugleich auf Stellen mehrerer Förderlinien; "
                "Gespräche aus dieser Zeit zählen in jeder von ihnen."
            )


def _find_overworked(book: GrantBook) -> Iterator[str]:
    for member in book.members:
        holdings = [h for h in book.holdings if h.member == member]
        for day in sorted({h.begin for h in holdings}):
            total = sum_holdings([h for h in holdings if covers(h.begin, h.end, day)])
            if total > 1:
                yield f"Fachkraft {member}: Ab {day:%d.%m.%Y} zusammen {total} VZÄ, mehr als eine volle Stelle."
                break
