"""Tells by its name whether a sheet or list is the table that a mapping wants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from connectors.readers.rows.header import normalize_name
from connectors.tables.text_table import Wanted

# Stand for "*" and "?" while a pattern is brought into comparable form.
_ANY, _ONE = "\ue000", "\ue001"


def is_named(title: str, want: Wanted) -> bool:
    """Whether a sheet or list of this name is the table, or one of the several that are."""
    names = want.sheets or filter(None, [want.table])
    return any(fits_name(title, name) for name in names)


def fits_name(title: str, name: str) -> bool:
    """Whether a title is a name, or fits it as a pattern in which "*" and "?" stand for others."""
    if normalize_name(title) == normalize_name(name):
        return True
    return is_pattern(name) and _compile_pattern(name).fullmatch(normalize_name(title)) is not None


def is_pattern(name: str) -> bool:
    """Whether a name of a mapping may be that of several sheets."""
    return "*" in name or "?" in name


def suggest_pattern(titles: Iterable[str]) -> str | None:
    """The pattern that names of sheets have in common; None where they share no word."""
    titles = list(titles)
    shortest, longest = min(titles), max(titles)
    same = next((i for i, c in enumerate(shortest) if c != longest[i : i + 1]), len(shortest))
    begin = shortest[:same].rstrip("0123456789")
    return f"{begin}*" if any(map(str.isalpha, begin)) else None


@cache
def _compile_pattern(name: str) -> re.Pattern[str]:
    form = normalize_name(name.replace("*", _ANY).replace("?", _ONE))
    return re.compile(re.escape(form).replace(_ANY, ".*").replace(_ONE, "."), re.DOTALL)
