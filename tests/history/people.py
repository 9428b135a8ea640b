"""Who is who in plain Python: slow, obvious, from the rules as written down. The hub's own linking is not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

Key = tuple[str, str]
People = Mapping[Key, Mapping[str, Any]]
Group = frozenset[Key]


def persons(people: People) -> set[Group]:
    """The known person records, put together where the sure rules hold them for one human being."""
    groups = set()
    same_number, same_name = _same(people, _number), _same(people, _name)
    for group in _joined(people, same_number + same_name):
        if not _contradict(people, group):
            groups.add(group)
            continue
        for smaller in _joined(
            {k: people[k] for k in group}, [g for g in same_number if g <= group]
        ):
            groups |= (
                {smaller} if not _contradict(people, smaller) else {frozenset([k]) for k in smaller}
            )
    return groups


class Ids:
    """Lasting ids: a record keeps the person it had; of a joined or split person the first record that has the id keeps it."""

    def __init__(self) -> None:
        self.of: dict[Key, int] = {}
        self._next = 0

    def assign(self, groups: Iterable[Group]) -> dict[Key, int]:
        """The person of every record from now on."""
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


def _joined(people: People, links: Iterable[Group]) -> list[Group]:
    groups = [{k} for k in people]
    for link in links:
        touched = [g for g in groups if g & link]
        groups = [g for g in groups if not g & link] + [set().union(*touched)]
    return [frozenset(g) for g in groups]


def _same(people: People, by: Any) -> list[Group]:
    found: dict[Any, set[Key]] = {}
    for key, person in people.items():
        if (value := by(person)) is not None:
            found.setdefault(value, set()).add(key)
    kept = []
    for group in found.values():
        entries = {people[k]["entry_date"] for k in group} - {None}
        if not _contradict(people, group) and (by is _number or len(entries) <= 1):
            kept.append(frozenset(group))
    return kept


def _number(person: Mapping[str, Any]) -> Any:
    return person["official_number"]


def _name(person: Mapping[str, Any]) -> Any:
    born = person["birth_date"]
    if born is None or (born.month, born.day) == (1, 1):
        return None
    return person["last_name"], person["first_name"], born


def _contradict(people: People, group: Iterable[Key]) -> bool:
    def differ(a: Any, b: Any, known: Any) -> bool:
        return a != b and known(a) and known(b)

    return any(
        a[0] == b[0]
        or differ(people[a]["sex"], people[b]["sex"], lambda v: v in ("m", "w", "d"))
        or differ(people[a]["birth_date"], people[b]["birth_date"], lambda v: v is not None)
        for a, b in combinations(group, 2)
    )
