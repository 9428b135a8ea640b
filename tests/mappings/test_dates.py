"""How dates of German offices are read: each spelling gives a day or names the rule it breaks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine.dates import date_reader, is_no_day
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import write_table

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


# A moment, and the day that it has in Germany.
MOMENTS = {
    "2024-03-11T23:00:00Z": "2024-03-12",
    "2024-03-11T23:00:00.000Z": "2024-03-12",
    "2024-03-11 23:00:00+00:00": "2024-03-12",
    "2024-03-11 23:00:00+00": "2024-03-12",
    "2024-07-11T22:00:00Z": "2024-07-12",
    "2024-07-11T21:59:00Z": "2024-07-11",
    "2024-01-11T22:00:00Z": "2024-01-11",
    "2024-03-12T00:00:00Z": "2024-03-12",
    "2024-03-12T08:30Z": "2024-03-12",
    "2024-12-31T23:30:00Z": "2025-01-01",
    "2024-02-28T23:00Z": "2024-02-29",
    "2024-03-12T00:00:00+01:00": "2024-03-12",
    "2024-03-12T00:00:00+03:00": "2024-03-12",
    "2024-03-12T00:00:00-05:00": "2024-03-12",
    "2024-03-11T19:00:00-05:00": "2024-03-12",
    "2024-03-12T00:30:00+0330": "2024-03-11",
    "1990-05-03T22:00:00Z": "1990-05-04",
    "1990-01-03T23:00:00Z": "1990-01-04",
    # No summer time then, but most programs reckon with one.
    "1955-05-03T23:00:00Z": "1955-05-04",
    "1955-05-03T22:00:00Z": "1955-05-04",
    "1945-07-03T22:00:00Z": "1945-07-04",
}


@holds(5)
@pytest.mark.parametrize(("text", "day"), MOMENTS.items())
def test_the_day_of_a_moment_is_that_here(text: str, day: str) -> None:
    assert date_reader(today=TODAY)(text) == (date.fromisoformat(day), None)


@holds(5)
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1899-12-31T23:00:00Z", "placeholder_date"),
        ("0001-01-01T00:00:00Z", "placeholder_date"),
        ("9999-12-31T23:59:59Z", "placeholder_date"),
        ("9999-12-30T23:00:00Z", "placeholder_date"),
        ("0000-00-00T00:00:00Z", "placeholder_date"),
        ("2023-02-29T23:00:00Z", "impossible_date"),
        ("2024-03-12T23:00:00 CET", "unreadable_date"),
    ],
)
def test_moments_that_are_no_day(text: str, rule: str) -> None:
    assert date_reader(today=TODAY)(text) == (None, rule)


@holds(5)
def test_a_moment_that_stands_for_no_day() -> None:
    assert [is_no_day(text) for text in ("9999-12-30T23:00:00Z", "2024-03-11T23:00:00Z")] == [
        True,
        False,
    ]


@holds(5, "csv", "xlsx", "xls", "ods", "xml_2003", "html", "xml", "json", "fixed", "rest", "sql")
def test_a_moment_in_any_format(reader: str, tmp_path: Path) -> None:
    rows = write_table(reader, tmp_path, "AB", ("1", "2024-03-11T23:00:00Z")).rows()
    assert date_reader(today=TODAY)(rows[0][1]).value == date(2024, 3, 12)


@given(st.dates(date(1980, 4, 6), date(2037, 12, 31)))
def test_local_midnight_in_utc_is_the_day(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Berlin"))
    read = date_reader(today=TODAY)
    for zone in (UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Tehran")):
        assert read(midnight.astimezone(zone).isoformat()) == (day, None)


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", "\u200b"])
def test_an_empty_cell_is_nothing(text: str) -> None:
    assert date_reader(today=TODAY)(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("43831", "2020-01-01"),
        ("43831.5", "2020-01-01"),
        ("43831,75", "2020-01-01"),
        ("20.11.1979", "1979-11-20"),
    ],
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
