"""Two human beings who are like one: brothers with a name or a number in common, and by way of a third record."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.hard_columns import read_known_names, read_terms
from tests.identity.districts import link_district, read_lines
from warehouse.identity.link_choice import Evidence, choose_links
from warehouse.identity.pair_evidence import describe_pairs
from warehouse.identity.pair_judgement import Band, judge_pairs
from warehouse.identity.record import Record
from warehouse.identity.scored_pairs import TWO_HUMANS, ScoredPair
from warehouse.identity.scored_pairs import Band as KeptBand
from warehouse.identity.terms import KnownPerson
from warehouse.identity.verdicts import Verdicts

TWIN = "2005-03-15, m, AFG, 2015-10-03, "
NUMBER = "160203123458"
REVIEW, AUTOMATIC = "review", "automatic"


def score(*lines: str) -> list[ScoredPair]:
    """The pairs of records as they are kept, judged as if they stood in a district of hundreds."""
    persons, model = read_lines(lines), link_district(3, 600).model
    judged = judge_pairs(persons, read_known_names(), model)
    texts = describe_pairs(model, judged)
    rows = zip(judged.a.tolist(), judged.b.tolist(), judged.weight, judged.band, strict=True)
    return [
        ScoredPair(
            persons.keys[a],
            persons.keys[b],
            weight,
            KeptBand[Band(band).name],
            *vars(text).values(),
        )
        for (a, b, weight, band), text in zip(rows, texts, strict=True)
        if band
    ]


def bands(*lines: str) -> dict[str, str]:
    """The band of each pair, by the numbers of its records."""
    return {f"{a[0]}{a[1]}={b[0]}{b[1]}": p.band for p in score(*lines) for a, b in [p.pair]}


@pytest.mark.parametrize(
    ("one", "other", "band"),
    [
        # brothers, sisters, twins: both have a further name, and these are two
        ("Mohammad Hassan, Ahmadi", "Mohammad Hussein, Ahmadi", REVIEW),
        ("Anna Maria, Kovalenko", "Anna Sofia, Kovalenko", REVIEW),
        ("Mohammad Ali Reza, Ahmadi", "Mohammad Ali Hassan, Ahmadi", REVIEW),
        ("Mohammad Ali, Ahmad Khan", "Mohammad Naeem, Gul Khan", REVIEW),
        ("Ahmadi, Mohammad Hassan", "Mohammad Hussein, Ahmadi", REVIEW),
        # one that is left out, spelled otherwise, joined or in another place says nothing
        ("Mohammad, Ahmadi", "Mohammad Hassan, Ahmadi", AUTOMATIC),
        ("Mohammad Hosein, Ahmadi", "Mohammad Hussain, Ahmadi", AUTOMATIC),
        ("Mohammad-Reza, Ahmadi", "Mohammadreza, Ahmadi", AUTOMATIC),
        ("Mohammad Reza Ali, Ahmadi", "Mohammad Ali, Ahmadi", AUTOMATIC),
        ("Zakaria Mahdi, Antar", "Sakarias Mehdi, Antar", AUTOMATIC),
        ("Mohammad, Ahmad Khan", "Mohammad, Khan", AUTOMATIC),
        ("Ahmadi, Mohammad Hosein", "Mohammad Hussain, Ahmadi", AUTOMATIC),
    ],
    ids=range(12),
)
def test_further_names_that_both_have(one: str, other: str, band: str) -> None:
    assert bands(f"a 1, {one}, {TWIN}", f"b 1, {other}, {TWIN}") == {"a1=b1": band}


def test_a_shared_word_is_no_family_name() -> None:
    came = "1990-05-06, m, AFG, {}, "
    one, other = "Ali, Ahmad Khan, " + came, "Ali, Gul Khan, " + came
    day, later = "2015-10-03", "2019-02-07"
    assert bands(f"a 1, {one.format(day)}", f"b 1, {other.format(later)}") == {"a1=b1": REVIEW}
    # A marriage or a father's name explains it, as any other family name.
    assert bands(f"a 1, {one.format(day)}", f"b 1, {other.format(day)}") == {"a1=b1": AUTOMATIC}


def test_each_twin_is_linked_with_himself() -> None:
    hassan, hussein = (f"Mohammad {name}, Ahmadi, {TWIN}" for name in ("Hassan", "Hussein"))
    found = bands(f"a 1, {hassan}", f"a 2, {hussein}", f"b 1, {hussein}")
    assert found == {"a1=b1": REVIEW, "a2=b1": AUTOMATIC}


@pytest.mark.parametrize(
    ("one", "other", "linked"),
    [
        # a father's number at two of his children
        ("Mohammad Ali, Ahmadi, 2005-03-15", "Mohammad Reza, Ahmadi, 2006-11-20", False),
        ("Imran, Ahmadi, 2005-03-15", "Omran, Ahmadi, 2006-11-20", False),
        ("Imran, Ahmadi, 2005-03-15", "Omran, Ahmadi, 2006-03-15", False),
        ("Ali, Noori, 2005-05-06", "Hossein Ali, Noori, 2006-05-06", False),
        # a father and a son of one name
        ("Ali, Ahmadi, 1975-03-15", "Ali, Ahmadi, ", False),
        ("Ali, Ahmadi, 1975-03-15", "Ali, Ahmadi, 2005-11-20", False),
        # one human being, with a slip
        ("Imran, Ahmadi, 2005-03-15", "Imran, Ahmadi, 2006-03-15", True),
        ("Imran, Ahmadi, 2005-03-15", "Omran, Ahmadi, 2005-03-15", True),
        ("Ali, Noori, 2005-05-06", "Hossein Ali, Noori, 2005-05-06", True),
        ("Ali, Ahmadi, 2005-03-15", "Ali, Ahmadi, 2006-11-20", True),
    ],
    ids=range(10),
)
def test_one_number(one: str, other: str, linked: bool) -> None:
    lines = [f"a 1, {one}, m, AFG, 2015-10-03, {NUMBER}", f"b 1, {other}, m, AFG, , {NUMBER}"]
    assert (join(*lines) == [["a1", "b1"]]) is linked
    assert (bands(*lines).get("a1=b1") == AUTOMATIC) is linked


def test_a_number_that_persons_of_other_given_names_carry_is_a_familys() -> None:
    slip = [f"{s} 1, Imran, Ahmadi, 2005-0{m}-15, m, AFG, , {NUMBER}" for s, m in ("a3", "b4")]
    father = f"c 1, Ghulam, Ahmadi, 1975-02-01, m, AFG, , {NUMBER}"
    assert bands(*slip) == {"a1=b1": AUTOMATIC}
    assert bands(*slip, father)["a1=b1"] == REVIEW
    (pair,) = (one for one in score(*slip, father) if one.pair == (("a", "1"), ("b", "1")))
    assert any("auch bei jemandem mit anderem Vornamen" in text for text in pair.because)


def join(*lines: str) -> list[list[str]]:
    """The records that are made one person without anybody's decision."""
    pairs = sorted(score(*lines), key=lambda pair: -pair.weight)
    groups, _ = choose_links(Evidence(_read_records(lines), Verdicts(), pairs))
    return [["".join(key) for key in group] for group in groups.values() if len(group) > 1]


