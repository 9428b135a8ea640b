"""Compares names and days of two versions of a person's record, as conditions on their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, extract, func, literal, or_

from warehouse.identity.birth_days import STAND_INS

LAST_AND_FIRST = ("last_name", "first_name")
# A server may leave letters beyond ASCII as they are when it makes small ones.
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue", "ß": "ss"}
_SPELLINGS = {**_UMLAUTS, "-": "", " ": "", "'": "", "’": ""}
# Letters by which one name from another script is written in several ways, and what they become.
_HEARD = ("äöüßÄÖÜoejyqw-'’", "auusauuuaiikv ")
_DOUBLES = ("au", "uu", "aa", "mm", "ss", "ll", "nn", "tt", "dd")
Condition = ColumnElement[bool]
Text = ColumnElement[Any]


def is_other(one: Text, other: Text) -> Condition:
    """Condition: both are known and differ."""
    return is_true(one != other)


def is_other_name(then: FromClause, now: FromClause, name: str) -> Condition:
    """Condition: the name is another, not one written otherwise, longer or in the other column."""
    one, other = _fold_name(then.c[name]), _fold_name(now.c[name])
    begins = or_(
        func.substr(one, 1, func.length(other)) == other,
        func.substr(other, 1, func.length(one)) == one,
    )
    last, first = LAST_AND_FIRST
    swapped = and_(
        _fold_name(then.c[last]) == _fold_name(now.c[first]),
        _fold_name(then.c[first]) == _fold_name(now.c[last]),
    )
    return and_(is_other(one, other), ~is_true(begins), ~is_true(swapped))


def is_new_name(then: FromClause, now: FromClause, name: str) -> Condition:
    """Condition: the name does not sound alike, and neither holds all words of the other.

    Mohamed and Muhammad sound alike; Ali and Alina begin alike and do not.
    """
    one, other = _hear_name(then.c[name]), _hear_name(now.c[name])
    joined = func.replace(one, " ", "") == func.replace(other, " ", "")
    holds = or_(_holds_words(one, other), _holds_words(other, one))
    return and_(is_other(one, other), ~is_true(joined), ~is_true(holds))


def is_other_day(then: FromClause, now: FromClause, name: str) -> Condition:
    """Condition: the day is another; day and month turned, or a stand-in made exact, are not."""
    one, other = then.c[name], now.c[name]
    same_year = extract("year", one) == extract("year", other)
    turned = and_(
        extract("day", one) == extract("month", other),
        extract("month", one) == extract("day", other),
    )
    corrected = and_(same_year, or_(turned, _is_stand_in(one), _is_stand_in(other)))
    return and_(is_other(one, other), ~is_true(corrected))


def is_same_day(then: FromClause, now: FromClause, name: str) -> Condition:
    """Condition: one exact day; very many were given the same stand-in."""
    one, other = then.c[name], now.c[name]
    return is_true(and_(one == other, ~_is_stand_in(one)))


def is_true(condition: Condition) -> Condition:
    """Condition: it holds; an unknown one does not."""
    return func.coalesce(condition, False)


def count_true(conditions: Sequence[Condition]) -> ColumnElement[int]:
    """How many of the conditions hold; unknown ones do not."""
    zero: ColumnElement[int] = literal(0)
    return sum((case((condition, 1), else_=0) for condition in conditions), start=zero)


def _fold_name(name: Text) -> Text:
    """A name without regard to capitals, umlaut spelling, hyphens and blanks."""
    folded: Text = func.lower(name)
    for sign, spelled in _SPELLINGS.items():
        folded = func.replace(folded, sign, spelled)
    return folded


def _hear_name(name: Text) -> Text:
    """A name as it sounds in whatever transcription, its words apart."""
    heard: Text = func.translate(func.lower(name), *_HEARD)
    for double in _DOUBLES:
        heard = func.replace(heard, double, double[1])
    return heard


def _holds_words(one: Text, other: Text) -> Condition:
    blank = literal(" ")
    return func.strpos(blank + one + blank, blank + other + blank) > 0


def _is_stand_in(day: Text) -> Condition:
    return or_(*(and_(extract("day", day) == d, extract("month", day) == m) for m, d in STAND_INS))
