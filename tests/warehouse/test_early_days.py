"""Days years before the first case of their person, on either engine."""

from __future__ import annotations

from datetime import date

from tests.warehouse.deliveries import Content, deliver
from warehouse.database.store import Store
from warehouse.loading.early_days import find_early_days

# Talks and plans of a case of January 2024, one of them a slip of the year; "b" has no known begin.
CONTENT: Content = {
    "case": [
        {"key": "a", "person_key": "a", "begun_on": date(2024, 1, 15)},
        {"key": "b", "person_key": "b", "begun_on": None},
    ],
    "conversation": [
        {"key": key, "held_on": day}
        for key, day in {
            "far": date(2004, 2, 1),
            "near": date(2022, 1, 31),
            "of b": date(2004, 2, 1),
        }.items()
    ],
    "conversation_participant": [
        {"key": "far", "person_key": "a"},
        {"key": "near", "person_key": "a"},
        {"key": "of b", "person_key": "b"},
    ],
    "plan": [{"key": "P", "concluded_on": date(2021, 12, 31)}],
    "plan_participant": [{"key": "P", "person_key": "a"}],
}


def test_what_is_found(engine: Store) -> None:
    deliver(engine, CONTENT)
    with engine.read() as connection:
        found = {
            years: sorted(day.entity for day in find_early_days(connection, "enaio", years))
            for years in (1, 2, 3)
        }
    assert found == {
        1: ["conversation", "conversation", "plan"],
        2: ["conversation", "plan"],
        3: ["conversation"],
    }
