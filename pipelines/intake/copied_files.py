"""Tells which files of a delivery look like copies of others: by their bytes, or by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from connectors.readers.rows.header import normalize_name

_FOLDERS = re.compile(
    r"(?:alte?s?|altes? fassung(?:en)?|old|archive?|backups?|bak|kopien?|sicherung(?:en)?|copy|copies)"
    r"(?: \d{4})?"
)
_WORD = r"(?:(?:sicherungs)?kopie|copy|alt|old|backup|bak|sicherung)"
# Around the name itself: "Kopie von X", "Kopie (2) von X", "X - Kopie (2)", "X (1)", "X_alt".
_BEFORE = re.compile(r"(?:(?:sicherungs)?kopie|copy)(?: ?\(\d+\))? (?:von|of) ")
_AFTER = re.compile(rf"(?: ?\(\d+\)| {_WORD}(?: ?\(\d+\)| \d+)?)$")
# "2024-06-30", "20240630", "2024-06" and "30.06.2024" in a name.
_MONTH, _DAY = "(0[1-9]|1[0-2])", "(0[1-9]|[12]\\d|3[01])"
_DATE = re.compile(
    rf"(?<!\d)(?:((?:19|20)\d\d)[ ._-]?{_MONTH}(?:[ ._-]?{_DAY})?"
    rf"|{_DAY}[ ._-]{_MONTH}[ ._-]((?:19|20)\d\d))(?!\d)"
)
_APART = " ._-"
_NINES = str.maketrans("0123456789", "9876543210")


@dataclass(frozen=True)
class CopiedFiles:
    """``same``: file → an earlier one of the same bytes. ``by_name``: file → what it is named after.

    A file named after another one may hold older rows, newer ones, or others altogether.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    by_name: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def among(cls, hashes: Mapping[str, str]) -> CopiedFiles:
        """The copies among files, given with the hash of their bytes."""
        names = sort_originals_first(hashes)
        first: dict[str, str] = {}
        for name in names:
            first.setdefault(hashes[name], name)
        same = {name: first[hashes[name]] for name in names if first[hashes[name]] != name}
        plain = {_comparable_name(name): name for name in names if not _is_marked(name)}
        originals = {name: plain.get(strip_marks(name)) for name in names if _is_marked(name)}
        return cls(same, {name: found for name, found in originals.items() if found})


def sort_originals_first(names: Iterable[str]) -> list[str]:
    """The names in their order, those that look like copies after all others.

    A row that several files have is taken from the first. A name without a date, or with another
    word behind it, goes before the others, and of names with dates the newest.
    """
    return sorted(names, key=lambda name: (_is_marked(name), *_split_date(name), name))


def _split_date(name: str) -> tuple[str, int, str]:
    """A file's name without ending and date; whether it has a date; the later the date, the less."""
    stem = str(PurePosixPath(name).with_suffix(""))
    found = _DATE.search(stem)
    if found is None:
        return stem, 0, ""
    date = "".join(part for part in (*found.group(1, 2, 3), *found.group(6, 5, 4)) if part)
    before, after = stem[: found.start()], stem[found.end() :]
    return before.rstrip(_APART) + after.rstrip(_APART), 1, date.translate(_NINES)


def _is_marked(name: str) -> bool:
    return strip_marks(name) != _comparable_name(name)


def strip_marks(name: str) -> str:
    """A file's name in comparable form, without what programs and people add to that of a copy."""
    path = PurePosixPath(_comparable_name(name))
    folders = [part for part in path.parts[:-1] if not _FOLDERS.fullmatch(part)]
    stem, before = path.stem, None
    while stem != before:
        before, stem = stem, _AFTER.sub("", _BEFORE.sub("", stem)).strip()
    return str(PurePosixPath(*folders, (stem or path.stem) + path.suffix))


def _comparable_name(name: str) -> str:
    path = PurePosixPath(name)
    *folders, stem = map(normalize_name, (*path.parts[:-1], path.stem))
    return str(PurePosixPath(*folders, stem + path.suffix.casefold()))
