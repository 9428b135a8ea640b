"""The printed totals of two districts, counted again in the files the generator makes for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from examples.generate import SimulatedDistrict, simulate_district
from examples.published import REPORTS
from pipelines.cli.app import app
from tests.examples.systems import count_all


@pytest.fixture(scope="module", params=sorted(REPORTS))
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> SimulatedDistrict:
    return simulate_district(tmp_path_factory.mktemp("like"), like=request.param, seed=5)


def counted(made: SimulatedDistrict) -> list[dict[str, int]]:
    return [count_all(made.exports, made.deliveries[-1], *period)[0] for period in made.published]


@pytest.mark.thorough
def test_planned_holds_the_published(made: SimulatedDistrict) -> None:
    for period, figures in made.published.items():
        assert {name: made.planned[period].get(name) for name in figures} == figures


@pytest.mark.thorough
def test_there_is_more_than_the_period(made: SimulatedDistrict) -> None:
    rows = {count.table: count.rows for counts in made.tables.values() for count in counts}
    talks = rows.get("Beratungsgespräche") or rows["Beratung"]
    assert talks > made.planned[made.period]["conversations"]


@pytest.mark.thorough
@pytest.mark.parametrize("made", ["alb-donau"], indirect=True)
def test_alb_donau(made: SimulatedDistrict) -> None:
    (found,) = counted(made)
    printed = {
        "conversations": 43240,
        "conversations_by_setting:einzelperson": 35354,
        "conversations_by_setting:familie": 7886,
        "plans_concluded": 1326,
        "topics:kinder": 9987,
        "topics:gesundheit": 7310,
        "topics:anderes": 26451,
        "referrals:jobcenter": 4057,
        "referrals:auslaenderbehoerde": 1859,
        "referrals:vereine": 1613,
        "referrals:gesundheit": 1204,
        "referrals:andere": 10661,
        "nationality:SYR": 734,
        "nationality:AFG": 236,
        "nationality:IRQ": 191,
    }
    assert {name: found[name] for name in printed} == printed
    assert found["sex:m"] > found["sex:w"]


@pytest.mark.thorough
@pytest.mark.parametrize("made", ["tuebingen"], indirect=True)
def test_tuebingen(made: SimulatedDistrict) -> None:
    june, july = counted(made)
    assert (june["conversations_by_kind:clearing"], june["plans_concluded"]) == (501, 130)
    assert july["client_records"] == 2258
    housing = [july[f"clients_by_housing:{code}"] for code in ("vorlaeufig", "anschluss", "privat")]
    assert housing == [436, 1028, 794]


@pytest.mark.thorough
def test_the_whole_way_of_a_large_district_ends_in_its_published_totals(tmp_path: Path) -> None:
    call = ["demo", "--like", "alb-donau", "--out", str(tmp_path / "demo")]
    done = CliRunner().invoke(app, call, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output[-300:]
    compared = [line for line in done.output.splitlines() if line.startswith("│")]
    assert len(compared) >= 15 and all("gleich" in line for line in compared)
    assert list((tmp_path / "demo").rglob("koordinationsbericht.html"))
