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
from pipelines.publication.publish import publications_folder
from tests.acceptance.district import CONFIGURATION, FOLDER


@pytest.fixture(scope="session")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    path = tmp_path_factory.mktemp("publication") / "drehscheibe.yaml"
    text = CONFIGURATION.format(exports=FOLDER, warehouse=json.dumps("duckdb"))
    path.write_text(text, encoding="utf-8")
    with Hub(load_config(path)) as opened:
        run_intake(opened)
        yield opened


@pytest.fixture
def hub(taken_in: Hub) -> Iterator[Hub]:
    """The hub with nothing published."""
    yield taken_in
    shutil.rmtree(publications_folder(taken_in), ignore_errors=True)


@pytest.fixture
def config(taken_in: Hub) -> Path:
    return taken_in.config.data_folder.path.parent / "drehscheibe.yaml"