def _read_records(lines: tuple[str, ...]) -> list[Record]:
    rows = [[part.strip() or None for part in line.split(",")] for line in lines]
    people = []
    for key, first, last, born, sex, nation, came, number in rows:
        source, _, name = key.partition(" ")
        days = [date.fromisoformat(day) if day else None for day in (born, came)]
        people.append(KnownPerson(source, name, last, first, days[0], sex, days[1], number, nation))
    return read_terms().read_records(people)


ALI = "Ali, Hassan, 1990-03-15, m, SYR, "
THIRD = {
    "two numbers": (f"a 1, {ALI}, {NUMBER}", f"b 1, {ALI}, ", f"c 1, {ALI}, 180703987651"),
    "two further names": (
        f"a 1, Mohammad Hassan, Ahmadi, {TWIN}",
        f"b 1, Mohammad, Ahmadi, {TWIN}",
        f"c 1, Mohammad Hussein, Ahmadi, {TWIN}",
    ),
    "two birth dates": (
        "a 1, Ali, Ahmadi, 2005-03-15, m, AFG, 2015-10-03, ",
        "b 1, Ali, Ahmadi, 2005-01-01, m, AFG, 2015-10-03, ",
        "c 1, Ali, Ahmadi, 2005-11-20, m, AFG, 2015-10-03, ",
    ),
}


@pytest.mark.parametrize("case", THIRD)
def test_a_third_record_joins_no_two_human_beings(case: str) -> None:
    lines = THIRD[case]
    found = bands(*lines)
    assert (found["a1=b1"], found["b1=c1"], found["a1=c1"]) == (AUTOMATIC, AUTOMATIC, REVIEW)
    assert join(*lines) == []
    assert join(*lines[:2]) == [["a1", "b1"]]


def test_what_is_judged_two_human_beings_says_so() -> None:
    lines = THIRD["two further names"]
    told = {pair.pair: pair.are_two_humans for pair in score(*lines)}
    assert sorted(told.values()) == [False, False, True]
    assert told[("a", "1"), ("c", "1")]
    assert all((TWO_HUMANS in pair.against) is pair.are_two_humans for pair in score(*lines))


@pytest.mark.parametrize(
    ("born", "other", "joined"),
    [
        # a slip within the year, day and month exchanged, a day that stands for an unknown one
        ("1990-03-15", "1990-03-25", True),
        ("1990-03-05", "1990-05-03", True),
        ("1990-03-15", "1990-07-01", True),
        ("1991-01-01", "1990-03-15", True),
        ("1990-03-15", "1990-11-20", False),
        ("1990-03-15", "1991-03-15", False),
        ("1993-01-01", "1990-03-15", False),
    ],
    ids=range(7),
)
def test_birth_dates_by_way_of_a_third(born: str, other: str, joined: bool) -> None:
    """The first and the last record were not compared; the one between has no birth date."""
    lines = [
        f"{s} 1, Ali, Hassan, {day}, m, , , "
        for s, day in zip("abc", (born, "", other), strict=True)
    ]
    keys = [("a", "1"), ("b", "1"), ("c", "1")]
    pairs = [
        ScoredPair(keys[0], keys[1], 19.0, AUTOMATIC),
        ScoredPair(keys[1], keys[2], 9.0, AUTOMATIC),
    ]
    groups, _ = choose_links(Evidence(_read_records(tuple(lines)), Verdicts(), pairs))
    assert sorted(map(len, groups.values())) == ([3] if joined else [1, 2])
