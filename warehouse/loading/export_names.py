"""Tells which files of two deliveries are the same export, by their names.

What all files of one delivery have in common in their names may be the date or the running number
of the export. What tells them apart is what they hold: a municipality by its key, a year, a part.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class ExportName:
    """The name of an export: the file's name without numbers, and the numbers that are its own.

    ``own``: the place of a number among those of the name, with the number.
    """

    form: str
    own: tuple[tuple[int, str], ...] = ()

    def covers(self, file: str) -> bool:
        """Whether a file of this name, of any delivery, is the export."""
        if drop_digits(file) != self.form:
            return False
        numbers = _list_numbers(file)
        return all(numbers[place] == number for place, number in self.own)


class DeliveredExports:
    """The files of one delivery, each with the export that it is; ``exports`` is by file."""

    def __init__(self, files: Iterable[str]) -> None:
        self.exports: dict[str, ExportName] = {}
        self._places: dict[str, list[int]] = {}
        alike: dict[str, list[str]] = defaultdict(list)
        for file in files:
            alike[drop_digits(file)].append(file)
        for form, same in alike.items():
            self._places[form] = _find_own_places(same)
            self.exports |= {file: self._name_export(file) for file in same}
        self._files = {export: file for file, export in self.exports.items()}

    def find_file(self, file: str) -> str | None:
        """The file of this delivery that is the same export as one of any delivery."""
        return self._files.get(self._name_export(file))

    def _name_export(self, file: str) -> ExportName:
        form, numbers = drop_digits(file), _list_numbers(file)
        own = tuple((place, numbers[place]) for place in self._places.get(form, ()))
        return ExportName(form, own)


def name_exports(files: Iterable[str]) -> dict[str, ExportName]:
    """The export that each file of one delivery is."""
    return DeliveredExports(files).exports


def _find_own_places(alike: Sequence[str]) -> list[int]:
    """The places of the numbers that not all of some files with names alike share."""
    columns = zip(*map(_list_numbers, alike), strict=True)
    return [place for place, numbers in enumerate(columns) if len(set(numbers)) > 1]


def drop_digits(file: str) -> str:
    """A file's name in comparable form, with a sign in place of each number."""
    return _DIGITS.sub("#", fold_name(file))


def fold_name(file: str) -> str:
    """A file's name in comparable form: capitals and the coding of umlauts make no difference."""
    return unicodedata.normalize("NFC", file).casefold()


def _list_numbers(file: str) -> list[str]:
    return _DIGITS.findall(fold_name(file))
