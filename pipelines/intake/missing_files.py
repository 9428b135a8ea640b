"""Finds files that a full delivery lacks although the source delivered them before.

One of several workbooks that is missing must not end the records of its municipality. Where a name
alone cannot tell whether a file is an older one under another name, its records have to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from mappings.source_yaml import TablePart
from warehouse.loading.export_names import (
    ExportName,
    drop_digits,
    fold_name,
    name_exports,
)

_LETTERS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class AwaitedFile:
    """A file that came before, with the export it is.

    ``may_be_renamed``: a delivery since then may have had it under another name.
    """

    name: str
    export: ExportName
    may_be_renamed: bool = False


@dataclass(frozen=True)
class ComparedFiles:
    """What became of the awaited files of one table.

    ``missing``: the delivery lacks them. ``doubtful``: another file may be the same export under
    another name; whether it is, only their records tell.
    """

    missing: list[AwaitedFile] = field(default_factory=list)
    doubtful: list[AwaitedFile] = field(default_factory=list)


def await_files(
    deliveries: Iterable[Mapping[str, Iterable[str]]], parts: Mapping[str, TablePart]
) -> dict[str, list[AwaitedFile]]:
    """Table → files that the next full delivery has to have.

    ``deliveries``: table → names of its files, of the last delivery that was whole and of those
    since, oldest first. What a later one lacked is still awaited.
    """
    awaited: dict[str, list[AwaitedFile]] = {}
    for delivered in deliveries:
        for table in awaited.keys() | delivered.keys():
            files = sorted(set(delivered.get(table, ())))
            found = compare_files(awaited.get(table, ()), files, parts[table])
            kept = [AwaitedFile(a.name, a.export, may_be_renamed=True) for a in found.doubtful]
            there = [AwaitedFile(file, export) for file, export in name_exports(files).items()]
            awaited[table] = [*found.missing, *kept, *there]
    return awaited


def compare_files(
    awaited: Sequence[AwaitedFile], now: Sequence[str], part: TablePart
) -> ComparedFiles:
    """Compares the awaited files of a table with those of a delivery.

    A number or date in a name may change from delivery to delivery, and the one file of a table
    that its pattern names may have any name. Of a table with ``exports``, each of these patterns is
    one export, in however many files.
    """
    if part.exports:
        return ComparedFiles(list(_find_missing_exports(awaited, now, part.exports)))
    certain = [file for file in awaited if not file.may_be_renamed]
    renamed = _drop_same((file for file in awaited if file.may_be_renamed), now)
    if len(certain) == len(now) == 1 and any(map(_names_table, part.files)):
        is_alike = certain[0].export.covers(now[0])
        return ComparedFiles(doubtful=[*renamed, *([] if is_alike else certain)])
    found = _compare_names(certain, now)
    return ComparedFiles(found.missing, [*renamed, *found.doubtful])


def _find_missing_exports(
    awaited: Sequence[AwaitedFile], now: Sequence[str], exports: Sequence[str]
) -> Iterator[AwaitedFile]:
    for export in exports:
        before = [file for file in awaited if _is_of(file.name, export)]
        if not any(_is_of(file, export) for file in now):
            # Of an export in several files, one stands for all.
            yield from before[-1:]


def _is_of(file: str, export: str) -> bool:
    return fnmatchcase(fold_name(file), fold_name(export))


def _compare_names(awaited: Sequence[AwaitedFile], now: Sequence[str]) -> ComparedFiles:
    known = {fold_name(file.name) for file in awaited}
    left = [file for file in now if fold_name(file) not in known]
    # A name with another date is the same export, if what is its own stays.
    others = [a for a in _drop_same(awaited, now) if not _take_first(left, a.export)]
    free = Counter(map(drop_digits, left))
    found = ComparedFiles()
    for file in others:
        if free[file.export.form] > 0:
            free[file.export.form] -= 1
            found.doubtful.append(file)
        else:
            found.missing.append(file)
    return found


def _drop_same(awaited: Iterable[AwaitedFile], now: Sequence[str]) -> list[AwaitedFile]:
    """Those of the awaited files that no file of the delivery has the name of."""
    there = {fold_name(file) for file in now}
    return [file for file in awaited if fold_name(file.name) not in there]


def _take_first(files: list[str], export: ExportName) -> bool:
    """Takes the first of the files that is the export out of them."""
    covered = next(filter(export.covers, files), None)
    if covered is not None:
        files.remove(covered)
    return covered is not None


def _names_table(pattern: str) -> bool:
    """Whether a pattern has a word of its own ("Klienten*.csv", not "*.xlsx")."""
    return _LETTERS.search(PurePosixPath(pattern).stem) is not None
