"""What a mapping no longer feeds ends with the next full delivery, after the guard has asked; before, it would be counted for ever."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from pipelines.config import load_config
from pipelines.hub import Hub
from tests.history.files import write
from tests.history.test_guard import FIRST, MONTH, District
from tests.history.world import Delivery, Table
from warehouse.schema import ENTITIES

CASES = Table(
    "0-case-0.csv",
    "case",
    tuple(
        (f"P{n}", {"case": [{"begun_on": date(2024, 1, 1), "staff": "Anna"}]}) for n in range(30)
    ),
)
PLANS = Table(
    "1-plan-0.csv",
    "plan",
    tuple((f"I{n}", {"plan": [{"concluded_on": date(2024, 2, n + 1)}]}) for n in range(25)),
)


@pytest.fixture
def district(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> District:
    """A source of which cases and plans are known; its mapping says no more what a plan is."""
    made = District(tmp_path, capsys)
    deliver(made, 0, CASES, PLANS)
    assert made.call("run")[0] == 0
    path = tmp_path / "enaio.yaml"
    mapping = json.loads(path.read_text("utf-8"))
    del mapping["tables"]["plan"]
    path.write_text(json.dumps(mapping), "utf-8")
    return made


def deliver(district: District, number: int, *tables: Table, full: bool = True) -> None:
    write(Delivery("enaio", FIRST + number * MONTH, full, tables, 1), district.folder / "enaio")


def known(district: District, load: int | None = None) -> tuple[int, int]:
    """Cases and plans, now or after a load."""
    with Hub(load_config(district.config)) as hub, hub.store.read() as connection:
        found = []
        for name in ("case", "plan"):
            c = ENTITIES[name].table.c
            then = (
                c.known_to.is_(None)
                if load is None
                else (c.known_from <= load) & (c.known_to.is_(None) | (c.known_to > load))
            )
            found.append(connection.execute(select(func.count()).where(then)).scalar_one())
    return found[0], found[1]


def test_the_guard_asks_and_then_it_has_ended(district: District) -> None:
    assert district.call("run")[0] == 1
    assert known(district) == (30, 25)
    assert (
        district.call(
            "accept", f"enaio/{FIRST}", "--reason", "Pläne führt jetzt ein anderes System"
        )[0]
        == 0
    )
    assert district.call("run")[0] == 0
    assert known(district) == (30, 0)
    assert known(district, load=1) == (30, 25)
    (told,) = district.call("balance", "--json")[1]["deliveries"]
    assert told["known"]["plan"] == {"before": 25, "new": 0, "gone": 25, "after": 0}


def test_a_partial_delivery_ends_nothing_of_it(district: District) -> None:
    district.set("enaio", delivers="partial")
    deliver(district, 1, CASES, full=False)
    assert district.call("run")[0] == 0
    assert known(district) == (30, 25)
