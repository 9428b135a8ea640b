"""Who of one source are relatives as far as their records tell, and which relatives are linked.

Relatives have one household, or came on one day under one family name. Families move together, so
a relative who is linked speaks for the others.
"""

from __future__ import annotations

import numpy as np

from warehouse.identity.birth_days import day_of
from warehouse.identity.levels import Relatives
from warehouse.identity.name_frequencies import class_of
from warehouse.identity.person_columns import PersonColumns


def find_homes(persons: PersonColumns) -> np.ndarray:
    """Two numbers of each record (records x 2, -1 for none): relatives of a source share one.

    The first is of a household that was told, the second of a family name and a day of entry. The
    first of a month is left out: offices enter it for any day.
    """
    classes: dict[str, int] = {}
    names = np.array([classes.setdefault(class_of(w), len(classes)) for w in persons.words], int)
    family = persons.family[:, 0]
    known = (family >= 0) & ~np.isnat(persons.entered) & (day_of(persons.entered) != 1)
    name = names[family[known]]
    rows = np.stack([persons.source[known], name, persons.entered[known].astype(int)])
    came = np.full(len(persons), -1, np.int64)
    came[known] = np.unique(rows, axis=1, return_inverse=True)[1].reshape(-1)
    return np.stack([persons.household.astype(np.int64), came], axis=1)


def list_relatives(homes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows and all who are relatives of one of them."""
    found = [rows]
    for home in homes.T:
        wanted = np.unique(home[rows])
        found.append(np.flatnonzero(np.isin(home, wanted[wanted >= 0])))
    return np.unique(np.concatenate(found))


class LinkedRelatives:
    """Finds, for pairs of rows, other pairs of relatives that are linked."""

    def __init__(
        self, persons: PersonColumns, homes: np.ndarray, a: np.ndarray, b: np.ndarray
    ) -> None:
        self._a, self._b = a, b
        self._sides = (homes[a], homes[b])
        self._sources = (persons.source[a], persons.source[b])
        self._count = len(persons)

    def find_levels(self, linked: np.ndarray) -> np.ndarray:
        """The Relatives of each pair, given which of the pairs are linked.

        Where relatives of both are linked, but with others than each other, they are two families.
        """
        sides = self._follow(0, linked).astype(np.int8) + self._follow(1, linked)
        levels = np.where(sides == 1, Relatives.OF_ONE, Relatives.NONE)
        return np.where(self._find_common(linked), Relatives.OF_BOTH, levels)

    def _find_common(self, linked: np.ndarray) -> np.ndarray:
        """Whether a relative of the one is linked with a relative of the other."""
        found = np.zeros(len(self._a), bool)
        for one in self._sides[0].T:
            for other in self._sides[1].T:
                known = np.flatnonzero((one >= 0) & (other >= 0))
                places = one[known] * self._count + other[known]
                found[known] |= self._meet_others(known, places, linked, places)
        return found

    def _follow(self, side: int, linked: np.ndarray) -> np.ndarray:
        """Whether a relative of one side is linked with somebody of the other side's source.

        Somebody who was told to be of another household than the other record tells nothing.
        """
        found = np.zeros(len(self._a), bool)
        told = self._sides[1 - side][:, 0]
        for home in self._sides[side].T:
            known = np.flatnonzero(home >= 0)
            sources = self._sources[1 - side][known].astype(np.int64)
            places = sources * self._count + home[known]
            found[known] |= self._meet_others(known, places, linked, told[known])
        return found

    def _meet_others(
        self, rows: np.ndarray, places: np.ndarray, linked: np.ndarray, told: np.ndarray
    ) -> np.ndarray:
        """Whether a linked pair of one's place has neither of its records nor another home."""
        mine, other = _list_meetings(places, linked[rows])
        a, b = self._a[rows], self._b[rows]
        apart = (a[mine] != a[other]) & (b[mine] != b[other])
        apart &= (told[mine] == told[other]) | (told[mine] < 0) | (told[other] < 0)
        return np.bincount(mine[apart], minlength=len(rows)) > 0


def _list_meetings(places: np.ndarray, linked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each one with each that is linked and of the same place."""
    chosen = np.flatnonzero(linked)
    chosen = chosen[np.argsort(places[chosen], kind="stable")]
    ordered = places[chosen]
    start = np.searchsorted(ordered, places, "left")
    counts = np.searchsorted(ordered, places, "right") - start
    mine = np.repeat(np.arange(len(places)), counts)
    within = np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts)
    return mine, chosen[np.repeat(start, counts) + within]
