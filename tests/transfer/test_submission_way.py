"""The whole way of a parcel to a FIT-Connect destination: submitted once and whole, whatever stops it, and its answer noted."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from typer.testing import CliRunner

from connectors.dispatch.fit_connect.delivery_service import DeliveryService
from connectors.dispatch.fit_connect.http import DeliveryHttp
from connectors.dispatch.fit_connect.jose import find_thumbprint
from connectors.documents.jobcenter import form as form_pdf
from connectors.documents.jobcenter import parcel as parcel_pdf
from mappings.recipient_fields import load_handover
from pipelines.cli.app import app
from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.orchestration.receipt_asset import count_answers, list_receipt_assets
from pipelines.transfer import hand_over as handing
from pipelines.transfer import jobcenter_forms, submission_way
from pipelines.transfer.decision import Decision, Record, decide_transfer
from pipelines.transfer.delivery_log import NOT_CONFIGURED, ask_parcels
from pipelines.transfer.hand_over import hand_over
from pipelines.transfer.jobcenter_forms import Consent
from pipelines.transfer.parcels import list_parcels
from pipelines.transfer.person_sections import Said, read_released
from pipelines.transfer.submission_way import SubmissionWay
from pipelines.transfer.transmissions import show_parcel
from pipelines.transfer.way_out import (
    NotConfirmed,
    NotSealed,
    NotSent,
    NoWayOut,
    choose_way,
)
from pipelines.transfer.withdrawal import MayBeSubmitted, withdraw_unsent
from tests.consents.office import LAST, TODAY, Office, form, person
from tests.fakes.fit_connect import (
    CLIENT,
    SCHEMA,
    SECRET,
    SERVICE,
    Service,
    decrypt,
    fit_connect,
    public_jwk,
)
from tests.killed_child import Tell, around, run_killed
from warehouse.ledger.verification import verify_ledger
from warehouse.schema import (
    ledger_content,
    ledger_leaf,
    ledger_node,
    transmission,
    transmission_event,
)

Opened = tuple[Hub, Decision, Said, dict[Record, list[Consent]]]
LEDGER = (transmission, transmission_event, ledger_content, ledger_leaf, ledger_node)


@pytest.fixture(scope="module")
def fake() -> Iterator[Service]:
    with fit_connect() as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DREHSCHEIBE_SECRET_RECIPIENT_JOBCENTER", SECRET)
        yield service


def describe_drop(fake: Service, **other: str) -> str:
    keys = [public_jwk("encryption", "", "RSA-OAEP-256"), public_jwk("signing", "", "PS512")]
    agreed = {
        "url": fake.url,
        "token_url": fake.url.removesuffix("/submission-api") + "/token",
        "client_id": CLIENT,
        "destination": fake.destination,
        "encryption_key": find_thumbprint(keys[0]),
        "signing_key": find_thumbprint(keys[1]),
        "service": SERVICE,
        "service_name": "Weitergabe mit Einwilligung",
        "schema_uri": SCHEMA,
        "agreed_on": "2025-06-01",
        "agreed_with": "Jobcenter Musterkreis, Fachbereich IT",
    }
    return f"to: {{fit_connect: {json.dumps(agreed | other)}}}"


def configure(office: Office, terms: str) -> None:
    office.configure(**{"kind: jobcenter}": f"kind: jobcenter, hand_over: {{{terms}}}}}"})


@pytest.fixture(
    scope="module", params=["duckdb", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, fake: Service
) -> Office:
    """A person whose form goes to the destination."""
    warehouse = "duckdb" if request.param == "duckdb" else request.getfixturevalue("database")
    made = Office(tmp_path_factory.mktemp("office"), warehouse=warehouse)
    configure(made, describe_drop(fake))
    made.deliver("alpha", LAST, [person("1")], [form("e1", "1", "Stammdaten,Sprache")])
    made.run()
    return made


@pytest.fixture(scope="module")
def opened(office: Office) -> Iterator[Opened]:
    """The gate is asked once for all; what it says is tested elsewhere."""
    with office.open() as hub:
        decision, terms = decide_transfer(hub, "jobcenter", TODAY), load_handover("jobcenter")
        with hub.store.read() as connection:
            said = read_released(connection, decision, terms)
            consents = handing._effective_consents(connection, decision.gate)
        yield hub, decision, said, consents


@pytest.fixture
def hub(opened: Opened, fake: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Nothing was handed over yet, nor is afterwards."""
    fake.reset()
    hub, _, said, consents = opened
    monkeypatch.setattr(handing, "_effective_consents", lambda *_: consents)
    monkeypatch.setattr(handing, "_check_unchanged", lambda hub, decision: None)
    monkeypatch.setattr(handing, "refuse_unnamed", lambda hub, decision: decision)
    monkeypatch.setattr(jobcenter_forms, "read_released", lambda *_: said)
    for printed in (form_pdf, parcel_pdf):
        monkeypatch.setattr(printed, "render_pdf", lambda template, *_, **__: template.encode())
    yield hub
    empty_ledger(hub)
    for folder in (hub.config.data_folder.output("transfer"), hub.config.data_folder.receipts):
        shutil.rmtree(folder, ignore_errors=True)


