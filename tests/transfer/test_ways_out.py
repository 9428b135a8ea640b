"""The whole way of an encrypted parcel to a real SFTP server or a folder; stopped at every step it is handed over once, and whole."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pypdf import PdfReader
from sqlalchemy import delete, func, select

from connectors.dispatch import sftp_drop
from mappings.recipient_fields import load_handover
from pipelines.hub import Hub
from pipelines.transfer import hand_over as handing
from pipelines.transfer import jobcenter_forms
from pipelines.transfer.decision import Decision, decide_transfer
from pipelines.transfer.hand_over import hand_over
from pipelines.transfer.own_form import WrongTemplate
from pipelines.transfer.parcels import list_parcels
from pipelines.transfer.person_sections import Said, read_released
from pipelines.transfer.way_out import NotSealed, NotSent, NoWayOut
from tests.consents.office import LAST, TODAY, Office, form, person
from tests.documents.form_template import make_template
from tests.fakes.sshd import MISSING, SSHD, SshServer, ssh_server
from warehouse.schema import transmission, transmission_event

pytestmark = pytest.mark.skipif(SSHD is None, reason=MISSING)
IDENTITY = pyrage.x25519.Identity.generate()
AGE = f"encrypt: {{age: [{IDENTITY.to_public()}]}}"
GROUPS = "Stammdaten,Sprache"


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd"), writable=True) as running:
        yield running


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sshd: SshServer
) -> Office:
    """Two persons whose forms go to the server."""
    warehouse = "duckdb" if request.param == "duckdb" else request.getfixturevalue("database")
    made = Office(tmp_path_factory.mktemp("office"), warehouse=warehouse)
    drop = (
        f"sftp: {{host: 127.0.0.1, port: {sshd.port}, user: {sshd.user}, "
        f'folder: "{sshd.folder}", host_key: "{sshd.host_key}", '
        f'key_file: "{sshd.home / "login"}"}}'
    )
    configure(made, f"{AGE}, to: {{{drop}}}")
    forms = [form(f"e{key}", key, GROUPS) for key in "12"]
    made.deliver("alpha", LAST, [person("1"), person("2")], forms)
    made.run()
    return made


def configure(office: Office, hand_over: str) -> None:
    office.configure(**{"kind: jobcenter}": f"kind: jobcenter, hand_over: {{{hand_over}}}}}"})


@pytest.fixture(scope="module")
def hub(office: Office) -> Iterator[Hub]:
    with office.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def decision(hub: Hub) -> Decision:
    return decide_transfer(hub, "jobcenter", TODAY)


@pytest.fixture
def fresh(hub: Hub, sshd: SshServer) -> Iterator[None]:
    """Nothing was handed over yet, nor is afterwards."""
    yield
    with hub.store.transaction() as connection:
        for table in (transmission, transmission_event):
            connection.execute(delete(table))
    shutil.rmtree(hub.config.data_folder.output("transfer"), ignore_errors=True)
    for path in sshd.folder.iterdir():
        path.unlink()


def opened(file: Path) -> list[str]:
    """The files in an encrypted parcel."""
    plain = pyrage.decrypt(file.read_bytes(), [IDENTITY])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        return archive.namelist()


@pytest.mark.usefixtures("fresh")
def test_a_parcel_arrives_encrypted(hub: Hub, decision: Decision, sshd: SshServer) -> None:
    made = hand_over(hub, decision)
    (sent,) = sshd.folder.iterdir()
    assert made.files == (sent.name,) and sent.name.endswith(".zip.age")
    forms = [file for released in made.released for file in released.files]
    assert opened(sent) == [*forms, "begleitschreiben.pdf", "manifest.json"]
    assert made.folder.parent == hub.config.data_folder.output("transfer", "jobcenter")
    assert [parcel.state for parcel in list_parcels(hub)] == ["handed_over"]


class Killed(BaseException):
    """Ends the program where it stands."""


def kill_before(owner: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        def kill(*_: Any, **__: Any) -> None:
            raise Killed

        monkeypatch.setattr(owner, name, kill)

    return patch


def kill_after(owner: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        original = getattr(owner, name)

        def kill(*args: Any, **words: Any) -> None:
            original(*args, **words)
            raise Killed

        monkeypatch.setattr(owner, name, kill)

    return patch


# Each with the parcels that the ledger knows then, and the files that have arrived.
POINTS = {
    "before the ledger": (kill_before(handing, "write_transmissions"), [], 0),
    "in the ledger's transaction": (kill_after(handing, "write_transmissions"), [], 0),
    "before the place": (kill_before(os, "replace"), ["unfinished"], 0),
    "in its place": (kill_after(os, "replace"), ["unfinished"], 0),
    "before the server": (kill_before(sftp_drop, "put_files"), ["unfinished"], 0),
    "on the server": (kill_after(sftp_drop, "put_files"), ["unfinished"], 1),
    "before the note": (kill_before(handing, "note_event"), ["unfinished"], 1),
    "after the note": (kill_after(handing, "note_event"), ["placed"], 1),
}


@pytest.fixture(scope="module")
def said(hub: Hub, decision: Decision) -> Said:
    """What the gate releases, which takes most of the time."""
    terms = load_handover("jobcenter")
    with hub.store.read() as connection:
        return read_released(connection, decision, terms)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    """The gate is asked once for all; what it says is tested elsewhere."""
    monkeypatch.setattr(handing, "_check_unchanged", lambda hub, decision: None)
    monkeypatch.setattr(handing, "refuse_unnamed", lambda hub, decision: decision)
    monkeypatch.setattr(jobcenter_forms, "read_released", lambda *_: said)


@pytest.mark.usefixtures("fresh", "quick")
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_step_it_is_handed_over_once_and_whole(
    hub: Hub, decision: Decision, sshd: SshServer, point: str
) -> None:
    patch, states, arrived = POINTS[point]
    with pytest.MonkeyPatch.context() as monkeypatch:
        patch(monkeypatch)
        with pytest.raises(Killed):
            hand_over(hub, decision)
    assert [parcel.state for parcel in list_parcels(hub)] == states
    first = {path.name: path.read_bytes() for path in sshd.folder.iterdir()}
    assert len(first) == arrived
    hand_over(hub, decision)
    (sent,) = sshd.folder.iterdir()
    assert len(opened(sent)) == 4 and first in ({}, {sent.name: sent.read_bytes()})
    (parcel,) = list_parcels(hub)
    assert (parcel.state, parcel.forms) == ("handed_over", 2)
    with hub.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(transmission)).scalar() == 2


@pytest.mark.usefixtures("fresh", "quick")
def test_a_server_that_is_away_leaves_it_unfinished_and_says_so(
    hub: Hub, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: Any) -> None:
        raise sftp_drop.CannotDispatch("connection_lost", "Die Verbindung brach ab.")

    with monkeypatch.context() as patch:
        patch.setattr(sftp_drop, "put_files", break_off)
        with pytest.raises(NotSent, match="brach ab"):
            hand_over(hub, decision)
        assert [parcel.state for parcel in list_parcels(hub)] == ["unfinished"]
    hand_over(hub, decision)
    assert [parcel.state for parcel in list_parcels(hub)] == ["handed_over"]


@pytest.mark.usefixtures("fresh", "quick")
def test_a_folder_is_a_way_out_and_the_call_goes_before_it(
    office: Office, hub: Hub, decision: Decision, tmp_path: Path
) -> None:
    configure(office, f'{AGE}, to: {{folder: "{tmp_path / "versand"}"}}')
    with office.open() as other:
        made = hand_over(other, decision)
        called = hand_over(other, decision, tmp_path / "out")
    assert made.folder.parent == tmp_path / "versand" and called.folder == tmp_path / "out"
    assert len(opened(called.folder / called.files[0])) == 4


@pytest.mark.usefixtures("fresh", "quick")
def test_a_form_of_ones_own_takes_the_place_of_the_hubs(
    office: Office, decision: Decision, tmp_path: Path
) -> None:
    (tmp_path / "own.pdf").write_bytes(make_template())
    (tmp_path / "own.yaml").write_text("Name: stammdaten.last_name\nNummer: number\n", "utf-8")
    files = f'{{file: "{tmp_path / "own.pdf"}", fields: "{tmp_path / "own.yaml"}"}}'
    office.configure(**{"kind: jobcenter}": f"kind: jobcenter, template: {files}}}"})
    with office.open() as other:
        made = hand_over(other, decision, tmp_path / "out")
        names = set()
        for released in made.released:
            reader = PdfReader(tmp_path / "out" / released.files[0])
            fields = reader.get_fields() or {}
            assert fields["Nummer"]["/V"] == Path(released.files[0]).stem
            names.add(fields["Name"]["/V"])
        assert names == {"Muster1", "Muster2"}
        (tmp_path / "own.yaml").write_text("Nmae: number\n", "utf-8")
        with pytest.raises(WrongTemplate, match="„Nmae“"):
            hand_over(other, decision, tmp_path / "another")
    assert not (tmp_path / "another").exists()


@pytest.mark.usefixtures("fresh", "quick")
def test_without_a_way_or_a_key_nothing_is_made(
    office: Office, decision: Decision, tmp_path: Path
) -> None:
    configure(office, "")
    with office.open() as other, pytest.raises(NoWayOut):
        hand_over(other, decision)
    (tmp_path / "cert.pem").write_text("x")
    configure(office, f'encrypt: {{cms: "{tmp_path / "cert.pem"}"}}')
    with office.open() as other:
        with pytest.raises(NotSealed, match="Zertifikat"):
            hand_over(other, decision, tmp_path / "out")
        assert list_parcels(other) == []
    assert not (tmp_path / "out").exists()
