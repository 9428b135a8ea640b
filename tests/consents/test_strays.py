"""What lies in a source's folder and is no delivery keeps the source in, and is told by its name."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.fetch.download import download_deliveries
from connectors.fetch.fetcher import Fetched
from connectors.fetch.remote_folder import FolderSettings
from pipelines.intake import fetch_source
from pipelines.intake.delivery_status import answer_status
from pipelines.intake.freshness import find_obstacles
from tests.consents.office import EARLIER, LAST, Office, form, person
from tests.fetch.memory import Memory

pytestmark = pytest.mark.thorough

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
def office(loaded: Path, tmp_path: Path) -> Office:
    """The loaded source, whose next delivery with a withdrawal is about to be misplaced."""
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
    with office.open() as hub:
        office.today = hub.config.today
    office.run()
    assert office.released().keys() == {"alpha:1", "alpha:2"}
    (office.folder / "alpha" / "Nachtrag").mkdir()
    assert office.released() == {}


def test_a_hidden_file_within_a_delivery_makes_it_incomplete(office: Office) -> None:
    delivery = office.deliver("alpha", LAST, PERSONS, GRANTED)
    shutil.copy(delivery / "Einwilligungen.csv", delivery / ".Widerrufe.csv")
    office.run()
    assert office.released() == {}
    assert "versteckte Datei" in office.decide().stale["alpha"]


@pytest.mark.parametrize(
    ("lying", "told"),
    [
        ("31.08.2024/a.csv", "„31.08.2024“"),
        ("Widerrufe.zip", "„Widerrufe.zip“"),
        ("2025-07-31/Einwilligungen.csv.part", "noch geschrieben"),
        ("2025-07-31/Thumbs.db", "keine Dateien"),
    ],
)
def test_what_stays_on_a_server_is_an_obstacle_in_the_same_words(
    office: Office, monkeypatch: pytest.MonkeyPatch, lying: str, told: str
) -> None:
    here = office.folder / "alpha" / EARLIER.isoformat()
    remote = Memory({f"{EARLIER}/{file.name}": file.read_bytes() for file in here.iterdir()})
    patterns = FolderSettings(patterns=("*.csv",), settle_seconds=0)
    monkeypatch.setattr(fetch_source, "fetcher_of", lambda *_: RemoteFetcher(remote, patterns))
    url = "{kind: webdav, url: 'https://server.example/', user: hub}"
    office.configure(**{"alpha, delivers: full": f"alpha, delivers: full, fetch: {url}"})
    office.run()
    assert office.released().keys() == {"alpha:1", "alpha:2"}
    remote.files[lying] = b"x"
    results = office.run()
    assert told in " ".join(r.message for r in results if r.source == "alpha")
    assert office.released() == {} and told in office.decide().stale["alpha"]
    with office.open() as hub:
        assert told in " ".join(refused.message for refused in answer_status(hub).aside)
    del remote.files[lying]
    office.run()
    assert office.released().keys() == {"alpha:1", "alpha:2"}


@dataclass
class RemoteFetcher:
    """A server in place of that of the configuration."""

    remote: Memory
    settings: FolderSettings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        return download_deliveries(self.remote, into, remembered, self.settings)


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
