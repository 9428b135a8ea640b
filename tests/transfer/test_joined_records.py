"""What several records of a human being say together, as tables: one value of each attribute, each entry once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipelines.transfer.case_facts import CaseFacts, rank_records
from pipelines.transfer.joined_records import Statement, join_attributes, join_entries

ON = date(2025, 8, 1)
OLD, NEW, LATER = date(2023, 1, 1), date(2025, 1, 1), date(2026, 1, 1)


def said(*rows: dict[str, Any]) -> list[Statement]:
    return [Statement(source, values) for source, values in zip("abc", rows, strict=False)]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([None, "w"], "w"),
        (["ohne_angabe", "w"], "w"),
        (["ungeklaert", "SYR"], "SYR"),
        (["ohne_angabe", "ungeklaert"], "ungeklaert"),
        ([None, "ohne_angabe"], "ohne_angabe"),
        (["m", "w"], "m"),
        ([None, None], None),
        ([False, True], False),
        (["", "x"], "x"),
    ],
)
def test_of_an_attribute_the_first_record_speaks_that_states_it(
    values: list[Any], wanted: Any
) -> None:
    assert join_attributes(said(*({"sex": v} for v in values)), ON) == {"sex": wanted}


def test_attributes_are_taken_one_by_one() -> None:
    rows = said({"skills": "A", "career_goal": None}, {"skills": "B", "career_goal": "C"})
    assert join_attributes(rows, ON) == {"skills": "A", "career_goal": "C"}
    assert join_attributes([], ON) == {}


def status(name: str | None, begun: date | None, ended: date | None) -> dict[str, Any]:
    return {"status": name, "valid_from": begun, "valid_until": ended}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([status("A", OLD, None), status("B", NEW, None)], 1),
        ([status("A", OLD, LATER), status("B", NEW, NEW)], 0),
        ([status("A", OLD, None), status("B", LATER, None)], 0),
        ([status(None, NEW, None), status("B", OLD, None)], 1),
        ([status("ohne_angabe", NEW, None), status("B", None, None)], 1),
        ([status("A", None, None), status("B", None, None)], 0),
        ([status("A", None, None), status("B", OLD, None)], 1),
    ],
)
def test_what_has_days_stays_together_and_the_newest_in_force_speaks(
    rows: list[dict[str, Any]], wanted: int
) -> None:
    assert join_attributes(said(*rows), ON) == rows[wanted]


def language(name: str, level: str | None, certificate: str | None = None) -> dict[str, Any]:
    return {"language": name, "level": level, "certificate": certificate}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([language("Deutsch", "B1"), language("deutsch", "B1")], [("B1", None)]),
        ([language("Deutsch", None), language("Deutsch", "B1")], [("B1", None)]),
        ([language("Deutsch", "B1", "telc"), language("Deutsch", "B1")], [("B1", None)]),
        ([language("Deutsch", "A2"), language("Deutsch", "B1")], [("A2", "a"), ("B1", "b")]),
        ([language("Deutsch", "A2"), language("Arabisch", "C2")], [("A2", None), ("C2", None)]),
        (
            [language("Deutsch", "A2"), language("Deutsch", "B1"), language("Deutsch", "A2")],
            [("A2", "a"), ("B1", "b")],
        ),
    ],
)
def test_entries_stand_once_and_contradictions_name_their_source(
    rows: list[dict[str, Any]], wanted: list[tuple[str, str | None]]
) -> None:
    joined = join_entries("language_level", said(*rows))
    assert [(entry.values["level"], entry.source) for entry in joined] == wanted


def test_two_goals_of_one_text_and_source_are_no_contradiction() -> None:
    goals = [{"area": "arbeit", "title": "Praktikum", "due_on": day} for day in (OLD, NEW)]
    joined = join_entries("goal", [Statement("a", goal) for goal in goals])
    assert [entry.source for entry in joined] == [None, None]


def test_an_open_case_speaks_first_then_the_one_begun_last() -> None:
    records = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]
    cases = {
        records[0]: CaseFacts(False, NEW),
        records[1]: CaseFacts(True, OLD),
        records[2]: CaseFacts(True, NEW),
    }
    assert rank_records(records, cases) == [records[2], records[1], records[0], records[3]]
