"""What the fake enaio holds: object types with columns, objects with values, a recycle bin; and a sample of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CASE = "system:SDSTA_ID"
CHANGED = "system:lastModificationDate"
SYSTEM = ("system:objectId", "system:objectTypeId", "system:baseTypeId", CASE, CHANGED)


@dataclass
class Table:
    """The value of a table field."""

    columns: tuple[str, ...]
    rows: list[list[str]]


@dataclass
class Held:
    """One object; a value of None is empty, a text with "|" holds several. ``case`` is the folder it lies in."""

    id: str
    type: str
    values: dict[str, Any]
    case: str
    changed: str = "2024-03-01T08:00:00"
    deleted: bool = False
    files: int = 0

    def value(self, column: str) -> Any:
        system = {
            "system:objectId": self.id,
            CASE: self.case,
            CHANGED: self.changed,
            "system:baseTypeId": "system:document",
        }
        return system[column] if column in system else self.values.get(column)


@dataclass
class Holdings:
    """Object types (name → columns; name → number), objects, and the queries an administrator stored (id → type)."""

    types: dict[str, tuple[str, ...]]
    numbers: dict[str, str]
    objects: list[Held] = field(default_factory=list)
    stored_queries: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, type_: str, *, deleted: bool = False) -> Iterator[Held]:
        """The objects of a type in the order of their ids, which enaio compares as it stores them: as text here."""
        found = [held for held in self.objects if held.type == type_ and held.deleted == deleted]
        return iter(sorted(found, key=lambda held: held.id))

    def insert(self, type_: str, id_: str, changed: str = "2024-05-01T08:00:00") -> None:
        """A new object that is like the first of its type."""
        like = next(self.of(type_))
        self.objects.append(Held(id_, type_, dict(like.values), like.case, changed))

    def delete(self, id_: str, changed: str = "2024-05-01T08:00:00") -> None:
        """Moves an object to the recycle bin."""
        held = self.get(id_)
        held.deleted, held.changed = True, changed

    def purge(self, id_: str) -> None:
        """Deletes an object for good: nothing tells of it."""
        self.objects.remove(self.get(id_))

    def move(self, id_: str, case: str, changed: str = "2024-05-01T08:00:00") -> None:
        """Moves an object to another case."""
        held = self.get(id_)
        held.case, held.changed = case, changed

    def get(self, id_: str) -> Held:
        return next(held for held in self.objects if held.id == id_)


PERSON = (
    "Personennummer",
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "Sprachen",
    "Aktiv",
    "Gewicht",
    "Sprachkurse",
)
CONVERSATION = ("Beratungsnummer", "Datum", "Personennummern", "Themen", "Bemerkung")
_LAST_NAMES = ("Yılmaz-Ibrāhīm", "Mu\u0308ller-Ostsee", "Ößterreich", "Nuñez", "İğdır")
_DATES = (
    "01.02.1990",
    "1990-02-01",
    "1990-02-01 00:00:00",
    "633830400000",
    "1990-02-01T00:00:00+01:00",
)
_CHANGED = ("2024-03-19T08:00:00", "2023-03-01T08:00:00", "2024-03-20T23:59:59")


def sample(persons: int = 17, conversations: int = 5) -> Holdings:
    """Persons over several pages, conversations on exactly one page of five, a type without objects, some deleted ones."""
    types = {"Person": PERSON, "Beratung": CONVERSATION, "Leer": ("Nummer",)}
    holdings = Holdings(
        types,
        {"Person": "17", "Beratung": "18", "Leer": "19"},
        stored_queries={"4": "Person", "5": "Leer"},
    )
    # ids that are in another order as text than as numbers
    ids = [str(995 + number) for number in range(persons)]
    holdings.objects += [_person(number, id_) for number, id_ in enumerate(ids)]
    holdings.objects += [
        _conversation(number, ids[number % len(ids)]) for number in range(conversations)
    ]
    for number in range(11):
        held = _person(900 + number, str(700 + number))
        held.deleted = True
        holdings.objects.append(held)
    return holdings


def _person(number: int, id_: str) -> Held:
    courses = Table(("Kurs", "Beginn"), [["A1", "01.03.2021"], ["B1|Beruf", ""]][: number % 3])
    values = {
        "Personennummer": f"P-{number:04d}",
        "Nachname": _LAST_NAMES[number % len(_LAST_NAMES)],
        "Vorname": None if number % 7 == 3 else f"Vorname{number}",
        "Geburtsdatum": _DATES[number % len(_DATES)],
        "Sprachen": ("Arabisch|Kurdisch", ["Farsi", "Englisch"], "")[number % 3],
        "Aktiv": (True, "1", False)[number % 3],
        "Gewicht": (61.50, 70, None)[number % 3],
        "Sprachkurse": courses if courses.rows else None,
    }
    return Held(id_, "Person", values, id_, _CHANGED[number % 3], files=number % 2)


def _conversation(number: int, case: str) -> Held:
    values = {
        "Beratungsnummer": f"B-{number:04d}",
        "Datum": _DATES[number % len(_DATES)],
        "Personennummern": f"P-{number:04d}|P-{number + 1:04d}",
        "Themen": "Wohnen|Ausbildung/Studium",
        "Bemerkung": 'Zeile 1\r\nZeile; 2 "so"' if number % 2 else None,
    }
    return Held(str(20_000 + number), "Beratung", values, case)
