"""How numbers and dates are written in German documents. Only spelling lives here: no labels, no files, no layout."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

Number = int | float | Decimal
MISSING = "–"


def number_text(value: Number | None, digits: int = 0) -> str:
    """Write a number with points between thousands and ``digits`` decimals after a comma; None becomes a dash."""
    if value is None:
        return MISSING
    fraction = "." + "0" * digits if digits else ""
    return format_decimal(value, format=f"#,##0{fraction}", locale="de")


def percent_text(share: Number | None, digits: int = 1) -> str:
    """Write a share (0.125) as a percentage (12,5 %) with a non-breaking space; None becomes a dash."""
    if share is None:
        return MISSING
    fraction = "." + "0" * digits if digits else ""
    return format_percent(share, format=f"#,##0{fraction}\u00a0%", locale="de")


def euro_text(amount: Number) -> str:
    """Write an amount in euros with two decimals (1.234,50 €)."""
    return format_currency(amount, "EUR", locale="de")


def change_text(now: Number | None, before: Number | None) -> str:
    """Write the difference to an earlier figure with its sign (+12, −3, ±0); unknown on either side becomes a dash."""
    if now is None or before is None:
        return MISSING
    difference = Decimal(str(now)) - Decimal(str(before))
    if difference == 0:
        return "±0"
    # A true minus sign: screen readers skip a hyphen before a number.
    return ("+" if difference > 0 else "\u2212") + format_decimal(abs(difference), locale="de")


def day_text(value: date | None) -> str:
    """Write a date as 31.07.2025; None becomes a dash."""
    return MISSING if value is None else format_date(value, "dd.MM.yyyy", locale="de")


def long_day(value: date) -> str:
    """Write a date as 31. Juli 2025, the form that is read aloud well."""
    return format_date(value, "d. MMMM yyyy", locale="de")


def month_text(value: date) -> str:
    """Write the month of a date as Juli 2025."""
    return format_date(value, "LLLL yyyy", locale="de")


def period_text(first: date, last: date) -> str:
    """Write a period with both its days (01.01.2024 bis 31.12.2024)."""
    return f"{day_text(first)} bis {day_text(last)}"


def alphabetical_key(text: str) -> str:
    """Give the key under which German lists sort a word: umlauts like their vowels, no regard to case (DIN 5007-1)."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def count_text(value: int, one: str, many: str) -> str:
    """Write a count with its noun in the right number (1 Formular, 1.234 Formulare)."""
    return f"{number_text(value)} {one if value == 1 else many}"
