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
    """The names in their order, those that look like copies after all others."""
    return sorted(names, key=lambda name: (_is_marked(name), name))


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
