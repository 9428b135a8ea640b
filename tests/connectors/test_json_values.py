"""Values and names of JSON: empty objects, lists with nulls, rounded numbers, names that come twice or are values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.fault_kinds import holds
from tests.connectors.reading import one_table, refusal, wanted

VALUES = {
    "{}": "",
    "[]": "",
    "null": "",
    "[null]": "",
    "[{}]": "",
    '["a", null]': "a",
    '[null, "a", {}, "b"]': "a\nb",
    "[7, null]": "7",
    "9123456789012341.0": "9123456789012341.0",
    "[9123456789012341.0]": "9123456789012341.0",
    "9123456789012341": "9123456789012341",
    "1234567890123456.0": "1234567890123456",
    '[[null], "a"]': '[[null], "a"]',
}


@holds(10, "json")
@pytest.mark.parametrize("written", VALUES)
def test_values(written: str, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"A": "1", "B": {written}}}\n', "utf-8")
    _, rows, _ = one_table(path, wanted("A", "B"))
    assert rows == [(1, {"A": "1", "B": VALUES[written]})]


@holds(4, "json")
@pytest.mark.parametrize(
    "doubled",
    [
        '{"A": "2", "P.N": "9", "P": {"N": "1"}}',
        '{"A": "2", "P": {"N": "1"}, "P.N": "9"}',
        '{"A": "2", "P": {"N": "1", "N": "9"}, "P.N": "9", "A": "3"}',
        '{"A": "2", "P": {"N\\u0000": "9", "N\\ud800": "1"}, "P.N": ""}',
    ],
)
def test_a_field_that_comes_twice_makes_its_row_ragged(doubled: str, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"A": "1", "P": {{"N": "7"}}}}\n{doubled}\n', "utf-8")
    _, rows, ragged = one_table(path, wanted("A", "P.N"))
    assert rows == [(1, {"A": "1", "P.N": "7"})] and [row.row for row in ragged] == [2]


CHILD = {"Sara Muster": "2015"}


@holds(4, "json")
def test_names_within_objects_are_not_for_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.readers.text.json_lines._COLUMNS_FROM", 0)
    path = tmp_path / "t.jsonl"
    lines = [{"A": "1", "O": {"PLZ": "7"}, "K": CHILD}, {"A": "2", "K": {"Ali Muster": "1"}}]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    table, rows, ragged = one_table(path, wanted("A", "O.PLZ"))
    assert rows[0][1] == {"A": "1", "O.PLZ": "7", "K.Sara Muster": "2015"}
    assert dict(table.inside) == {"K.Sara Muster": "K"} and [row.row for row in ragged] == [2]
    (late,) = table.notices
    assert late.rule == "late_field" and "„K“" in late.message
    error = refusal(path, wanted("A", "B", "O.PLZ"))
    assert error.rule == "column_missing" and "Muster" not in error.message
