"""The list for a carrier of what it may hold twice: its own keys and places, nobody's name, for its owner only."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.figures.duplicate_lists import write_duplicate_lists
from pipelines.figures.identity_review import list_review
from pipelines.hub import Hub
from pipelines.intake.identity_decisions import decide_pair
from tests.consents.office import LAST, Office, person
from warehouse.identity.decisions import Verdict
from warehouse.schema import identity_pair

# A key may look like a formula.
KEYS = ("1", "=1+1", "3")


def add_pair(hub: Hub, source: str, a: str, b: str) -> None:
    sides = {"a_source": source, "a_key": a, "b_source": source, "b_key": b}
    texts = {"because": json.dumps(["Nachname gleich"]), "against": json.dumps(["Einreise fehlt"])}
    row = {**sides, **texts, "band": "within_source", "weight": 12.0, "known_from": 1}
    with hub.store.transaction() as connection:
        connection.execute(insert(identity_pair).values(row))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two systems, each with a pair; alpha is the town's, beta is nobody's."""
    office = Office(tmp_path_factory.mktemp("twice"))
    text = (office.folder / "drehscheibe.yaml").read_text("utf-8")
    text = text.replace("folder: alpha,", "folder: alpha, carrier: stadt,")
    text += "carriers:\n  stadt: {name: Stadt Musterstadt}\n"
    (office.folder / "drehscheibe.yaml").write_text(text, "utf-8")
    for source in ("alpha", "beta"):
        rows = [person(key, f"{source}{n}") for n, key in enumerate(KEYS)]
        office.deliver(source, LAST, rows, [])
    office.run()
    with office.open() as hub:
        add_pair(hub, "alpha", "1", "=1+1")
        add_pair(hub, "beta", "1", "3")
    return office


def read_rows(path: Path) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(path).active.iter_rows()]


def test_each_carrier_has_its_own_and_nobody_elses(office: Office, tmp_path: Path) -> None:
    with office.open() as hub:
        written = write_duplicate_lists(hub, tmp_path / "lists")
    assert [path.name for path in written] == [
        "moeglicherweise-doppelt-stadt.xlsx",
        "moeglicherweise-doppelt-system-beta.xlsx",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    town, other = (read_rows(path) for path in written)
    assert town[1][0] == "Stadt Musterstadt, Stand 31.07.2025"
    assert other[1][0].startswith("System beta")
    (pair,) = town[6:]
    place = "Klienten.csv, Zeile"
    assert pair[:8] == [
        1,
        "alpha",
        "1",
        f"{place} 2",
        "=1+1",
        f"{place} 3",
        "Nachname gleich",
        "Einreise fehlt",
    ]
    said = " ".join(str(value) for row in (*town, *other) for value in row)
    assert "Muster" not in said.replace("Musterstadt", "") and "Amal" not in said
    assert "beta" not in " ".join(str(value) for row in town for value in row)


def test_the_same_list_is_the_same_file(office: Office, tmp_path: Path) -> None:
    with office.open() as hub:
        one, other = (write_duplicate_lists(hub, tmp_path / name)[0] for name in "ab")
    assert one.read_bytes() == other.read_bytes()


def test_only_a_decision_makes_them_one_and_takes_them_off(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with office.open() as hub:
        before = list_review(hub, within_source=True)
        assert [(pair.a, pair.b) for pair in before] == [
            ("alpha:1", "alpha:=1+1"),
            ("beta:1", "beta:3"),
        ]
        decide_pair(hub, "alpha:1", "alpha:=1+1", Verdict.SAME, "vom Träger bestätigt")
        decide_pair(hub, "beta:1", "beta:3", Verdict.DIFFERENT, "vom Träger verneint")
    call = ["identity", "review", "--within-source", "--out", str(tmp_path), "--json"]
    with pytest.raises(SystemExit):
        guarded(lambda: app([*call, "-c", str(office.folder / "drehscheibe.yaml")]))
    assert json.loads(capsys.readouterr().out) == {"files": []}
    assert not list(tmp_path.glob("*.xlsx"))
