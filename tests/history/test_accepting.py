"""Accepting a held delivery: by which names, with which reason, once, and taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pipelines.config import load_config
from pipelines.hub import Hub
from tests.history.test_guard import FIRST, KNOWN, SECOND, District, district, held, once, twice
from warehouse.schema import acceptance, delivery

__all__ = ["district", "held", "once", "twice"]

# A held delivery has put nobody in doubt: nothing of it was read.
NOBODY = {"persons": 0, "left": 0, "rows": []}


def test_what_is_held_is_accepted_by_name_and_loaded_by_the_next_run(held: District) -> None:
    answer = held.call("accept", f"enaio/{SECOND}", "--reason", "Altfälle geschlossen", "--json")
    assert answer[:2] == (0, {"accepted": {"source": "enaio", "date": SECOND, **NOBODY}})
    assert held.known("enaio") == KNOWN
    # Nobody is asked again.
    asked, accepted = "drehscheibe accept", "angenommen; der nächste Lauf lädt sie"
    told = {command: str(held.call(command, "--json")[1]) for command in ("status", "doctor")}
    assert accepted in told["status"]
    assert not any(asked in text for text in told.values())
    assert held.call("run")[0] == 0
    assert held.known("enaio") == KNOWN // 2
    assert held.states()["enaio", SECOND] == "loaded"
    with Hub(load_config(held.config)) as hub, hub.store.read() as connection:
        (kept,) = connection.execute(select(acceptance)).all()
    assert kept.reason == "Altfälle geschlossen" and kept.accepted_by and kept.accepted_at


@pytest.mark.parametrize("signs", [12, 64, 8])
def test_what_is_held_is_accepted_by_its_id(held: District, signs: int) -> None:
    with Hub(load_config(held.config)) as hub, hub.store.read() as connection:
        name = connection.execute(
            select(delivery.c.delivery_id).where(delivery.c.state == "held")
        ).scalar_one()
    assert held.call("accept", name[:signs], "--reason", "geprüft")[0] == 0
    assert held.call("run")[0] == 0


@pytest.mark.parametrize(
    "name", ["enaio", f"enaio/{FIRST}", f"tau/{SECOND}", "enaio/morgen", "0", "", "ffffffffffff"]
)
def test_a_name_that_is_not_held_is_refused(held: District, name: str) -> None:
    status, _, error = held.call("accept", name, "--reason", "geprüft")
    assert status == 2 and f"enaio/{SECOND}" in error


def test_an_acceptance_needs_a_reason(held: District) -> None:
    assert held.call("accept", f"enaio/{SECOND}", "--reason", "  ")[0] == 2
    assert held.call("run")[0] == 1


def test_what_was_said_when_accepting_stays_unless_it_is_taken_back(held: District) -> None:
    name = f"enaio/{SECOND}"
    assert held.call("accept", name, "--undo")[0] == 2
    assert held.call("accept", name, "--reason", "Altfälle\x1b[2K\n geschlossen")[0] == 0
    status, _, error = held.call("accept", name, "--reason", "anders")
    assert status == 2 and "'Altfälle [2K geschlossen'" in error and "--undo" in error
    assert held.call("accept", name, "--undo", "--json")[:2] == (
        0,
        {"taken back": {"source": "enaio", "date": SECOND, **NOBODY}},
    )
    assert "drehscheibe accept" in str(held.call("status", "--json")[1])
    assert held.call("run")[0] == 1 and held.states()["enaio", SECOND] == "held"
    assert held.call("accept", name, "--reason", "anders")[0] == 0
    assert held.call("run")[0] == 0 and held.known("enaio") == KNOWN // 2
    assert held.call("accept", name, "--undo")[0] == 2


def test_an_acceptance_is_for_that_delivery_alone(held: District) -> None:
    held.call("accept", f"enaio/{SECOND}", "--reason", "geprüft")
    held.deliver("enaio", 1, range(KNOWN // 2 - 1))
    assert held.call("run")[0] == 1
    assert held.known("enaio") == KNOWN
