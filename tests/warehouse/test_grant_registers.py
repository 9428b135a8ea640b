"""Staff, posts and grants in the warehouse on both engines: as they were at a load, and figures of several names as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines.funding.grant_book import GrantBook, read_grant_book
from pipelines.funding.posts import list_months
from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt, resolve_moment
from warehouse.database.store import Store
from warehouse.ledger.configuration import write_register
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope
from warehouse.schema import grant_period, interruption, post, post_holding, staff_name

PETRA, PETER = ("Probe, Petra", "enaio"), ("P. Probe", "enaio")
# Who held which conversation with whom.
TALKS = [
    ("c1", PETRA, "p1"),
    ("c2", PETER, "p1"),
    ("c3", PETER, "p2"),
    ("c4", ("Muster", "enaio"), "p3"),
]


@pytest.fixture(params=["duckdb", "postgresql"])
def opened(request: pytest.FixtureRequest, store: Store, new_database: Callable[[], str]) -> Any:
    """A warehouse of each engine."""
    if request.param == "duckdb":
        yield store
        return
    with Store(new_database()) as server:
        yield server


def fill_registers(store: Store, vzae: str, off: bool) -> None:
    """One member with two names on one post; ``off``: interrupted in March."""
    begin = date(2024, 1, 1)
    rows: dict[Any, list[dict[str, Any]]] = {
        grant_period: [{"key": "g", "line": "ukraine_soforthilfe", "amount": Decimal("60000.5")}],
        post: [{"key": "p", "grant_key": "g", "vzae": Decimal("1"), "begun_on": begin}],
        staff_name: [
            {"source": source, "name": name, "member": "im-1"} for name, source in (PETRA, PETER)
        ],
        post_holding: [
            {
                "member": "im-1",
                "post": "p",
                "begun_on": begin,
                "vzae": Decimal(vzae),
                "grant_key": "g",
            }
        ],
        interruption: [{"member": "im-1", "begun_on": date(2024, 3, 1)}] if off else [],
    }
    with store.transaction() as connection:
        for table, entries in rows.items():
            write_register(connection, table, entries)


def talk(store: Store, on: date) -> None:
    persons = sorted({person for *_, person in TALKS})
    deliver(
        store,
        {
            "person": [{"key": key, "last_name": f"Muster{key}"} for key in persons],
            "conversation": [
                {"key": key, "held_on": date(2024, 2, 1), "staff": name}
                for key, (name, _), _ in TALKS
            ],
            "conversation_participant": [
                {"key": key, "person_key": person} for key, _, person in TALKS
            ],
        },
        on=on,
        full=False,
    )


def read_book(store: Store, known_at: KnownAt) -> GrantBook:
    with store.read() as connection:
        return read_grant_book(connection, known_at)


def test_the_register_is_that_of_the_load(opened: Store) -> None:
    fill_registers(opened, "0.75", off=False)
    talk(opened, date(2024, 6, 1))
    fill_registers(opened, "0.5", off=True)
    talk(opened, date(2024, 7, 1))
    march = (date(2024, 3, 1), date(2024, 3, 31))
    filled = [
        (m.filled, m.approved, m.persons)
        for load in (1, 2)
        for m in list_months(read_book(opened, KnownAt(load)), *march)
    ]
    assert filled == [(Decimal("0.75"), Decimal("1.00"), 1), (Decimal(0), Decimal("1.00"), 0)]
    now = read_book(opened, resolved(opened))
    assert now == read_book(opened, KnownAt(2))
    assert now.grants["g"]["amount"] == Decimal("60000.50")
    assert now.holdings[0].line == "ukraine_soforthilfe"
    # Writing the same again changes nothing, whatever the engine made of the numbers.
    fill_registers(opened, "0.50", off=True)
    assert read_book(opened, resolved(opened)) == now


def resolved(store: Store) -> KnownAt:
    with store.read() as connection:
        return resolve_moment(connection, None)


def test_several_names_count_each_person_once(opened: Store) -> None:
    talk(opened, date(2024, 6, 1))
    scope = Scope(date(2024, 1, 1), date(2024, 12, 31), KnownAt(1), "staff")
    rules: list[tuple[list[tuple[str, str]], int, int]] = [
        # names, conversations, persons
        ([PETRA], 1, 1),
        ([PETER], 2, 2),
        ([PETRA, PETER], 3, 2),
        ([PETRA, ("Niemand", "enaio")], 1, 1),
        ([("Probe, Petra", "tau")], 0, 0),
        ([], 0, 0),
    ]
    with opened.read() as connection:
        for names, *expected in rules:
            counted = [
                sum(
                    row.value
                    for row in connection.execute(INDICATORS[n].count_together(scope, names))
                )
                for n in ("conversations", "persons_reached")
            ]
            assert counted == expected, names
