"""What an earlier recipient has to be told: one district, one person for each thing that can become of what was sent."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from pipelines.consents.grant import withdraw_consent
from pipelines.hub import Hub
from pipelines.notices.notice_letters import make_letters, make_reminder
from pipelines.notices.recorded_notices import (
    Notice,
    NoticeState,
    NotPossibleNow,
    advance_notice,
    announce_erasure,
    count_ended_forms,
    count_notices,
    find_notice,
    list_notices,
    record_due_notices,
)
from pipelines.operations.printed_checkpoint import read_printed
from pipelines.rights.access import collect_held
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over
from pipelines.transfer.parcels import Event, list_parcels, note_event
from pipelines.transfer.transmissions import list_recipients_of
from pipelines.transfer.withdrawal import StillThere, withdraw_unsent
from tests.consents.office import LAST, TODAY, Office, Row, form, person
from warehouse.gates.known_consents import ENDED
from warehouse.ledger.entries import read_checkpoint
from warehouse.ledger.erased_contents import erase_contents
from warehouse.ledger.verification import verify_ledger
from warehouse.rights.rights_key import RightsKey
from warehouse.schema import transmission

SIGN = RightsKey(bytes(32)).sign_erasure
LATER = TODAY + timedelta(9)
GROUPS = "Stammdaten,Sprache"
KEPT = {"birth_date", "first_name", "last_name"}


@dataclass(frozen=True)
class Case:
    """Rows of the second delivery in place of the first; ``cause``: that of the notice, None: none."""

    cause: str | None
    fields: frozenset[str] = frozenset(KEPT)
    consent: tuple[tuple[str, str], ...] = ()
    about: tuple[tuple[str, str], ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    gone: bool = False


CASES = {
    "kept": Case(None),
    "over": Case("revocation", consent=(("Widerrufen", "05.08.2025"),)),
    "narrowed": Case("revocation", consent=(("Gruppen", "Sprache"),)),
    "expired": Case("expiry", consent=(("Gueltig_bis", "05.08.2025"),)),
    "corrected": Case("correction", frozenset({"last_name"}), about=(("Nachname", "Richtig"),)),
    "filled": Case(None, before=(("Geburtsdatum", ""),)),
    "reused": Case(
        "split", about=(("Nachname", "Andere"), ("Vorname", "Ganz"), ("Geburtsdatum", "01.05.1970"))
    ),
    "gone": Case("erasure", gone=True),
    "unreadable": Case(None, consent=(("Widerrufen", "bald"),)),
}


def rows_of(*, second: bool) -> tuple[list[Row], list[Row]]:
    """Clients and consents of a delivery."""
    people, forms = [], []
    for name, case in CASES.items():
        if second and case.gone:
            continue
        about = case.about if second else case.before
        people.append(person(name, **dict(about)))
        forms.append(form(f"e-{name}", name, GROUPS, **dict(case.consent if second else ())))
    return people, forms


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The district after forms of everyone, and another delivery nine days later."""
    made = Office(tmp_path_factory.mktemp("notices"), more="notices: {due_days: 10}\n")
    made.deliver("alpha", LAST, *rows_of(second=False))
    made.run()
    with made.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), made.folder / "out")
        assert record_due_notices(hub).new == []
    made.today = LATER
    made.deliver("alpha", LATER, *rows_of(second=True))
    made.run()
    with made.open() as hub:
        recorded = record_due_notices(hub)
        assert recorded.unsure == {"jobcenter": 1}
        assert len(recorded.new) == sum(case.cause is not None for case in CASES.values())
    return made


@pytest.fixture
def hub(office: Office):
    with office.open() as opened:
        yield opened


def notice_of(hub: Hub, name: str) -> Notice | None:
    found = [n for n in list_notices(hub) if n.record == ("alpha", name)]
    return found[0] if found else None


@pytest.mark.parametrize("name", CASES)
def test_the_notice_tells_what_was_sent_and_no_more(hub: Hub, name: str) -> None:
    case, made = CASES[name], notice_of(hub, name)
    assert (made.cause if made else None) == case.cause
    if made is None:
        return
    (told,) = made.forms
    assert {field.rpartition(".")[2] for field in told.fields} == case.fields
    assert (told.sent_on, made.found_on, made.due_on) == (TODAY, LATER, LATER + timedelta(10))
    with hub.store.read() as connection:
        (sent,) = list_recipients_of(connection, [("alpha", name)])
    assert (sent.number, sent.recipient) == (told.number, "jobcenter")


def test_the_same_again_adds_nothing_and_the_next_transfer_excludes(hub: Hub) -> None:
    assert record_due_notices(hub).new == []
    released = {key for _, key in decide_transfer(hub, "jobcenter", LATER).released}
    assert released == {"kept", "narrowed", "corrected", "filled"}


