"""Erasure (Art. 17 DSGVO): nothing is left, figures stay, and it is certified only if that is so."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from connectors.documents.jobcenter.parcel import name_sealed
from pipelines.consents.grant import Consent, grant_consent
from pipelines.notices.causes import Cause
from pipelines.notices.recorded_notices import read_notices
from pipelines.rights.access import collect_held
from pipelines.rights.access_letter import make_letter
from pipelines.rights.admitted_record import admit_record
from pipelines.rights.certificate import write_certificate
from pipelines.rights.erase import ErasedPerson, OnHold, StillFound, erase_person
from pipelines.rights.marked_records import mark_person
from pipelines.rights.replayed_erasures import resume_erasures
from pipelines.submission.replayed_package import replay_submission
from pipelines.submission.submissions import prepare_kennzahlen
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over
from pipelines.transfer.parcels import Event, list_parcels, note_event
from tests.rights.planted import (
    CLIENTS,
    FIRST,
    FIRST_NAME,
    LAST_NAME,
    OTHERS,
    PHONE,
    SECOND,
    PlantedDistrict,
    planted,
)
from tests.rights.traces import find_rows, find_traces
from warehouse.backup.backup import write_backup
from warehouse.backup.consistency_check import check_warehouse
from warehouse.backup.restore import open_checked, restore_backup
from warehouse.encryption.key import make_file
from warehouse.erasure.journal import Journal, JournalLine, open_guard
from warehouse.erasure.pending_erasures import ErasuresPending
from warehouse.errors import NoRight
from warehouse.ledger.entries import read_checkpoint
from warehouse.ledger.verification import verify_ledger
from warehouse.rights.record_marks import Mark, MarkEvent
from warehouse.rights.rights_key import open_rights_key
from warehouse.schema import (
    consent_statement,
    finding,
    landing_rewrite,
    person,
    table_balance,
    transmission_event,
)

RECORD = "csv:P-100001"
LATER = date(2025, 8, 1)


def erase(district: PlantedDistrict) -> ErasedPerson:
    with district.open() as hub:
        return erase_person(hub, RECORD, "Antrag", "AZ 3")


class Case:
    """A district before and after the erasure, with a submission and a backup made before."""

    def __init__(self, district: PlantedDistrict) -> None:
        self.district = district
        self.data = district.folder / "data"
        self.backup = district.folder / "before.zip"
        with district.open() as hub:
            first, last = FIRST.replace(month=1, day=1), SECOND
            self.submission = prepare_kennzahlen(hub, first, last, ["municipality"]).id
            write_backup(hub.store, hub.landing, self.backup, "08999")
        (self.data / "out").mkdir(exist_ok=True)
        (self.data / "out" / "liste.csv").write_text(f"{LAST_NAME};{FIRST_NAME}\n", "utf-8")
        self.done = erase(district)


@pytest.fixture(scope="module")
def case(loaded: PlantedDistrict, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("erased") / "district"
    shutil.copytree(loaded.folder, folder)
    return Case(PlantedDistrict(folder))


def test_nothing_of_the_person_is_left(case: Case) -> None:
    assert find_traces(case.data) == []
    with case.district.open() as hub:
        assert find_rows(hub) == []
    assert case.done.records == 3 and case.done.files_rewritten == 6
    assert case.done.files_deleted == 1


def test_balances_close_and_nothing_is_loaded_anew(case: Case) -> None:
    with case.district.open() as hub:
        assert check_warehouse(hub.store, hub.landing) == []
    assert set(case.district.run()) == {"known"}


def test_an_earlier_submission_is_made_again_byte_for_byte(case: Case) -> None:
    with case.district.open() as hub:
        replayed = replay_submission(hub, case.submission)
    assert replayed.equal and replayed.erased_since == 1


def test_others_keep_their_cells(case: Case) -> None:
    texts = [p.read_bytes() for p in (case.data / "landing").rglob("*") if p.is_file()]
    talks = next(t.decode() for t in texts if t.startswith(b"GNr") and b"G-3" in t)
    assert "G-3;15.05.2025;P-200002;Arbeit;Familie" in talks
    assert "G-4;15.05.2025;P-200002;Arbeit;\r\n" in talks
    assert "G-2" not in talks and talks.splitlines()[2] == ";;;;"


def test_the_certificate_says_where_was_looked_and_names_nobody(case: Case, tmp_path: Path) -> None:
    pdf, data = write_certificate(case.done, "Musterkreis", tmp_path)
    told = json.loads(data.read_text("utf-8"))
    assert told["searched"] and told["not_searched"] and told["sought"]
    reader = PdfReader(io.BytesIO(pdf.read_bytes()))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "Wo nicht gesucht wurde" in text and LAST_NAME not in text
    events = [line.event for line in Journal(case.data / "rights").read_lines()]
    assert events == ["requested", "destroyed", "certified"]


def test_a_restored_backup_does_not_bring_the_person_back(case: Case) -> None:
    with (
        case.district.open() as hub,
        open_checked(case.backup, None, "08999") as archive,
    ):
        restore_backup(archive, hub.store, hub.landing, force=True)
    assert find_traces(case.data / "landing") == []
    with case.district.open() as hub, pytest.raises(ErasuresPending):
        hub.known_at(None)
    with case.district.open() as hub:
        (again,) = resume_erasures(hub)
    assert again.erasure == case.done.erasure
    assert find_traces(case.data) == []
    with case.district.open() as hub:
        assert find_rows(hub) == []


Plant = Callable[[Path], None]


def _in_plain_sight(data: Path) -> None:
    (data / "notiz.txt").write_text(f"{FIRST_NAME} {LAST_NAME} war da", "utf-8")


def _by_telephone(data: Path) -> None:
    (data / "anruf.txt").write_text(f"zurückrufen: {PHONE}", "utf-8")


def _packed(data: Path) -> None:
    folder = data / "alt"
    folder.mkdir()
    text = json.dumps({"vorname": FIRST_NAME, "name": LAST_NAME})
    (folder / "sicherung.gz").write_bytes(gzip.compress(text.encode()))


def _as_a_file_name(data: Path) -> None:
    (data / "submissions").mkdir(exist_ok=True)
    (data / "submissions" / f"{LAST_NAME}, {FIRST_NAME}.txt").write_text("leer", "utf-8")


@pytest.fixture(scope="module")
def found(
    loaded: PlantedDistrict, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[PlantedDistrict, list[str]]]:
    """A district in which copies lie where nobody looks, and what the erasure said."""
    folder = tmp_path_factory.mktemp("found") / "district"
    shutil.copytree(loaded.folder, folder)
    district = PlantedDistrict(folder)
    for plant in (_in_plain_sight, _by_telephone, _packed, _as_a_file_name):
        plant(folder / "data")
    with pytest.raises(StillFound) as told:
        erase(district)
    yield district, str(told.value).splitlines()


def test_a_copy_in_an_unlisted_place_prevents_the_certificate(found: Any) -> None:
    district, lines = found
    places = [line.partition(":")[0] for line in lines[1:-1]]
    assert places == ["alt/sicherung.gz", "anruf.txt", "notiz.txt", "submissions/…, ….txt"]
    assert not any(text in line for text in (LAST_NAME, FIRST_NAME) for line in lines)
    events = [line.event for line in Journal(district.folder / "data" / "rights").read_lines()]
    assert events == ["requested", "destroyed"]


def test_once_the_copies_are_gone_it_is_certified(found: Any) -> None:
    district, _ = found
    for path in (
        "alt/sicherung.gz",
        "anruf.txt",
        "notiz.txt",
        f"submissions/{LAST_NAME}, {FIRST_NAME}.txt",
    ):
        (district.folder / "data" / path).unlink()
    with district.open() as hub:
        (done,) = resume_erasures(hub)
    assert done.records == 3 and find_traces(district.folder / "data") == []
    with district.open() as hub:
        assert resume_erasures(hub) == []


def test_a_second_record_of_the_same_person_is_named(small: Callable[[], PlantedDistrict]) -> None:
    district = small()
    district.deliver("csv", LATER, [*CLIENTS, planted("P-100009")])
    assert "loaded" in district.run()
    with pytest.raises(StillFound, match="same number, or name and birth date: csv:P-100009;"):
        erase(district)


def test_a_legal_hold_prevents_it(small: Callable[[], PlantedDistrict]) -> None:
    district = small()
    with district.open() as hub:
        mark_person(hub, RECORD, Mark.HOLD, MarkEvent.SET, "Klage")
        with pytest.raises(OnHold):
            erase_person(hub, RECORD, "Antrag")
    assert not (district.folder / "data" / "rights" / "journal.jsonl").exists()


def test_a_later_delivery_brings_nobody_back(loaded: PlantedDistrict, tmp_path: Path) -> None:
    folder = tmp_path / "district"
    shutil.copytree(loaded.folder, folder)
    district = PlantedDistrict(folder)
    erase(district)
    respelled = {"Nachname": "Zurnadzic", "Vorname": "Jamila"}
    others = (planted("P-333333"), planted("P-444444", **respelled))
    again = (OTHERS[0], planted("P-100001"), *others, OTHERS[1])
    for kind in ("csv", "xlsx"):
        district.deliver(kind, LATER, again)
    assert sorted(district.run())[-2:] == ["loaded"] * 2
    assert find_traces(folder / "data") == []
    with district.open() as hub:
        assert find_rows(hub) == []
        with hub.store.read() as connection:
            rows = connection.execute(select(table_balance.c.left_out_by)).scalars()
            left = [json.loads(text).get("erased", 0) for text in rows]
            rules = connection.execute(select(finding.c.rule)).scalars().all()
        assert sorted(left)[-3:] == [1, 3, 3]
        assert rules.count("erased_person") == 2
        assert check_warehouse(hub.store, hub.landing) == []
    assert "known" in district.run()


BORN = date(1987, 11, 17)


@pytest.mark.parametrize(
    ("identity", "guarded"),
    [
        (("Muster", "Amal", BORN, None), True),
        (("AMAL", "Muster", BORN, None), True),
        (("Anders", "Ganz", BORN, "azr 77-31"), True),
        (("Muster", "Amal", None, "AZR-7731"), False),
        # A family may share a number, and many have the same day of birth.
        (("Muster", "Omid", date(2015, 3, 2), "AZR-7731"), False),
        (("Anders", "Ganz", BORN, "AZR-9999"), False),
    ],
)
def test_who_was_erased_is_known_again(
    identity: tuple[Any, ...], guarded: bool, tmp_path: Path
) -> None:
    key = open_rights_key(tmp_path)
    known = [key.hash_identity("Muster", "Amal", BORN), key.hash_numbered("AZR-7731", BORN)]
    Journal(tmp_path).add(JournalLine("requested", "e", (), known))
    assert open_guard(tmp_path).guards_identity(*identity) is guarded


@pytest.mark.parametrize("step", ["erase_rows", "compact_warehouse", "search_everything"])
def test_an_interrupted_erasure_is_finished_when_called_again(
    step: str, small: Callable[[], PlantedDistrict], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = small()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(f"pipelines.rights.erase.{step}", stop)
        with pytest.raises(KeyboardInterrupt):
            erase(district)
    journal = Journal(district.folder / "data" / "rights")
    assert "certified" not in [line.event for line in journal.read_lines()]
    if step == "erase_rows":
        with district.open() as hub, pytest.raises(ErasuresPending):
            hub.known_at(None)
    assert erase(district).records == 1
    assert find_traces(district.folder / "data") == []
    with district.open() as hub:
        assert find_rows(hub) == []
        assert check_warehouse(hub.store, hub.landing) == []
        with hub.store.read() as connection:
            assert connection.execute(select(landing_rewrite.c.rows)).scalars().all() == [1, 1]


def test_on_a_server(new_database: Callable[[], str], tmp_path: Path) -> None:
    district = PlantedDistrict(tmp_path / "server", json.dumps(new_database()), ("csv",))
    district.deliver("csv")
    assert district.run() == ["loaded"]
    done = erase(district)
    assert done.records == 1 and "PostgreSQL" in done.not_searched[-1]
    with district.open() as hub:
        assert find_rows(hub) == [] and find_traces(district.folder / "data") == []
        assert check_warehouse(hub.store, hub.landing) == []
    district.deliver("csv", LATER)
    assert "loaded" in district.run()
    with district.open() as hub:
        assert find_rows(hub) == [] and find_traces(district.folder / "data") == []


def test_who_came_back_is_admitted(small: Callable[[], PlantedDistrict]) -> None:
    district = small()
    erase(district)
    with district.open() as hub:
        admit_record(hub, "csv:P-400004", "neue Betreuung")
    back = (OTHERS[0], OTHERS[1], planted("P-400004"), planted("P-100001"))
    district.deliver("csv", LATER, back)
    assert "loaded" in district.run()
    with district.open() as hub, hub.store.read() as connection:
        known = select(person.c.source_key).where(person.c.last_name == LAST_NAME)
        assert connection.execute(known).scalars().all() == ["P-400004"]


def test_an_account_that_may_only_add_begins_nothing(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    address = new_database()
    district = PlantedDistrict(tmp_path / "server", json.dumps(address), ("csv",))
    district.deliver("csv")
    assert district.run() == ["loaded"]
    with district.open() as hub, hub.store.transaction() as connection:
        name = f"clerk{tmp_path.name[-8:]}".replace("-", "_")
        connection.execute(text(f"CREATE ROLE {name} LOGIN IN ROLE drehscheibe_loader"))
    with district.open() as hub:
        hub.account = name
        with pytest.raises(NoRight):
            erase_person(hub, RECORD, "Antrag")
    assert not (district.folder / "data" / "rights" / "journal.jsonl").exists()
    assert erase(district).records == 1


def test_what_was_said_and_sent_goes_and_the_ledger_stays_provable(
    small: Callable[[], PlantedDistrict],
) -> None:
    """A consent by hand, a form and its covering letter; what was printed before proves as before."""
    district = small()
    given = Consent(
        record=RECORD,
        recipient="jobcenter",
        groups=("stammdaten", "sprache"),
        purposes=["vermittlung"],
        given_on=date(2025, 7, 20),
        released_persons=["Anna Beispiel"],
        witnessed_by=f"Tante {LAST_NAME}",
    )
    with district.open() as hub:
        grant_consent(hub, given)
        decision = decide_transfer(hub, "jobcenter", hub.today)
        parcel = hand_over(hub, decision, district.folder / "data" / "out" / "transfer" / "1")
        assert len(parcel.released) == 1 and len(parcel.files) == 2
        (listed,) = list_parcels(hub)
        sealed = parcel.folder / f"{name_sealed(listed.number)}.age"
        about = f"{FIRST_NAME} {LAST_NAME} ist nicht mehr Kundin"
        note_event(hub, listed.key, Event.REJECTED, about)
        held = collect_held(hub, RECORD)
        assert held.statements[0]["Datengruppen"] == ["Sprache", "Stammdaten"]
        assert [sent.state for sent in held.transmissions] == ["rejected"]
        letter = make_letter(held)
        told = json.dumps([asdict(section) for section in letter.sections])
        assert "Stand: zur\\u00fcckgewiesen" in told
        sealed.write_bytes(b"age-encryption.org/v1\n" + bytes(99))
        (district.folder / "data" / "other.age").write_bytes(sealed.read_bytes())
        with hub.store.read() as connection:
            printed = read_checkpoint(connection)
    done = erase(district)
    assert done.records == 1 and sum("other.age" in place for place in done.not_searched) == 1
    # The form, the letter whose index names the person, and the parcel that holds both.
    assert [path.name for path in parcel.folder.iterdir()] == ["manifest.json"]
    assert find_traces(district.folder / "data") == []
    with district.open() as hub, hub.store.read() as connection:
        verified = verify_ledger(connection, printed)
        assert (verified.findings, verified.is_proved, verified.erased > 0) == ([], True, True)
        reasons = connection.execute(select(transmission_event.c.reason)).scalars()
        assert "gelöscht nach Art. 17 DSGVO" in list(reasons)
        (told,) = read_notices(connection)
        assert (told.cause, told.record, len(told.forms)) == (Cause.ERASURE, None, 1)
        (row,) = connection.execute(select(consent_statement)).mappings()
    assert row["person_key"] != RECORD.partition(":")[2]
    assert row["witnessed_by"] is None and row["released_persons"] is None


def test_with_encryption_nothing_lies_plain_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "kreis.key"
    make_file(key)
    more = f"encryption: {{key_file: {key}}}\n"
    district = PlantedDistrict(tmp_path / "sealed", kinds=("csv",), more=more)
    district.deliver("csv")
    assert district.run() == ["loaded"]
    traces: list[list[str]] = []

    def look(*_: object) -> None:
        traces.append(find_traces(district.folder / "data"))
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("pipelines.rights.erase.erase_rows", look)
        with pytest.raises(KeyboardInterrupt):
            erase(district)
    assert traces == [[]]
    assert erase(district).records == 1
    with district.open() as hub:
        assert find_rows(hub) == [] and check_warehouse(hub.store, hub.landing) == []
