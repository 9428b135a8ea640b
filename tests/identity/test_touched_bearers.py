"""Bit by bit is as all at once, too, where a number or a household comes to be that of others."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.hard_columns import read_known_names, read_terms
from tests.identity.districts import link_district, read_lines
from warehouse.identity.family_numbers import list_bearers
from warehouse.identity.pair_judgement import JudgedPairs, judge_pairs
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.record import Key

NUMBER = "160203012345"
MOST = 2 * read_terms().most_persons
GIVEN = ("Sami", "Hala", "Amal", "Rana", "Fadi", "Omar", "Nour", "Yara")
OTHERS = [
    f"b {n}, {name}, Fam{name}i, 1970-05-1{n}, m, SYR, , {NUMBER}" for n, name in enumerate(GIVEN)
]
BOTH = [
    f"{s} one, {name}, Mansour, 1988-01-01, m, SYR, , {NUMBER}"
    for s, name in (("a", "Khalil"), ("c", "Chalil"))
]
FATHER = f"d one, Ghulam, Ahmadi, 1960-02-03, m, AFG, , {NUMBER}"


def list_kept(
    persons: PersonColumns, judged: JudgedPairs
) -> dict[tuple[Key, Key], tuple[int, float]]:
    rows = zip(
        judged.a.tolist(), judged.b.tolist(), judged.band.tolist(), judged.weight, strict=True
    )
    return {
        (persons.keys[a], persons.keys[b]): (band, weight) for a, b, band, weight in rows if band
    }


@pytest.mark.parametrize("comes", [True, False], ids=["comes", "goes"])
@pytest.mark.parametrize("others", [0, 2, 8], ids=["family", "more", "crowded"])
def test_a_bearer_more_or_less_touches_all_of_a_number(others: int, comes: bool) -> None:
    """The model's district stands around them, so that not all is compared anew."""
    model, known = link_district(3, 600).model, read_known_names()
    few = read_lines([*BOTH, *OTHERS[:others]])
    many = read_lines([*BOTH, *OTHERS[:others], FATHER])
    before, after = (few, many) if comes else (many, few)
    nobody, father = read_lines([]), read_lines([FATHER])
    former = nobody if comes else father
    touched = after.find_rows([("d", "one")])
    rows = np.union1d(touched, list_bearers(after, former, touched, MOST))
    kept = list_kept(before, judge_pairs(before, known, model))
    now = list_kept(after, judge_pairs(after, known, model))
    changed = {pair for pair in kept.keys() | now.keys() if kept.get(pair) != now.get(pair)}
    keys = {after.keys[row] for row in rows.tolist()} | {("d", "one")}
    assert [pair for pair in changed if keys.isdisjoint(pair)] == []
    assert bool(changed) is (others != 2)


def test_of_a_number_that_very_many_carry_one_more_changes_nothing() -> None:
    crowd = [
        f"b {n}, Given{n}, Family{n}, 19{n:02d}-05-17, m, SYR, , {NUMBER}" for n in range(MOST + 2)
    ]
    persons = read_lines([*crowd, FATHER])
    touched = persons.find_rows([("d", "one")])
    assert list_bearers(persons, read_lines([]), touched, MOST).tolist() == []
    fewer = read_lines([*crowd[:5], FATHER])
    touched = fewer.find_rows([("d", "one")])
    assert len(list_bearers(fewer, read_lines([]), touched, MOST)) == 6
