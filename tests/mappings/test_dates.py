"""How dates of German offices are read: each spelling gives a day or names the rule it breaks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine.dates import date_reader

TODAY = date(2025, 1, 31)

DAYS = {
    "20.11.1979": "1979-11-20",
    "4.1.1986": "1986-01-04",
    "04. 11. 1986": "1986-11-04",
    "26.01.2022 00:00:00": "2022-01-26",
    "26.01.2022 14:30": "2022-01-26",
    "26.01.2022, 14:30 Uhr": "2022-01-26",
    "2020-01-01": "2020-01-01",
    "2020-1-1": "2020-01-01",
    "2020-01-01 00:00:00": "2020-01-01",
    "2020-01-01T08:15:30.250+02:00": "2020-01-01",
    "2020-01-01T08:15Z": "2020-01-01",
    "20200101": "2020-01-01",
    "29.02.2024": "2024-02-29",
    " 20.11.1979\u00a0": "1979-11-20",
    "20.\u00ad11.1979": "1979-11-20",
    "01.01.1998": "1998-01-01",
}
BROKEN = {
    "31.06.2018": "impossible_date",
    "29.02.2023": "impossible_date",
    "2023-02-29": "impossible_date",
    "32.01.2020": "impossible_date",
    "15.13.2020": "impossible_date",
    "00.05.2020": "impossible_date",
    "00.00.0000": "placeholder_date",
    "00.00.1990": "placeholder_date",
    "0000-00-00": "placeholder_date",
    "00000000": "placeholder_date",
    "0000": "placeholder_date",
    "01.01.0001": "placeholder_date",
    "01.01.1900": "placeholder_date",
    "30.12.1899": "placeholder_date",
    "31.12.9999": "placeholder_date",
    "9999-12-31": "placeholder_date",
    "Mai 2021": "imprecise_date",
    "03/2021": "imprecise_date",
    "03.2021": "imprecise_date",
    "ca. 1998": "imprecise_date",
    "1998": "imprecise_date",
    "gestern": "unreadable_date",
    "20.11.79 ff.": "unreadable_date",
    "1.2.3.2020": "unreadable_date",
    "20-11-1979": "unreadable_date",
    "1714550400000": "unreadable_date",
    "43831": "unreadable_date",
    "-": "unreadable_date",
}


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_spellings_of_a_day(text: str, day: str) -> None:
    assert date_reader(today=TODAY)(text) == (date.fromisoformat(day), None)


@pytest.mark.parametrize(("text", "rule"), BROKEN.items())
def test_what_is_no_day(text: str, rule: str) -> None:
    assert date_reader(today=TODAY)(text) == (None, rule)


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", "\u200b"])
def test_an_empty_cell_is_nothing(text: str) -> None:
    assert date_reader(today=TODAY)(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [("43831", "2020-01-01"), ("43831.5", "2020-01-01"), ("20.11.1979", "1979-11-20")],
)
def test_excel_numbers_where_the_mapping_permits_them(text: str, day: str) -> None:
    assert date_reader(serial=True, today=TODAY)(text) == (date.fromisoformat(day), None)


def test_a_number_too_short_for_excel_stays_unreadable() -> None:
    assert date_reader(serial=True, today=TODAY)("1234567") == (None, "unreadable_date")


@pytest.mark.parametrize(
    ("text", "birth", "deadline"),
    [
        ("24.12.68", "1968-12-24", "1968-12-24"),
        ("24.12.24", "2024-12-24", "2024-12-24"),
        ("24.12.30", "1930-12-24", "2030-12-24"),
        ("24.12.45", "1945-12-24", "2045-12-24"),
        ("24.12.46", "1946-12-24", "1946-12-24"),
        ("01.01.00", "2000-01-01", "2000-01-01"),
    ],
)
def test_years_of_two_digits(text: str, birth: str, deadline: str) -> None:
    assert date_reader(past=True, today=TODAY)(text).value == date.fromisoformat(birth)
    assert date_reader(today=TODAY)(text).value == date.fromisoformat(deadline)


def test_nobody_is_born_after_the_delivery() -> None:
    read = date_reader(past=True, serial=True, today=TODAY)
    assert read("31.01.2025") == (TODAY, None)
    assert read("01.02.2025") == (None, "future_date")
    assert read("01.02.25") == (None, "future_date")
    assert read("46000") == (None, "future_date")


@given(st.dates(date(1901, 1, 1), date(2399, 12, 31)))
def test_every_day_is_read_back_in_each_spelling(day: date) -> None:
    read = date_reader(serial=True, today=TODAY)
    for text in (
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        day.isoformat(),
        f"{day:%Y%m%d}",
    ):
        assert read(text) == (day, None)
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    if 10_000 <= serial <= 99_999:
        assert read(str(serial)) == (day, None)


@given(st.text(max_size=20))
def test_any_text_gives_a_day_or_one_rule(text: str) -> None:
    value, rule = date_reader(serial=True, past=True, today=TODAY)(text)
    assert value is None or rule is None
    assert value is None or value <= TODAY
