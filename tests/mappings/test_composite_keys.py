"""Persons whose key is several columns: whoever names them, names the same key."""

from __future__ import annotations

import pytest

from mappings.problems import YamlProblems
from tests.conformance.fault_kinds import holds
from tests.mappings import small

PERSONS = small.plan("""
    key: [Ort, Nr]
    feeds: {person: {fields: {last_name: Name}}}
""")
TALKS = small.plan("""
    key: GNr
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}}}
      conversation_participant: {each: {column: Klienten, split: ",", within: Ort}}
""")
GOALS = small.plan("""
    key: ZNr
    feeds: {goal: {fields: {person_key: {column: Klient, within: [Ort]}, title: Ziel}}}
""")


def named(ort: str, clients: str) -> list[str]:
    """The persons whom a conversation names."""
    mapped = small.run(
        TALKS, ["GNr", "Datum", "Ort", "Klienten"], [["1", "01.02.2024", ort, clients]]
    )
    return [row["person_key"] for row in small.rows_of(mapped, "conversation_participant")]


@holds(13)
@pytest.mark.parametrize(
    ("ort", "number"),
    [("Nord", "1"), (" Nord ", "007"), ("Nord\u00a0Ost", "K-1"), ("Nord/Ost", "1")],
)
def test_whoever_names_a_person_names_the_persons_key(ort: str, number: str) -> None:
    (person,) = small.rows_of(
        small.run(PERSONS, ["Ort", "Nr", "Name"], [[ort, number, "Muster"]]), "person"
    )
    assert named(ort, number) == [person["key"]]
    (goal,) = small.rows_of(
        small.run(GOALS, ["ZNr", "Ort", "Klient", "Ziel"], [["1", ort, number, "x"]]), "goal"
    )
    assert goal["person_key"] == person["key"]


@pytest.mark.parametrize(
    ("clients", "expected"),
    [("1, 2", ["Nord/1", "Nord/2"]), ("1,1", ["Nord/1"]), ("", []), ("x" * 399, [])],
    ids=["several", "twice", "nobody", "too long"],
)
def test_several_persons_in_a_cell(clients: str, expected: list[str]) -> None:
    assert named("Nord", clients) == expected


@pytest.mark.parametrize(("ort", "clients", "told"), [("", "1,2", True), ("Nord", "", False)])
def test_a_key_without_a_part_names_nobody(ort: str, clients: str, told: bool) -> None:
    goal = small.run(GOALS, ["ZNr", "Ort", "Klient", "Ziel"], [["1", ort, clients, "x"]])
    talk = small.run(
        TALKS, ["GNr", "Datum", "Ort", "Klienten"], [["1", "01.02.2024", ort, clients]]
    )
    assert "person_key" not in small.rows_of(goal, "goal")[0]
    assert small.rows_of(talk, "conversation_participant") == []
    assert len(small.rows_of(talk, "conversation")) == 1
    found = [{f[2] for f in small.findings(mapped)} for mapped in (goal, talk)]
    assert found == ([{"key_incomplete"}] * 2 if told else [set(), set()])


@pytest.mark.parametrize(
    "feeds",
    [
        "{goal: {fields: {title: {column: Ziel, within: Ort}}}}",
        "{goal: {fields: {person_key: {constant: x, within: Ort}}}}",
        "{conversation: {fields: {held_on: D}}, conversation_topic: {each: {column: T, within: O}}}",
    ],
    ids=["no key", "no column", "no key of a record"],
)
def test_only_a_key_stands_within_others(feeds: str) -> None:
    with pytest.raises(YamlProblems, match="within"):
        small.plan(f"key: Nr\nfeeds: {feeds}")
