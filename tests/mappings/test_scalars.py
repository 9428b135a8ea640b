"""How yes and no, numbers and durations are read: a table each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine.scalars import flag_reader, read_hours, read_minutes, read_number
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import Number, write_table
from tests.mappings.small import findings, plan, rows_of, run

TALKS = plan("key: Nr\nfeeds: {conversation: {fields: {held_on: Datum, minutes: Dauer}}}")
YES, NO, EMPTY, UNKNOWN = (True, None), (False, None), (None, None), (None, "unknown_code")
FLAGS = {
    **dict.fromkeys(
        ["Ja", "ja ", "J", "x", "X", "wahr", "Wahr", "TRUE", "1", "-1", "✓", "yes"], YES
    ),
    **dict.fromkeys(["Nein", "NEIN", "n", "falsch", "False", "0", "no"], NO),
    **dict.fromkeys(["", "  ", "\u00a0", "unbekannt", "k. A.", "k.A.", "-", "?"], EMPTY),
    **dict.fromkeys(["vielleicht", "2", "ja/nein", "xx", "Ja."], UNKNOWN),
}


@pytest.mark.parametrize(("text", "outcome"), FLAGS.items())
def test_yes_no_and_neither(text: str, outcome: tuple[bool | None, str | None]) -> None:
    assert flag_reader({}, None)(text) == outcome


def test_a_mapping_may_say_what_empty_means_and_add_words() -> None:
    read = flag_reader({"beendet": True, "1": False}, empty=False)
    assert [read(text) for text in ("", "Beendet", "1", "ja")] == [NO, YES, NO, YES]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("45,0", 45),
        ("45.0", 45),
        ("0", 0),
        ("0:45", 45),
        ("00:45", 45),
        ("01:30:00", 90),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("1,5 Std.", 90),
        ("12 Std.", 720),
        ("2 Stunden", 120),
        ("90 Min.", 90),
        ("90 Minuten", 90),
        ("24:00", 1440),
        ("00:45:00", 45),
        ("0:44:59.999", 45),
        ("0.03125", 45),
        ("0,03125", 45),
        ("0.0208333333333333", 30),
        ("0,02083", 30),
        ("0.0625", 90),
        ("0.125", 180),
        ("0.999999999", 1440),
        ("0.000", 0),
        ("1899-12-31 00:45", 45),
        ("1899-12-30 00:45:00", 45),
        ("1899-12-31T00:45:00.000", 45),
        ("30.12.1899 00:45", 45),
        ("1904-01-01T01:30:00", 90),
        ("1970-01-01 00:45:00", 45),
        ("0001-01-01T00:45:00", 45),
        ("1.440", 1440),
        ("1.200", 1200),
        ("45.000", 45),
        ("90,5", 91),
        ("1,5 min", 2),
        ("5.000", 5),
    ],
)
@holds(5)
def test_durations(text: str, minutes: int) -> None:
    assert read_minutes(text) == (minutes, None)


@pytest.mark.parametrize(
    "text",
    [
        *("lang", "-5", "1441", "25 Std.", "4711", "1,2,3", "60-90", "½ Std.", "1h" + "9" * 5000),
        # May be hours or a share of the day, a minute or a thousand, more than a day.
        *("0,5", "0.75", "0.021", "1.000", "1.441", "2.250", "1,440", "1.0625", "1,03125"),
        # A day that is none of the first: it may be the start of a conversation.
        *("2024-03-12 00:45", "1900-01-01T01:30:00", "12.03.2024 00:45", "1899-12-31"),
        # With a zone, the clock here says another time.
        "1970-01-01T00:45:00Z",
    ],
)
@holds(5)
def test_what_is_no_duration(text: str) -> None:
    assert read_minutes(text) == (None, "unreadable_number")


@pytest.mark.parametrize("text", ["1,5", "1.5", "2,25", "1,50", "12,75", "23.5"])
@holds(5)
def test_hours_without_a_unit(text: str) -> None:
    assert read_minutes(text) == (None, "hours_or_minutes")


# The durations of a column, and what is read of them.
HOURS_COLUMNS = {
    "hours": (["1", "1,5", "2", "0,5", "3,0"], [None] * 5),
    "hours-with-a-point": (["2.25", "1.00", "0"], [None, None, 0]),
    "minutes-and-a-slip": (["45", "1,5", "10", "90"], [45, None, 10, 90]),
    "hours-with-a-unit": (["1,5 Std.", "2", "0:45"], [90, 2, 45]),
    "beside-a-clock": (["1,5", "0:30", "2 h", "1"], [None, 30, 120, None]),
    "few-minutes": (["5", "10", "20"], [5, 10, 20]),
}


@holds(5, "csv", "xlsx", "ods", "xml", "json")
@pytest.mark.parametrize("name", HOURS_COLUMNS)
def test_a_column_of_hours_is_no_column_of_minutes(reader: str, name: str, tmp_path: Path) -> None:
    cells, minutes = HOURS_COLUMNS[name]
    rows = [(f"G{n}", "01.02.2024", cell) for n, cell in enumerate(cells)]
    header = ("Nr", "Datum", "Dauer")
    read = write_table(reader, tmp_path, header, *rows).rows()
    mapped = run(TALKS, list(header), read)
    assert [row.get("minutes") for row in rows_of(mapped, "conversation")] == minutes
    lacking = [row for row, value in enumerate(minutes, start=2) if value is None]
    assert findings(mapped) == [(row, "Dauer", "hours_or_minutes", "set_aside") for row in lacking]


def test_a_mapping_says_that_a_column_holds_hours() -> None:
    fields = "{held_on: Datum, minutes: {column: Dauer, as: hours}}"
    told = plan(f"key: Nr\nfeeds: {{conversation: {{fields: {fields}}}}}")
    rows = [[f"G{cell}", "01.02.2024", cell] for cell in ("1,5", "1", "0:45")]
    mapped = run(told, ["Nr", "Datum", "Dauer"], rows)
    assert [row["minutes"] for row in rows_of(mapped, "conversation")] == [90, 60, 45]
    assert findings(mapped) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,50", 1234.5),
        ("1.234", 1234),
        ("1234", 1234),
        ("0,5", 0.5),
        ("-3", -3),
        ("12.5", 12.5),
        ("1.234.567", 1234567),
    ],
)
def test_numbers(text: str, number: float) -> None:
    assert read_number(text) == (number, None)


@pytest.mark.parametrize("text", ["1,234.50", "12.34.56", "eins", "1 2", "1e5", "12 €", "9" * 400])
def test_what_is_no_number(text: str) -> None:
    assert read_number(text) == (None, "unreadable_number")


@pytest.mark.parametrize("read", [read_number, read_minutes])
def test_empty_is_nothing(read: object) -> None:
    assert read(" \u00a0") == (None, None)  # type: ignore[operator]


@given(st.integers(0, 1440))
def test_a_duration_is_read_back(minutes: int) -> None:
    for text in (
        str(minutes),
        f"{minutes},0",
        f"{minutes // 60}:{minutes % 60:02}",
        f"{minutes // 60}h{minutes % 60:02}",
    ):
        assert read_minutes(text) == (minutes, None)


@holds(5, "xlsx", "xls")
@pytest.mark.parametrize("form", ["General", "hh:mm", "[h]:mm", "hh:mm:ss", "dd.mm.yyyy hh:mm"])
@pytest.mark.parametrize("from_1904", [False, True])
def test_a_time_of_day_in_a_workbook(
    reader: str, form: str, from_1904: bool, tmp_path: Path
) -> None:
    cells = [Number("0.03125", form), Number("0.0625", form), Number("1.0625", form)]
    rows = [(str(n), cell) for n, cell in enumerate(cells)]
    read = write_table(reader, tmp_path, "AB", *rows, from_1904=from_1904).rows()
    assert [read_minutes(text).value for _, text in read] == [45, 90, None]


@holds(5, "csv", "ods", "xml_2003", "html", "xml", "json", "fixed", "rest", "sql")
def test_a_share_of_the_day_in_any_format(reader: str, tmp_path: Path) -> None:
    read = write_table(reader, tmp_path, "AB", ("1", Number("0.03125")), ("2", "00:45:00")).rows()
    assert [read_minutes(text).value for _, text in read] == [45, 45]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1", 60),
        ("0,75", 45),
        ("1.5", 90),
        ("2,25", 135),
        ("0:45", 45),
        ("30 Min.", 30),
        ("24", 1440),
        ("25", None),
        ("viel", None),
        ("", None),
    ],
)
def test_a_column_of_hours(text: str, minutes: int | None) -> None:
    assert read_hours(text).value == minutes
