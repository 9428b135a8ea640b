"""Tells from two versions of a record whether its key went from one human being to another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_

from warehouse.identity.person_versions import (
    LAST_AND_FIRST,
    Condition,
    count_true,
    is_new_name,
    is_other,
    is_other_day,
    is_other_name,
    is_same_day,
    is_true,
)

# Who was naturalised has another nationality and is the same.
_GERMAN = "DEU"


def may_be_another(then: FromClause, now: FromClause) -> Condition:
    """Condition: two versions of a record may be two human beings'.

    Of family name, first name and birth date, two that differ are more than a correction, or one
    where nothing agrees. So may less be, where what agrees is shared by relatives and namesakes.
    """
    pairs: list[tuple[ColumnElement[Any], ColumnElement[Any]]] = [
        (func.lower(then.c[name]), func.lower(now.c[name])) for name in LAST_AND_FIRST
    ]
    pairs.append((then.c.birth_date, now.c.birth_date))
    differing = count_true([one != other for one, other in pairs])
    agreeing = count_true([one == other for one, other in pairs])
    return or_(differing >= 2, and_(differing == 1, agreeing == 0), _may_be_near_another(then, now))


def is_another(then: FromClause, now: FromClause) -> Condition:
    """Condition: two versions of a record are two human beings' beyond a correction.

    Two of family name, first name and birth date are others. A name written another way, names in
    each other's column, a day in the month's place and a stand-in day made exact are corrections.
    So are two new names to one exact birth date, unless sex or nationality are others, too.
    Without an exact birth date in common, one new name is enough where two of sex, nationality and
    day of entry are others as well. One official number means one human being.
    """
    names = [is_other_name(then, now, name) for name in LAST_AND_FIRST]
    differing = count_true([*names, is_other_day(then, now, "birth_date")])
    sex, nationality, entry = _list_attributes(then, now)
    is_exact = is_same_day(then, now, "birth_date")
    by_names = and_(differing >= 2, or_(~is_exact, sex, nationality))
    by_attributes = and_(or_(*names), ~is_exact, count_true([sex, nationality, entry]) >= 2)
    return and_(or_(by_names, by_attributes), ~_has_same_number(then, now))


def _may_be_near_another(then: FromClause, now: FromClause) -> Condition:
    """Condition: what the versions have in common, a relative or a namesake may have, too.

    Relatives share family name, nationality, entry and often a stand-in birth date; namesakes share
    names and such a date. An exact birth date shares only a twin, who has another first name.
    """
    is_exact = is_same_day(then, now, "birth_date")
    number = is_other(then.c.official_number, now.c.official_number)
    against = count_true([*_list_attributes(then, now), number])
    names = [is_other(func.lower(then.c[n]), func.lower(now.c[n])) for n in LAST_AND_FIRST]
    born = is_other_day(then, now, "birth_date")
    several = count_true([*names, born]) + against >= 2
    by_stand_in = and_(~is_exact, or_(_has_name_of_own(then, now), several))
    by_twin = or_(_has_other_sex(then, now), and_(or_(*names), against >= 2))
    is_near = or_(by_stand_in, and_(is_exact, by_twin))
    return and_(is_near, ~_has_same_number(then, now))


def _has_name_of_own(then: FromClause, now: FromClause) -> Condition:
    """Condition: a first name is new; or a family name, and no exact day of entry speaks for one.

    Relatives entered on one day, so it says nothing about a first name.
    """
    last, first = (is_new_name(then, now, name) for name in LAST_AND_FIRST)
    return or_(first, and_(last, ~is_same_day(then, now, "entry_date")))


def _has_other_sex(then: FromClause, now: FromClause) -> Condition:
    """Condition: sex and first name are others, as a twin's may be."""
    return and_(is_new_name(then, now, LAST_AND_FIRST[1]), is_other(then.c.sex, now.c.sex))


def _list_attributes(then: FromClause, now: FromClause) -> tuple[Condition, Condition, Condition]:
    """Conditions: sex, nationality and day of entry are others."""
    became_other = is_other(then.c.nationality, now.c.nationality)
    return (
        is_other(then.c.sex, now.c.sex),
        and_(became_other, is_true(now.c.nationality != _GERMAN)),
        is_other_day(then, now, "entry_date"),
    )


def _has_same_number(then: FromClause, now: FromClause) -> Condition:
    return is_true(then.c.official_number == now.c.official_number)
