"""What changed figures is counted once, however many figures, units and categories it is in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import create_engine

from pipelines.submission.cause_totals import CauseTotals
from pipelines.submission.change_steps import Cause, Step, StepRecords
from pipelines.submission.counted_things import Key, Line

DISTRICT: tuple[tuple[str, str], ...] = ()
ORT, AU = (("municipality", "08999001"),), (("municipality", "08999002"),)
# Cause, sign, load, indicator, category, unit, name of the thing, keys of its records.
Note = tuple[Cause, str, int, str, str | None, tuple[tuple[str, str], ...], str, tuple[str, ...]]
D, C, P, G = Cause.DELIVERED, Cause.CORRECTED, Cause.PERSONS, Cause.GONE

CASES: dict[str, tuple[list[Note], Mapping[Cause, tuple[int, int]]]] = {
    "a client is a client and an open case": (
        [
            (D, "added", 2, "clients", None, DISTRICT, "p-1", ("K1",)),
            (D, "added", 2, "client_records", None, DISTRICT, "K1", ("K1",)),
            (D, "added", 2, "clients_by_sex", "f", ORT, "p-1", ("K1",)),
        ],
        {D: (1, 0)},
    ),
    "five talks and a client of the same key": (
        [(D, "added", 2, "conversations", None, DISTRICT, str(n), (str(n),)) for n in range(5)]
        + [(D, "added", 2, "topics", "kinder", ORT, str(n), (str(n),)) for n in range(5)]
        + [(D, "added", 2, "clients", None, DISTRICT, "p-1", ("1",))],
        {D: (6, 0)},
    ),
    "corrected from one town to the other": (
        [
            (C, "removed", 2, "conversations", None, ORT, "1", ("1",)),
            (C, "added", 2, "conversations", None, AU, "1", ("1",)),
        ],
        {C: (1, 1)},
    ),
    "one gone, one delivered": (
        [
            (G, "removed", 2, "conversations", None, DISTRICT, "1", ("1",)),
            (D, "added", 2, "conversations", None, DISTRICT, "2", ("2",)),
        ],
        {D: (1, 0), G: (0, 1)},
    ),
    "two persons become one": (
        [
            (P, "removed", 3, "clients", None, DISTRICT, "p-1", ("K1",)),
            (P, "removed", 3, "clients", None, DISTRICT, "p-2", ("K2",)),
            (P, "added", 3, "clients", None, DISTRICT, "p-3", ("K1", "K2")),
            (P, "added", 3, "persons_reached", None, ORT, "p-3", ("K1", "K2")),
        ],
        {P: (1, 2)},
    ),
    "delivered, gone and delivered again": (
        [
            (D, "added", 2, "conversations", None, DISTRICT, "1", ("1",)),
            (G, "removed", 3, "conversations", None, DISTRICT, "1", ("1",)),
            (D, "added", 4, "conversations", None, DISTRICT, "1", ("1",)),
        ],
        {D: (2, 0), G: (0, 1)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_record_is_counted_once(name: str) -> None:
    notes, counted = CASES[name]
    totals = CauseTotals()
    for cause, sign, load, indicator, category, unit, thing, keys in notes:
        records: list[Key] = [("tau", key) for key in keys]
        totals.note(cause, (sign, load), (Line(indicator, category, unit), (thing,)), records)
    found = {
        cause: tuple(sum(n for (s, _), n in signs.items() if s == sign) for sign in ("added", "removed"))
        for cause, signs in totals.count().items()
    }  # fmt: skip
    assert found == counted


@pytest.mark.parametrize(
    ("key", "has_registers", "cause"),
    [("K1", False, C), ("K2", False, Cause.ATTRIBUTES), ("K2", True, Cause.REGISTERS)],
)
def test_only_records_that_changed_are_corrected(
    key: str, has_registers: bool, cause: Cause
) -> None:
    """Whoever moved takes their talks to another town; nobody corrected the talks."""
    touched: dict[str, dict[Key, Cause]] = {"conversation.record_key": {("tau", "K1"): C}}
    with create_engine("sqlite://").connect() as connection:
        records = StepRecords(connection, Step([2]), touched)
        vars(records).update(_relinked=frozenset(), _has_new_registers=has_registers)
        shown = frozenset({("tau", key)})
        assert records.find_cause(Line("conversations", None, ORT), shown) is cause
