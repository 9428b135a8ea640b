"""What is an official number, and of which kind: a table each."""

from __future__ import annotations

import pytest

from mappings.identity import load_terms, number_reader
from mappings.source_mapping import YamlProblems
from tests.mappings import small

AZR = ("azr", "160512012345")
NUMBERS = {
    "160512012345": AZR,
    "160512 012345": AZR,
    "AZR 160512-012345": AZR,
    "azr-nr.: 160512/012345": AZR,
    "\u00a0160512012345 ": AZR,
    # No month 13, no day 45, one digit too few: no AZR number, but perhaps another one.
    "161312012345": (None, "161312012345"),
    "160545012345": (None, "160545012345"),
    "16051201234": (None, "16051201234"),
    "L 47115": (None, "L47115"),
    "l-47115": (None, "L47115"),
    "C01X00T47": (None, "C01X00T47"),
    "KA 47110": (None, "KA47110"),
    "090011234567": ("azr", "090011234567"),
    "151116223344": ("azr", "151116223344"),
}
NO_NUMBERS = [
    "",
    "-",
    "--",
    "?",
    "0",
    "000000",
    "0000000001",
    "1000000",
    "1111111111",
    "999999999998",
    "12121212",
    "123123123",
    "112233445566",
    "0815-4711",
    "08154711",
    "000000000000",
    "123456",
    "123456789012",
    "987654321",
    "A 12345",
    "4711",
    "1990",
    "k.A.",
    "k. A.",
    "keine Angabe",
    "unbekannt",
    "Unbekannt 47115",
    "beantragt",
    "BEANTRAGT 12.03.2024",
    "beantragt am 47115",
    "liegt nicht vor",
    "in Bearbeitung",
    "folgt",
    "s. Akte",
    "s. Akte 47115",
    "siehe Akte",
    "XXX",
    "xxx47115",
    "entfällt",
    "unbek. 2015/2016",
    "2015 - 2016",
    "79761 Waldshut",
    "0151 23456789",
    "0170/1234567",
    "+49 151 23456789",
    "01.03.2024",
    "1.3.24",
    "2024-03-01",
    "2024-03-01 00:00:00",
    "1.60512E+11",
    "1,60512012345E+11",
    "#NV",
    "160512012345?",
    "160512012345, 171130998877",
    "wie Vater",
    "١٦٠٥١٢٠١٢٣٤٥",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_has_a_kind_by_its_form(text: str) -> None:
    assert load_terms().find_number(text) == NUMBERS[text]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_stand_in_is_no_number(text: str) -> None:
    assert load_terms().find_number(text) is None


@pytest.mark.parametrize("text", NUMBERS)
def test_a_column_of_one_kind_holds_no_other(text: str) -> None:
    found = load_terms().find_number(text, "azr")
    assert found == (NUMBERS[text] if NUMBERS[text][0] == "azr" else None)


def test_a_number_stays_as_written_and_what_is_none_is_set_aside() -> None:
    read = number_reader(None)
    assert read(" AZR  4711 ") == (None, "no_official_number")
    assert read("AZR  160512-012345") == ("AZR 160512-012345", None)
    assert read("") == (None, None)


def plan(kind: str) -> str:
    return f"key: Nr\nfeeds:\n  person:\n    fields: {{official_number: {{column: AZR{kind}}}}}\n"


def test_a_stand_in_is_a_finding_with_its_place() -> None:
    mapped = small.run(small.plan(plan("")), ["Nr", "AZR"], [["1", "L 47115"], ["2", "folgt"]])
    assert [found[2] for found in small.findings(mapped)] == ["no_official_number"]
    assert [r["official_number"] for r in mapped.entities["person"].to_pylist()] == [
        "L 47115",
        None,
    ]
    mapped = small.run(small.plan(plan(", kind: azr")), ["Nr", "AZR"], [["1", "L 47115"]])
    assert [found[2] for found in small.findings(mapped)] == ["no_official_number"]


def test_a_record_does_not_change_because_its_number_is_checked() -> None:
    """Else the first run of a new version would hold every delivery that has such a column."""
    rows, header = [["1", "L 47115"]], ["Nr", "AZR"]
    checked = small.run(small.plan(plan("")), header, rows)
    plain = small.run(small.plan(plan(", as: text")), header, rows)
    hashes = [m.entities["person"].column("row_hash").to_pylist() for m in (checked, plain)]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("official_number: {column: AZR, kind: azrr}", "did you mean 'azr'?"),
        ("last_name: {column: AZR, kind: azr}", "only an official number is of a kind"),
    ],
)
def test_a_wrong_kind_is_told(fields: str, told: str) -> None:
    with pytest.raises(YamlProblems, match=told.replace("?", r"\?")):
        small.plan(f"key: Nr\nfeeds:\n  person:\n    fields: {{{fields}}}\n")
