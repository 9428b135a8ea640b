"""A parcel carries the state of the ledger, is made again byte for byte, and goes from placed to received or rejected."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.consents.grant import Consent, grant_consent
from pipelines.hub import Hub
from pipelines.operations.printed_checkpoint import read_printed
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over
from tests.consents.office import LAST, Office, form, person
from warehouse.ledger.entries import append_entry, read_checkpoint
from warehouse.ledger.verification import verify_ledger
from warehouse.schema import consent_statement_group, transmission

LETTER = "begleitschreiben.pdf"
GROUPS = "Stammdaten,Sprache"


def make_parcel(hub: Hub, out: Path) -> dict[str, bytes]:
    """The parcel of today, file by file."""
    hand_over(hub, decide_transfer(hub, "jobcenter", hub.today), out)
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A district with an entry in its ledger and a parcel of three forms."""
    made = Office(tmp_path_factory.mktemp("parcels"))
    made.deliver(
        "alpha", LAST, [person(k) for k in "123"], [form(f"e{k}", k, GROUPS) for k in "123"]
    )
    made.run()
    with made.open() as hub:
        with hub.store.transaction() as connection:
            append_entry(connection, "note", None, {"text": "first"})
        make_parcel(hub, made.folder / "out")
    return made


@pytest.fixture
def call(office: Office, capsys: pytest.CaptureFixture[str]):
    def call_command(*arguments: str) -> tuple[int, Any]:
        """Exit status and the JSON that a command prints."""
        capsys.readouterr()
        configuration = str(office.folder / "drehscheibe.yaml")
        with pytest.raises(SystemExit) as ended:
            guarded(lambda: app([*arguments, "-c", configuration, "--json"]))
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return call_command


def test_every_file_of_the_parcel_proves_the_ledger(office: Office, call) -> None:
    files = sorted((office.folder / "out").glob("*.pdf"))
    sizes = {}
    for file in files:
        status, answer = call("ledger", "verify", "--against", str(file))
        assert (status, answer["proved"], answer["findings"]) == (0, True, [])
        sizes[file.name] = answer["covered"]
    assert sizes.pop(LETTER) == 4 and set(sizes.values()) == {1}


def test_without_a_printed_checkpoint_nothing_is_proved(call) -> None:
    status, answer = call("ledger", "verify")
    assert (status, answer["proved"], answer["findings"]) == (1, False, [])
    status, answer = call("ledger", "verify", "--against", "0 · " + "0" * 64)
    assert (status, answer["proved"]) == (1, False)
    status, answer = call("ledger", "verify", "--against", "a letter")
    assert (status, answer["failure"]["exit_status"]) == (2, 2)


def test_a_changed_row_is_found_against_the_form(office: Office, call) -> None:
    letter = str(office.folder / "out" / LETTER)
    with office.open() as hub, hub.store.transaction() as connection:
        first = transmission.c.source_key == "1"
        connection.execute(update(transmission).where(first).values(data_groups="[]"))
    status, answer = call("ledger", "verify", "--against", letter)
    with office.open() as hub, hub.store.transaction() as connection:
        same = update(transmission).where(transmission.c.source_key == "1")
        connection.execute(same.values(data_groups=json.dumps(["stammdaten", "sprache"])))
    assert (status, [f["fault"] for f in answer["findings"]]) == (1, ["row_changed"])
    assert call("ledger", "verify", "--against", letter)[0] == 0


def test_the_same_parcel_again_is_the_same_bytes_whatever_came_since(office: Office) -> None:
    with office.open() as hub:
        before = {p.name: p.read_bytes() for p in (office.folder / "out").iterdir()}
        with hub.store.transaction() as connection:
            append_entry(connection, "note", None, {"text": "since"})
        assert make_parcel(hub, office.folder / "again") == before


def test_a_proof_leads_from_an_entry_to_the_root(office: Office, call) -> None:
    letter = str(office.folder / "out" / LETTER)
    status, proof = call("ledger", "proof", "1", "--against", letter)
    with office.open() as hub, hub.store.read() as connection:
        now = read_checkpoint(connection)
    assert (status, proof["size"], proof["root"]) == (0, now.size, now.root.hex())
    assert (proof["since"], len(proof["leaf_hash"])) == (4, 64)
    assert call("ledger", "proof", "99")[0] == 2
    assert call("ledger", "checkpoint")[1]["checkpoint"] == now.text


def test_a_parcel_is_followed_until_it_is_rejected(office: Office, call, tmp_path: Path) -> None:
    status, listed = call("transfer", "list")
    (parcel,) = listed["parcels"]
    assert (status, parcel["state"], parcel["forms"]) == (0, "placed", 3)
    receipt = tmp_path / "Empfang.txt"
    receipt.write_text("erhalten", "utf-8")
    number = parcel["number"][:6]
    assert call("transfer", "handed-over", number, "--note", "Bote")[1]["state"] == "handed_over"
    assert call("transfer", "handed-over", number)[0] == 1
    assert call("transfer", "receipt", number, "--file", str(receipt), "--on", "04.08.2025")[0] == 0
    with office.open() as hub:
        # Making it again does not put it back.
        make_parcel(hub, office.folder / "out")
    assert call("transfer", "reject", number)[0] == 2
    assert call("transfer", "reject", number, "--reason", "nicht lesbar")[0] == 0
    assert call("transfer", "receipt", number)[0] == 1
    status, shown = call("transfer", "show", number)
    events = [(e["event"], e["happened_on"], e["reason"]) for e in shown["events"]]
    assert [name for name, _, _ in events] == ["placed", "handed_over", "received", "rejected"]
    assert events[2][1] == "2025-08-04" and events[3][2] == "nicht lesbar"
    assert [f["groups"] for f in shown["forms"]] == [["stammdaten", "sprache"]] * 3
    assert call("transfer", "show", "zzz")[0] == 2


def test_a_form_must_be_in_the_ledger_as_it_is(office: Office, call, tmp_path: Path) -> None:
    form_file = next(p for p in (office.folder / "out").glob("*.pdf") if p.name != LETTER)
    (tmp_path / "changed.pdf").write_bytes(form_file.read_bytes() + b"\n")
    status, answer = call("ledger", "verify", "--against", str(tmp_path / "changed.pdf"))
    assert (status, [f["fault"] for f in answer["findings"]]) == (1, ["form_changed"])
    printed = read_printed(str(form_file))
    assert printed.form is not None
    cut = replace(printed.form, number="f" * 16)
    with office.open() as hub, hub.store.read() as connection:
        found = verify_ledger(connection, printed.checkpoint, cut)
    assert (found.is_proved, [f.fault for f in found.findings]) == (False, ["form_missing"])


def test_a_data_group_that_nobody_granted_is_found(office: Office) -> None:
    given = Consent(
        record="alpha:1",
        recipient="jobcenter",
        groups=("sprache",),
        purposes=["vermittlung"],
        given_on=date(2025, 7, 20),
    )
    with office.open() as hub:
        written = grant_consent(hub, given)
        with hub.store.transaction() as connection:
            assert verify_ledger(connection).findings == []
            row = {"number": written.number, "data_group": "beruf"}
            connection.execute(insert(consent_statement_group), [row])
            (found,) = verify_ledger(connection).findings
            connection.rollback()
    assert (found.fault, found.table) == ("row_changed", "consent_statement_group")
