"""A source that delivers late what others have passed: an answer as of a day holds what is dated up to it, whenever it came."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from examples.generate import simulate_district
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from warehouse.as_of import UnknownDay
from warehouse.gates.consent import select_grants
from warehouse.marts.declaration import Counts
from warehouse.marts.indicators import INDICATORS

FIRST, SECOND = date(2025, 1, 31), date(2025, 7, 31)


def answers(hub: Hub) -> dict[date, list[object]]:
    """All figures of the second day; of the first one those that do not count human beings.

    Who is one human being is compared when a delivery is loaded, with what is known by then of the other sources.
    """
    found = {}
    for day in (FIRST, SECOND):
        asked = FigureRequest(None, date(2024, 12, 31), day)
        figures = compute_kennzahlen(hub, asked, ("municipality", "source")).figures
        found[day] = [
            figure
            for figure in figures
            if day == SECOND or INDICATORS[figure.indicator].counts is not Counts.PERSONS
        ]
    return found


def district(folder: Path) -> Path:
    made = simulate_district(folder, persons=24)
    config = made.config.read_text("utf-8").replace(
        "delivers: full}", "delivers: full, max_gone_share: 1}"
    )
    made.config.write_text(config, "utf-8")
    return made.config


@pytest.mark.slow
def test_as_of_does_not_depend_on_which_source_was_loaded_first(tmp_path: Path) -> None:
    with Hub(load_config(district(tmp_path / "in-order"))) as hub:
        run_intake(hub)
        in_order = answers(hub)
    late = district(tmp_path / "late")
    with Hub(load_config(late)) as hub:
        for source in reversed(list(hub.config.sources)):
            run_intake(hub, [source])
        assert answers(hub) == in_order


@pytest.mark.thorough
def test_as_of_a_load_is_what_was_answered_then(tmp_path: Path) -> None:
    with Hub(load_config(district(tmp_path))) as hub:
        then = {}
        for day in (FIRST, SECOND):
            for source in list(hub.config.sources)[:2]:
                run_intake(hub, [source], until=day)
                then[hub.store.last_load()] = everything(hub, None)
        assert len(then) == 4
        assert {number: everything(hub, number) for number in then} == then
        with pytest.raises(UnknownDay, match="the newest is"):
            everything(hub, max(then) + 1)


def everything(hub: Hub, as_of: int | None) -> tuple[object, ...]:
    figures = compute_kennzahlen(
        hub, FigureRequest(date(2024, 1, 1), date(2024, 12, 31), as_of), ("municipality", "staff")
    )
    # What lay in the folders then is not known any more: the gate is asked for the load alone.
    load = as_of or hub.store.last_load()
    gate = decide_transfer(hub, "jobcenter", date(2025, 8, 1), load).gate
    with hub.store.read() as connection:
        return figures, sorted(map(tuple, connection.execute(select_grants(gate))))


@pytest.mark.slow
@pytest.mark.thorough
def test_an_older_delivery_of_the_same_source_is_refused_and_kept(tmp_path: Path) -> None:
    config = district(tmp_path)
    kept = tmp_path / "kept"
    shutil.move(tmp_path / "exports" / "enaio" / FIRST.isoformat(), kept)
    with Hub(load_config(config)) as hub:
        run_intake(hub)
        before = answers(hub)[SECOND]
        shutil.move(kept, tmp_path / "exports" / "enaio" / FIRST.isoformat())
        refused = [r for r in run_intake(hub) if r.state == "failed"]
        assert [(r.source, r.delivered_on) for r in refused] == [("enaio", FIRST)]
        assert "älter" in refused[0].message
        assert answers(hub)[SECOND] == before
