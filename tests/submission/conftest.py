"""A district that has submitted its Kennzahlen and lived on since: late data, decisions, undo, another configuration. On both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.submission.submissions import Prepared, prepare_kennzahlen
from tests.acceptance.district import CONFIGURATION, FIRST, FOLDER
from tests.postgres import write_address

YEAR = (date(2024, 1, 1), date(2024, 12, 31))


@dataclass
class Submitted:
    """The hub, its configuration file, and the submission of 2024 made when only the first deliveries were there."""

    hub: Hub
    path: Path
    first: Prepared

    def reopen(self, change: tuple[str, str] | None = None) -> None:
        """Opens the hub anew, with a word of its configuration replaced."""
        self.hub.close()
        if change:
            text = self.path.read_text(encoding="utf-8")
            assert change[0] in text
            self.path.write_text(text.replace(*change), encoding="utf-8")
        self.hub = Hub(load_config(self.path))


def submit_first(folder: Path, warehouse: str) -> Submitted:
    """The district after its first deliveries and their submission."""
    path = folder / "drehscheibe.yaml"
    text = CONFIGURATION.format(exports=FOLDER, warehouse=json.dumps(warehouse))
    path.write_text(text, encoding="utf-8")
    hub = Hub(load_config(path))
    run_intake(hub, until=FIRST)
    return Submitted(hub, path, prepare_kennzahlen(hub, *YEAR))


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def submitted(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Submitted]:
    """The same district on either engine."""
    folder = tmp_path_factory.mktemp("submitted")
    if request.param == "duckdb":
        made = submit_first(folder, "duckdb")
        yield made
        made.hub.close()
        return
    postgres = request.getfixturevalue("postgres")
    made = submit_first(folder, write_address(postgres.new_warehouse()))
    yield made
    made.hub.close()
