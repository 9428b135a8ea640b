"""Spells one meaning in the many ways of people and systems; every spelling is still correct."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any, Final

from examples.labels import LISTS

Cell = str | int | date | None
# Per list of labels the label one system prefers over the official one.
Usual = Mapping[str, Mapping[str, str]]
EXCEL_DAY_ZERO: Final = date(1899, 12, 30)
SYNONYM: Final = 0.08


class Raw(str):
    """A value that is written exactly as it is, because it is meant to be wrong."""

    __slots__ = ()


class Speller:
    """Writes meanings as one system's users do.

    `form` is xml, csv or xlsx; `harsh` adds spellings of the later deliveries; `usual` has the
    labels this system prefers over the official ones, by list.
    """

    def __init__(self, rng: Random, form: str, harsh: bool, usual: Usual | None = None) -> None:
        self.rng, self.form, self.harsh = rng, form, harsh
        self.usual = usual or {}

    def spell_cell(self, kind: str, value: Any) -> Cell:
        """One cell: `kind` is key, number, date, text, note or the name of a list in labels.py."""
        if value is None or value == "":
            return None
        if isinstance(value, Raw):
            return str(value)
        match kind:
            case "key" | "number":
                return value  # type: ignore[no-any-return]
            case "date":
                return self.spell_date(value)
            case "note":
                return self.spell_note(value)
            case "text":
                return self._add_noise(value)
        return self._add_noise(self.spell_code(kind, value))

    def spell_code(self, kind: str, label: str) -> str:
        """The label, or one of its synonyms; a spoiled label as it is."""
        if isinstance(label, Raw):
            return str(label)
        synonyms = LISTS[kind][label][1]
        if synonyms and self.rng.random() < SYNONYM:
            return self.rng.choice(synonyms)
        return self.usual.get(kind, {}).get(label, label)

    def spell_many(self, kind: str, labels: list[str], separator: str) -> str | None:
        """Several labels in one cell, None for no label."""
        spelled = separator.join(self.spell_code(kind, label) for label in labels)
        return self._add_noise(spelled) if labels else None

    def spell_date(self, day: date) -> Cell:
        """The day in one of the spellings this kind of file holds."""
        luck = self.rng.random()
        if self.form == "csv":
            return f"{day:%d.%m.%Y} 00:00:00" if luck < 0.05 else f"{day:%d.%m.%Y}"
        if self.form == "xlsx":
            if luck > 0.3:
                return day
            if self.harsh and 0.05 <= luck < 0.08:
                return (day - EXCEL_DAY_ZERO).days
        return _spell_typed_date(day, luck)

    def spell_note(self, text: str) -> str:
        """A note with the line ends of the format; Access adds a NUL now and then."""
        if self.form != "csv":
            return text
        text = text.replace("\n", "\r\n")
        return _insert(text, 4, "\0") if self.harsh and self.rng.random() < 0.03 else text

    def _add_noise(self, text: str) -> str:
        luck = self.rng.random()
        if luck < 0.02:
            return text + ("\xa0" if luck < 0.01 else " ")
        if not self.harsh or luck >= 0.04:
            return text
        if luck < 0.03 and len(text) > 3:
            return _insert(text, 2, "\xad")
        return text if self.form == "csv" else unicodedata.normalize("NFD", text)


def _spell_typed_date(day: date, luck: float) -> str:
    if luck < 0.025:
        return f"{day.day}.{day.month}.{day.year}"
    return day.isoformat() if luck < 0.05 else f"{day:%d.%m.%Y}"


def _insert(text: str, at: int, added: str) -> str:
    return text[:at] + added + text[at:]
