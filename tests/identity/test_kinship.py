"""Who is a relative of whom, and whose relatives are linked: small families in two systems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.hard_columns import read_known_names
from tests.identity.districts import link_district, read_lines
from warehouse.identity.kinship import (
    LinkedRelatives,
    find_homes,
    list_former_relatives,
    list_relatives,
)
from warehouse.identity.levels import Relatives
from warehouse.identity.pair_judgement import Band, JudgedPairs, judge_pairs, judge_touched
from warehouse.identity.person_columns import NO_DAY, PersonColumns

CAME = "2016-02-03"


def read_family(*members: str) -> PersonColumns:
    """Records of "key, first, last, entry"; a word after a stroke is the told household."""
    split = [member.partition(" | ")[::2] for member in members]
    lines = []
    for member, _ in split:
        key, first, last, entered = (part.strip() for part in member.split(","))
        lines.append(f"{key}, {first}, {last}, 1990-01-01, , SYR, {entered}, ")
    keys = [tuple(line.partition(",")[0].split()) for line in lines]
    homes = {(k[0], k[1]): home for k, (_, home) in zip(keys, split, strict=True) if home}
    return read_lines(lines, homes)


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        (f"a 1, Sami, Haddad, {CAME}", f"a 2, Hala, Hadad, {CAME}", True),
        (f"a 1, Sami, Haddad, {CAME}", f"a 2, Hala, Nassar, {CAME}", False),
        (f"a 1, Sami, Haddad, {CAME}", f"b 2, Hala, Haddad, {CAME}", False),
        (f"a 1, Sami, Haddad, {CAME}", "a 2, Hala, Haddad, 2016-02-04", False),
        # The first of a month stands for any day of it.
        ("a 1, Sami, Haddad, 2016-02-01", "a 2, Hala, Haddad, 2016-02-01", False),
        ("a 1, Sami, Haddad, ", "a 2, Hala, Haddad, ", False),
        ("a 1, Sami, Haddad,  | h", "a 2, Hala, Nassar,  | h", True),
        ("a 1, Sami, FNU,  | h", "b 2, Hala, FNU,  | h", False),
    ],
    ids=range(8),
)
def test_who_is_a_relative(one: str, other: str, related: bool) -> None:
    homes = find_homes(read_family(one, other))
    assert list_relatives(homes, np.array([0])).tolist() == ([0, 1] if related else [0])


FATHER = (f"a 1, Sami, Haddad, {CAME} | f", f"b 1, Sami, Haddad, {CAME} | g")


@pytest.mark.parametrize(
    ("mother", "level"),
    [
        (("a 2, Hala, Nassar,  | f", "b 2, Hala, Nassar,  | g"), Relatives.OF_BOTH),
        (("a 2, Hala, Nassar,  | f", f"b 2, Hala, Haddad, {CAME}"), Relatives.OF_BOTH),
        (("a 2, Hala, Nassar,  | f", "b 2, Hala, Nassar, "), Relatives.OF_ONE),
        (("a 2, Hala, Nassar, ", "b 2, Hala, Nassar,  | g"), Relatives.OF_ONE),
        # Told to be of another household than the father there.
        (("a 2, Hala, Nassar,  | f", "b 2, Hala, Nassar,  | other"), Relatives.NONE),
        (("a 2, Hala, Nassar, ", "b 2, Hala, Nassar, "), Relatives.NONE),
    ],
    ids=range(6),
)
def test_whose_relatives_are_linked(mother: tuple[str, str], level: Relatives) -> None:
    persons = read_family(*FATHER, *mother)
    # Rows are in the order of their keys: the father, the mother, and both again.
    a, b = np.array([0, 1]), np.array([2, 3])
    found = LinkedRelatives(persons, a, b).find_levels(np.array([True, False]))
    assert found.tolist() == [Relatives.NONE, level]


def test_a_pair_with_one_of_the_records_is_no_relative() -> None:
    persons = read_family(*FATHER, f"b 2, Samy, Haddad, {CAME} | g")
    a, b = np.array([0, 0]), np.array([1, 2])
    found = LinkedRelatives(persons, a, b).find_levels(np.array([True, False]))
    assert found.tolist() == [Relatives.NONE, Relatives.NONE]


def judge(persons: PersonColumns) -> JudgedPairs:
    return judge_pairs(persons, read_known_names(), link_district(3, 600).model)


def list_kept(judged: JudgedPairs) -> dict[tuple[int, int], tuple[object, ...]]:
    """What is kept of each pair."""
    values = (judged.weight, judged.relatives, judged.contested, judged.band)
    pairs = zip(judged.a.tolist(), judged.b.tolist(), strict=True)
    rows = zip(*(array.tolist() for array in values), strict=True)
    return {pair: row for pair, row in zip(pairs, rows, strict=True) if row[-1] != Band.NONE}


@pytest.mark.parametrize("number", range(6))
def test_who_leaves_a_family_touches_those_left(number: int) -> None:
    """A linked record loses birth, entry and household: all that changes touches affected rows."""
    persons, before = link_district(3, 600).persons, list_kept(link_district(3, 600).judged)
    linked = [pair for pair, row in before.items() if row[1] and row[-1] == Band.AUTOMATIC]
    gone = linked[number * len(linked) // 6][number % 2]
    blank = np.arange(len(persons)) == gone
    after = replace(
        persons,
        born=np.where(blank, NO_DAY, persons.born),
        entered=np.where(blank, NO_DAY, persons.entered),
        household=np.where(blank, -1, persons.household),
    )
    model = link_district(3, 600).model
    paired = {row for pair in before if gone in pair for row in pair}
    touched = {gone}
    home = persons.household[gone]
    touched |= set(np.flatnonzero((persons.household == home) & (home >= 0)).tolist())
    touched |= set(list_former_relatives(after, _take_row(persons, gone)).tolist())
    rows, judged = judge_touched(
        after, read_known_names(), model, np.array(sorted(touched)), np.array(sorted(paired))
    )
    now = list_kept(judge_pairs(after, read_known_names(), model))
    changed = {pair for pair in before.keys() | now.keys() if before.get(pair) != now.get(pair)}
    assert changed
    assert [pair for pair in changed if not set(pair) & set(rows.tolist())] == []
    assert list_kept(judged) == {pair: now[pair] for pair in now if set(pair) & set(rows.tolist())}


def _take_row(persons: PersonColumns, row: int) -> PersonColumns:
    """One record alone."""
    names = (
        "source",
        "given",
        "family",
        "born",
        "entered",
        "sex",
        "nationality",
        "number",
        "carried",
    )
    arrays = {name: getattr(persons, name)[[row]] for name in (*names, "household", "municipality")}
    return replace(persons, keys=[persons.keys[row]], **arrays)


NAMESAKES = (
    "Sami, Haddad, 1988-01-01, m, SYR, 2016-02-03, ",
    "Samy, Hadad, 1988-01-01, m, SYR, , ",
)
MOTHER = ("Hala, Nassar, 1992-05-17, w, SYR, 2016-02-03, ", "Hala, Nassar, 1992-05-17, w, SYR, , ")


@pytest.mark.parametrize(
    ("homes", "band"),
    [
        ({}, Band.REVIEW),
        ({("a", "1"): "f", ("a", "2"): "f"}, Band.AUTOMATIC),
        ({("a", "1"): "f", ("a", "2"): "f", ("b", "1"): "g", ("b", "2"): "g"}, Band.AUTOMATIC),
        ({("a", "1"): "f", ("a", "2"): "f", ("b", "1"): "g", ("b", "2"): "h"}, Band.REVIEW),
    ],
    ids=["nobody told", "one system told", "both told", "two families there"],
)
def test_one_new_year_and_linked_relatives(homes: dict[tuple[str, str], str], band: Band) -> None:
    lines = [
        f"{source} {number}, {who[at]}"
        for at, source in enumerate("ab")
        for number, who in ((1, NAMESAKES), (2, MOTHER))
    ]
    found = judge(read_lines(lines, homes))
    pair = (found.a == 0) & (found.b == 2)
    assert found.band[pair].tolist() == [band]
