"""One file that cannot be taken, and one delivery that fails, stop neither the rest of the delivery nor any other source."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError

from pipelines.hub import Hub
from pipelines.intake import load_delivery as loading
from pipelines.intake.delivery_status import answer_status
from pipelines.intake.run import run_intake
from tests.acceptance.test_bad_deliveries import BAD, known, known_before, next_delivery, of
from warehouse.as_of import read_newest_load
from warehouse.errors import ConnectionLost
from warehouse.loading.findings import list_findings

pytestmark = pytest.mark.thorough

NAME = "Ahmadi, Kennmich"


def put_latin(folder: Path) -> None:
    """The file of conversations under the name it has on an old server."""
    os.rename(folder / "Kontakte.csv", os.fsencode(folder) + b"/Gespr\xe4che.csv")


def put_pipe(folder: Path) -> None:
    os.mkfifo(folder / "Kontakte.pipe")


def put_link(folder: Path) -> None:
    (folder / "Kontakte.csv").unlink()
    (folder / "Kontakte.csv").symlink_to("/dev/zero")


REFUSED = {put_latin: "Gespr\\xe4che.csv", put_pipe: "Kontakte.pipe", put_link: "Kontakte.csv"}


def states(hub: Hub) -> dict[str, str]:
    return {source.source: source.state for source in answer_status(hub).sources}


@pytest.mark.parametrize("put", REFUSED)
def test_a_refused_file_makes_its_delivery_red_and_ends_nothing(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        before = known(hub, "tau_office")
        folder = next_delivery(hub, "tau_office")
        next_delivery(hub, "jobkraftwerk")
        # A full delivery without these clients would end them.
        content = (folder / "Klienten.csv").read_bytes().splitlines(keepends=True)
        (folder / "Klienten.csv").write_bytes(b"".join(content[:2]))
        put(folder)
        taken = run_intake(hub)
        red, other = of(taken, "tau_office"), of(taken, "jobkraftwerk")
        assert (red.state, red.state.is_red, other.state) == ("incomplete", True, "loaded")
        assert REFUSED[put] in red.message
        assert known(hub, "tau_office") == before
        with hub.store.read() as connection:
            found = list_findings(connection, sources=["tau_office"])
        assert [f.file for f in found if f.rule == "refused_file"] == [REFUSED[put]]
        assert states(hub)["tau_office"] == "incomplete"
        # Nothing waits, until the file is repaired.
        assert (run_intake(hub)[-1].state, answer_status(hub).waiting) == ("known", [])


def test_a_delivery_whose_pipe_was_taken_away_is_loaded_anew(tmp_path: Path) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        folder = next_delivery(hub, "tau_office")
        put_pipe(folder)
        assert of(run_intake(hub), "tau_office").state == "incomplete"
        (folder / "Kontakte.pipe").unlink()
        assert [w.source for w in answer_status(hub).waiting] == ["tau_office"]
        assert of(run_intake(hub), "tau_office").state == "loaded"


def test_a_delivery_of_refused_files_only_fails(tmp_path: Path) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        folder = hub.config.sources["tau_office"].folder / BAD.isoformat()
        folder.mkdir()
        put_pipe(folder)
        assert of(run_intake(hub), "tau_office").state == "failed"
        assert states(hub)["tau_office"] == "failed"


ERRORS: list[BaseException] = [
    DataError("INSERT", {"name": NAME}, ValueError(NAME)),
    MemoryError(NAME),
    RecursionError(NAME),
    AssertionError(NAME),
]
# Errors whose sentence says what to do instead of naming their class.
KNOWN: dict[str, Exception] = {
    "Laufwerk": OSError(errno.EIO, "Input/output error", NAME),
    "Rechte": PermissionError(errno.EACCES, "Permission denied", NAME),
}


def fail_once(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Lets the next load break off after all rows were staged."""
    link = loading.refresh_links

    def refuse(*_: object) -> None:
        monkeypatch.setattr(loading, "refresh_links", link)
        raise error

    monkeypatch.setattr(loading, "refresh_links", refuse)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_is_that_of_its_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        before = known(hub, "tau_office")
        for source in ("tau_office", "jobkraftwerk"):
            next_delivery(hub, source)
        fail_once(monkeypatch, error)
        taken = run_intake(hub)
        failed, other = of(taken, "tau_office"), of(taken, "jobkraftwerk")
        assert (failed.state, other.state) == ("failed", "loaded")
        assert type(error).__name__ in failed.message and NAME not in failed.message
        assert known(hub, "tau_office") == before
        assert states(hub) == {"tau_office": "failed", "jobkraftwerk": "loaded"}
        # The next run tries it again.
        assert of(run_intake(hub), "tau_office").state == "loaded"


@pytest.mark.parametrize("says", KNOWN)
def test_a_share_that_fails_is_that_of_its_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        for source in ("tau_office", "jobkraftwerk"):
            next_delivery(hub, source)
        fail_once(monkeypatch, KNOWN[says])
        taken = run_intake(hub)
        failed, other = of(taken, "tau_office"), of(taken, "jobkraftwerk")
        assert (failed.state, other.state) == ("failed", "loaded")
        assert says in failed.message and NAME not in failed.message


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left", NAME), ConnectionLost("the server is gone")],
    ids=["disk", "server"],
)
def test_what_fails_every_source_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        next_delivery(hub, "tau_office")
        fail_once(monkeypatch, error)
        with pytest.raises(type(error)):
            run_intake(hub)


def test_who_stops_the_run_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with known_before(tmp_path, "tau_office", "jobkraftwerk") as hub:
        next_delivery(hub, "tau_office")
        with hub.store.read() as connection:
            before = read_newest_load(connection)
        fail_once(monkeypatch, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            run_intake(hub)
        with hub.store.read() as connection:
            assert read_newest_load(connection) == before
