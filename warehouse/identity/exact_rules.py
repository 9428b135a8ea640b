"""The sure rules: which two records are one human being beyond doubt. Anything less sure is for a person to decide, not for these.

Two records for one person are the lesser evil: a rule keeps silent as soon as anything speaks against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from warehouse.identity.names import search_form

NUMBER, NAME = "official_number", "name_and_birth_date"
_NO_NAME = {"", "nn", "fnu", "unbekannt", "unknown", "x", "xx", "xxx"}


@dataclass(frozen=True)
class Record:
    """What the rules look at: one source record of a person as known now."""

    source: str
    key: str
    last_name: str | None
    first_name: str | None
    birth_date: date | None
    sex: str | None
    entry_date: date | None
    official_number: str | None

    @property
    def name(self) -> str:
        """The record's name for people: source:key."""
        return f"{self.source}:{self.key}"


@dataclass(frozen=True)
class Link:
    """Two records that one rule holds for one human being, and why, in a German sentence without personal values."""

    a: Record
    b: Record
    rule: str
    explanation: str


def sure_links(records: Sequence[Record]) -> Iterator[Link]:
    """Pairs of records that are surely one person; each group of equals as a chain of pairs."""
    yield from _chain_links(
        _by_number(records), NUMBER, "Beide Datensätze tragen dieselbe amtliche Nummer."
    )
    yield from _chain_links(
        _by_name_and_birth(records),
        NAME,
        "Name und vollständiges Geburtsdatum (kein 1. Januar) stimmen überein; weder Geschlecht noch Einreisedatum widersprechen.",
    )


def _by_number(records: Sequence[Record]) -> Iterator[list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for r in records:
        number = search_form(r.official_number)
        if number:
            groups[number].append(r)
    # One passport number is sometimes noted for a whole family: then it says nothing about who is who. Where not every birthday is
    # known, the first names must not differ either.
    for number, group in groups.items():
        all_born = all(r.birth_date for r in group)
        first_names = {name for r in group if (name := search_form(r.first_name))}
        if (
            number not in _NO_NAME
            and not are_contradictory(group)
            and (all_born or len(first_names) <= 1)
        ):
            yield group


def _by_name_and_birth(records: Sequence[Record]) -> Iterator[list[Record]]:
    groups: dict[tuple[str, str, date], list[Record]] = defaultdict(list)
    for r in records:
        last, first = search_form(r.last_name), search_form(r.first_name)
        # Hundreds of thousands were given the 1 January because nobody knew their birthday.
        if (
            r.birth_date
            and (r.birth_date.month, r.birth_date.day) != (1, 1)
            and last not in _NO_NAME
            and first not in _NO_NAME
        ):
            groups[last, first, r.birth_date].append(r)
    for group in groups.values():
        if not are_contradictory(group) and len({r.entry_date for r in group if r.entry_date}) <= 1:
            yield group


def are_contradictory(group: Sequence[Record]) -> bool:
    """Something speaks against these records being one human being: two birthdays, two sexes, or two records of one source.

    Two records of one source are two on purpose until a person says otherwise.
    """
    sexes = {r.sex for r in group if r.sex in ("m", "w", "d")}
    births = {r.birth_date for r in group if r.birth_date}
    sources = {r.source for r in group}
    return len(sexes) > 1 or len(births) > 1 or len(sources) < len(group)


def _chain_links(groups: Iterator[list[Record]], rule: str, explanation: str) -> Iterator[Link]:
    for group in groups:
        ordered = sorted(group, key=lambda r: (r.source, r.key))
        for a, b in pairwise(ordered):
            yield Link(a, b, rule, explanation)
