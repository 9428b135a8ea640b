"""What follows from decisions, as tables: chains, contradictions, who is chosen before whom."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from warehouse.identity.decisions import (
    Decision,
    Verdict,
    describe_chain,
    find_standing,
    keep_valid,
    order_pair,
)
from warehouse.identity.key_owners import KeyOwners
from warehouse.identity.link_choice import Evidence, choose_links
from warehouse.identity.record import Key, Record
from warehouse.identity.scored_pairs import ScoredPair
from warehouse.identity.verdicts import Verdicts

VERDICTS = {"=": Verdict.SAME, "!": Verdict.DIFFERENT, "?": Verdict.UNSURE}


def key(name: str) -> Key:
    """The record of a name such as e1: enaio, j: jobkraftwerk, t: tau, w: workbook."""
    sources = {"e": "enaio", "j": "jobkraftwerk", "t": "tau", "w": "workbook"}
    return sources[name[0]], name[1:]


def said(text: str, number: int = 1, known_load: int = 0) -> Decision:
    """A decision such as "e1=t1"."""
    sign = next(sign for sign in VERDICTS if sign in text)
    pair = order_pair(*map(key, text.split(sign)))
    when = datetime(2026, 2, number)
    return Decision(number, *pair, VERDICTS[sign], None, "x", f"N{number}", when, known_load)


def weigh(text: str) -> Verdicts:
    return Verdicts(said(one, number) for number, one in enumerate(text.split(), start=1))


CONTRADICTIONS = {
    "nothing is decided": ("", "e1=t1", ""),
    "the same pair is only replaced": ("e1!t1", "e1=t1", ""),
    "apart by way of a third": ("e1=j1 j1!t1", "e1=t1", "e1=j1 j1!t1"),
    "the other end is the third": ("t1=j1 j1!e1", "e1=t1", "e1!j1 j1=t1"),
    "by way of two": ("e1=j1 t1=w1 j1!w1", "e1=t1", "e1=j1 j1!w1 w1=t1"),
    "one by way of a third": ("e1=j1 j1=t1", "e1!t1", "e1=j1 j1=t1"),
    "the shortest way is told": ("e1=j1 j1=w1 w1=t1 e1=w1", "e1!t1", "e1=w1 w1=t1"),
    "unsure is no contradiction to apart": ("e1=j1 j1!t1", "e1?t1", ""),
    "nothing is unsure about one human being": ("e1=j1 j1=t1", "e1?t1", "e1=j1 j1=t1"),
    "others who are unsure say nothing": ("e1=j1 j1?t1", "e1=t1", ""),
    "two of one source through a third": ("e1=t1 e1=t2", "t1!t2", "t1=e1 e1=t2"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_is_told_with_its_chain(case: str) -> None:
    decided, wanted, chain = CONTRADICTIONS[case]
    asked = said(wanted)
    found = weigh(decided).find_contradiction(asked.pair, asked.verdict)
    shown = chain.replace("=", " = ").replace("!", " ≠ ").split(" ")
    names = [part if part in "=≠" else ":".join(key(part)) for part in shown if part]
    told = describe_chain(asked.a, found)
    assert [word for word in told.replace(",", "").split() if ":" in word or word in "=≠"] == names


def test_a_chain_names_who_decided_and_when() -> None:
    chain = weigh("e1=t2 t2!j3").find_contradiction(said("e1=j3").pair, Verdict.SAME)
    assert describe_chain(key("e1"), chain) == (
        "enaio:1 = tau:2 (N1, 01.02.2026), tau:2 ≠ jobkraftwerk:3 (N2, 02.02.2026)"
    )


def undone(number: int, undoes: int) -> Decision:
    taken = said("e1=t1", number)
    return Decision(
        number, taken.a, taken.b, Verdict.UNDONE, undoes, *list(vars(taken).values())[5:]
    )


@pytest.mark.parametrize(
    ("made", "standing"),
    [
        ([said("e1=t1", 1)], 1),
        ([said("e1=t1", 1), said("e1!t1", 2)], 2),
        ([said("e1=t1", 1), undone(2, 1)], None),
        ([said("e1=t1", 1), said("e1!t1", 2), undone(3, 2)], 1),
        ([said("e1=t1", 1), said("e1!t1", 2), undone(3, 1)], 2),
        ([said("e1=t1", 1), undone(2, 1), said("e1=t1", 3)], 3),
    ],
    ids=["one", "replaced", "undone", "the replaced one again", "an old one undone", "anew"],
)
def test_the_newest_that_was_not_undone_counts(made: list[Decision], standing: int | None) -> None:
    assert [one.number for one in find_standing(made).values()] == ([standing] if standing else [])


@pytest.mark.parametrize(
    ("known_load", "number", "counts"),
    [(3, 4, True), (3, 5, False), (5, 6, True), (6, 7, False), (3, 7, True), (7, 9, True)],
)
def test_a_decision_is_about_whom_the_key_meant(known_load: int, number: int, counts: bool) -> None:
    """Load 5 gave the key to another human being, load 7 took that back."""
    owners = KeyOwners({key("t1"): [(5, "of another"), (7, "")]})
    made = said("e1=t1", known_load=known_load)
    assert bool(keep_valid([made], owners, number)) is counts


NUMBER = ("azr", "160512012345")


def record(name: str, number: tuple[str, str] | None = None) -> Record:
    return Record(*key(name), "beispiel", "amal", date(1990, 1, 1), None, None, number)


def pair(text: str) -> ScoredPair:
    """A pair such as "e1~t1/9": its weight; one below 8 waits for a person."""
    names, weight = text.split("/")
    a, b = map(key, names.split("~"))
    return ScoredPair(a, b, float(weight), "automatic" if float(weight) >= 8 else "review")


# records (with * those of one number), decisions, pairs, groups
CHOICES = {
    "weights link": ("e1 t1", "", "e1~t1/9", "e1t1"),
    "what waits links nobody": ("e1 t1", "", "e1~t1/7", ""),
    "the strongest is first": ("e1 t1 t2", "", "e1~t1/9 e1~t2/10", "e1t2"),
    "equals go by their keys": ("e1 t1 t2", "", "e1~t2/9 e1~t1/9", "e1t1"),
    "no two of one source through a third": ("e1 j1 e2", "", "e1~j1/10 e2~j1/9", "e1j1"),
    "unless a person said so": ("e1 j1 e2", "e1=e2", "e1~j1/10 e2~j1/9", "e1e2j1"),
    "two of one source by decision": ("e1 e2", "e1=e2", "", "e1e2"),
    "apart, though the weights are high": ("e1 t1", "e1!t1", "e1~t1/20", ""),
    "apart through a third": ("e1 j1 t1", "e1!t1", "e1~j1/20 j1~t1/10", "e1j1"),
    "apart through the whole group": (
        "e1 j1 t1 w1",
        "e1!w1",
        "e1~j1/20 t1~w1/19 j1~t1/9",
        "e1j1 t1w1",
    ),
    "apart, though the number is one": ("e1* t1*", "e1!t1", "", ""),
    "the number is before the weight": ("e1* j1* e2", "", "e2~j1/20", "e1j1"),
    "a decision is before the number": ("e1* j1* e2", "e2=j1", "", "e2j1"),
    "one number, two of a source": ("e1* t1* t2*", "", "", ""),
    "one number, decided to be one": ("e1* t1* t2*", "t1=t2", "", "e1t1t2"),
    "who is gone holds together": ("e1 t1", "e1=j9 j9=t1", "", "e1t1"),
    "who is gone keeps apart": ("e1 t1", "e1=j9 j9!t1", "e1~t1/20", ""),
    "who is gone takes no place": ("e1 t2", "e1=t9", "e1~t2/9", "e1t2"),
    "unsure is asked, not linked": ("e1 t1", "e1?t1", "e1~t1/9", ""),
    "unsure, though the number is one": ("e1* t1*", "e1?t1", "", ""),
    "unsure, and one by way of a third": ("e1 j1 t1", "e1?t1 e1=j1 j1=t1", "", "e1j1t1"),
}


def choose(records: str, decided: str, pairs: str) -> str:
    """The groups of several known records."""
    known = [record(name.strip("*"), NUMBER if "*" in name else None) for name in records.split()]
    scored = sorted(map(pair, pairs.split()), key=lambda one: (-one.weight, one.a, one.b))
    groups, _ = choose_links(Evidence(known, weigh(decided), scored))
    there = {one.identity for one in known}
    names = [[s[0] + k for s, k in group if (s, k) in there] for group in groups.values()]
    return " ".join(sorted("".join(group) for group in names if len(group) > 1))


@pytest.mark.parametrize("case", CHOICES)
def test_who_is_one_person(case: str) -> None:
    *given, groups = CHOICES[case]
    assert choose(*given) == groups


def test_the_day_of_a_birth_is_no_part_of_a_decision() -> None:
    """Two records of one source that were decided to be one are no twins."""
    born = {"birth_date": date(1990, 5, 5)}
    twins = [
        Record("tau", n, "beispiel", f"amal{n}", born["birth_date"], "w", None, None) for n in "12"
    ]
    others = [
        Record(source, "9", "beispiel", "amal1", born["birth_date"], "w", None, None)
        for source in ("enaio", "workbook")
    ]
    for decided, size in (("", 1), ("t1=t2", 3)):
        groups, _ = choose_links(Evidence([*twins, *others], weigh(decided)))
        assert max(map(len, groups.values())) >= size
        assert any(len(g) > 1 and key("e9") in g for g in groups.values()) is bool(decided)
