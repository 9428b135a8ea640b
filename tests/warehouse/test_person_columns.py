"""What the linkage reads from a warehouse: names, numbers, households, municipalities, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from pipelines.intake.identity_terms import identity_terms
from tests.warehouse.deliveries import deliver
from warehouse.database.store import Store
from warehouse.identity.person_columns import PersonColumns, read_person_columns

DAY = date(2024, 2, 1)
NUMBER = "160203012345"


@pytest.fixture(params=["duckdb", "postgresql"])
def both(request: Any, store: Store, new_database: Callable[[], str]) -> Iterator[Store]:
    """An empty warehouse of each engine."""
    if request.param == "duckdb":
        yield store
        return
    with Store(new_database()) as opened:
        yield opened


def talk(key: str, setting: str, *persons: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "conversation": [{"key": key, "held_on": DAY, "setting": setting}],
        "conversation_participant": [{"key": key, "person_key": p} for p in persons],
    }


def read(store: Store) -> PersonColumns:
    with store.read() as connection:
        return read_person_columns(connection, identity_terms())


def homes(persons: PersonColumns) -> dict[str, int]:
    found = zip(persons.keys, persons.household.tolist(), strict=True)
    return {f"{source} {key}": home for (source, key), home in found}


def test_values_of_records(both: Store) -> None:
    named = {"last_name": "Al-Hassan", "first_name": "Abdul Rahman", "sex": "m"}
    content = {
        "person": [
            {
                "key": "1",
                **named,
                "birth_date": DAY,
                "nationality": "SYR",
                "official_number": NUMBER,
            },
            {
                "key": "2",
                "last_name": "FNU",
                "nationality": "ungeklaert",
                "official_number": "k. A.",
            },
        ],
        "case": [{"key": "1", "municipality": "08999002"}, {"key": "2", "municipality": None}],
    }
    deliver(both, content)
    persons = read(both)
    words = [[persons.words[w] for w in row if w >= 0] for row in persons.given]
    assert words == [["abdrahman", "abdrahman"], []]
    assert persons.keys == [("enaio", "1"), ("enaio", "2")]
    assert persons.born.astype(str).tolist() == ["2024-02-01", "NaT"]
    assert (persons.sex.tolist(), persons.nationality.tolist()) == ([0, -1], [0, -1])
    assert (persons.number.tolist(), persons.numbers) == ([0, -1], [("azr", NUMBER)])
    assert persons.municipality.tolist() == [[0, -1, -1], [-1, -1, -1]]
    assert persons.find_rows([("enaio", "2"), ("enaio", "3")]).tolist() == [1]


def test_households_and_families(both: Store) -> None:
    people = {"person": [{"key": key, "last_name": f"Muster{key}"} for key in "1234567"]}
    told = {
        "household": [{"key": "H", "label": None}],
        "household_member": [{"key": "H", "person_key": p} for p in "12"],
    }
    talks = [talk("A", "familie", "3", "4"), talk("B", "familie", "2", "5")]
    talks.append(talk("C", "gruppe", "5", "6"))
    plan = {
        "plan": [{"key": "P"}],
        "plan_participant": [{"key": "P", "person_key": p} for p in "47"],
    }
    together = {entity: [row for t in talks for row in t[entity]] for entity in talks[0]}
    deliver(both, {**people, **told, **together, **plan})
    found = homes(read(both))
    assert found["enaio 1"] == found["enaio 2"] >= 0
    assert found["enaio 3"] == found["enaio 4"] == found["enaio 7"] >= 0
    assert found["enaio 1"] != found["enaio 3"]
    # A delivered household counts before a conversation; a group is no family.
    assert found["enaio 5"] == found["enaio 6"] == -1