def empty_ledger(hub: Hub) -> None:
    with hub.store.transaction() as connection:
        for table in LEDGER:
            connection.execute(delete(table))


@pytest.fixture
def decision(opened: Opened) -> Decision:
    return opened[1]


def states(hub: Hub) -> list[str]:
    return [parcel.state for parcel in list_parcels(hub)]


def test_a_parcel_is_submitted_confirmed_and_received(
    hub: Hub, decision: Decision, fake: Service
) -> None:
    made = hand_over(hub, decision)
    (one,) = fake.submitted
    with zipfile.ZipFile(io.BytesIO(decrypt(*one.attachments.values()))) as archive:
        forms = [file for released in made.released for file in released.files]
        assert archive.namelist() == [*forms, "begleitschreiben.pdf", "manifest.json"]
    data = json.loads(decrypt(one.parts["encryptedData"]))
    assert data["number"] == list_parcels(hub)[0].number and "Muster1" not in str(data)
    assert states(hub) == ["handed_over"]
    (asked,) = ask_parcels(hub)
    assert (asked.parcel.state, asked.problem) == ("handed_over", None)
    fake.accept(one)
    assert ask_parcels(hub)[0].parcel.state == "received"
    assert ask_parcels(hub) == []
    shown = show_parcel(hub, data["number"])
    told = ["announced", "placed", "handed_over", "received"]
    assert [event.event for event in shown.events] == told
    assert shown.events[0].reason == f"Einreichung {one.submission_id}"
    kept = list(hub.config.data_folder.receipts.iterdir())
    assert {path.stem for path in kept} == {e.receipt_sha256 for e in shown.events[2:]}
    assert one.log[-1] in [path.read_text() for path in kept]
    with hub.store.read() as connection:
        assert verify_ledger(connection).findings == []


def test_a_rejection_is_noted_with_its_reason(hub: Hub, decision: Decision, fake: Service) -> None:
    hand_over(hub, decision)
    fake.reject(fake.submitted[0], "Nicht zuständig", detail="Amal Muster1")
    (asked,) = ask_parcels(hub)
    assert (asked.parcel.state, asked.parcel.reason) == ("rejected", "Nicht zuständig")


def test_doing_it_again_changes_nothing(hub: Hub, decision: Decision, fake: Service) -> None:
    hand_over(hub, decision)
    before = list(fake.requests)
    hand_over(hub, decision)
    assert len(fake.submissions) == 1 and "announce" not in fake.requests[len(before) :]
    assert states(hub) == ["handed_over"]


