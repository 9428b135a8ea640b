"""Links records that are one human being beyond doubt; a person decides on anything less certain.

Two records for one person are the lesser evil: a rule does not apply as soon as one value
contradicts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from warehouse.identity.nationalities import are_other_nationalities
from warehouse.identity.record import Born, Key, Number, Record
from warehouse.identity.twins import find_twins

NUMBER, NAME = "official_number", "name_and_birth_date"


@dataclass(frozen=True)
class Link:
    """Two records linked by a rule; ``explanation`` is German, without personal values."""

    a: Key
    b: Key
    rule: str
    explanation: str


def sure_links(records: Sequence[Record]) -> Iterator[Link]:
    """Pairs of records that certainly are one person; a group of equals is a chain of pairs."""
    yield from _chain_links(
        _by_number(records),
        NUMBER,
        "Beide Datensätze tragen dieselbe amtliche Nummer und denselben Vornamen, dazu denselben "
        "Nachnamen oder ein vollständiges Geburtsdatum; das Geburtsdatum ist dasselbe.",
    )
    yield from _chain_links(
        _by_name_and_birth(records),
        NAME,
        "Name und vollständiges Geburtsdatum (kein Ersatztag wie der 1. Januar) stimmen überein; "
        "weder Geschlecht noch Staatsangehörigkeit noch Einreisedatum noch amtliche Nummer "
        "widersprechen.",
    )


def _by_number(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Groups of one number and birth date, unless it may be noted for several of a family.

    A father and a son may bear one name, so that a birth date that is not known tells nothing.
    """
    groups: dict[Number, list[Record]] = defaultdict(list)
    for r in records:
        if r.number:
            groups[r.number].append(r)
    for group in (g for g in groups.values() if len(g) > 1):
        if _have_one_identity(group) and not are_contradictory(group):
            yield group


def _have_one_identity(group: Sequence[Record]) -> bool:
    """Whether given name and birth date are one, and the family name, or the day is surely known."""
    same = _all_equal([r.first_name for r in group]) and _all_equal([r.birth_date for r in group])
    return same and (
        _all_equal([r.last_name for r in group]) or group[0].exact_birth_date is not None
    )


def _all_equal(values: Sequence[object]) -> bool:
    """Whether all values are known and the same."""
    return values[0] is not None and len(set(values)) == 1


def _by_name_and_birth(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Groups of one name and birth date, unless twins are known who bear that family name."""
    groups: dict[tuple[Born, str], list[Record]] = defaultdict(list)
    for r in records:
        if r.born and r.first_name:
            groups[r.born, r.first_name].append(r)
    twins = find_twins(records)
    for (born, _), group in ((by, g) for by, g in groups.items() if len(g) > 1):
        if born not in twins and not (_have_two_origins(group) or are_contradictory(group)):
            yield group


def _have_two_origins(group: Sequence[Record]) -> bool:
    """Whether they came on two days, or of two countries that nobody takes for each other."""
    entry_dates = {r.entry_date for r in group if r.entry_date}
    nations = combinations({r.nationality for r in group}, 2)
    return len(entry_dates) > 1 or any(are_other_nationalities(*pair) for pair in nations)


def are_contradictory(group: Sequence[Record]) -> bool:
    """Whether the records cannot be one person: two births, sexes, numbers, or two of one source.

    A source holds two records on purpose until a person decides otherwise.
    """
    return are_different(group) or len({r.source for r in group}) < len({r.whole for r in group})


def are_different(group: Sequence[Record]) -> bool:
    """Whether the values of the records are those of several persons: births, sexes or numbers."""
    sexes = {r.sex for r in group if r.sex in ("m", "w", "d")}
    births = {r.birth_date for r in group if r.birth_date}
    numbers = {r.number for r in group if r.number}
    return (
        len(sexes) > 1
        or len(births) > 1
        or any(may_be_one_kind(a, b) for a, b in combinations(numbers, 2))
    )


def may_be_one_kind(a: Number, b: Number) -> bool:
    """Whether two different numbers contradict: a person has one of each kind."""
    return a[0] == b[0] or None in (a[0], b[0])


def _chain_links(groups: Iterator[list[Record]], rule: str, explanation: str) -> Iterator[Link]:
    for group in groups:
        for a, b in pairwise(sorted(r.identity for r in group)):
            yield Link(a, b, rule, explanation)
