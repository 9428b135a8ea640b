"""What people try first: help, version, folders in place of files, a used port, a missing driver."""

from __future__ import annotations

import builtins
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from connectors.documents.figure_data import UNIT_LABELS
from mappings.catalogue import choose_catalogue, label_indicators
from pipelines.cli.app import app
from pipelines.cli.errors import guarded, quiet
from pipelines.cli.options import print_progress
from pipelines.failures import Failure
from pipelines.orchestration.web_server import check_port
from tests.conformance.fault_kinds import holds
from tests.figures.small import deliver, small_hub
from warehouse.database.engine import engine_of
from warehouse.errors import WarehouseError
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import UNITS

ROOT = Path(__file__).parents[2]


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: app([*words]))
    return int(str(ended.value.code or 0))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--version"], "drehscheibe 0."),
        (["-h"], "Exit status"),
        (["help"], "Exit status"),
        (["run", "-h"], "--until"),
        (["identity", "links", "-h"], "--json"),
        (["--show-completion", "bash"], "complete"),
    ],
    ids=["version", "help", "help as a word", "help of a command", "help of a group", "completion"],
)
def test_it_is_answered(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    assert call(*words) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "tells"), [(["run"], True), (["run", "--quiet"], False), (["--quiet", "run"], False)]
)
def test_quiet_says_nothing_of_what_is_done(
    tmp_path: Path, words: list[str], tells: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_hub(tmp_path) as hub:
        config = hub.config.path
    call(*words, "-c", str(config))
    assert "nothing new" in capsys.readouterr().out
    print_progress("on it")
    assert ("on it" in capsys.readouterr().err) == tells
    quiet.set(False)


@holds(13)
@pytest.mark.parametrize(
    ("made", "words", "said"),
    [
        ("folder", ["status", "-c", "{}"], "is a folder; name the configuration file"),
        ("folder", ["read", "{}"], "is a folder; name the files in it"),
        ("nothing", ["read", "{}"], "there is no file"),
        ("pipe", ["read", "{}"], "is no ordinary file"),
        ("pipe", ["status", "-c", "{}"], "is no ordinary file"),
    ],
)
def test_what_is_no_file_is_named_as_what_it_is(
    tmp_path: Path, made: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.yaml"
    {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path), "nothing": lambda: None}[made]()
    assert call(*(word.format(path) for word in words)) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("folder", "'./own.yaml' is a folder; name the YAML file in it"),
        ("pipe", "'./own.yaml' is no ordinary file"),
        ("nothing", "no mapping './own.yaml'"),
    ],
)
def test_a_mapping_that_is_no_file(
    tmp_path: Path, made: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.yaml"
    {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path), "nothing": lambda: None}[made]()
    config = tmp_path / "drehscheibe.yaml"
    config.write_text(
        'district: {ags: "08999", name: Musterkreis}\n'
        "sources: {tau: {mapping: ./own.yaml, folder: tau}}\n",
        encoding="utf-8",
    )
    assert call("status", "-c", str(config)) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_figures_have_german_labels_and_a_folder_takes_the_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(tmp_path, "2025-01-31")
    with small_hub(tmp_path) as hub:
        config = hub.config.path
    assert call("run", "--quiet", "-c", str(config)) == 0
    capsys.readouterr()
    period = ["--from", "2024-01-01", "--to", "2024-12-31", "--by", "municipality"]
    (tmp_path / "out").mkdir()
    assert call("kennzahlen", *period, "--workbook", f"{tmp_path}/out", "-c", str(config)) == 0
    shown = capsys.readouterr().out
    assert "Gespräche gesamt" in shown and "Musterstadt" in shown and "nicht geliefert" in shown
    assert "08999001" not in shown and not any(f" {name} " in shown for name in INDICATORS)
    assert [p.name for p in (tmp_path / "out").iterdir()] == [
        "kennzahlen-2024-01-01_2024-12-31.xlsx"
    ]
    long_ago = ["--from", "2001-01-01", "--to", "2001-12-31"]
    assert call("kennzahlen", *long_ago, "-c", str(config)) == 0
    assert "Keine Quelle weiß etwas aus diesem Zeitraum." in capsys.readouterr().out


def test_every_indicator_and_unit_has_a_label() -> None:
    labels = label_indicators(choose_catalogue(None))
    labels |= label_indicators(choose_catalogue(None, "internal"))
    assert labels.keys() == INDICATORS.keys() and UNIT_LABELS.keys() == set(UNITS)
    assert len(set(labels.values())) == len(labels)


@holds(13)
def test_a_used_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Failure, match=f"port {port} .* is used by another program"):
            check_port(port)
    check_port(port)


def test_dagster_opens_no_dialog_of_a_community() -> None:
    settings = yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["nux"] == {"enabled": False}


@holds(13)
@pytest.mark.parametrize("dialect", ["postgresql", "postgresql+psycopg"])
def test_a_missing_driver_is_told(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "psycopg":
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return load(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(WarehouseError, match=r"drehscheibe\.py setup postgres"):
        engine_of(make_url(f"{dialect}://hub@localhost/hub"))


def test_a_period_without_conversations_names_the_year_that_has_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_hub(tmp_path) as hub:
        config = hub.config.path
    deliver(tmp_path, "2025-01-31")
    reports = "reports: {from: 2019-01-01, to: 2019-12-31}\n"
    config.write_text(config.read_text(encoding="utf-8") + reports, encoding="utf-8")
    assert call("run", "--quiet", "-c", str(config)) == 0
    assert "no conversation; the newest are of 2025" in capsys.readouterr().out
    for first, tells in {"2019-01-01": True, "2025-01-01": False}.items():
        period = ["--from", first, "--to", first.replace("01-01", "12-31")]
        assert call("kennzahlen", *period, "--quiet", "-c", str(config)) == 0
        said = "In diesem Zeitraum liegt kein Gespräch; die neuesten sind von 2025"
        assert (said in capsys.readouterr().out) == tells
