"""The sure rules against plain Python, over invented people who share names, birthdays and numbers more than real ones do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.identity_terms import identity_terms
from tests.history.people import MOST_PERSONS, NAMES, NUMBERS, Group, Key, persons
from warehouse.identity.clusters import group_records, keep_consistent
from warehouse.identity.exact_rules import sure_links
from warehouse.identity.terms import KnownPerson, without_numbers

TERMS = identity_terms()
PERSON = st.fixed_dictionaries(
    {
        "last_name": st.sampled_from(["Şahin", "SAHIN", "Weber", "N. N.", None]),
        "first_name": st.sampled_from([n for n in NAMES if n not in ("Şahin", "SAHIN", "Weber")]),
        "birth_date": st.sampled_from([None, date(1990, 5, 5), date(1990, 5, 5), date(1985, 1, 1)]),
        "sex": st.sampled_from([None, "m", "w", "ohne_angabe"]),
        "entry_date": st.sampled_from([None, None, date(2016, 1, 1), date(2017, 2, 2)]),
        "official_number": st.sampled_from([None, None, None, *NUMBERS]),
    }
)
KEYS = [(source, str(n)) for source in ("enaio", "jobkraftwerk", "tau", "workbook") for n in "12"]
WORLDS = st.dictionaries(st.sampled_from(KEYS), PERSON, max_size=len(KEYS))


def linked(people: Mapping[Key, Mapping[str, Any]]) -> set[Group]:
    """The groups that the hub makes of these people."""
    read = TERMS.read_records([KnownPerson(*k, **people[k]) for k in sorted(people)])
    records = without_numbers(read, TERMS.find_crowded(read))
    groups, _ = group_records(
        [r.identity for r in records], keep_consistent(records, list(sure_links(records)))
    )
    return {frozenset(members) for members in groups.values()}


@given(WORLDS)
@settings(max_examples=800, deadline=None)
def test_the_rules_link_whom_plain_python_links(people: Mapping[Key, Mapping[str, Any]]) -> None:
    assert linked(people) == persons(people)


@given(WORLDS)
@settings(max_examples=500, deadline=None)
def test_no_group_contradicts_itself(people: Mapping[Key, Mapping[str, Any]]) -> None:
    for group in linked(people):
        numbers = {NUMBERS[people[k]["official_number"]] for k in group} - {None}
        first_names = {NAMES[people[k]["first_name"]] for k in group}
        assert len(numbers) <= 1
        assert len(group) == 1 or (len(first_names) == 1 and None not in first_names)


def test_a_number_of_very_many_persons_is_none() -> None:
    """The two records of one name would be linked by the number, were it not at ten others too."""
    one = {
        "last_name": "Weber",
        "first_name": "Karim",
        "birth_date": date(1985, 1, 1),
        "sex": None,
        "entry_date": None,
        "official_number": "L 47115",
    }
    pair: dict[Key, Any] = {("enaio", "1"): one, ("tau", "1"): one}
    assert linked(pair) == persons(pair) == {frozenset(pair)}
    for other in ({}, {"official_number": "171130998877"}):
        named = {**one, "birth_date": date(1990, 5, 5)}
        pair = {("enaio", "1"): named, ("tau", "1"): named | other}
        others = {
            ("enaio", f"X{n}"): one | {"birth_date": date(1950 + n, 3, 3)}
            for n in range(MOST_PERSONS)
        }
        assert (frozenset(pair) in linked(pair)) is not bool(other)
        assert frozenset(pair) in linked(pair | others)
        assert linked(pair | others) == persons(pair | others)
