"""Balance and status: their exact shape, that they add up, and what they say when something went wrong or waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli.json_answer import to_json
from pipelines.hub import Hub
from pipelines.intake.delivery_status import (
    Balance,
    WaitingDelivery,
    answer_balance,
    answer_status,
    closes,
)
from pipelines.intake.run import run_intake
from tests.acceptance.district import answers
from tests.figures.small import deliver, small_hub
from warehouse.schema.states import Severity

DELIVERY = {"delivery", "source", "date", "load", "state", "message", "mapping", "tables", "known"}
TABLE = [
    "file",
    "table",
    "read",
    "used",
    "rejected",
    "repeated",
    "left_out",
    "left_out_by",
    "records",
]


def test_balance_has_the_shape_of_the_interface(hub: Hub) -> None:
    found = to_json(answer_balance(hub))["deliveries"]
    assert [(d["date"], d["source"], d["load"]) for d in found] == [
        (day, source, load)
        for load, (day, source) in enumerate(
            (
                (d, s)
                for d in ("2025-01-31", "2025-07-31")
                for s in ("enaio", "jobkraftwerk", "tau", "workbook")
            ),
            start=1,
        )
    ]
    assert all(set(d) == DELIVERY and d["state"] == "loaded" and d["message"] == "" for d in found)
    tables = [t for d in found for t in d["tables"]]
    assert all(list(t) == TABLE for t in tables)
    assert {tuple(counts) for t in tables for counts in t["records"].values()} == {
        ("new", "changed", "unchanged", "gone")
    }


def test_balance_gives_the_expected_rows(hub: Hub) -> None:
    wanted = {
        (day, name.split("/")[0], name.rpartition("/")[2]): (
            len(t["rejected"]),
            len(t["repeated"]),
            t["rows"],
            t["usable"],
        )
        for day, tables in answers()["deliveries"].items()
        for name, t in tables.items()
    }
    found = {
        (d.delivered_on.isoformat(), d.source, f"{t.file}#{t.table}"): (
            t.rejected,
            t.repeated,
            t.read,
            t.used,
        )
        for d in answer_balance(hub).deliveries
        for t in d.tables
    }
    assert found == wanted


def test_balance_adds_up_and_would_say_if_it_did_not(hub: Hub) -> None:
    answer = answer_balance(hub)
    assert closes(answer)
    first, *rest = answer.deliveries
    table, known = first.tables[0], first.known["conversation"]
    for wrong in (
        replace(first, tables=[replace(table, used=table.used + 1)]),
        replace(first, known={"conversation": replace(known, after=known.after + 1)}),
    ):
        assert not closes(Balance([wrong, *rest]))


def test_balance_of_some_sources_only(hub: Hub) -> None:
    assert {d.source for d in answer_balance(hub, ["tau"]).deliveries} == {"tau"}


def test_status_of_sources_that_stand_well(hub: Hub) -> None:
    answer = answer_status(hub, today=date(2025, 8, 10))
    assert (answer.load, answer.waiting, answer.aside) == (8, [], [])
    lines = {line.source: line for line in answer.sources}
    assert list(lines) == list(hub.config.sources)
    newest = {d.source: d for d in answer_balance(hub).deliveries}
    for name, line in lines.items():
        assert (line.state, line.last_delivery, line.age_days) == ("loaded", date(2025, 7, 31), 10)
        assert line.rows_used == sum(t.used for t in newest[name].tables)
        assert line.open_findings[Severity.REJECTED] == sum(t.rejected for t in newest[name].tables)
        assert not line.red and not line.overdue


def test_status_before_anything_came(tmp_path: Path) -> None:
    with small_hub(tmp_path) as hub:
        answer = answer_status(hub)
    assert answer.load == 0 and answer.waiting == []
    assert {(s.state, s.last_delivery, s.age_days, s.rows_used) for s in answer.sources} == {
        ("never", None, None, 0)
    }


def test_what_waits_and_what_no_longer_does(tmp_path: Path) -> None:
    deliver(tmp_path, "2025-01-31")
    with small_hub(tmp_path) as hub:
        assert answer_status(hub).waiting == [WaitingDelivery("tau", date(2025, 1, 31), 3)]
        run_intake(hub)
        assert answer_status(hub).waiting == []
        with (tmp_path / "tau/2025-01-31/Ziele.csv").open("ab") as file:
            file.write(b"\r\n")
        assert [w.delivered_on for w in answer_status(hub).waiting] == [date(2025, 1, 31)]


def test_a_late_source_is_overdue_and_a_missing_folder_is_named(tmp_path: Path) -> None:
    deliver(tmp_path, "2025-01-31")
    with small_hub(tmp_path) as hub:
        run_intake(hub)
        assert [
            answer_status(hub, today=date(2025, 3, day)).sources[0].overdue for day in (3, 4)
        ] == [False, True]
        (tmp_path / "silent").rmdir()
        (aside,) = answer_status(hub).aside
        assert (aside.source, aside.state) == (
            "silent",
            "unreachable",
        ) and "gibt es nicht" in aside.message


@pytest.mark.parametrize("damage", ["older", "unreadable"])
def test_a_failed_delivery_is_shown_with_its_reason(tmp_path: Path, damage: str) -> None:
    deliver(tmp_path, "2025-01-31")
    with small_hub(tmp_path) as hub:
        run_intake(hub)
        bad = deliver(tmp_path, "2024-12-31" if damage == "older" else "2025-02-28")
        if damage == "unreadable":
            for path in bad.iterdir():
                path.write_bytes(b"")
        run_intake(hub)
        found = {d.delivered_on.isoformat(): d for d in answer_balance(hub).deliveries}
        failed = found[bad.name]
        assert (failed.state, failed.load, failed.tables, failed.known) == ("failed", None, [], {})
        assert failed.message
        (line,) = answer_status(hub, ["tau"]).sources
        assert line.last_delivery == date(2025, 1, 31) and line.load == 1
        assert line.red == (damage == "unreadable")
