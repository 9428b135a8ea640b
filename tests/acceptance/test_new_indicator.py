"""A new indicator is its function and its line of the catalogue; everything else follows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.acceptance.district import FIRST, open_hub, take_all
from warehouse.schema import consent

ROOT = Path(__file__).parents[2]
ROOMS = ("connectors", "mappings", "pipelines", "warehouse")
FUNCTION = '''\
"""Figures on consents: how many were given."""

from typing import Any

from sqlalchemy import FromClause, Select, select

from warehouse.marts.declaration import Counts, indicator
from warehouse.marts.scope import Scope, unit_columns
from warehouse.schema import consent


@indicator(counts=Counts.RECORDS, records=consent, units=("carrier", "source"))
def consents_given(scope: Scope, consents: FromClause) -> Select[Any]:
    """Einwilligungen, die im Zeitraum erteilt wurden.

    Quelle: Annahme.
    """
    units = unit_columns(scope, consents.c.source, consents.c.source, None)
    return select(*units).where(scope.within(consents.c.given_on))
'''
LINE = "      - {indicator: consents_given, label: Einwilligungen, known: A}\n"
CATALOGUE = Path("mappings", "destinations", "kennzahlen", "vwv-im-2025.yaml")


class House:
    """A copy of the project's code, and a district of which it answers."""

    def __init__(self, folder: Path, district: Path, consents: int) -> None:
        self.folder, self.config, self.consents = folder, district / "drehscheibe.yaml", consents
        for room in ROOMS:
            without = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / room, folder / room, ignore=without)
        # The pages are made from these, too.
        for measured in (Path("tests/crash/results.json"), Path("benchmarks/phenomena.json")):
            (folder / measured.parent).mkdir(parents=True)
            shutil.copyfile(ROOT / measured, folder / measured)

    def write_function(self) -> None:
        (self.folder / "warehouse" / "marts" / "consents.py").write_text(FUNCTION, "utf-8")

    def write_line(self, line: str = LINE) -> int:
        """Adds a line to the catalogue and gives its number."""
        file = self.folder / CATALOGUE
        file.write_text(file.read_text("utf-8") + line, "utf-8")
        return len(file.read_text("utf-8").splitlines())

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from pipelines.cli import main; main()", *words]
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            program,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment,
            check=False,
        )

    def ask(self, command: str, *words: str) -> Any:
        period = ("--from", "2000-01-01", "--to", "2030-12-31")
        done = self.call(*command.split(), *words, *period, "-c", str(self.config), "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The folder of a district with its first deliveries, and how many consents are known of it."""
    folder = tmp_path_factory.mktemp("district")
    with open_hub(folder) as hub:
        take_all(hub, until=FIRST)
        with hub.store.read() as connection:
            given = select(func.count()).select_from(consent).where(consent.c.given_on.is_not(None))
            return folder, connection.execute(given).scalar_one()


@pytest.fixture
def house(tmp_path: Path, district: tuple[Path, int]) -> House:
    return House(tmp_path, *district)


@pytest.mark.thorough
def test_figures_and_explanation_follow_from_function_and_line(house: House) -> None:
    house.write_function()
    house.write_line()
    units = ("--by", "municipality", "--by", "source")
    answer = house.ask("kennzahlen", *units)["figures"]
    figures = [f for f in answer if f["indicator"] == "consents_given"]
    assert [(f["unit"], f["label"]) for f in figures[:1]] == [({}, None)]
    assert figures[0]["value"] == sum(f["value"] for f in figures[1:]) == house.consents > 0
    assert {key for f in figures for key in f["unit"]} == {"source"}
    explained = house.ask("explain consents_given", "--by", "source")
    assert explained["value"] == house.consents == len(explained["made_of"])
    assert all(t["unit"]["source"] == t["record"].partition(":")[0] for t in explained["made_of"])
    assert all(t["file"] and t["row"] for t in explained["made_of"])


@pytest.mark.thorough
def test_its_page_and_the_refusal_of_other_units_follow(house: House) -> None:
    house.write_function()
    house.write_line()
    assert house.call("docs").returncode == 0
    page = (house.folder / "docs" / "generated" / "indicators.md").read_text("utf-8")
    section = page.split("(`consents_given`, Annahme)")[1].split("\n#")[0]
    assert "Einwilligungen, die im Zeitraum erteilt wurden." in section
    assert "Gezählt werden Datensätze; Nachweis: Einwilligung." in section
    assert "Einheiten: `carrier`, `source`." in section
    refused = house.call("explain", "consents_given", "--by", "team", "-c", str(house.config))
    assert refused.returncode == 2
    assert "'consents_given' is not counted by team; it is by carrier, source" in refused.stderr


def test_a_line_without_its_function_is_refused(house: House) -> None:
    number = house.write_line()
    refused = house.call("kennzahlen", "-c", str(house.config))
    assert refused.returncode == 2
    assert f"vwv-im-2025.yaml:{number}:" in refused.stderr
    assert "no function declares the indicator 'consents_given'" in refused.stderr


def test_a_function_without_its_line_is_refused(house: House) -> None:
    house.write_function()
    refused = house.call("kennzahlen", "-c", str(house.config))
    assert refused.returncode == 2
    assert "no group lists the declared indicator 'consents_given'" in refused.stderr
    assert "add '- {indicator: consents_given, label: …, known: A}'" in refused.stderr
