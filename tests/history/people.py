"""Who is who in plain Python: slow, obvious, from the rules as written down. The hub's own linking is not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

Key = tuple[str, str]
People = Mapping[Key, Mapping[str, Any]]
Group = frozenset[Key]

# What the generated names and numbers mean, by hand: the name as compared, kind and number; None where it is none.
NAMES: dict[Any, str | None] = {
    None: None,
    "Şahin": "sahin",
    "SAHIN": "sahin",
    "Weber": "weber",
    "N. N.": None,
    "Probe": "probe",
    "Prova": "prova",
    "Karim": "karim",
    "Ka-rim": "karim",
    "कम": "कम",
    "कमी": "कमी",
    "Baby": None,
    "Karim 2": None,
    "Karim\U0001f600": None,
}
NUMBERS: dict[Any, tuple[str, str] | None] = {
    None: None,
    "160512012345": ("azr", "160512012345"),
    "AZR 160512-012345": ("azr", "160512012345"),
    "160512012353": ("azr", "160512012353"),
    "171130998877": ("azr", "171130998877"),
    "L 47115": ("unknown", "L47115"),
    "beantragt 2024": None,
    "000000": None,
}
MOST_PERSONS = 10


def persons(people: People) -> set[Group]:
    """The known person records, put together where the sure rules hold them for one human being."""
    world = _World(people)
    groups = set()
    same_number, same_name = world.same_number(), world.same_name()
    for group in _joined(people, same_number + same_name):
        if not world.contradict(group):
            groups.add(group)
            continue
        for smaller in _joined(group, [g for g in same_number if g <= group]):
            groups |= (
                {smaller} if not world.contradict(smaller) else {frozenset([k]) for k in smaller}
            )
    return groups


def another(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two versions of a record are surely two human beings', of the generated names and days."""

    def differ(name: str) -> bool:
        return None not in (old[name], new[name]) and old[name] != new[name]

    # Of the family names, two are one without regard to capitals only on paper: Ş is no S.
    names = [differ(n) and old[n].lower() != new[n].lower() for n in ("last_name", "first_name")]
    born = [old["birth_date"], new["birth_date"]]
    same_birth = None not in born and born[0] == born[1] and (born[0].month, born[0].day) != (1, 1)
    sure = not same_birth or differ("sex") or differ("nationality")
    one_number = (
        old["official_number"] is not None and old["official_number"] == new["official_number"]
    )
    return sum([*names, differ("birth_date")]) >= 2 and sure and not one_number


class Ids:
    """Lasting ids: a record keeps the person it had; of a joined or split person the first record that has the id keeps it."""

    def __init__(self) -> None:
        self.of: dict[Key, int] = {}
        self._next = 0

    def assign(self, groups: Iterable[Group], reused: Iterable[Key] = ()) -> dict[Key, int]:
        """The person of every record from now on; ``reused`` keys have become somebody else's."""
        for key in reused:
            self.of.pop(key, None)
        taken: set[int] = set()
        now: dict[Key, int] = {}
        for group in sorted(groups, key=min):
            had = [self.of[k] for k in sorted(group) if k in self.of and self.of[k] not in taken]
            if not had:
                self._next += 1
            person = had[0] if had else self._next
            taken.add(person)
            now |= dict.fromkeys(group, person)
        self.of = now
        return dict(now)


class _World:
    """The known records, and what holds of two of them."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.crowded = {
            n
            for n in NUMBERS.values()
            if n is not None and len({self._who(k) for k in self._with(n)}) > MOST_PERSONS
        }

    def same_number(self) -> list[Group]:
        """All that carry one number, if their names say that they are one."""
        groups = [self._with(n) for n in set(NUMBERS.values()) - {None} - self.crowded]
        return [
            g
            for g in groups
            if not self.contradict(g)
            and self._one(g, self._first)
            and self._one(g, lambda key: self.people[key]["birth_date"])
            and (self._one(g, self._last) or self._one(g, self._born))
        ]

    def same_name(self) -> list[Group]:
        """All of one name, birth date and entry, unless there are twins of that family name and birth date."""

        def who(k: Key) -> Any:
            found = (self._last(k), self._first(k), self._born(k))
            return None if None in found else found

        groups = [
            frozenset(k for k in self.people if who(k) == one)
            for one in {who(k) for k in self.people} - {None}
        ]
        return [
            g
            for g in groups
            if not self.contradict(g)
            and len({self.people[k]["entry_date"] for k in g} - {None}) < 2
            and not any(self._twins(a, b, next(iter(g))) for a, b in combinations(self.people, 2))
        ]

    def contradict(self, group: Iterable[Key]) -> bool:
        """Whether two of the records cannot be one human being."""
        return any(
            a[0] == b[0] or self._other_sex(a, b) or self._other_birth(a, b) or self._numbers(a, b)
            for a, b in combinations(group, 2)
        )

    def _twins(self, a: Key, b: Key, like: Key) -> bool:
        born = (self._last(like), self._born(like))
        if self._other_sex(a, b) or any((self._last(k), self._born(k)) != born for k in (a, b)):
            return False
        one, other = self._number(a), self._number(b)
        # The only two of the numbers that follow each other.
        if {one, other} == {("azr", "160512012345"), ("azr", "160512012353")}:
            return True
        first, second = self._first(a), self._first(b)
        return a[0] == b[0] and (first is None or second is None or first[0] == second[0])

    def _other_sex(self, a: Key, b: Key) -> bool:
        sexes = {self.people[k]["sex"] for k in (a, b)}
        return len(sexes) == 2 and sexes <= {"m", "w", "d"}

    def _other_birth(self, a: Key, b: Key) -> bool:
        births = {self.people[k]["birth_date"] for k in (a, b)}
        return len(births) == 2 and None not in births

    def _numbers(self, a: Key, b: Key) -> bool:
        # Whether a number of an unknown kind is of the other's kind, nobody knows.
        one, other = self._number(a), self._number(b)
        if one is None or other is None or one == other:
            return False
        return one[0] == other[0] or "unknown" in (one[0], other[0])

    def _with(self, number: Any) -> Group:
        return frozenset(k for k in self.people if self._raw_number(k) == number)

    def _who(self, k: Key) -> Any:
        return self._last(k), self._first(k), self.people[k]["birth_date"]

    def _number(self, k: Key) -> tuple[str, str] | None:
        found = self._raw_number(k)
        return None if found in self.crowded else found

    def _raw_number(self, k: Key) -> tuple[str, str] | None:
        return NUMBERS[self.people[k]["official_number"]]

    def _last(self, k: Key) -> str | None:
        return NAMES[self.people[k]["last_name"]]

    def _first(self, k: Key) -> str | None:
        return NAMES[self.people[k]["first_name"]]

    def _born(self, k: Key) -> Any:
        born = self.people[k]["birth_date"]
        return None if born is None or (born.month, born.day) == (1, 1) else born

    @staticmethod
    def _one(group: Iterable[Key], value: Callable[[Key], Any]) -> bool:
        values = {value(k) for k in group}
        return len(values) == 1 and None not in values


def _joined(keys: Iterable[Key], links: Iterable[Group]) -> list[Group]:
    groups = [{k} for k in keys]
    for link in links:
        touched = [g for g in groups if g & link]
        groups = [g for g in groups if not g & link] + [set().union(*touched)]
    return [frozenset(g) for g in groups]
