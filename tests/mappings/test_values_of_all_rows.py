"""Values above a table and constants: read, or told once; a wrong constant stops with the mapping."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mappings.engine.table import TableMapper
from mappings.problems import YamlProblems
from mappings.source_mapping import load_mapping
from tests.conformance.fault_kinds import holds
from tests.mappings.small import MUNICIPALITIES, batch, findings, plan, rows_of, run

TABLE = """
key: Nr
also: {Gemeinde: [Stadt/Gemeinde, Kommune]}
feeds: {case: {fields: {municipality: {preamble: Gemeinde}, begun_on: {preamble: Monat}}}}
"""
MONTH = {"Monat": "01.02.2024"}

# What stands above the table, the municipality it means, and the rule that is told.
ABOVE: dict[str, tuple[dict[str, str], str | None, str | None]] = {
    "as-agreed": ({"Gemeinde": "Musterstadt"}, "08999001", None),
    "label-in-capitals": ({"GEMEINDE": "Musterstadt"}, "08999001", None),
    "label-with-a-mark": ({"Gemeinde *": "Mühlenröth"}, "08999003", None),
    "other-spelling-of-the-mapping": ({"Kommune": "Mühlenröth"}, "08999003", None),
    "missing": ({}, None, "preamble_missing"),
    "empty": ({"Gemeinde": " "}, None, "preamble_missing"),
    "worded-otherwise": ({"Ort der Beratung": "Musterstadt"}, None, "preamble_missing"),
    "within-a-title": ({"Klientenliste Gemeinde Musterstadt": ""}, None, "preamble_missing"),
    "beside-another": ({"Jahr": "2024 Gemeinde Musterstadt"}, None, "preamble_missing"),
    "unknown": ({"Gemeinde": "Neustadt"}, None, "unknown_code"),
}


@holds(6)
@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE.keys())
def test_a_municipality_above_the_table(
    above: tuple[dict[str, str], str | None, str | None],
) -> None:
    preamble, municipality, rule = above
    mapped = run(plan(TABLE, preamble={**preamble, **MONTH}), ["Nr"], [["1"], ["2"]])
    assert [row.get("municipality") for row in rows_of(mapped, "case")] == [municipality] * 2
    told = [(None, "Gemeinde", rule, "set_aside")] if rule else []
    assert findings(mapped) == told


def test_a_file_says_once_what_all_its_tables_lack() -> None:
    told: set[tuple[str | None, str | None]] = set()
    for count in (2, 0):
        mapper = TableMapper(plan(TABLE), told=told)
        mapped = mapper.map_batch(
            batch(["Nr"], [["1"]]), batch(["n"], [["1"]]).column(0).cast("int64")
        )
        assert len(findings(mapped)) == count


def test_a_day_for_all_rows() -> None:
    table = "key: Nr\nfeeds: {case: {fields: {begun_on: {constant: '2024-02-01'}}}}"
    mapped = run(plan(table), ["Nr"], [["1"]])
    assert [row["begun_on"] for row in rows_of(mapped, "case")] == [date(2024, 2, 1)]


# A field with a wrong word, what is said of it, and what would be right.
MISTAKES = {
    "no-code": (
        "person: {fields: {sex: {constant: male}}}",
        "'male' is no code of the list sex",
        "did you mean 'm'?",
    ),
    "label-instead-of-a-code": (
        "conversation: {fields: {held_on: D, setting: {constant: Familie}}}",
        "'Familie' is no code of the list setting",
        "did you mean 'familie'?",
    ),
    "no-municipality": (
        "case: {fields: {municipality: {constant: Neustadt}}}",
        "'Neustadt' is no code of the list municipality",
        "known: 08999001, 08999003",
    ),
    "municipality-by-name": (
        "case: {fields: {municipality: {constant: Mühlenröth}}}",
        "'Mühlenröth' is no code of the list municipality",
        "did you mean '08999003'?",
    ),
    "code-of-a-ticked-column": (
        "conversation_topic: {each: {columns: {Wohnen: wohnung}}}",
        "'wohnung' is no code of the list topic",
        "did you mean 'wohnen'?",
    ),
    "code-of-one-of-several": (
        "conversation_topic: {each: {column: Thema, split: ',', values: {W: wohnung}}}",
        "'wohnung' is no code of the list topic",
        "did you mean 'wohnen'?",
    ),
    "code-of-a-condition": (
        "goal: {fields: {person_key: P, status: Stand, "
        "reached_on: {column: Ende, only_if: {Stand: [erledigt]}}}}",
        "'erledigt' is no code of the list",
        None,
    ),
    "spelling-of-a-municipality-nobody-configured": (
        "case: {fields: {municipality: {column: Ort, values: {Außen: '08999099'}}}}",
        "'08999099' is no code of the list municipality",
        None,
    ),
    "day-to-come": (
        "case: {fields: {begun_on: {constant: '2204-01-01'}}}",
        "'2204-01-01' is not between",
        "days.yaml",
    ),
    "day-long-ago": (
        "person: {fields: {entry_date: {constant: '1204-01-01'}}}",
        "'1204-01-01' is not between",
        "days.yaml",
    ),
    "no-day": ("case: {fields: {begun_on: {constant: 1.2.2024}}}", "'1.2.2024' is no day", None),
    "no-number": (
        "conversation: {fields: {held_on: D, minutes: {constant: kurz}}}",
        "'kurz' is no whole number",
        None,
    ),
    "no-text": ("person: {fields: {last_name: {constant: 5}}}", "'5' is no text", None),
    "no-flag": (
        "education_work: {fields: {integration_course: {constant: 'ja'}}}",
        "'ja' is no yes or no",
        None,
    ),
}


@holds(6)
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_wrong_constant_stops_with_the_mapping(
    tmp_path: Path, mistake: tuple[str, str, str | None]
) -> None:
    fed, message, hint = mistake
    path = tmp_path / "own.yaml"
    path.write_text(
        f"system: Probe\ntables:\n  T:\n    files: '*.csv'\n    key: Nr\n    feeds:\n      {fed}\n",
        encoding="utf-8",
    )
    with pytest.raises(YamlProblems) as caught:
        load_mapping(path, {"municipality": MUNICIPALITIES})
    (found,) = caught.value.problems
    assert message in found.message and found.line == 7
    assert hint is None or hint in (found.suggestion or "")


def test_right_constants_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "system: Probe\ntables:\n  T:\n    files: '*.csv'\n    key: Nr\n    feeds:\n"
        "      case: {fields: {municipality: {constant: '08999003'}, begun_on: {constant: '2024-01-01'}}}\n"
        "      education_work: {fields: {integration_course: {constant: false}}}\n",
        encoding="utf-8",
    )
    assert load_mapping(path, {"municipality": MUNICIPALITIES}).file.system == "Probe"
