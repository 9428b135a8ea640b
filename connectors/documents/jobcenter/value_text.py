"""Writes a value of a form as people read it, and as programs do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from connectors.documents.german_format import day_text, number_text

Value = str | int | Decimal | bool | date | Sequence[str] | None


def plain_value(value: Value) -> object:
    """The value for machines: ISO dates, decimals as text, lists as lists."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case None | str() | int():
            return value
        case _:
            return list(value)


def value_text(value: Value) -> str:
    """The value as printed in German; empty if there is none."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nein"
        case date():
            return day_text(value)
        case int():
            return number_text(value)
        case Decimal():
            return number_text(value, max(0, -int(value.as_tuple().exponent)))
        case str():
            return value.strip()
        case _:
            return ", ".join(filter(str.strip, value)).strip()
