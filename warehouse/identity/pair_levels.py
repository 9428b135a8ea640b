"""Compares pairs of records: names, birth, sex, nationality, entry and official number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from warehouse.identity.birth_days import compare_births, count_days, day_of, decide_level
from warehouse.identity.levels import CodeLevel, EntryLevel, Levels, NumberLevel
from warehouse.identity.name_levels import compare_names
from warehouse.identity.nationalities import list_confused
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.record import Number
from warehouse.identity.word_pairs import WordPairs

_TWO_MONTHS, _SEVEN_MONTHS = 62, 200


def compare_pairs(words: WordPairs, persons: PersonColumns, a: np.ndarray, b: np.ndarray) -> Levels:
    """The levels of the pairs of rows ``a`` and ``b``."""
    names = compare_names(words, persons, a, b)
    return Levels(
        given=names.given,
        family=names.family,
        swapped=names.swapped,
        birth=compare_births(persons.born[a], persons.born[b]),
        sex=_compare_codes(persons.sex[a], persons.sex[b]),
        nationality=_compare_nationalities(persons, a, b),
        entry=compare_entries(persons.entered[a], persons.entered[b]),
        number=_compare_numbers(persons, a, b),
        municipality=_compare_municipalities(persons.municipality[a], persons.municipality[b]),
    )


def compare_entries(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The EntryLevel of two arrays of days; the first of a month may stand for all of it."""
    same_month = one.astype("datetime64[M]") == other.astype("datetime64[M]")
    first = (day_of(one) == 1) | (day_of(other) == 1)
    rules = {
        EntryLevel.MISSING: np.isnat(one) | np.isnat(other),
        EntryLevel.EQUAL: one == other,
        EntryLevel.SAME_MONTH: same_month & first,
        EntryLevel.TWO_MONTHS: count_days(one, other) <= _TWO_MONTHS,
        EntryLevel.SEVEN_MONTHS: count_days(one, other) <= _SEVEN_MONTHS,
    }
    return decide_level(rules, EntryLevel.DIFFERENT)


def _compare_codes(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    missing = (one < 0) | (other < 0)
    rules = {CodeLevel.MISSING: missing, CodeLevel.EQUAL: one == other}
    return decide_level(rules, CodeLevel.DIFFERENT)


def _compare_nationalities(persons: PersonColumns, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    one, other = persons.nationality[a], persons.nationality[b]
    level = _compare_codes(one, other)
    differ = np.flatnonzero(level == CodeLevel.DIFFERENT)
    if len(differ):
        confused = list_confused(persons.nationalities)
        level[differ[confused[one[differ], other[differ]]]] = CodeLevel.CONFUSED
    return level


def _compare_municipalities(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether both ever lived in one municipality (pairs x municipalities)."""
    shared = (one[:, :, None] == other[:, None, :]) & (one[:, :, None] >= 0)
    missing = (one[:, 0] < 0) | (other[:, 0] < 0)
    rules = {CodeLevel.MISSING: missing, CodeLevel.EQUAL: shared.any(axis=(1, 2))}
    return decide_level(rules, CodeLevel.DIFFERENT)


def _compare_numbers(persons: PersonColumns, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    one, other = persons.number[a], persons.number[b]
    level = _compare_codes(one, other)
    rows = np.flatnonzero(level == CodeLevel.DIFFERENT)
    if not len(rows):
        return level
    for row in rows[_find_near(persons.numbers, one[rows], other[rows])].tolist():
        level[row] = _compare_unequal(persons.numbers[one[row]], persons.numbers[other[row]])
    return level


def _find_near(numbers: Sequence[Number], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two numbers are of two kinds, or hardly differ: only these need a closer look."""
    kinds = np.array([str(kind) for kind, _ in numbers])
    texts = np.array([text for _, text in numbers])
    lengths, signs = np.char.str_len(texts), texts.view(np.uint32).reshape(len(texts), -1)
    unequal = (signs[one] != signs[other]).sum(axis=1)
    shifted = np.abs(lengths[one] - lengths[other]) == 1
    return np.asarray((kinds[one] != kinds[other]) | (unequal <= 2) | shifted)


def _compare_unequal(one: Number, other: Number) -> NumberLevel:
    """The level of two numbers that are not one; everybody has one of each kind."""
    if one[0] != other[0] and None not in (one[0], other[0]):
        return NumberLevel.MISSING
    if one[1] == other[1]:
        return NumberLevel.EQUAL
    wrong = is_typing_error(one[1], other[1])
    return NumberLevel.TYPING_ERROR if wrong else NumberLevel.DIFFERENT


def is_typing_error(one: str, other: str) -> bool:
    """Whether two numbers differ by one digit, one left out or two neighbours exchanged."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) == 1:
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    return len(short) == len(long) and _differ_by_a_slip(short, long)


def _differ_by_a_slip(one: str, other: str) -> bool:
    """Whether one sign of texts of one length is another, or two neighbours are exchanged."""
    differ = [i for i, (x, y) in enumerate(zip(one, other, strict=True)) if x != y]
    if len(differ) != 2:
        return len(differ) == 1
    first, second = differ
    return second == first + 1 and one[first : second + 1] == other[second] + other[first]
