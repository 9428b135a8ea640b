"""What lies in a source's folder and is no delivery keeps the source in, and is told by its name."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.intake.delivery_status import answer_status
from pipelines.intake.freshness import find_obstacles
from tests.consents.office import EARLIER, LAST, Office, form, person

PERSONS = [person("1"), person("2")]
GRANTED = [form("a", "1"), form("b", "2")]
REVOKED = [form("a", "1", Widerrufen="20.07.2025"), form("b", "2")]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loaded source; copied, not worked with."""
    made = Office(tmp_path_factory.mktemp("loaded"))
    made.deliver("alpha", EARLIER, PERSONS, GRANTED)
    made.run()
    assert made.released().keys() == {"alpha:1", "alpha:2"}
    return made.folder


@pytest.fixture
def office(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The loaded source, whose next delivery with a withdrawal is about to be misplaced."""
    monkeypatch.setattr("connectors.fetch.local_folder.YOUNG_SECONDS", 0.0)
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    return Office(tmp_path)


def misplace(office: Office, name: str) -> None:
    office.deliver("alpha", LAST, PERSONS, REVOKED).rename(office.folder / "alpha" / name)


@pytest.mark.parametrize("name", ["2025-07-31 neu", ".2025-07-31", "\u202e2025-07-31"])
def test_a_folder_of_another_name_is_an_obstacle(office: Office, name: str) -> None:
    misplace(office, name)
    results = office.run()
    assert office.released() == {}
    (told,) = [r for r in results if r.state.is_red]
    assert told.source == "alpha" and name.replace("\u202e", "\\u202e") in told.message
    with office.open() as hub:
        assert find_obstacles(hub)["alpha"] == [told.message]
        assert told.message in [refused.message for refused in answer_status(hub).aside]


def test_files_and_archives_beside_the_deliveries_are_obstacles(office: Office) -> None:
    delivery = office.deliver("alpha", LAST, PERSONS, REVOKED)
    shutil.make_archive(str(delivery), "zip", delivery)
    (delivery / "Einwilligungen.csv").rename(office.folder / "alpha" / "Einwilligungen.csv")
    shutil.rmtree(delivery)
    (obstacle,) = office.decide().stale.values()
    assert "„2025-07-31.zip“" in obstacle and "„Einwilligungen.csv“" in obstacle
    assert office.released() == {}


def test_a_hidden_folder_within_a_delivery_makes_it_incomplete(office: Office) -> None:
    delivery = office.deliver("alpha", LAST, PERSONS, REVOKED)
    (delivery / ".neu").mkdir()
    (delivery / "Einwilligungen.csv").rename(delivery / ".neu" / "Einwilligungen.csv")
    office.run()
    assert office.released() == {}
    assert "versteckter Ordner" in office.decide().stale["alpha"]


def test_a_folder_beside_the_files_of_a_flat_delivery_is_an_obstacle(tmp_path: Path) -> None:
    office = Office(tmp_path)
    delivery = office.deliver("alpha", LAST, PERSONS, GRANTED)
    for file in delivery.iterdir():
        file.rename(office.folder / "alpha" / file.name)
    delivery.rmdir()
    office.today = date.today()
    office.run()
    assert office.released().keys() == {"alpha:1", "alpha:2"}
    (office.folder / "alpha" / "Nachtrag").mkdir()
    assert office.released() == {}


def _note(folder: Path) -> None:
    (folder / ".gitkeep").touch()


def _desktop(folder: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "~$liste.xlsx", "._Klienten.csv"):
        (folder / name).touch()


def _system(folder: Path) -> None:
    for name in ("@eaDir", "System Volume Information", "$RECYCLE.BIN", ".Trash-1000", ".snapshot"):
        (folder / name).mkdir()


def test_what_systems_leave_is_no_obstacle(office: Office) -> None:
    for leave in (_note, _desktop, _system):
        leave(office.folder / "alpha")
        leave(office.folder / "alpha" / EARLIER.isoformat())
    assert [r.state for r in office.run() if r.source == "alpha"] == ["known"]
    assert office.released().keys() == {"alpha:1", "alpha:2"}