# Each with the state, whether it was submitted, and the state after another run.
FAULTS = {
    "changed_key": ([], 0, "key_changed"),
    "broken_submit": (["announced"], 0, "server_error"),
    "taken_then_broken": (["handed_over"], 1, ""),
    "wrong_signature": (["placed"], 1, "bad_signature"),
    "other_tags": (["placed"], 1, "other_content"),
    "late_log": (["placed"], 1, "not_confirmed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_confirmed_is_not_handed_over(
    hub: Hub, decision: Decision, fake: Service, fault: str
) -> None:
    wanted, submitted, rule = FAULTS[fault]
    fake.faults[fault] = 2 if fault == "wrong_signature" else 1
    if rule:
        stopped = NotSealed if rule == "key_changed" else (NotSent, NotConfirmed)
        with pytest.raises(stopped, match=submission_way.refuse_dispatch(rule).message[:40]):
            hand_over(hub, decision)
    else:
        hand_over(hub, decision)
    assert (states(hub), len(fake.submitted)) == (wanted, submitted)
    fake.faults.clear()
    if fault not in ("wrong_signature", "other_tags"):
        hand_over(hub, decision)
        assert states(hub) == ["handed_over"] and len(fake.submitted) == 1
    elif fault == "other_tags":
        assert "anderen Inhalt" in str(ask_parcels(hub)[0].problem)
    assert len(fake.submissions) == 1


def test_an_open_confirmation_is_asked_for_later(
    hub: Hub, decision: Decision, fake: Service
) -> None:
    fake.faults["late_log"] = 2
    with pytest.raises(NotConfirmed):
        hand_over(hub, decision)
    (asked,) = ask_parcels(hub)
    assert (asked.rule, asked.parcel.state) == ("not_confirmed", "placed")
    assert ask_parcels(hub)[0].parcel.state == "handed_over"


def test_what_is_not_written_down_is_not_sent(
    hub: Hub, decision: Decision, fake: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission_way, "note_begun", lambda *_: False)
    with pytest.raises(NotSent, match="nichts verschickt"):
        hand_over(hub, decision)
    assert "attach" not in fake.requests and states(hub) == ["unfinished"]


def test_every_night_the_answers_are_read(
    hub: Hub, decision: Decision, office: Office, fake: Service
) -> None:
    (asset,) = list_receipt_assets(hub.config)
    assert asset.key.to_user_string() == "receipts"
    hand_over(hub, decision)
    fake.accept(fake.submitted[0])
    fake.faults["late_log"] = 2
    with pytest.raises(Failure, match="bestätigt noch nicht"):
        count_answers(hub.config)
    told = CliRunner().invoke(app, ["transfer", "ask", "--config", str(hub.config.path)])
    assert told.exit_code == 1 and "bestätigt noch nicht" in str(told.exception)
    assert count_answers(hub.config) == {"received": 1}
    told = CliRunner().invoke(app, ["transfer", "ask", "--config", str(hub.config.path)])
    assert (told.exit_code, count_answers(hub.config)) == (0, {})
    configure(office, "")
    try:
        with office.open() as other:
            assert list_receipt_assets(other.config) == []
    finally:
        configure(office, describe_drop(fake))


class Killed(BaseException):
    """Ends the program where it stands."""


# The method before or after which it ends, the state then, and what the service has.
POINTS = {
    "before the announcement": (DeliveryService, "announce", False, "unfinished", 0, 0),
    "announced, not written down": (DeliveryService, "announce", True, "unfinished", 1, 0),
    "written down": (submission_way, "note_begun", True, "announced", 1, 0),
    "uploaded": (DeliveryService, "upload", True, "announced", 1, 0),
    "submitted": (DeliveryService, "hand_in", True, "announced", 1, 1),
    "before the confirmation": (submission_way, "note_log", False, "placed", 1, 1),
}


@pytest.mark.parametrize("point", POINTS)
def test_stopped_at_a_step_it_is_submitted_once(
    hub: Hub, decision: Decision, fake: Service, point: str
) -> None:
    owner, name, after, state, announced, submitted = POINTS[point]
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, owner, name, after)
        with pytest.raises(Killed):
            hand_over(hub, decision)
    assert states(hub) == [state]
    assert (len(fake.submissions), len(fake.submitted)) == (announced, submitted)
    hand_over(hub, decision)
    assert states(hub) == ["handed_over"] and len(fake.submitted) == 1
    # What was announced and not written down is empty, and the service deletes it.
    assert len(fake.submissions) == (2 if point == "announced, not written down" else 1)
    with hub.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(transmission)).scalar() == 1


def stop(patch: pytest.MonkeyPatch, owner: Any, name: str, after: bool) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    def stopped(*args: Any, **words: Any) -> Any:
        if after:
            original(*args, **words)
        raise Killed

    patch.setattr(owner, name, stopped)


