"""The Musterkreis with milestones, all its deliveries taken in, once for all tests of answers and documents; read only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.acceptance.district import CONFIGURATION, FOLDER

TARGETS = """\
targets:
  - {team: Nord, indicator: conversations, value: 900, until: 2024-12-31}
  - {team: Süd, indicator: conversations, value: 300, until: 2024-12-31}
  - {team: Nord, indicator: conversations_by_kind.clearing, value: 30, from: 2023-01-01, until: 2025-03-31}
  - {team: Nord, indicator: house_visits, value: 5, until: 2024-12-31}
  - {team: Nord, indicator: plans_concluded, value: 9, until: 2023-12-31}
  - {indicator: topics.arbeit, value: 200, from: 2023-07-01, until: 2024-06-30}
"""


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The opened hub."""
    path = tmp_path_factory.mktemp("outputs") / "drehscheibe.yaml"
    path.write_text(
        CONFIGURATION.format(exports=FOLDER, warehouse=json.dumps("duckdb")) + TARGETS,
        encoding="utf-8",
    )
    with Hub(load_config(path)) as opened:
        run_intake(opened)
        yield opened
