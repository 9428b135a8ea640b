"""Whose household a load changed, on both engines: households told, plans, family talks, and who drops out of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, update

from tests.identity_decisions.town import Town
from warehouse.identity.family_ties import list_moved
from warehouse.schema import (
    conversation,
    conversation_participant,
    household_member,
    plan_participant,
)

ROW = {"source_file": "f", "source_table": "t", "source_row": 1, "row_hash": 1}
LOAD = 5
# Rows as "kind group: members, first load and last"; then who has other companions since the load.
MOVES = {
    "nobody": (["plan P: 1 2, 1-"], ""),
    "a plan is new": (["plan P: 1 2, 5-"], "1 2"),
    "one leaves a plan": (["plan P: 1 2, 1-", "plan P: 3, 1-5"], "1 2 3"),
    "one joins a plan": (["plan P: 1 2, 1-", "plan P: 3, 5-"], "1 2 3"),
    "one leaves a couple": (["plan P: 1, 1-", "plan P: 2, 1-5"], "1 2"),
    "one of another household leaves": (
        ["plan P: 1 2, 1-", "plan P: 3, 1-5", "plan Q: 4 5, 1-"],
        "1 2 3",
    ),
    "a household is told of somebody": (["plan P: 1 2 3, 1-", "home H: 3, 5-"], "1 2 3"),
    "a talk as a family": (["talk T: 1 2, 1-", "talk T: 3, 5-"], "1 2 3"),
    "a household grows": (["home H: 1 2, 1-", "home H: 3, 5-"], "1 2 3"),
    "a change that moves nobody": (["home H: 1 2, 1-", "plan P: 1 2, 5-"], ""),
    "an event of too many": (["talk T: 1 2 3 4 5 6 7 8 9 10, 1-", "talk T: 11, 5-"], None),
}


def write_rows(town: Town, text: str) -> None:
    place, loads = text.split(", ")
    kind, group, *members = place.replace(":", "").split()
    since, until = (int(load) if load else None for load in loads.split("-"))
    table, column = {
        "plan": (plan_participant, "plan_key"),
        "talk": (conversation_participant, "conversation_key"),
        "home": (household_member, "household_key"),
    }[kind]
    history = {"source": "tau", "record_key": group, "known_from": since, "known_to": until, **ROW}
    rows: list[dict[str, Any]] = [
        {**history, "source_key": f"{group}-{one}", column: group, "person_key": one}
        for one in members
    ]
    with town.store.transaction() as connection:
        connection.execute(insert(table), rows)
        if kind == "talk" and since == 1:
            held = {"held_on": date(2025, 1, 1), "setting": "familie", "source_key": group}
            connection.execute(insert(conversation).values({**history, **held}))


@pytest.mark.parametrize("case", MOVES)
def test_whose_household_has_other_members(town: Town, case: str) -> None:
    rows, moved = MOVES[case]
    for text in rows:
        write_rows(town, text)
    wanted = [str(n) for n in range(1, 11)] if moved is None else moved.split()
    with town.store.read() as connection:
        assert list_moved(connection, LOAD) == {("tau", key) for key in wanted}


def test_a_talk_that_is_no_familys_any_more(town: Town) -> None:
    write_rows(town, "talk T: 1 2, 1-")
    with town.store.transaction() as connection:
        connection.execute(update(conversation).values(known_to=LOAD))
    with town.store.read() as connection:
        assert list_moved(connection, LOAD) == {("tau", "1"), ("tau", "2")}
        assert list_moved(connection, LOAD + 1) == set()
