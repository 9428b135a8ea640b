"""How a column is read: a plain function over its distinct values, remembered from batch to batch. Which columns, says the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.clean import clean_column
from mappings.engine.hashing import NULL, Hashes, hash_texts
from mappings.engine.outcome import Outcome

_FORGET_AT = 250_000


@dataclass(frozen=True)
class Reading:
    """What to do with one column. ``read`` is None for plain text. ``many``: a value becomes a list. ``report``: rules are findings."""

    column: str
    kind: str
    type: pa.DataType
    read: Callable[[str], Outcome] | None = None
    many: bool = False
    report: bool = True


@dataclass(frozen=True)
class Values:
    """The distinct values as read: typed ``values``, the ``rules`` broken (0: none; else 1 + place in ``rule_names``), hashes."""

    values: pa.Array
    rules: np.ndarray[tuple[int], np.dtype[np.int16]] | None
    rule_names: list[str]
    hashes: Hashes


class Interpreter:
    """Reads a column's distinct values, each text just once as long as it is remembered."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.rule_names: list[str] = []
        self._forget()

    def __call__(self, texts: pa.StringArray) -> Values:
        if self.reading.read is None:
            return _as_text(texts)
        if len(self._at) > _FORGET_AT:
            self._forget()
        at = np.fromiter((self._place(t) for t in texts.to_pylist()), dtype=np.int64, count=len(texts))
        if self._array is None:
            self._array = pa.array(self._values, self.reading.type)
            self._hash_array = np.array(self._hashes, dtype=np.uint64)
            self._rule_array = np.array(self._rules, dtype=np.int16)
        rules = self._rule_array[at]
        return Values(
            self._array.take(pa.array(at)), rules if rules.any() else None, self.rule_names, self._hash_array[at]
        )

    def _place(self, text: str) -> int:
        place = self._at.get(text)
        if place is None:
            assert self.reading.read is not None
            value, rule = self.reading.read(text)
            place = self._at[text] = len(self._values)
            self._values.append(value)
            self._rules.append(self._rule(rule))
            self._hashes.append(NULL if value is None else hash_texts([repr(value)])[0])
            self._array = None
        return place

    def _rule(self, rule: str | None) -> int:
        if rule is None:
            return 0
        if rule not in self.rule_names:
            self.rule_names.append(rule)
        return self.rule_names.index(rule) + 1

    def _forget(self) -> None:
        self._at: dict[str, int] = {}
        self._values: list[Any] = []
        self._rules: list[int] = []
        self._hashes: list[Any] = []
        self._array: pa.Array | None = None


def _as_text(texts: pa.StringArray) -> Values:
    cleaned = clean_column(texts)
    empty = pc.equal(cleaned, "")
    hashes = hash_texts(cleaned)
    if pc.any(empty).as_py():
        hashes = np.where(empty.to_numpy(zero_copy_only=False), NULL, hashes)
        cleaned = pc.if_else(empty, pa.scalar(None, pa.string()), cleaned)
    return Values(cleaned, None, [], hashes)
