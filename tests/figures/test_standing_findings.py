"""What stands today: findings, gone records, the exit status of `status`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.intake.delivery_status import answer_balance
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.figures.small import CONFIGURATION, deliver, small_hub
from warehouse.ledger.gone_records import list_gone

pytestmark = pytest.mark.thorough

Call = Callable[..., tuple[int, dict[str, Any]]]
FIRST, SECOND = "2025-01-31", "2025-07-31"


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a command on the small district; its exit status and its answer."""

    def ask(*words: str) -> tuple[int, dict[str, Any]]:
        config = ["-c", str(tmp_path / "drehscheibe.yaml"), "--json"]
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: app([*words, *config]))
        answer = json.JSONDecoder().raw_decode(capsys.readouterr().out)[0]
        return int(str(ended.value.code or 0)), answer

    return ask


def days(answer: dict[str, Any]) -> set[str]:
    return {finding["date"] for finding in answer["findings"]}


@holds(11)
@pytest.mark.parametrize(
    ("delivers", "standing"),
    [("full", {SECOND}), ("partial", {FIRST, SECOND})],
    ids=["a full one replaces", "a partial one does not"],
)
def test_findings_are_those_that_stand(
    tmp_path: Path, call: Call, delivers: str, standing: set[str]
) -> None:
    with small_hub(tmp_path):
        pass
    config = CONFIGURATION.replace("folder: tau,", f"folder: tau, delivers: {delivers},")
    (tmp_path / "drehscheibe.yaml").write_text(config, encoding="utf-8")
    with (deliver(tmp_path, FIRST) / "Ziele.csv").open("a", encoding="cp1252") as file:
        file.write(";;\r\n")
    call("run")
    deliver(tmp_path, SECOND, of=SECOND)
    call("run")
    status, found = call("findings")
    assert (status, days(found)) == (0, standing)
    assert days(call("findings", "--history")[1]) == {FIRST, SECOND}
    lines = call("status")[1]["sources"][0]
    assert sum(lines["open_findings"].values()) == len(found["findings"])
    first = call("findings", "--delivery", f"tau/{FIRST}")[1]
    assert days(first) == {FIRST}
    (identifier,) = {finding["delivery"] for finding in first["findings"]}
    assert call("findings", "--delivery", identifier[:12])[1] == first
    assert identifier in {d["delivery"] for d in call("balance")[1]["deliveries"]}
    keys = call("findings", "--rule", "key_missing", "--rule", "footer")[1]["findings"]
    assert {finding["rule"] for finding in keys} == {"key_missing"}
    assert call("findings", "--rule", "key_mising")[0] == 2
    assert call("findings", "--delivery", "tau/2020-01-01")[0] == 2


@holds(11)
def test_gone_records_are_those_of_the_balance(tmp_path: Path, call: Call) -> None:
    deliver(tmp_path, FIRST)
    deliver(tmp_path, SECOND, of=SECOND)
    with small_hub(tmp_path) as hub:
        run_intake(hub)
        balance = answer_balance(hub).deliveries
        with hub.store.read() as connection:
            gone = list_gone(connection)
            assert list_gone(connection, ["silent"]) == []
    counted = {
        (d.load, entity): known.gone
        for d in balance
        for entity, known in d.known.items()
        if known.gone
    }
    listed: dict[Any, int] = {}
    for one in gone:
        listed[one.load, one.entity] = listed.get((one.load, one.entity), 0) + 1
    assert listed == counted != {}
    assert all(one.record.startswith("tau:") and one.row > 0 for one in gone)
    answer = call("balance", "--gone")[1]
    assert len(answer["gone"]) == len(gone) and answer["deliveries"]


@holds(11)
def test_status_ends_with_1_where_something_is_red(tmp_path: Path, call: Call) -> None:
    deliver(tmp_path, FIRST)
    with small_hub(tmp_path):
        pass
    assert call("status")[0] == 0
    call("run")
    status, answer = call("status")
    line = answer["sources"][0]
    assert (status, line["overdue"], line["red"]) == (0, True, False)
    (deliver(tmp_path, SECOND, of=SECOND) / "Ziele.csv").write_bytes(b"")
    assert call("run")[0] == 1
    status, answer = call("status")
    assert (status, answer["sources"][0]["red"]) == (1, True)
    (tmp_path / "silent").rmdir()
    assert call("status")[0] == 1


def test_status_shows_overdue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(tmp_path, FIRST)
    with small_hub(tmp_path) as hub:
        run_intake(hub)
    with pytest.raises(SystemExit):
        app(["status", "-c", str(tmp_path / "drehscheibe.yaml")])
    assert re.search(r"loaded,.*overdue", capsys.readouterr().out, re.DOTALL)
