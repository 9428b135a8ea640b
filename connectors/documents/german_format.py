"""Formats numbers and dates for German documents."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

Number = int | float | Decimal
MISSING = "–"


def number_text(value: Number | None, digits: int = 0) -> str:
    """Formats a number with ``digits`` decimals (1.234,5); None becomes a dash."""
    if value is None:
        return MISSING
    return format_decimal(value, format=_digits_pattern(digits), locale="de")


def percent_text(share: Number | None, digits: int = 1) -> str:
    """Formats a share (0.125) as a percentage (12,5 %); None becomes a dash.

    The space is a non-breaking one.
    """
    if share is None:
        return MISSING
    return format_percent(share, format=f"{_digits_pattern(digits)}\u00a0%", locale="de")


def _digits_pattern(digits: int) -> str:
    return "#,##0." + "0" * digits if digits else "#,##0"


def change_text(now: Number | None, before: Number | None) -> str:
    """Formats the difference to an earlier figure (+12, −3, ±0); None on either side is a dash."""
    if now is None or before is None:
        return MISSING
    difference = Decimal(str(now)) - Decimal(str(before))
    if difference == 0:
        return "±0"
    # A true minus sign: screen readers skip a hyphen before a number.
    return ("+" if difference > 0 else "\u2212") + format_decimal(abs(difference), locale="de")


def day_text(value: date | None) -> str:
    """Formats a date as 31.07.2025; None becomes a dash."""
    return MISSING if value is None else format_date(value, "dd.MM.yyyy", locale="de")


def long_day(value: date) -> str:
    """Formats a date as 31. Juli 2025, which screen readers read well."""
    return format_date(value, "d. MMMM yyyy", locale="de")


def month_text(value: date) -> str:
    """Formats the month of a date as Juli 2025."""
    return format_date(value, "LLLL yyyy", locale="de")


def period_text(first: date, last: date) -> str:
    """Formats a period with its first and last day (01.01.2024 bis 31.12.2024)."""
    return f"{day_text(first)} bis {day_text(last)}"


def alphabetical_key(text: str) -> str:
    """The key that sorts words as in German lists (DIN 5007-1).

    Umlauts sort like their vowels, regardless of case.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def count_text(value: int, one: str, many: str) -> str:
    """Formats a count with its noun in singular or plural (1 Formular, 1.234 Formulare)."""
    return f"{number_text(value)} {one if value == 1 else many}"
