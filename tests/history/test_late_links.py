"""Links of a source that delivers late: as of a day every record belongs to one person, whatever later deliveries did before it came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.history.engines import Warehouse
from tests.history.machine import START
from tests.history.world import Delivery, Record, Table


def _person(number: str, staff: str) -> Record:
    nothing = dict.fromkeys(("birth_date", "sex", "nationality", "entry_date"))
    named = {"last_name": "Weber", "first_name": "Karim", "official_number": number}
    return {
        "person": [{**nothing, **named}],
        "case": [{"begun_on": date(2024, 1, 1), "staff": staff}],
    }


def _delivery(source: str, day: int, key: str, number: str) -> Delivery:
    table = Table("0-case-0.csv", "case", ((key, _person(number, source)),))
    return Delivery(source, START + timedelta(days=day), True, (table,))


@pytest.mark.parametrize("engine", [0, 1], ids=["DuckDB", "PostgreSQL"])
def test_a_record_is_one_person_as_of_a_day(engines: list[Warehouse], engine: int) -> None:
    """The fourth load is of the second day; the third, of the fifth day, had parted two records before it."""
    warehouse = engines[engine]
    warehouse.reset()
    for number, delivery in enumerate(
        (
            _delivery("enaio", 1, "P1", "L 47115"),
            _delivery("tau", 1, "T1", "L 47115"),
            _delivery("enaio", 5, "P1", "L 98220"),
            _delivery("jobkraftwerk", 2, "J1", "L 47115"),
        ),
        start=1,
    ):
        assert warehouse.take(delivery) == ("loaded", number)
    answer = warehouse.answer((None, None), 4, frozenset([3]), "staff")
    assert {unit: n for (name, unit, _), n in answer.items() if name == "clients"} == {
        ("enaio", "enaio"): 1,
        ("tau", "tau"): 1,
        ("jobkraftwerk", "jobkraftwerk"): 1,
    }
