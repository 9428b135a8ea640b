"""A full export that leaves out closed clients takes no place from the conversations of earlier years."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.warehouse.deliveries import deliver, figure
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.conversations import (
    conversations,
    conversations_by_former_cases,
    persons_reached,
    records_reached,
    topics,
)
from warehouse.marts.declaration import Indicator
from warehouse.marts.scope import By, Scope

Row = dict[str, Any]


def content(cases: str, talks: str) -> dict[str, list[Row]]:
    """Cases as key=municipality, and conversations as key=persons joined by +."""
    placed = [case.split("=") for case in cases.split()]
    held = [talk.split("=") for talk in talks.split()]
    return {
        "person": [{"key": key, "last_name": f"Muster{key}"} for key, _ in placed],
        "case": [{"key": key, "municipality": ags or None} for key, ags in placed],
        "conversation": [{"key": key, "held_on": date(2024, 2, 1)} for key, _ in held],
        "conversation_participant": [
            {"key": key, "person_key": person}
            for key, persons in held
            for person in persons.split("+")
        ],
        "conversation_topic": [{"key": key, "topic": "wohnen"} for key, _ in held],
    }


def count(store: Store, indicator: Indicator, by: By | None = None, load: int | None = None) -> Any:
    scope = Scope(None, None, KnownAt(load or store.last_load()), by)
    with store.read() as connection:
        return figure(connection, indicator, scope)


def test_the_case_known_last_answers(engine: Store) -> None:
    talks = "G1=A G2=B G3=A+B G4=X G5=C G6=X+A"
    deliver(engine, content("A=M1 B=M2 C=", talks))
    deliver(engine, content("A=M3 B=M2 C=", talks), on=date(2025, 2, 28))
    # A and C have closed.
    deliver(engine, content("B=M2", talks), on=date(2025, 3, 31))
    assert count(engine, conversations) == 6
    by_place = {"M2": 2, "M3": 3}
    assert count(engine, conversations, "municipality") == by_place
    assert count(engine, topics, "municipality") == {(m, "wohnen"): n for m, n in by_place.items()}
    # As known at the first load, A was elsewhere; X never had a record, C no municipality.
    assert count(engine, conversations, "municipality", load=1) == {"M1": 3, "M2": 2}
    assert count(engine, persons_reached) == count(engine, records_reached) == 3
    assert count(engine, persons_reached, "municipality") == {"M2": 1, "M3": 1}
    # G3 has its place from B, too.
    assert count(engine, conversations_by_former_cases) == 2
    assert count(engine, conversations_by_former_cases, load=2) == 0


def test_one_who_comes_back_is_where_the_case_is_now(store: Store) -> None:
    deliver(store, content("A=M1", "G1=A"))
    deliver(store, content("", "G1=A"), on=date(2025, 2, 28))
    assert count(store, conversations, "municipality") == {"M1": 1}
    deliver(store, content("A=M2", "G1=A"), on=date(2025, 3, 31))
    assert count(store, conversations, "municipality") == {"M2": 1}
    assert count(store, conversations_by_former_cases) == 0


def test_nobody_is_reached_whom_no_table_ever_had(store: Store) -> None:
    deliver(store, content("A=M1", "G1=A G2=X G3=Y"))
    deliver(store, content("A=M1 X=M2", "G1=A G2=X G3=Y"), on=date(2025, 2, 28))
    assert count(store, persons_reached, load=1) == 1
    assert count(store, persons_reached) == 2
    assert count(store, conversations) == count(store, conversations, load=1) == 3
