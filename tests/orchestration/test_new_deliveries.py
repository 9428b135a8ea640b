"""The sensor: one run per change in the folders, none for what is unfinished or known, and no file is opened."""

from __future__ import annotations

import builtins
import io
import os
import time
from pathlib import Path

import dagster as dg
import pytest

from pipelines.config import load_config
from pipelines.orchestration.new_deliveries import new_deliveries_sensor

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
sources:
  enaio: {mapping: enaio_export, folder: enaio}
  tau:   {mapping: tau_office, folder: tau}
"""


@pytest.fixture
def sensor(tmp_path: Path) -> dg.SensorDefinition:
    """The sensor of a district with two empty folders."""
    (tmp_path / "drehscheibe.yaml").write_text(CONFIGURATION, "utf-8")
    for name in ("enaio", "tau"):
        (tmp_path / name).mkdir()
    return new_deliveries_sensor(load_config(tmp_path / "drehscheibe.yaml"))


def deliver(folder: Path, name: str, content: str = "x", age: float = 3600) -> None:
    """Puts a file down that was written some time ago."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    os.utime(path, (time.time() - age,) * 2)


def tick(sensor: dg.SensorDefinition, cursor: str | None) -> tuple[list[str | None], str | None]:
    """The run keys asked for, and the cursor afterwards."""
    with dg.DagsterInstance.ephemeral() as instance:
        told = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=cursor))
    return [request.run_key for request in told.run_requests or ()], told.cursor


def test_nothing_there_starts_nothing(sensor: dg.SensorDefinition) -> None:
    assert tick(sensor, None)[0] == []


def test_each_change_starts_one_run(sensor: dg.SensorDefinition, tmp_path: Path) -> None:
    deliver(tmp_path, "tau/2025-01-31/Klienten.csv")
    deliver(tmp_path, "enaio/2025-01-31/Person.xml")
    first, cursor = tick(sensor, None)
    again, cursor = tick(sensor, cursor)
    deliver(tmp_path, "tau/2025-01-31/Klienten.csv", "longer")
    changed, cursor = tick(sensor, cursor)
    assert (len(first), again, len(changed)) == (1, [], 1)
    assert first != changed


def test_the_same_deliveries_ask_with_the_same_key(
    sensor: dg.SensorDefinition, tmp_path: Path
) -> None:
    deliver(tmp_path, "tau/2025-01-31/Klienten.csv", age=7200.0)
    assert tick(sensor, None)[0] == tick(sensor, None)[0] != []


def test_what_was_tidied_away_starts_nothing(sensor: dg.SensorDefinition, tmp_path: Path) -> None:
    deliver(tmp_path, "tau/2025-01-31/Klienten.csv")
    deliver(tmp_path, "tau/2025-07-31/Klienten.csv")
    _, cursor = tick(sensor, None)
    (tmp_path / "tau/2025-01-31/Klienten.csv").unlink()
    (tmp_path / "tau/2025-01-31").rmdir()
    assert tick(sensor, cursor)[0] == []


def test_an_unfinished_delivery_waits_until_it_is_whole(
    sensor: dg.SensorDefinition, tmp_path: Path
) -> None:
    deliver(tmp_path, "tau/2025-01-31/Klienten.csv.part")
    asked, cursor = tick(sensor, None)
    assert asked == []
    (tmp_path / "tau/2025-01-31/Klienten.csv.part").rename(tmp_path / "tau/2025-01-31/Klienten.csv")
    assert len(tick(sensor, cursor)[0]) == 1


def test_a_missing_folder_does_not_hide_the_others(
    sensor: dg.SensorDefinition, tmp_path: Path
) -> None:
    (tmp_path / "enaio").rmdir()
    deliver(tmp_path, "tau/2025-01-31/Klienten.csv")
    assert len(tick(sensor, None)[0]) == 1


def test_no_delivered_file_is_opened_and_none_is_named(
    sensor: dg.SensorDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path, "tau/2025-01-31/Name im Dateinamen.csv")
    plain, opened = io.open, []

    def watched(file: object, *given: object, **named: object) -> object:
        opened.append(str(file))
        return plain(file, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(io, "open", watched)
    monkeypatch.setattr(builtins, "open", watched)
    asked, cursor = tick(sensor, None)
    assert len(asked) == 1
    assert [name for name in opened if name.startswith(str(tmp_path))] == []
    assert "Name" not in str(cursor)
