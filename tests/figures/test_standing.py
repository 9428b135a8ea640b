"""Report and workbook in the data folder are those of the newest load: what an interruption left undone, the next run does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.cli.app import app
from pipelines.figures.current_report import MADE_OF
from tests.sources.sample import open_hub

pytestmark = pytest.mark.thorough


@pytest.fixture
def config(tmp_path: Path) -> Path:
    from datetime import date

    with open_hub(tmp_path, "tau_office", delivered_on=date(2025, 1, 31)):
        pass
    return tmp_path / "drehscheibe.yaml"


def files(config: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a run wrote."""
    with pytest.raises(SystemExit):
        app(["run", "-c", str(config), "--json"])
    return sorted(Path(f).name for f in json.loads(capsys.readouterr().out)["files"])


@pytest.mark.parametrize("undone", [MADE_OF, "koordinationsbericht.html", "kennzahlen.xlsx"])
def test_what_was_left_undone_is_done_by_the_next_run(
    config: Path, undone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ["kennzahlen.xlsx", "koordinationsbericht.html"]
    assert files(config, capsys) == both
    assert files(config, capsys) == []
    (missing,) = config.parent.glob(f"data/out/report/*/{undone}")
    missing.unlink()
    assert files(config, capsys) == both
    assert files(config, capsys) == []


def test_where_nothing_was_loaded_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "drehscheibe.yaml"
    path.write_text(
        'district: {ags: "08999", name: Musterkreis}\nmunicipalities: {"08999001": {name: Musterstadt}}\n'
        "sources: {tau: {mapping: tau_office, folder: leer}}\n",
        "utf-8",
    )
    (tmp_path / "leer").mkdir()
    assert files(path, capsys) == []
