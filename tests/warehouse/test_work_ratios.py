"""Clients and conversations set against posts: only days at work on them, and none that is to come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipelines.funding.grant_book import GrantBook, HeldPost
from pipelines.funding.work_ratios import Ratios, count_vzae_months, measure_work
from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.deliverers import list_staff_names
from warehouse.marts.scope import Scope

IM, UKRAINE = "integrationsmanagement", "ukraine_soforthilfe"
YEAR = (date(2024, 1, 1), date(2024, 12, 31))


def hold(line: str, begin: date, end: date | None, vzae: str) -> HeldPost:
    return HeldPost("im-2", line, begin, end, Decimal(vzae), None, line, None, None)


def make_book(*holdings: HeldPost) -> GrantBook:
    away = {"im-2": [(date(2024, 4, 1), date(2024, 4, 30))]}
    return GrantBook({}, [], {"im-2": {}}, [("enaio", "Bert Bau", "im-2")], holdings, away)


def load_talks(store: Store) -> None:
    """One conversation on the 20th of each month of 2024, and a case that is to end in December."""
    deliver(
        store,
        {
            "person": [{"key": "P1"}],
            "case": [{"key": "P1", "begun_on": YEAR[0], "ended_on": date(2024, 12, 15)}],
            "conversation": [
                {"key": f"G{month}", "held_on": date(2024, month, 20), "staff": "Bert Bau"}
                for month in range(1, 13)
            ],
        },
    )


def measure(store: Store, book: GrantBook, line: str | None, today: date) -> Ratios:
    scope = Scope(*YEAR, KnownAt(store.last_load()), today=today)
    with store.read() as connection:
        return measure_work(connection, book.in_line(line), scope)


def test_a_conversation_counts_in_the_line_of_the_post_it_was_held_on(store: Store) -> None:
    load_talks(store)
    book = make_book(
        hold(IM, date(2024, 3, 1), date(2024, 10, 31), "1"),
        hold(UKRAINE, date(2024, 11, 1), YEAR[1], "0.5"),
    )
    lines = {line: measure(store, book, line, date(2025, 6, 1)) for line in (IM, UKRAINE, None)}
    # March to October without the month away: 7; November and December on half a post: 1.
    assert {line: (r.conversations, r.vzae_months) for line, r in lines.items()} == {
        IM: (7, Decimal("7.00")),
        UKRAINE: (2, Decimal("1.00")),
        None: (9, Decimal("8.00")),
    }
    assert lines[UKRAINE].conversations_per_vzae_month == Decimal("2.00")
    assert {r.conversations + r.conversations_of_others for r in lines.values()} == {12}


def test_nothing_is_counted_on_a_day_to_come(store: Store) -> None:
    load_talks(store)
    book = make_book(hold(IM, date(2024, 11, 1), date(2024, 11, 30), "1"))
    running = measure(store, book, None, date(2024, 11, 21))
    assert (running.clients, running.vzae_per_100_clients) == (1, Decimal("100.00"))
    assert (running.conversations, running.vzae_months) == (1, Decimal("0.70"))  # 21 of 30 days
    assert measure(store, book, None, date(2025, 1, 1)).clients == 0


def test_the_names_of_a_source_are_those_of_its_records(store: Store) -> None:
    load_talks(store)
    with store.read() as connection:
        names = list_staff_names(connection, KnownAt(store.last_load()))
    assert names == {("enaio", "Bert Bau")}


def test_two_days_are_that_part_of_their_month() -> None:
    book = make_book(hold(IM, date(2024, 1, 1), None, "1"))
    assert count_vzae_months(book, date(2024, 3, 11), date(2024, 3, 12)) * 31 == 2
    assert count_vzae_months(book, date(2024, 2, 1), date(2024, 3, 31)) == 2
