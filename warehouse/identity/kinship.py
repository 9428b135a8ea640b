"""Who of one source are relatives as far as their records tell, and which relatives are linked.

Relatives have one household, or came on one day under one family name. Families move together, so
a relative who is linked speaks for the others.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    names = _classify_families(persons)
    known = (names >= 0) & ~np.isnat(persons.entered) & (day_of(persons.entered) != 1)
    days = persons.entered[known].astype(np.int64)
    came = np.full(len(persons), -1, np.int64)
    came[known] = _number_groups(persons.source[known], names[known], days)
    return np.stack([persons.household.astype(np.int64), came], axis=1)


def _number_groups(*columns: np.ndarray) -> np.ndarray:
    """A number from 0 on for each row, the same where all columns are."""
    groups = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values = np.unique(column, return_inverse=True)[1]
        packed = groups * (values.max(initial=0) + 1) + values
        groups = np.unique(packed, return_inverse=True)[1]
    return groups


def _classify_families(persons: PersonColumns) -> np.ndarray:
    """The class of each one's family name as a number, -1 without one."""
    classes: dict[str, int] = {}
    names = [classes.setdefault(class_of(word), len(classes)) for word in persons.words]
    # The last one is what a missing word leads to.
    return np.asarray(np.array([*names, -1], np.int64)[persons.family[:, 0]])


def list_relatives(homes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows and all who are relatives of one of them."""
    found = [rows]
    for home in homes.T:
        wanted = np.unique(home[rows])
        found.append(np.flatnonzero(np.isin(home, wanted[wanted >= 0])))
    return np.unique(np.concatenate(found))


def list_former_relatives(persons: PersonColumns, former: PersonColumns) -> np.ndarray:
    """The rows of relatives that records of ``former`` would have by family name and entry."""
    days = former.entered[~np.isnat(former.entered)]
    near = np.flatnonzero(np.isin(persons.entered, days)).tolist()
    wanted = {_name_arrival(former, row) for row in range(len(former))}
    return np.array([row for row in near if _name_arrival(persons, row) in wanted], np.int64)


def _name_arrival(persons: PersonColumns, row: int) -> tuple[str, str, str]:
    """What somebody has in common with relatives: source, class of family name, day of entry."""
    word = int(persons.family[row, 0])
    name = class_of(persons.words[word]) if word >= 0 else ""
    return persons.keys[row][0], name, str(persons.entered[row])


class LinkedRelatives:
    """Finds, for pairs of rows, other pairs of relatives that are linked."""

    def __init__(self, persons: PersonColumns, a: np.ndarray, b: np.ndarray) -> None:
        homes, names = find_homes(persons), _classify_families(persons)
        self._rows = a, b
        self._homes = homes[a], homes[b]
        self._names = names[a], names[b]
        self._places = persons.municipality[a], persons.municipality[b]
        self._sources = persons.source[a], persons.source[b]
        self._count = len(persons)

    def find_levels(self, linked: np.ndarray) -> np.ndarray:
        """The Relatives of each pair, given which of the pairs are linked.

        Where relatives of both are linked, but with others than each other, they are two families.
        """
        of_one = np.zeros((2, len(linked)), bool)
        of_namesake = np.zeros(len(linked), bool)
        for side in (0, 1):
            for mine, other in self._list_followed(side, linked):
                of_one[side, mine] = True
                of_namesake[mine[self._live_near(1 - side, mine, other)]] = True
        levels = np.where(of_one[0] ^ of_one[1], Relatives.OF_ONE, Relatives.NONE)
        levels[of_namesake] = Relatives.OF_NAMESAKE
        levels[self._find_common(linked)] = Relatives.OF_BOTH
        return levels

    def _find_common(self, linked: np.ndarray) -> np.ndarray:
        """Where a relative of the one is linked with a relative of the other."""
        found = []
        for one in self._homes[0].T:
            for other in self._homes[1].T:
                known = np.flatnonzero((one >= 0) & (other >= 0))
                places = one[known] * self._count + other[known]
                found.append(self._meet_others(known, places, linked)[0])
        return np.concatenate(found)

    def _list_followed(
        self, side: int, linked: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The pairs with those that link a relative of one side with the other side's source.

        Somebody who was told to be of another household than the other record tells nothing.
        """
        told = self._homes[1 - side][:, 0]
        for home in self._homes[side].T:
            known = np.flatnonzero(home >= 0)
            places = self._sources[1 - side][known].astype(np.int64) * self._count + home[known]
            mine, other = self._meet_others(known, places, linked)
            fits = (told[mine] == told[other]) | (told[mine] < 0) | (told[other] < 0)
            yield mine[fits], other[fits]

    def _meet_others(
        self, rows: np.ndarray, places: np.ndarray, linked: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The pairs ``rows`` with those linked of the same place that have neither record of it."""
        mine, other = (rows[found] for found in _list_meetings(places, linked[rows]))
        a, b = self._rows
        apart = (a[mine] != a[other]) & (b[mine] != b[other])
        return mine[apart], other[apart]

    def _live_near(self, side: int, mine: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Whether the records of one side have one family name and one municipality."""
        names, places = self._names[side], self._places[side]
        shared = (places[mine][:, :, None] == places[other][:, None, :]) & (
            places[mine][:, :, None] >= 0
        )
        same = (names[mine] == names[other]) & (names[mine] >= 0)
        return np.asarray(same & shared.any(axis=(1, 2)))


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
