"""Reads the distinct values of a column and remembers the results from batch to batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.codes import DAMAGED, TOO_LONG, UNREADABLE
from mappings.engine.hashes import NULL, Hashes, Mask, hash_texts
from mappings.engine.outcome import ReadText
from mappings.engine.scalars import HOURS, find_hours
from mappings.engine.spoiled_text import (
    MISREAD,
    ROUNDED,
    STAND_IN,
    find_misread,
    find_rounded,
    find_stand_ins,
)

Rules = np.ndarray[tuple[int], np.dtype[np.int16]]
# Numbered from 1, as in ``Values.rules``.
_TEXT_RULES = [UNREADABLE, TOO_LONG, STAND_IN, MISREAD, ROUNDED]
_FORGET_AT = 250_000
_NO_RULES = np.empty(0, np.int16)
_NO_HASHES = np.empty(0, np.uint64)


@dataclass(frozen=True)
class Reading:
    """How one column is read.

    ``read`` is None for plain text. ``many``: a value becomes a list. ``report``: broken rules are
    findings. ``longest``: how many characters plain text may have (None: any number).
    ``is_closed``: read by a code list that has all there is; of places there are always others.
    """

    column: str
    kind: str
    type: pa.DataType
    read: ReadText | None = None
    longest: int | None = None
    many: bool = False
    report: bool = True
    is_closed: bool = False


class Values:
    """The distinct values as read: typed ``values``, ``rules`` that they break, and hashes.

    A rule is 0 for none, else 1 + its place in ``rule_names``; ``rules`` is None where none is
    broken.
    """

    def __init__(
        self,
        values: pa.Array,
        rules: Rules | None,
        rule_names: list[str],
        hashes: Callable[[], Hashes],
    ) -> None:
        self.values = values
        self.rules = rules
        self.rule_names = rule_names
        self._hashes = hashes

    @cached_property
    def hashes(self) -> Hashes:
        """One hash per value; computed on demand, because keys are read but never compared."""
        return self._hashes()


class Interpreter:
    """Reads a column's distinct values, each text just once as long as it is remembered."""

    _texts: pa.StringArray
    _values: pa.Array
    _rules: Rules
    _hashes: Hashes

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.rule_names: list[str] = []
        self._forget_texts()

    def __call__(self, texts: pa.StringArray) -> Values:
        if self.reading.read is None:
            return _as_text(texts, self.reading.longest)
        if len(self._texts) > _FORGET_AT:
            self._forget_texts()
        at = pc.index_in(texts, self._texts)
        if at.null_count:
            self._learn_texts(texts.filter(pc.is_null(at)).unique(), self.reading.read)
            at = pc.index_in(texts, self._texts)
        found = self._recall_values(at)
        return _doubt_hours(texts, found) if self.reading.kind == "minutes" else found

    def _recall_values(self, at: pa.Array) -> Values:
        places = at.to_numpy()
        rules, hashes = self._rules[places], self._hashes
        broken = rules if rules.any() else None
        return Values(self._values.take(at), broken, self.rule_names, lambda: hashes[places])

    def _learn_texts(self, texts: pa.StringArray, read: ReadText) -> None:
        outcomes = [read(text) for text in texts.to_pylist()]
        values = [outcome.value for outcome in outcomes]
        rules = np.array([self._rule_number(outcome.rule) for outcome in outcomes], dtype=np.int16)
        # A checked text is hashed like any other, so that a record does not change by the check.
        plain = self.reading.kind in ("official_number", "purpose")
        hashes = hash_texts([str(v) if plain else repr(v) for v in values])
        hashes[[value is None for value in values]] = NULL
        self._texts = pa.concat_arrays([self._texts, texts])
        self._values = pa.concat_arrays([self._values, pa.array(values, self.reading.type)])
        self._rules = np.concatenate([self._rules, rules])
        self._hashes = np.concatenate([self._hashes, hashes])

    def _rule_number(self, rule: str | None) -> int:
        if rule is None:
            return 0
        if rule not in self.rule_names:
            self.rule_names.append(rule)
        return self.rule_names.index(rule) + 1

    def _forget_texts(self) -> None:
        self._texts = pa.array([], pa.string())
        self._values = pa.array([], self.reading.type)
        self._rules = _NO_RULES
        self._hashes = _NO_HASHES


def _doubt_hours(texts: pa.StringArray, found: Values) -> Values:
    """The durations of a column, without those that may be hours by what stands beside them."""
    if found.rules is None or HOURS not in found.rule_names:
        return found
    number = found.rule_names.index(HOURS) + 1
    hours = find_hours(texts.to_pylist(), (found.rules == number).tolist())
    if hours is None:
        return found
    rules = np.where(hours, number, found.rules).astype(np.int16)
    values = pc.if_else(pa.array(hours), pa.scalar(None, found.values.type), found.values)
    return Values(values, rules, found.rule_names, lambda: np.where(hours, NULL, found.hashes))


def _as_text(texts: pa.StringArray, longest: int | None) -> Values:
    texts = pc.replace_substring(texts, "\0", DAMAGED)
    cleaned = clean_column(texts)
    empty = pc.equal(cleaned, "")
    rules = _find_unusable(texts, cleaned, longest)
    if rules is None and not pc.any(empty).as_py():
        return Values(cleaned, None, [], lambda: hash_texts(cleaned))
    unusable = empty.to_numpy(zero_copy_only=False)
    if rules is not None:
        unusable = unusable | (rules > 0)
    values = pc.if_else(pa.array(unusable), pa.scalar(None, pa.string()), cleaned)
    return Values(values, rules, _TEXT_RULES, lambda: np.where(unusable, NULL, hash_texts(cleaned)))


def _find_unusable(
    texts: pa.StringArray, cleaned: pa.StringArray, longest: int | None
) -> Rules | None:
    """The rule that each text breaks; None where no text breaks one."""
    found = (
        _find_damaged(cleaned),
        find_long(cleaned, longest),
        find_stand_ins(cleaned),
        # Cleaning drops control characters, which a wrong encoding puts in place of letters.
        find_misread(texts),
        find_rounded(cleaned),
    )
    if all(mask is None for mask in found):
        return None
    rules = np.zeros(len(texts), np.int16)
    for number, mask in enumerate(found, start=1):
        if mask is not None:
            rules[mask & (rules == 0)] = number
    return rules


def _find_damaged(texts: pa.StringArray) -> Mask | None:
    damaged = pc.match_substring(texts, DAMAGED)
    return damaged.to_numpy(zero_copy_only=False) if pc.any(damaged).as_py() else None


def find_long(texts: pa.StringArray, longest: int | None) -> Mask | None:
    """Which texts have more than ``longest`` characters; None where no text has."""
    if longest is None:
        return None
    too_long = pc.fill_null(pc.greater(pc.utf8_length(texts), longest), False)
    return too_long.to_numpy(zero_copy_only=False) if pc.any(too_long).as_py() else None