def test_letters_are_made_once_and_again_where_they_were_lost(hub: Hub, tmp_path: Path) -> None:
    made = make_letters(hub, tmp_path)
    assert len(made) == len(list(tmp_path.iterdir())) == len(list_notices(hub))
    assert make_letters(hub, tmp_path) == []
    content = made[0].file.read_bytes()
    made[0].file.unlink()
    (again,) = make_letters(hub, tmp_path)
    assert again.file.read_bytes() == content
    for letter in made:
        check_letter(hub, find_notice(hub, letter.notice_id), letter.file)


def check_letter(hub: Hub, made: Notice, file: Path) -> None:
    """It names the form and the person as the recipient has them, is tagged, and proves the ledger."""
    pdf = PdfReader(io.BytesIO(file.read_bytes()))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert pdf.root_object["/Lang"] == "de-DE" and pdf.root_object["/MarkInfo"]["/Marked"]
    assert made.notice_id in text and made.forms[0].number in text and "01.08.2025" in text
    assert made.record and f"Muster{made.record[1]}, Amal" in text
    assert "02.03.1990" in text and "Richtig" not in text and "Andere" not in text
    with hub.store.read() as connection:
        assert verify_ledger(connection, read_printed(str(file)).checkpoint).is_proved


def test_a_notice_is_followed_until_it_is_confirmed(office: Office, tmp_path: Path) -> None:
    with office.open() as hub:
        make_letters(hub, tmp_path)
        made = notice_of(hub, "over")
        assert made
        with pytest.raises(NotPossibleNow):
            advance_notice(hub, made, NoticeState.CONFIRMED)
        made = advance_notice(hub, made, NoticeState.SENT, "Post")
    office.today = LATER + timedelta(11)
    with office.open() as hub:
        assert made.is_overdue(hub.today) and made.is_to_be_reminded(hub.today, 7)
        assert count_notices(hub)["overdue"] == len(list_notices(hub))
        made, reminder = make_reminder(hub, made, tmp_path)
        text = PdfReader(reminder.file).pages[0].extract_text()
        assert "Erinnerung" in text and not made.is_to_be_reminded(hub.today, 7)
        made = advance_notice(hub, made, NoticeState.CONFIRMED, "Frau Muster")
        assert not made.is_overdue(hub.today)
        states = [event.state for event in find_notice(hub, made.notice_id).events]
    office.today = LATER
    assert states == ["made", "sent", "reminded", "confirmed"]


def test_a_source_that_is_not_current_makes_nothing_due(tmp_path: Path) -> None:
    office = Office(tmp_path)
    people, forms = rows_of(second=False)
    office.deliver("alpha", LAST, people, forms)
    office.run()
    with office.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), tmp_path / "out")
    office.deliver("alpha", TODAY, *rows_of(second=True))
    with office.open() as hub:
        waiting = record_due_notices(hub)
        assert (waiting.new, waiting.unsure) == ([], {"jobcenter": len(CASES)})
    check_erasure(office)
    with office.open() as hub:
        # A word at the counter is sure, whatever the source has not said yet.
        withdraw_consent(hub, "alpha:over", None, TODAY)
        (made,) = record_due_notices(hub).new
        assert (made.cause, made.record) == ("revocation", ("alpha", "over"))
        (told,) = collect_held(hub, "alpha:over").notices
        assert (told.cause, told.state, told.forms) == ("revocation", "due", [made.forms[0].number])


def test_another_name_in_the_configuration_revokes_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("1")], [form("e1", "1", GROUPS)])
    office.run()
    with office.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), tmp_path / "out")
    office.configure(**{"name: Jobcenter Musterkreis": "name: Jobcenter Neuhausen"})
    with office.open() as hub:
        found = record_due_notices(hub)
    assert (found.new, found.unsure) == ([], {"jobcenter": 1})


def test_a_recipient_who_is_not_configured_any_more_is_told_of(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("1")], [form("e1", "1", GROUPS)])
    office.run()
    with office.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), tmp_path / "out")
        assert record_due_notices(hub).lost == []
    office.configure(**{"jobcenter: {": "jobcenter_neu: {"})
    with office.open() as hub:
        found = record_due_notices(hub)
    assert (found.new, found.unsure, found.lost) == ([], {}, ["jobcenter"])


def test_an_occasion_that_ended_is_no_revocation(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("1")], [form("e1", "1", GROUPS)])
    office.run()
    with office.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), tmp_path / "out")
        withdraw_consent(hub, "alpha:1", "jobcenter", TODAY, kind=ENDED)
        (made,) = record_due_notices(hub).new
    assert made.cause == "expiry"


def check_erasure(office: Office) -> None:
    """Who received something is told of an erasure by the number of the form, and no record is kept."""
    gone, pseudonym = ("alpha", "kept"), ("alpha", "x-1")
    with office.open() as hub:
        with hub.store.transaction() as connection:
            printed = read_checkpoint(connection)
            (made,) = announce_erasure(hub, connection, [gone])
            mine = update(transmission).where(transmission.c.source_key == "kept")
            connection.execute(mine.values(source_key="x-1", transmission_id="f" * 64))
            assert erase_contents(connection, SIGN, [gone], [pseudonym]) == 1
            found = verify_ledger(connection, printed)
            assert (found.is_proved, found.findings, found.erased) == (True, [], 1)
            assert list_recipients_of(connection, [gone]) == []
            assert len(list_recipients_of(connection, [pseudonym])) == 1
        assert (made.cause, made.record, made.forms[0].sent_on) == ("erasure", None, TODAY)
        assert record_due_notices(hub).new == []
        (letter,) = make_letters(hub, office.folder / "letters")
        text = PdfReader(letter.file).pages[0].extract_text()
        assert made.forms[0].number in text and "Muster" not in text.replace("Musterkreis", "")


