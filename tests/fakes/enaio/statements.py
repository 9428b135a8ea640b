"""Understands the small part of the search language that is copied: columns, one type, conditions joined by AND, one order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.enaio.holdings import SYSTEM, Held, Holdings

_NAME = r"[\w:]+"
_STATEMENT = re.compile(
    rf"SELECT\s+(?P<columns>\*|{_NAME}(?:\s*,\s*{_NAME})*)\s+FROM\s+(?P<type>{_NAME})"
    rf"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>{_NAME}))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(
    rf"(?P<column>{_NAME})\s*(?P<how>=|>=|<=|IN)\s*\(?@(?P<parameter>\w+)\)?", re.IGNORECASE
)


class NotUnderstood(Exception):
    """The statement names something that is not there, or is none; raised by ``understood``."""


@dataclass(frozen=True)
class Statement:
    """A statement that fits the holdings."""

    type: str
    columns: tuple[str, ...]
    fits: Callable[[Held], bool]


def understood(text: str, parameters: Mapping[str, Any], holdings: Holdings) -> Statement:
    """The statement, with its conditions as a function of an object."""
    found = _STATEMENT.fullmatch(text)
    if found is None:
        raise NotUnderstood("no statement")
    type_ = next(
        (name for name in holdings.types if name.casefold() == found["type"].casefold()), None
    )
    if type_ is None:
        raise NotUnderstood("unknown object type")
    known = (*SYSTEM, *holdings.types[type_])
    columns = known if found["columns"] == "*" else tuple(re.split(r"\s*,\s*", found["columns"]))
    conditions = [
        _condition(part, parameters, known)
        for part in re.split(r"\s+AND\s+", found["where"] or "")
        if part
    ]
    if any(name not in known for name in (*columns, *filter(None, [found["order"]]))):
        raise NotUnderstood("unknown column")
    return Statement(type_, columns, lambda held: all(condition(held) for condition in conditions))


def _condition(
    text: str, parameters: Mapping[str, Any], known: tuple[str, ...]
) -> Callable[[Held], bool]:
    found = _CONDITION.fullmatch(text.strip())
    if found is None or found["column"] not in known or found["parameter"] not in parameters:
        raise NotUnderstood("unknown column or parameter in a condition")
    column, how, wanted = found["column"], found["how"].upper(), parameters[found["parameter"]]
    several = wanted if isinstance(wanted, list) else [wanted]
    # enaio compares without regard to case
    folded = {str(value).casefold() for value in several}

    def fits(held: Held) -> bool:
        value = str(held.value(column) or "")
        if how in ("=", "IN"):
            return value.casefold() in folded
        return value >= str(wanted) if how == ">=" else value <= str(wanted)

    return fits
