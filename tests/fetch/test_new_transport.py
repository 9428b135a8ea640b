"""A transport that nobody knows yet: its module and its configuration class, laid beside the others, are all it takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources.sample import lay_out

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("connectors", "mappings", "warehouse", "pipelines")
MODULE = '''\
"""Takes the files of a shelf."""

import shutil

from connectors.fetch.fetcher import CannotFetch, Fetched, LoginRefused


class Shelf:
    """A folder that opens with a word."""

    def __init__(self, place, secret):
        self.place, self.secret = place, secret

    def fetch(self, into, remembered):
        """Copies all files."""
        if self.secret is None:
            raise CannotFetch("no_secret", "Bitte das Wort hinterlegen.")
        if self.secret != "sesam":
            raise LoginRefused("login_refused", "Bitte das Wort prüfen.")
        names = sorted(path.name for path in self.place.iterdir())
        for name in names:
            shutil.copyfile(self.place / name, into / name)
        return Fetched(tuple(names), len(names), remember=remembered)
'''
CONFIGURATION_CLASS = '''\
"""The keys of `kind: shelf`."""

from typing import Literal

from pipelines.config.part import Place
from pipelines.config.transport import Transport


class ShelfTransport(Transport):
    """A shelf in the next room."""

    kind: Literal["shelf"]
    place: Place
    colour: str

    @classmethod
    def check(cls, fetch):
        if fetch.data.get("colour") == "green":
            fetch.report(("colour",), "no shelf is green", "paint it")

    def make_fetcher(self, secret, key):
        from connectors.fetch.shelf import Shelf

        return Shelf(self.place, secret)
'''
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Musterstadt}}
sources:
  tau:
    mapping: tau_office
    fetch: {kind: shelf, place: shelf, colour: brown}
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with two files more."""
    tree = tmp_path_factory.mktemp("tree")
    for room in ROOMS:
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "connectors" / "fetch" / "shelf.py").write_text(MODULE, encoding="utf-8")
    (tree / "pipelines" / "config" / "transports" / "shelf.py").write_text(
        CONFIGURATION_CLASS, encoding="utf-8"
    )
    return tree


@pytest.fixture
def district(tmp_path: Path) -> Path:
    lay_out("tau_office", tmp_path / "shelf")
    (tmp_path / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    return tmp_path


def drehscheibe(
    tree: Path, district: Path, *words: str, secret: str = "sesam"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *words],
        cwd=district,
        env={**os.environ, "PYTHONPATH": str(tree), "DREHSCHEIBE_SECRET_TAU": secret},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_fetches_by_it_and_loads_what_came(tree: Path, district: Path) -> None:
    done = drehscheibe(tree, district, "run", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (delivery,) = json.loads(done.stdout)["deliveries"]
    assert (delivery["source"], delivery["state"]) == ("tau", "loaded")


def test_a_refused_word_is_tried_once(tree: Path, district: Path) -> None:
    said = [drehscheibe(tree, district, "run", secret="simsalabim") for _ in range(2)]
    assert "Bitte das Wort prüfen." in said[0].stdout + said[0].stderr
    assert "schon abgewiesen" in said[1].stdout + said[1].stderr


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("colour: brown", "colour: green", "sources.tau.fetch.colour: no shelf is green; paint it"),
        (
            "colour: brown",
            "color: brown",
            "sources.tau.fetch.color: unknown key; did you mean 'colour'?",
        ),
        (
            "kind: shelf",
            "kind: shelv",
            "sources.tau.fetch.kind: 'shelv' is not possible here; did you mean 'shelf'?",
        ),
    ],
)
def test_mistakes_in_its_keys_are_said_with_their_line(
    tree: Path, district: Path, right: str, wrong: str, says: str
) -> None:
    (district / "drehscheibe.yaml").write_text(
        CONFIGURATION.replace(right, wrong), encoding="utf-8"
    )
    told = drehscheibe(tree, district, "run").stderr
    assert f"drehscheibe.yaml:6: {says}" in told
