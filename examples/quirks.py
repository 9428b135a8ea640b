"""Spellings: how people and systems write one meaning in many ways; nothing here makes a value wrong."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from examples.labels import LISTS

Cell = str | int | date | None
EXCEL_DAY_ZERO: Final = date(1899, 12, 30)
SYNONYM: Final = 0.08


class Raw(str):
    """A value that is written exactly as it is, because it is meant to be wrong."""

    __slots__ = ()


class Speller:
    """Writes meanings as one system's users do.

    `form` is xml, csv or xlsx; `harsh` adds what only the later deliveries hold; `usual` names the labels that this
    system prefers over the official ones, by list.
    """

    def __init__(
        self,
        rng: random.Random,
        form: str,
        harsh: bool,
        usual: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.rng, self.form, self.harsh, self.usual = rng, form, harsh, usual or {}

    def spell_cell(self, kind: str, value: Any) -> Cell:
        """One cell: `kind` is key, number, date, text, note or the name of a list in labels.py."""
        if value is None or value == "":
            return None
        if isinstance(value, Raw):
            return str(value)
        if kind in ("key", "number"):
            return value  # type: ignore[no-any-return]
        if kind == "date":
            return self.spell_date(value)
        if kind == "note":
            return self.spell_note(value)
        return self._add_noise(self.spell_code(kind, value) if kind in LISTS else value)

    def spell_code(self, kind: str, label: str) -> str:
        """The label, or one of its synonyms."""
        synonyms = LISTS[kind][label][1]
        if synonyms and self.rng.random() < SYNONYM:
            return self.rng.choice(synonyms)
        return self.usual.get(kind, {}).get(label, label)

    def spell_many(self, kind: str, labels: list[str], separator: str) -> str | None:
        """Several labels in one cell, '' as None."""
        spelled = (
            str(label) if isinstance(label, Raw) else self.spell_code(kind, label)
            for label in labels
        )
        return self._add_noise(separator.join(spelled)) if labels else None

    def spell_date(self, day: date) -> Cell:
        """The day in one of the spellings this kind of file holds."""
        luck = self.rng.random()
        if self.form == "csv":
            return f"{day:%d.%m.%Y} 00:00:00" if luck < 0.05 else f"{day:%d.%m.%Y}"
        if self.form == "xlsx" and luck > 0.3:
            return day
        if luck < 0.025:
            return f"{day.day}.{day.month}.{day.year}"
        if luck < 0.05:
            return day.isoformat()
        if self.form == "xlsx" and self.harsh and luck < 0.08:
            return (day - EXCEL_DAY_ZERO).days
        return f"{day:%d.%m.%Y}"

    def spell_note(self, text: str) -> str:
        """A note with the line ends of the format; Access lets a NUL slip in now and then."""
        if self.form != "csv":
            return text
        text = text.replace("\n", "\r\n")
        return text[:4] + "\0" + text[4:] if self.harsh and self.rng.random() < 0.03 else text

    def _add_noise(self, text: str) -> str:
        luck = self.rng.random()
        if luck < 0.01:
            return text + "\xa0"
        if luck < 0.02:
            return text + " "
        if self.harsh and luck < 0.03 and len(text) > 3:
            return text[:2] + "\xad" + text[2:]
        if self.harsh and luck < 0.04 and self.form != "csv":
            return unicodedata.normalize("NFD", text)
        return text
