"""Which pairs are compared: as many as by asking each pair for itself, and of some records those of all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from examples.hard.phenomena import Phenomena
from tests.identity.districts import link_district, read_lines
from warehouse.identity import candidates
from warehouse.identity.birth_days import is_stand_in
from warehouse.identity.candidates import CandidateSearch
from warehouse.identity.known_names import KnownNames
from warehouse.identity.name_keys import list_keys
from warehouse.identity.nationalities import list_confused
from warehouse.identity.person_columns import PersonColumns

Pairs = set[tuple[int, int]]
# No related names, which have keys of each other.
NOBODY = KnownNames(frozenset(), frozenset())


def search(persons: PersonColumns, rows: np.ndarray | None = None) -> Pairs:
    found = CandidateSearch(persons, NOBODY)
    a, b = found.find_all() if rows is None else found.find_touching(rows)
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    return set(pairs)


class Asked:
    """The rules for one pair, in words of one record each."""

    def __init__(self, persons: PersonColumns) -> None:
        self.p = persons
        self.stand_in = is_stand_in(persons.born)
        self.confused = list_confused(persons.nationalities)
        self.given = [self._keys(persons.given[row]) for row in range(len(persons))]
        self.family = [self._keys(persons.family[row]) for row in range(len(persons))]
        self.both = [set(self._list_both(row)) for row in range(len(persons))]

    def _keys(self, words: np.ndarray) -> set[str]:
        return {key for word in words if word >= 0 for key in list_keys(self.p.words[word])}

    def _list_both(self, row: int) -> Iterator[tuple[str, ...]]:
        given, family = self.p.given[row][:2], self.p.family[row][[0, 1, 3]]
        for one in self._keys(given):
            yield from (tuple(sorted((one, other))) for other in self._keys(family))

    def is_worth(self, a: int, b: int) -> bool:
        across = self.p.source[a] != self.p.source[b]
        return self._is_close(a, b) or (across and (self._by_names(a, b) or self._by_entry(a, b)))

    def _is_close(self, a: int, b: int) -> bool:
        number, days = self.p.number, [self.p.born[row].astype(object) for row in (a, b)]
        if number[a] >= 0 and number[a] == number[b]:
            return True
        if None in days or not self._share_key(a, b):
            return False
        (y, m, d), (year, month, day) = ((x.year, x.month, x.day) for x in days)
        exchanged = (y, m, d) == (year, day, month) and m != d
        return exchanged or (
            days[0] == days[1] and (not self.stand_in[a] or self._of_one_nation(a, b))
        )

    def _share_key(self, a: int, b: int) -> bool:
        return bool((self.given[a] | self.family[a]) & (self.given[b] | self.family[b]))

    def _of_one_nation(self, a: int, b: int) -> bool:
        one, other = self.p.nationality[a], self.p.nationality[b]
        return bool(one < 0 or other < 0 or one == other)

    def _by_names(self, a: int, b: int) -> bool:
        if not self.both[a] & self.both[b]:
            return False
        born, nation = self.p.born, self.p.nationality
        mistaken = born[a] == born[b] and self.confused[nation[a], nation[b]]
        x, y = (born[row].astype(object) for row in (a, b))
        of_day = (
            None not in (x, y) and (x.month, x.day) == (y.month, y.day) and not self.stand_in[a]
        )
        return (self._of_one_nation(a, b) or mistaken) and (self._are_near(a, b) or of_day)

    def _by_entry(self, a: int, b: int) -> bool:
        entered, sex = self.p.entered, self.p.sex
        sexes = sex[a] < 0 or sex[b] < 0 or sex[a] == sex[b]
        return entered[a] == entered[b] and sexes and self._are_near(a, b) and self._share_key(a, b)

    def _are_near(self, a: int, b: int) -> bool:
        x, y = (self.p.born[row].astype(object) for row in (a, b))
        return x is None or y is None or abs(x.year - y.year) <= 1


@pytest.mark.parametrize("at_once", [7, candidates._AT_ONCE])
def test_pairs_are_those_that_each_asked_for_itself_is(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_AT_ONCE", at_once)
    persons = link_district(3, 300, Phenomena(look_alikes=0.5, two_systems=0.4)).persons
    asked = Asked(persons)
    wanted = {pair for pair in combinations(range(len(persons)), 2) if asked.is_worth(*pair)}
    assert len(wanted) > 150
    assert search(persons) == wanted


@pytest.mark.parametrize("count", [0, 1, 50])
def test_pairs_of_some_records_are_those_of_all_that_have_one(count: int) -> None:
    persons = link_district(3, 600).persons
    rows = np.random.default_rng(count).choice(len(persons), count, replace=False)
    some = set(rows.tolist())
    assert search(persons, rows) == {pair for pair in search(persons) if some & set(pair)}


@pytest.mark.parametrize("born", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_of_the_calendar(born: str) -> None:
    line = f"Sami, Haddad, {born}, m, SYR, 2016-02-03, "
    assert search(read_lines([f"a 1, {line}", f"b 1, {line}"])) == {(0, 1)}
    assert search(read_lines([])) == set()
