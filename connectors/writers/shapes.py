"""The plain data that several writers take: figures, catalogue, units, balance. What one takes stands with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict

Known = Literal["F", "A"]
KNOWN_LABEL: Mapping[str, str] = {"F": "belegt", "A": "Annahme"}


class Figure(TypedDict):
    """One figure as ``drehscheibe kennzahlen --json`` answers it; ``unit`` is empty for the whole district."""

    indicator: str
    category: str | None
    label: str | None
    unit: Mapping[str, str]
    value: int | float | Decimal | None


class Category(TypedDict):
    """One category of an indicator, in the order of the catalogue; ``known``: proven (F) or assumed (A)."""

    code: str
    label: str
    known: Known


class Indicator(TypedDict):
    """One indicator of the catalogue with its official or assumed definition and where that comes from."""

    indicator: str
    label: str
    categories: Sequence[Category]
    definition: str
    source: str
    known: Known


class Group(TypedDict):
    """A heading of the catalogue with the indicators printed below it."""

    label: str
    indicators: Sequence[Indicator]


class TableBalance(TypedDict):
    """One table of a delivery as ``drehscheibe balance --json`` answers it."""

    file: str
    table: str
    read: int
    used: int
    rejected: int
    repeated: int
    left_out: int
    left_out_by: Mapping[str, int]
    records: Mapping[str, Mapping[str, int]]


class Delivery(TypedDict):
    """One delivery with the balance of its tables; ``mapping`` is the hash of the mapping it was read with."""

    source: str
    date: str
    load: int | None
    state: str
    tables: Sequence[TableBalance]
    mapping: NotRequired[str]


@dataclass(frozen=True)
class Unit:
    """A part of the district that has figures; ``key`` is the ``unit`` of those figures, ``title`` what people say."""

    kind: str
    title: str
    key: Mapping[str, str]
    source: str | None = None
