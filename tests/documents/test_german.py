"""Numbers and dates as German offices write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.documents import german_format

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (german_format.number_text(1234), "1.234"),
        (german_format.number_text(0), "0"),
        (german_format.number_text(-1234567), "-1.234.567"),
        (german_format.number_text(Decimal("12.5"), 1), "12,5"),
        (german_format.number_text(None), "–"),
        (german_format.percent_text(0.125), f"12,5{NBSP}%"),
        (german_format.percent_text(1, 0), f"100{NBSP}%"),
        (german_format.percent_text(None), "–"),
        (german_format.change_text(12, 0), "+12"),
        (german_format.change_text(1000, 2234), "−1.234"),
        (german_format.change_text(5, 5), "±0"),
        (german_format.change_text(5, None), "–"),
        (german_format.day_text(date(2025, 7, 31)), "31.07.2025"),
        (german_format.day_text(None), "–"),
        (german_format.long_day(date(2025, 3, 1)), "1. März 2025"),
        (german_format.month_text(date(2025, 7, 31)), "Juli 2025"),
        (
            german_format.period_text(date(2024, 1, 1), date(2024, 12, 31)),
            "01.01.2024 bis 31.12.2024",
        ),
        (german_format.count_text(1, "Tag", "Tage"), "1 Tag"),
        (german_format.count_text(1000, "Tag", "Tage"), "1.000 Tage"),
    ],
)
def test_written(written: str, expected: str) -> None:
    assert written == expected


def test_umlauts_sort_like_their_vowels() -> None:
    assert sorted(
        ["Musterstadt", "Mühlenröth", "ähnlich", "Zell", "Ende"], key=german_format.alphabetical_key
    ) == [
        "ähnlich",
        "Ende",
        "Mühlenröth",
        "Musterstadt",
        "Zell",
    ]
