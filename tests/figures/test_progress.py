"""The period before a period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.figures.report_figures import period_before

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2024-01-01", "2024-12-31", "2023-01-01"),
        ("2025-01-01", "2025-07-31", "2024-06-01"),
        ("2024-03-01", "2024-03-31", "2024-02-01"),
        ("2024-01-01", "2025-12-31", "2022-01-01"),
        ("2024-01-08", "2024-01-14", "2024-01-01"),
        ("2024-01-01", "2024-01-30", "2023-12-02"),
    ],
)
def test_period_before(first: str, last: str, before: str) -> None:
    begin = date.fromisoformat(first)
    assert period_before(begin, date.fromisoformat(last)) == (
        date.fromisoformat(before),
        begin - timedelta(days=1),
    )


@given(DAYS, st.integers(0, 2000))
def test_the_period_before_ends_the_day_before_and_is_about_as_long(
    first: date, length: int
) -> None:
    begin, end = period_before(first, first + timedelta(days=length))
    assert end == first - timedelta(days=1) and begin <= end
    # Months and years differ by some days.
    assert abs((end - begin).days - length) <= 4
