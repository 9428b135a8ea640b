"""Finds files that a full delivery lacks although the source delivered them before.

One of several workbooks that is missing must not end the records of its municipality.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from mappings.source_yaml import TablePart

_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def find_missing_files(
    before: Mapping[str, Iterable[str]],
    now: Mapping[str, Iterable[str]],
    parts: Mapping[str, TablePart],
) -> dict[str, list[str]]:
    """The missing files with the tables of the mapping that each had.

    ``before`` and ``now``: table → names of its files. A number or date in a name may change from
    delivery to delivery, and the one file of a table that its pattern names may have any name. Of a
    table with ``exports``, each of these patterns is one export, in however many files.
    """
    missing: dict[str, list[str]] = defaultdict(list)
    for table, files in before.items():
        part = parts[table]
        exports = [_fold_name(pattern) for pattern in part.exports]
        find = _find_missing_exports if exports else _find_missing_names
        for file in find(
            sorted(set(files)), sorted(set(now.get(table, ()))), exports or part.files
        ):
            missing[file].append(table)
    return dict(missing)


def _find_missing_exports(
    before: Sequence[str], now: Sequence[str], exports: Sequence[str]
) -> Iterator[str]:
    for export in exports:
        if not _select_files(now, export):
            # Of an export in several files, one stands for all.
            yield from _select_files(before, export)[-1:]


def _select_files(files: Sequence[str], export: str) -> list[str]:
    return [file for file in files if fnmatchcase(_fold_name(file), export)]


def _find_missing_names(
    before: Sequence[str], now: Sequence[str], patterns: Sequence[str]
) -> Iterator[str]:
    if len(before) == len(now) == 1 and any(map(_names_table, patterns)):
        return
    there = Counter(map(_drop_digits, now))
    # A name that is the same is the same file; of those with other numbers, as many as before.
    for file in sorted(before, key=lambda name: (name not in now, name)):
        form = _drop_digits(file)
        if there[form] > 0:
            there[form] -= 1
        else:
            yield file


def _names_table(pattern: str) -> bool:
    """Whether a pattern has a word of its own ("Klienten*.csv", not "*.xlsx")."""
    return _LETTERS.search(PurePosixPath(pattern).stem) is not None


def _drop_digits(file: str) -> str:
    return _DIGITS.sub("#", _fold_name(file))


def _fold_name(file: str) -> str:
    return unicodedata.normalize("NFC", file).casefold()
