"""The nightly job: it takes all, a second run changes nothing, one source's trouble stays its own, and no name is told to Dagster."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.hub import Hub
from tests.orchestration.running import (
    PLANTED,
    checks,
    execute,
    failures,
    materialized,
    places,
    settle,
)

pytestmark = pytest.mark.thorough


def confirm(typed: str) -> dict[str, Any]:
    """What a person gives to the launchpad to start the transfer."""
    return {"ops": {"transfer__jobcenter": {"config": {"confirm_recipient": typed}}}}


def transfers(config: Path) -> Path:
    """The folder of all parcels."""
    return config.parent / "data" / "out" / "transfer" / "jobcenter"


CONFIRMED = confirm("Jobcenter Beispielkreis")
SOURCES = ("enaio", "jobkraftwerk", "tau", "workbook")
DOWNSTREAM = {"identity", "figures", "report", "workbook"}
DOWNSTREAM |= {"submission_replay", "notices", "retention"}


@pytest.fixture(scope="module")
def first(config: Path, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """The first night."""
    return execute(config, "nightly", instance)


@pytest.fixture(scope="module")
def second(
    first: dg.ExecuteInProcessResult, config: Path, instance: dg.DagsterInstance
) -> dg.ExecuteInProcessResult:
    """The night after, with nothing new."""
    return execute(config, "nightly", instance)


@pytest.fixture(scope="module")
def third(
    second: dg.ExecuteInProcessResult, config: Path, instance: dg.DagsterInstance
) -> dg.ExecuteInProcessResult:
    """A night with a good delivery of one source, a broken one of another, and a folder that is gone."""
    exports = config.parent / "exports"
    for source in ("enaio", "tau"):
        shutil.copytree(exports / source / "2025-07-31", exports / source / "2026-01-31")
    broken = exports / "enaio" / "2026-01-31" / "Person.xml"
    text = broken.read_text("utf-8")
    middle = text.index("</Row>", len(text) // 2)
    broken.write_text(f"{text[:middle]}{PLANTED}<", "utf-8")
    shutil.move(exports / "workbook", exports / "moved")
    settle(exports)
    return execute(config, "nightly", instance)


def test_the_first_run_makes_every_asset_but_the_transfer(
    first: dg.ExecuteInProcessResult, config: Path
) -> None:
    assert failures(first) == {}
    parts = {f"{part}/{source}" for part in ("landing", "warehouse") for source in SOURCES}
    assert set(materialized(first)) == parts | {"intake"} | DOWNSTREAM
    made = materialized(first)["intake"]
    assert (made["deliveries"], made["new"], made["last_load"]) == (8, 8, 8)
    assert len(list((config.parent / "data" / "out" / "report").rglob("*.html"))) == 1


def test_deliveries_are_taken_in_order_of_date_over_all_sources(
    first: dg.ExecuteInProcessResult,
) -> None:
    loads = {name: materialized(first)[f"warehouse/{name}"]["last_load"] for name in SOURCES}
    assert sorted(loads.values()) == [5, 6, 7, 8]


def test_checks_are_told(first: dg.ExecuteInProcessResult) -> None:
    told = checks(first)
    # the planted rows are more than a tenth of the counsellors' small list
    assert {name for name, passed in told.items() if not passed} == {"warehouse/tau:rejected_rows"}
    assert {"intake:balance", "identity:everyone_linked", "warehouse/enaio:balance"} <= told.keys()


@pytest.mark.slow
def test_a_second_run_changes_nothing(
    first: dg.ExecuteInProcessResult, second: dg.ExecuteInProcessResult
) -> None:
    assert failures(second) == {}
    before, after = materialized(first), materialized(second)
    assert (after["intake"]["new"], after["intake"]["known"], after["intake"]["last_load"]) == (
        0,
        8,
        8,
    )
    same = [name for name in before if name.startswith("warehouse/") or name in DOWNSTREAM]
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


@pytest.mark.usefixtures("first")
def test_a_transfer_is_a_job_of_its_own_and_counts_only(
    config: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hub, "today", property(lambda hub: date(2025, 8, 1)))
    made = materialized(execute(config, "transfer", instance, run_config=CONFIRMED))
    assert set(made) == {"transfer/jobcenter"}
    counts = made["transfer/jobcenter"]
    assert counts["released"] > 0
    parcel = transfers(config) / "2025-08-01"
    forms = [path for path in parcel.glob("*.pdf") if path.name != "begleitschreiben.pdf"]
    assert len(forms) == counts["released"]


def test_one_source_in_trouble_is_red_and_the_others_go_on(
    third: dg.ExecuteInProcessResult,
) -> None:
    assert not third.success
    told = failures(third)
    assert set(told) == {"warehouse_enaio", "warehouse_workbook"}
    assert "Person.xml" in told["warehouse_enaio"]
    assert "gibt es nicht" in told["warehouse_workbook"]
    made = materialized(third)
    assert made["warehouse/tau"]["last_delivery"] == "2026-01-31"
    assert made.keys() >= DOWNSTREAM
    assert "landing/workbook" not in made
    assert checks(third)["warehouse/enaio:taken_whole"] is False


@pytest.mark.usefixtures("third")
def test_dagster_is_told_no_name(config: Path, home: Path) -> None:
    assert places(config.parent / "data" / "landing", PLANTED)
    assert places(home, "warehouse/tau")
    assert places(home, PLANTED) == set()


@pytest.mark.usefixtures("third")
def test_rows_never_pass_between_assets(home: Path) -> None:
    kept = [path for path in (home / "storage").rglob("*") if path.is_file()]
    assert kept
    assert [path.name for path in kept if path.suffix not in {".out", ".err", ".complete"}] == []


def test_an_unexpected_error_tells_class_and_place_only(
    config: Path, home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        try:
            int(PLANTED)
        except ValueError as error:
            raise LookupError(f"no row for {PLANTED}") from error

    monkeypatch.setattr("pipelines.orchestration.intake_assets.run_intake", fail)
    result = execute(config, "nightly", instance)
    told = failures(result)
    assert set(told) == {"intake"}
    assert "LookupError" in told["intake"]
    assert "test_nightly.py" in told["intake"]
    assert places(home, PLANTED) == set()


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("typed", "tags"),
    [("jobcenter", {}), ("", {}), ("Jobcenter Beispielkreis", {"dagster/parent_run_id": "1" * 36})],
    ids=["the key", "nothing", "a run repeated"],
)
def test_a_transfer_not_confirmed_makes_nothing(
    config: Path, instance: dg.DagsterInstance, typed: str, tags: dict[str, str]
) -> None:
    before = set(transfers(config).rglob("*"))
    result = execute(config, "transfer", instance, run_config=confirm(typed), tags=tags)
    assert "nothing was made" in failures(result)["transfer__jobcenter"]
    assert set(transfers(config).rglob("*")) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"on": "2025-08-01"},
        {"confirm_recipient": "Jobcenter Beispielkreis", "on": "2025-08-01"},
    ],
    ids=["no config", "a day alone", "another day"],
)
def test_a_transfer_takes_no_day(
    config: Path, instance: dg.DagsterInstance, wrong: dict[str, str]
) -> None:
    asked = {"ops": {"transfer__jobcenter": {"config": wrong}}}
    with pytest.raises(dg.DagsterInvalidConfigError):
        execute(config, "transfer", instance, run_config=asked)
