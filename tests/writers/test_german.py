"""Numbers and dates as German offices write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.writers import german

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (german.number(1234), "1.234"),
        (german.number(0), "0"),
        (german.number(-1234567), "-1.234.567"),
        (german.number(Decimal("12.5"), 1), "12,5"),
        (german.number(None), "–"),
        (german.percent(0.125), f"12,5{NBSP}%"),
        (german.percent(1, 0), f"100{NBSP}%"),
        (german.percent(None), "–"),
        (german.euro(Decimal("184684.68")), f"184.684,68{NBSP}€"),
        (german.change(12, 0), "+12"),
        (german.change(1000, 2234), "−1.234"),
        (german.change(5, 5), "±0"),
        (german.change(5, None), "–"),
        (german.day(date(2025, 7, 31)), "31.07.2025"),
        (german.day(None), "–"),
        (german.long_day(date(2025, 3, 1)), "1. März 2025"),
        (german.month(date(2025, 7, 31)), "Juli 2025"),
        (german.period(date(2024, 1, 1), date(2024, 12, 31)), "01.01.2024 bis 31.12.2024"),
        (german.counted(1, "Tag", "Tage"), "1 Tag"),
        (german.counted(1000, "Tag", "Tage"), "1.000 Tage"),
    ],
)
def test_written(written: str, expected: str) -> None:
    assert written == expected


def test_umlauts_sort_like_their_vowels() -> None:
    assert sorted(["Musterstadt", "Mühlenröth", "ähnlich", "Zell", "Ende"], key=german.alphabetical) == [
        "ähnlich",
        "Ende",
        "Mühlenröth",
        "Musterstadt",
        "Zell",
    ]
