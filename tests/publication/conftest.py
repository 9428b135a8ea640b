"""The Musterkreis, all its deliveries taken in, with a ledger of publications for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.acceptance.district import CONFIGURATION, FOLDER


@pytest.fixture(scope="session")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("publication") / "drehscheibe.yaml"
    text = CONFIGURATION.format(exports=FOLDER, warehouse=json.dumps("duckdb"))
    path.write_text(text, encoding="utf-8")
    with Hub(load_config(path)) as opened:
        run_intake(opened)
    return path.parent


@pytest.fixture
def config(taken_in: Path, tmp_path: Path) -> Path:
    """The configuration of a district of its own, with nothing published."""
    return shutil.copytree(taken_in, tmp_path / "kreis") / "drehscheibe.yaml"


@pytest.fixture
def hub(config: Path) -> Iterator[Hub]:
    """The hub with nothing published."""
    with Hub(load_config(config)) as opened:
        yield opened