@pytest.mark.parametrize(
    ("policy", "released"),
    [
        ("", ["known", "changed", "new"]),
        (", embargo_days: 8", ["known", "changed"]),
        (", updates: changed", ["changed", "new"]),
    ],
    ids=["all", "embargo", "changed"],
)
def test_the_recipients_policy_holds_back(
    sent_before: Office, policy: str, released: list[str]
) -> None:
    from pipelines.transfer.sending_policy import decide_sending

    office = sent_before
    office.configure(**{"kind: jobcenter}": f"kind: jobcenter{policy}}}"})
    with office.open() as hub:
        decision = decide_sending(hub, "jobcenter", office.today)
    assert [key for _, key in decision.released] == sorted(released)
    assert len(decision.released) + len(decision.refused) == 3


def test_what_the_recipient_rejected_is_sent_again(sent_before: Office) -> None:
    from pipelines.transfer.sending_policy import decide_sending

    sent_before.configure(**{"kind: jobcenter}": "kind: jobcenter, updates: changed}"})
    with sent_before.open() as hub:
        (parcel,) = list_parcels(hub)
        assert note_event(hub, parcel.key, Event.HANDED_OVER)
        assert note_event(hub, parcel.key, Event.REJECTED, "nicht lesbar")
        decision = decide_sending(hub, "jobcenter", sent_before.today)
    assert [key for _, key in decision.released] == ["changed", "known", "new"]


@pytest.fixture(scope="module")
def sent_before(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Two persons were sent; one of them has changed, and a third consented since."""
    office = Office(tmp_path_factory.mktemp("policy"))
    known = [person("known"), person("changed")]
    forms = [form("e1", "known", GROUPS), form("e2", "changed", GROUPS)]
    office.deliver("alpha", LAST, known, forms)
    office.run()
    with office.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", TODAY), office.folder / "out")
    office.today = LATER
    people = [person("known"), person("changed", Nachname="Richtig"), person("new")]
    added = form("e3", "new", GROUPS, Erteilt="05.08.2025")
    office.deliver("alpha", LATER, people, [*forms, added])
    office.run()
    return office


def test_nothing_to_send_is_no_parcel(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", LAST, [person("1")], [])
    office.run()
    to = f"kind: jobcenter, hand_over: {{to: {{folder: '{tmp_path / 'out'}'}}}}}}"
    office.configure(**{"kind: jobcenter}": to})
    with office.open() as hub:
        made = hand_over(hub, decide_transfer(hub, "jobcenter", TODAY))
    assert made.folder is None and not (tmp_path / "out").exists()


def test_each_change_of_a_value_is_told(tmp_path: Path) -> None:
    office = Office(tmp_path)

    def deliver(last_name: str) -> list[str]:
        office.today += timedelta(1)
        rows = [person("1", Nachname=last_name), person("2")]
        forms = [form("e1", "1", GROUPS), form("e2", "2", GROUPS)]
        office.deliver("alpha", office.today, rows, forms)
        office.run()
        with office.open() as hub:
            return [made.cause for made in record_due_notices(hub).new]

    assert deliver("Anfang") == []
    with office.open() as hub:
        hand_over(hub, decide_transfer(hub, "jobcenter", office.today), tmp_path / "out")
    for last_name in ("Ende", "Anfang", "Ende"):
        assert deliver(last_name) == ["correction"]
        assert deliver(last_name) == []


def test_a_parcel_that_waits_is_taken_back_when_a_consent_ends(tmp_path: Path) -> None:
    office = Office(tmp_path)
    people = [person("1"), person("2")]
    office.deliver("alpha", LAST, people, [form("e1", "1", GROUPS), form("e2", "2", GROUPS)])
    office.run()
    to = f"kind: jobcenter, hand_over: {{to: {{folder: '{tmp_path / 'out'}'}}}}}}"
    office.configure(**{"kind: jobcenter}": to})
    with office.open() as hub:
        made = hand_over(hub, decide_transfer(hub, "jobcenter", TODAY))
        (parcel,) = list_parcels(hub)
        assert made.folder is not None and count_ended_forms(hub, parcel.key) == 0
        withdraw_consent(hub, "alpha:1", None, TODAY)
        assert count_ended_forms(hub, parcel.key) == 1
        with pytest.raises(StillThere):
            withdraw_unsent(hub, parcel.number, "Widerruf")
        made.folder.rename(tmp_path / "taken away")
        withdraw_unsent(hub, parcel.number, "Widerruf")
        assert [one.state for one in list_parcels(hub)] == [Event.WITHDRAWN]
