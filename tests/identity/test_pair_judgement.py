"""What is linked, reviewed and left: hard districts, look-alikes, names alone, relatives, competitors, one source."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks.hard_columns import read_known_names
from benchmarks.linked_persons import link_persons
from examples.hard.phenomena import Phenomena
from tests.identity.districts import link_district, read_lines
from warehouse.identity.pair_judgement import Band, JudgedPairs, judge_pairs, judge_touched
from warehouse.identity.person_columns import NO_DAY, PersonColumns

HARD = 600
SEED = 3


def judge(persons: PersonColumns) -> JudgedPairs:
    """Judges few records as if they stood in a district of hundreds."""
    return judge_pairs(persons, read_known_names(), link_district(SEED, HARD).model)


def bands(*lines: str, households: dict[tuple[str, str], str] | None = None) -> dict[str, Band]:
    """The bands of the pairs of records, by their keys."""
    persons = read_lines(lines, households)
    found = judge(persons)
    keys = [" ".join(key) for key in persons.keys]
    return {
        f"{keys[a]} = {keys[b]}": Band(band)
        for a, b, band in zip(found.a, found.b, found.band, strict=True)
        if band
    }


def test_a_hard_district() -> None:
    linked = link_district(SEED, HARD)
    true, alike = linked.district.list_true_pairs(), linked.district.list_look_alikes()
    automatic, review = linked.list_pairs(Band.AUTOMATIC), linked.list_pairs(Band.REVIEW)
    assert len(true) > 90 < len(automatic)
    assert automatic - true == set()
    assert automatic & alike == set()
    assert len(automatic & true) >= 0.88 * len(true)
    assert len((automatic | review) & true) >= 0.97 * len(true)
    assert len(review) <= 0.03 * HARD


def test_persons_of_a_hard_district_and_their_review() -> None:
    linked = link_district(SEED, HARD)
    true = linked.district.list_true_pairs()
    found = link_persons(linked.district, linked.persons, linked.judged)
    assert len(found.linked) >= 0.87 * len(true)
    assert found.linked < found.reviewed <= true
    # What an answer implies is not asked again.
    waiting = linked.list_pairs(Band.REVIEW) | linked.list_pairs(Band.AUTOMATIC)
    assert 0 < found.asked <= len(waiting - found.linked)
    assert len(found.reviewed) >= 0.975 * len(true)


def test_look_alikes_are_never_joined() -> None:
    linked = link_district(SEED, HARD, replace(Phenomena(), look_alikes=0.5, households=0.0))
    alike = linked.district.list_look_alikes()
    assert len(alike) > 100
    assert linked.list_pairs(Band.AUTOMATIC) & alike == set()


def test_names_alone_never_link() -> None:
    persons = link_district(SEED, HARD).persons
    years = persons.born.astype("M8[Y]").astype("M8[D]")
    alone = replace(
        persons,
        born=years,
        entered=np.full(len(persons), NO_DAY),
        number=np.full(len(persons), -1, np.int32),
    )
    assert Band.AUTOMATIC not in judge(alone).band
    assert Band.REVIEW in judge(alone).band


@pytest.mark.parametrize("count", [0, 1, 40])
def test_some_records_are_judged_as_among_all(count: int) -> None:
    linked = link_district(SEED, HARD)
    rows = np.random.default_rng(count).choice(len(linked.persons), count, replace=False)
    some = judge_pairs(linked.persons, read_known_names(), linked.model, rows)
    wanted = linked.judged.take(np.isin(linked.judged.a, rows) | np.isin(linked.judged.b, rows))
    assert len(some.a) >= count // 4
    for field in fields(JudgedPairs):
        if field.name != "levels":
            assert np.array_equal(getattr(some, field.name), getattr(wanted, field.name)), (
                field.name
            )
    for field in fields(some.levels):
        assert np.array_equal(getattr(some.levels, field.name), getattr(wanted.levels, field.name))


def test_a_new_record_changes_only_pairs_of_affected_rows() -> None:
    linked = link_district(SEED, HARD)
    persons, judged = linked.persons, linked.judged
    gone = int(judged.a[np.flatnonzero(judged.band == Band.AUTOMATIC)[0]])
    before = judge(
        replace(persons, born=_without(persons.born, gone), given=_nameless(persons, gone))
    )
    nobody = np.array([], np.int64)
    affected, _ = judge_touched(persons, read_known_names(), linked.model, np.array([gone]), nobody)
    then = dict(
        zip(zip(before.a.tolist(), before.b.tolist(), strict=True), before.band, strict=True)
    )
    changed = {
        pair
        for *pair, band in zip(judged.a.tolist(), judged.b.tolist(), judged.band, strict=True)
        if then.get(tuple(pair)) != band
        for pair in [tuple(pair)]
    }
    assert changed
    assert [pair for pair in changed if not set(pair) & set(affected.tolist())] == []


def _without(days: np.ndarray, row: int) -> np.ndarray:
    return np.where(np.arange(len(days)) == row, NO_DAY, days)


def _nameless(persons: PersonColumns, row: int) -> np.ndarray:
    return np.where(np.arange(len(persons))[:, None] == row, -1, persons.given)


SAMI = "Sami, Haddad, 1990-05-17, m, SYR, 2016-02-03, "


@pytest.mark.parametrize(
    ("other", "band"),
    [
        ("Samy, Hadad, 1990-05-17, m, SYR, 2016-02-03, ", Band.AUTOMATIC),
        ("Haddad, Sami, 1990-05-17, m, SYR, , ", Band.AUTOMATIC),
        ("SAMI, AL-HADDAD, 1990-05-17, m, , 2016-03-20, ", Band.AUTOMATIC),
        ("Sami, Haddad, 1990-01-01, m, SYR, 2016-02-03, ", Band.AUTOMATIC),
        ("Sami, FNU, 1990-05-17, m, SYR, 2016-02-03, ", Band.AUTOMATIC),
        ("FNU, Sami, 1990-05-17, m, SYR, 2016-02-03, ", Band.AUTOMATIC),
        ("-, Haddad, 1990-05-17, m, SYR, 2016-02-03, ", Band.REVIEW),
        ("Haddad, -, 1990-05-17, m, SYR, 2016-02-03, ", Band.REVIEW),
        # a twin brother, a sister, a namesake of another age, another number
        ("Fadi, Haddad, 1990-05-17, m, SYR, 2016-02-03, ", None),
        ("Samira, Haddad, 1990-05-17, w, SYR, 2016-02-03, ", None),
        ("Sami, Haddad, 1968-08-02, m, SYR, 2016-02-03, ", None),
        ("Sami, Haddad, 1990-01-01, m, SYR, , ", Band.REVIEW),
    ],
    ids=range(12),
)
def test_pairs_of_two_sources(other: str, band: Band | None) -> None:
    found = bands(f"a 1, {SAMI}", f"b 1, {other}").get("a 1 = b 1")
    assert found == band if band else found in (None, Band.REVIEW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sami, Haddad, 1990-01-01, m, SYR, {}, ", "Sami, Haddad, 1990-01-01, m, staatenlos, {}, "),
        ("Mykola, -, 1975-05-10, m, UKR, {}, ", "Nikolay, Serdiuk, 1975-05-10, m, UKR, {}, "),
        ("Oksana, -, 1975-05-10, w, UKR, {}, ", "Oxana, Serdiuk, 1975-05-10, w, UKR, {}, "),
        # "Mohammad" before a name left out, a part of a name, two numbers of one human being
        (
            "Mohammad Reza, Rajabi, 1984-06-25, m, AFG, {}, ",
            "Reza, Rajabi, 1984-06-25, m, AFG, {}, ",
        ),
        (
            "Gholamreza, Rajabi, 1984-06-25, m, AFG, {}, ",
            "Gholam, Rajabi, 1984-06-25, m, AFG, {}, ",
        ),
        (f"{SAMI}160203012345", f"{SAMI}160203099999"),
    ],
    ids=["nationality", "other form", "other letters", "honour", "part", "two numbers"],
)
def test_what_differs_and_is_one(one: str, other: str) -> None:
    day = "2016-02-03"
    assert bands(f"a 1, {one.format(day)}", f"b 1, {other.format(day)}") == {
        "a 1 = b 1": Band.AUTOMATIC
    }


def test_a_second_given_name_may_be_a_twins() -> None:
    twin = "Rajabi, 1984-06-25, m, AFG, 2016-02-03, "
    assert bands(f"a 1, Hossein Ali, {twin}", f"b 1, Ali, {twin}") == {"a 1 = b 1": Band.REVIEW}


def test_a_competitor_leaves_the_choice_to_people() -> None:
    unsure = "Sami, Haddad, 1990-01-01, m, SYR, 2016-02-03, "
    one, other = f"b 1, {unsure}160203012345", f"b 2, {unsure}160203054321"
    assert bands(f"a 1, {unsure}", one) == {"a 1 = b 1": Band.AUTOMATIC}
    assert bands(f"a 1, {unsure}", one, other) == {
        "a 1 = b 1": Band.REVIEW,
        "a 1 = b 2": Band.REVIEW,
    }


def test_two_records_of_one_source_are_told_and_not_linked() -> None:
    assert bands(f"a 1, {SAMI}", f"a 2, {SAMI}") == {"a 1 = a 2": Band.WITHIN_SOURCE}
    assert (
        bands(
            "a 1, Sami, Haddad, 1990-01-01, m, SYR, , ", "a 2, Sami, Haddad, 1990-01-01, m, SYR, , "
        )
        == {}
    )


def test_a_linked_relative_tells_of_the_others() -> None:
    family = [
        "a 1, Sami, Haddad, 1990-05-17, m, SYR, , ",
        "b 1, Sami, Haddad, 1990-05-17, m, SYR, , ",
        "a 2, Hala, Haddad, 1992-01-01, w, SYR, , ",
        "b 2, Hala, Haddad, 1992-01-01, w, SYR, , ",
    ]
    apart = bands(*family)
    together = bands(*family, households={(s, n): "h" for s in "ab" for n in "12"})
    assert (apart["a 2 = b 2"], together["a 2 = b 2"]) == (Band.REVIEW, Band.AUTOMATIC)
