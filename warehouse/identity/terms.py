"""What the rules are told: which texts are numbers of persons, and which are no names.

The wording lives with the mappings; nothing here knows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from warehouse.identity.names import sure_name, word_form
from warehouse.identity.nationalities import known_nationality
from warehouse.identity.record import Number, Record


class KnownPerson(NamedTuple):
    """A currently known record of a person as delivered."""

    source: str
    key: str
    last_name: str | None
    first_name: str | None
    birth_date: date | None
    sex: str | None
    entry_date: date | None
    official_number: str | None
    nationality: str | None = None


# The columns of the table person that a KnownPerson is made of, in the order of its fields.
PERSON_COLUMNS = tuple("source_key" if n == "key" else n for n in KnownPerson._fields)


@dataclass(frozen=True)
class Terms:
    """How texts are understood.

    ``find_number`` gives kind and number of a text, or None where it holds none. ``no_names``:
    words that stand for a name that nobody knows. A number that more than ``most_persons``
    different persons carry belongs to none of them.
    """

    find_number: Callable[[str], Number | None]
    no_names: tuple[str, ...]
    most_persons: int

    def read_records(self, known: Sequence[KnownPerson]) -> list[Record]:
        """The records as the rules compare them, crowded numbers included."""
        no_names = frozenset(map(word_form, self.no_names))
        # Each distinct text is read once.
        texts = {p.last_name for p in known} | {p.first_name for p in known}
        names = {text: sure_name(text, no_names) for text in texts}
        written = {p.official_number for p in known}
        numbers = {text: self.find_number(text) if text else None for text in written}
        return [
            Record(
                p.source,
                p.key,
                names[p.last_name],
                names[p.first_name],
                p.birth_date,
                p.sex,
                p.entry_date,
                numbers[p.official_number],
                known_nationality(p.nationality),
            )
            for p in known
        ]

    def find_crowded(self, records: Sequence[Record]) -> set[Number]:
        """The numbers that too many different persons carry to belong to one."""
        bearers: dict[Number, set[tuple[object, ...]]] = defaultdict(set)
        for r in records:
            if r.number:
                bearers[r.number].add((r.last_name, r.first_name, r.birth_date))
        return {n for n, persons in bearers.items() if len(persons) > self.most_persons}


def without_numbers(records: Sequence[Record], numbers: set[Number]) -> list[Record]:
    """The records, those that carry one of ``numbers`` without it."""
    return [replace(r, number=None) if r.number in numbers else r for r in records]
