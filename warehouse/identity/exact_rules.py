"""Links records that are one human being beyond doubt; a person decides on anything less certain.

Two records for one person are the lesser evil: a rule does not apply as soon as one value
contradicts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeGuard

from warehouse.identity.names import search_form

# A record across all sources: its source and its key there.
Key = tuple[str, str]

NUMBER, NAME = "official_number", "name_and_birth_date"
_NO_NAME = {"", "nn", "fnu", "unbekannt", "unknown", "x", "xx", "xxx"}


@dataclass(frozen=True)
class Record:
    """One currently known source record of a person, with the values the rules compare."""

    source: str
    key: str
    last_name: str | None
    first_name: str | None
    birth_date: date | None
    sex: str | None
    entry_date: date | None
    official_number: str | None

    @property
    def identity(self) -> Key:
        """What identifies the record across all sources."""
        return self.source, self.key

    @property
    def name(self) -> str:
        """The record as shown to users: source:key."""
        return f"{self.source}:{self.key}"


@dataclass(frozen=True)
class Link:
    """Two records linked by a rule; ``explanation`` is German, without personal values."""

    a: Record
    b: Record
    rule: str
    explanation: str


def sure_links(records: Sequence[Record]) -> Iterator[Link]:
    """Pairs of records that certainly are one person; a group of equals is a chain of pairs."""
    yield from _chain_links(
        _by_number(records), NUMBER, "Beide Datensätze tragen dieselbe amtliche Nummer."
    )
    yield from _chain_links(
        _by_name_and_birth(records),
        NAME,
        "Name und vollständiges Geburtsdatum (kein 1. Januar) stimmen überein; "
        "weder Geschlecht noch Einreisedatum widersprechen.",
    )


def _by_number(records: Sequence[Record]) -> Iterator[list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for r in records:
        number = search_form(r.official_number)
        if number not in _NO_NAME:
            groups[number].append(r)
    for group in groups.values():
        if not are_contradictory(group) and not _may_be_family(group):
            yield group


def _may_be_family(group: Sequence[Record]) -> bool:
    """Whether first names differ and a birth date is missing that would tell the records apart.

    One passport number is sometimes noted for a whole family.
    """
    first_names = {search_form(r.first_name) for r in group} - {""}
    return len(first_names) > 1 and not all(r.birth_date for r in group)


def _by_name_and_birth(records: Sequence[Record]) -> Iterator[list[Record]]:
    groups: dict[tuple[str, str, date], list[Record]] = defaultdict(list)
    for r in records:
        last, first = search_form(r.last_name), search_form(r.first_name)
        if _is_exact(r.birth_date) and not _NO_NAME & {last, first}:
            groups[last, first, r.birth_date].append(r)
    for group in groups.values():
        entry_dates = {r.entry_date for r in group if r.entry_date}
        if not are_contradictory(group) and len(entry_dates) <= 1:
            yield group


def _is_exact(birth_date: date | None) -> TypeGuard[date]:
    # 1 January was entered for hundreds of thousands whose birthday nobody knew.
    return birth_date is not None and (birth_date.month, birth_date.day) != (1, 1)


def are_contradictory(group: Sequence[Record]) -> bool:
    """Whether the records cannot be one person: two birth dates, two sexes, two of one source.

    A source holds two records on purpose until a person decides otherwise.
    """
    sexes = {r.sex for r in group if r.sex in ("m", "w", "d")}
    births = {r.birth_date for r in group if r.birth_date}
    sources = {r.source for r in group}
    return len(sexes) > 1 or len(births) > 1 or len(sources) < len(group)


def _chain_links(groups: Iterator[list[Record]], rule: str, explanation: str) -> Iterator[Link]:
    for group in groups:
        for a, b in pairwise(sorted(group, key=lambda r: r.identity)):
            yield Link(a, b, rule, explanation)
