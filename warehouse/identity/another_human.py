"""Tells from two versions of a record whether its key went from one human being to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, extract, func, literal, or_

_NAMES = ("last_name", "first_name")
# A server may leave letters beyond ASCII as they are when it makes small ones.
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue", "ß": "ss"}
_SPELLINGS = {**_UMLAUTS, "-": "", " ": "", "'": "", "’": ""}
Condition = ColumnElement[bool]


def may_be_another(then: FromClause, now: FromClause) -> Condition:
    """Condition: two versions of a record may be two human beings'.

    Of family name, first name and birth date, two that differ are more than a correction, or one
    where nothing agrees.
    """
    pairs: list[tuple[ColumnElement[Any], ColumnElement[Any]]] = [
        (func.lower(then.c[name]), func.lower(now.c[name])) for name in _NAMES
    ]
    pairs.append((then.c.birth_date, now.c.birth_date))
    differing = _count_true([one != other for one, other in pairs])
    agreeing = _count_true([one == other for one, other in pairs])
    return or_(differing >= 2, and_(differing == 1, agreeing == 0))


def is_another(then: FromClause, now: FromClause) -> Condition:
    """Condition: two versions of a record are two human beings' beyond a correction.

    Two of family name, first name and birth date are others. A name written another way, names in
    each other's column, a day in the month's place and a 1 January made exact are corrections. So
    are two new names to one exact birth date, unless sex or nationality are others, too. One
    official number means one human being.
    """
    born = _is_other_birth(then, now)
    differing = _count_true([*(_is_other_name(then, now, name) for name in _NAMES), born])
    attributes = [_is_other(then.c[name], now.c[name]) for name in ("sex", "nationality")]
    is_sure = or_(~_is_same_birth(then, now), *attributes)
    same_number = _is_true(then.c.official_number == now.c.official_number)
    return and_(differing >= 2, is_sure, ~same_number)


def _is_other_name(then: FromClause, now: FromClause, name: str) -> Condition:
    one, other = _fold_name(then.c[name]), _fold_name(now.c[name])
    begins = or_(
        func.substr(one, 1, func.length(other)) == other,
        func.substr(other, 1, func.length(one)) == one,
    )
    last, first = _NAMES
    swapped = and_(
        _fold_name(then.c[last]) == _fold_name(now.c[first]),
        _fold_name(then.c[first]) == _fold_name(now.c[last]),
    )
    return and_(_is_other(one, other), ~_is_true(begins), ~_is_true(swapped))


def _fold_name(name: ColumnElement[Any]) -> ColumnElement[Any]:
    """A name without regard to capitals, umlaut spelling, hyphens and blanks."""
    folded: ColumnElement[Any] = func.lower(name)
    for sign, spelled in _SPELLINGS.items():
        folded = func.replace(folded, sign, spelled)
    return folded


def _is_other_birth(then: FromClause, now: FromClause) -> Condition:
    one, other = then.c.birth_date, now.c.birth_date
    same_year = extract("year", one) == extract("year", other)
    turned = and_(
        extract("day", one) == extract("month", other),
        extract("month", one) == extract("day", other),
    )
    corrected = and_(same_year, or_(turned, _is_new_year(one), _is_new_year(other)))
    return and_(_is_other(one, other), ~_is_true(corrected))


def _is_same_birth(then: FromClause, now: FromClause) -> Condition:
    """Condition: one exact birth date; very many were given the 1 January."""
    one, other = then.c.birth_date, now.c.birth_date
    return _is_true(and_(one == other, ~_is_new_year(one)))


def _is_new_year(day: ColumnElement[Any]) -> Condition:
    return and_(extract("day", day) == 1, extract("month", day) == 1)


def _is_other(one: ColumnElement[Any], other: ColumnElement[Any]) -> Condition:
    """Condition: both are known and differ."""
    return _is_true(one != other)


def _is_true(condition: Condition) -> Condition:
    return func.coalesce(condition, False)


def _count_true(conditions: Sequence[Condition]) -> ColumnElement[int]:
    """How many of the conditions hold; unknown ones do not."""
    zero: ColumnElement[int] = literal(0)
    return sum((case((condition, 1), else_=0) for condition in conditions), start=zero)