@pytest.mark.slow
def test_killed_around_every_request_it_is_submitted_once(
    hub: Hub, decision: Decision, fake: Service
) -> None:
    if hub.store.engine.dialect.name != "postgresql":
        pytest.skip("a child cannot open the file of its parent")
    for nth in range(1, 99):
        with pytest.MonkeyPatch.context() as patch:
            stop(patch, SubmissionWay, "submit", False)
            with pytest.raises(Killed):
                hand_over(hub, decision)
        if kill_at(nth, hub) == 0:
            break
        hand_over(hub, decision)
        assert states(hub) == ["handed_over"] and len(fake.submitted) == 1, nth
        fake.reset()
        empty_ledger(hub)
        shutil.rmtree(hub.config.data_folder.output("transfer"))
    assert nth > 9 and len(fake.submitted) == 1


def kill_at(nth: int, hub: Hub) -> int:
    """Submits the placed parcel in a process that dies before or after its nth request or note."""
    (parcel,) = list_parcels(hub)
    hub.store.engine.dispose()

    def submit() -> None:
        way = choose_way(hub, parcel.key, None)
        assert way.submission is not None
        way.submission.seal.encrypt(b"")
        way.send([path.name for path in way.folder.glob("*.jwe")])

    return run_killed(nth, watch, submit)


def watch(patch: pytest.MonkeyPatch, tell: Tell) -> None:
    for owner, name in ((DeliveryHttp, "_try_once"), (submission_way, "note_begun")):
        patch.setattr(owner, name, around(getattr(owner, name), tell))


def begin(hub: Hub, decision: Decision) -> str:
    """A parcel whose submission was announced and got no further; its number."""
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, DeliveryService, "hand_in", False)
        with pytest.raises(Killed):
            hand_over(hub, decision)
    return list_parcels(hub)[0].number


def test_what_was_begun_goes_no_other_way(
    hub: Hub, decision: Decision, office: Office, fake: Service
) -> None:
    begin(hub, decision)
    with pytest.raises(NoWayOut, match="goes no other way"):
        hand_over(hub, decision, office.folder / "out")
    shutil.rmtree(hub.config.data_folder.output("transfer"))
    with pytest.raises(NotSent, match="nicht mehr dieselbe"):
        hand_over(hub, decision)
    assert fake.submitted == [] and not (office.folder / "out").exists()


def test_what_went_another_way_is_not_submitted(
    hub: Hub, decision: Decision, office: Office, fake: Service
) -> None:
    hand_over(hub, decision, office.folder / "out")
    shutil.rmtree(office.folder / "out")
    with pytest.raises(NoWayOut, match="by another way"):
        hand_over(hub, decision)
    assert fake.submissions == {}


def test_a_parcel_that_may_be_submitted_is_not_withdrawn(
    hub: Hub, decision: Decision, office: Office, fake: Service
) -> None:
    number = begin(hub, decision)
    with pytest.raises(MayBeSubmitted, match="tomorrow"):
        withdraw_unsent(hub, number, "kam nie an")
    later = office.today + timedelta(1)
    with office.open() as other:
        other._day = later
        fake.faults["denied"] = 1
        with pytest.raises(MayBeSubmitted, match="nobody knows"):
            withdraw_unsent(other, number, "kam nie an")
        assert withdraw_unsent(other, number, "kam nie an").number == number
        assert states(other) == ["withdrawn"]


def test_a_submitted_parcel_is_found_instead_of_withdrawn(
    hub: Hub, decision: Decision, office: Office
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop(patch, DeliveryService, "hand_in", True)
        with pytest.raises(Killed):
            hand_over(hub, decision)
    with office.open() as other:
        other._day = office.today + timedelta(1)
        with pytest.raises(MayBeSubmitted, match="is handed_over"):
            withdraw_unsent(other, list_parcels(other)[0].number, "kam nie an")


def test_another_destination_is_asked_nothing(
    hub: Hub, decision: Decision, office: Office, fake: Service
) -> None:
    begin(hub, decision)
    try:
        configure(office, describe_drop(fake, destination="0" * 8 + fake.destination[8:]))
        with office.open() as other:
            assert ask_parcels(other)[0].rule == "other_destination"
        configure(office, "")
        with office.open() as other:
            assert ask_parcels(other)[0].problem == NOT_CONFIGURED
    finally:
        configure(office, describe_drop(fake))
