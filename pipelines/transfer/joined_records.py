"""Joins what several records of a human being say: one value of each attribute, all the entries.

The rule is that of warehouse/marts/person_attributes.py: a stated value goes before "ohne Angabe", a
definite one before "ungeklärt"; then what is valid on the day and of that the newest dated; then the
order of the records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mappings.engine.clean import fold_text
from warehouse.marts.person_attributes import NOT_STATED, UNSETTLED

Values = Mapping[str, Any]
# Goals have no key of their own; the text tells which one it is.
_TOLD_APART_BY = {"language_level": ("language",), "goal": ("area", "title")}


@dataclass(frozen=True)
class Statement:
    """One row of an entity, said in a source; statements are in the order of their records."""

    source: str
    values: Values


@dataclass(frozen=True)
class Entry:
    """One entry of the joined list; ``source`` where another source says otherwise of it."""

    values: Values
    source: str | None


def join_attributes(statements: Sequence[Statement], on: date) -> dict[str, Any]:
    """The value of each field; fields with days belong to one statement and stay together."""
    if not statements:
        return {}
    names = list(statements[0].values)
    if "valid_from" in names:
        return dict(min(statements, key=lambda said: _rank_dated(said.values, names, on)).values)
    return {name: min((s.values[name] for s in statements), key=_rank_value) for name in names}


def join_entries(entity: str, statements: Sequence[Statement]) -> list[Entry]:
    """All entries, each once; what says less than another entry of the same thing is left out."""
    things: dict[tuple[str, ...], list[Statement]] = defaultdict(list)
    for said in statements:
        things[_name_thing(entity, said.values)].append(said)
    return [entry for same in things.values() for entry in _join_same(same)]


def _join_same(statements: Sequence[Statement]) -> Iterator[Entry]:
    kept: list[Statement] = []
    for said in statements:
        if not any(_says_no_more(said.values, other.values) for other in kept):
            kept = [other for other in kept if not _says_no_more(other.values, said.values)]
            kept.append(said)
    several = len({said.source for said in kept}) > 1
    for said in kept:
        yield Entry(said.values, said.source if several else None)


def _name_thing(entity: str, values: Values) -> tuple[str, ...]:
    return tuple(fold_text(str(values.get(name) or "")) for name in _TOLD_APART_BY[entity])


def _says_no_more(values: Values, other: Values) -> bool:
    """Whether another statement says the same, or the same and more."""
    return all(
        _is_unstated(value) or _fold(value) == _fold(other[name]) for name, value in values.items()
    )


def _fold(value: Any) -> Any:
    return fold_text(value) if isinstance(value, str) else value


def _is_unstated(value: Any) -> bool:
    return _rank_value(value) > 1


def _rank_value(value: Any) -> int:
    if value is None or value == "":
        return 3
    return {NOT_STATED: 2, UNSETTLED: 1}.get(value, 0) if isinstance(value, str) else 0


def _rank_dated(values: Values, names: Sequence[str], on: date) -> tuple[int, bool, int]:
    """What says most definitely, is valid on the day, and is newest."""
    begun, ended = values.get("valid_from"), values.get("valid_until")
    is_past = (begun is not None and begun > on) or (ended is not None and ended < on)
    return _rank_value(values[names[0]]), is_past, -begun.toordinal() if begun else 0
