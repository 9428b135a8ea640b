"""How yes and no, numbers and durations are read: a table each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.engine.scalars import flag_reader, read_minutes, read_number

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
    ],
)
def test_durations(text: str, minutes: int) -> None:
    assert read_minutes(text) == (minutes, None)


@pytest.mark.parametrize(
    "text", ["lang", "-5", "1441", "25 Std.", "4711", "1,2,3", "60-90", "½ Std.", "1h" + "9" * 5000]
)
def test_what_is_no_duration(text: str) -> None:
    assert read_minutes(text) == (None, "unreadable_number")


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
