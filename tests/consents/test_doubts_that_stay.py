"""What a delivery said of a withdrawal stays said, of whom it was said, and until somebody decides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.intake.acceptance import accept_delivery, undo_acceptance
from pipelines.intake.doubted_persons import NotDoubted, SeveralDoubted
from pipelines.intake.replay import reread_source, undo_load
from tests.consents.office import (
    EARLIER,
    IGNORED,
    LAST,
    MAPPING,
    NOTE,
    NOTES_TABLE,
    Office,
    Row,
    form,
    note,
    person,
    write_table,
)
from warehouse.ledger.effective_loads import read_loads
from warehouse.loading.findings import list_findings

SAYS, ON = "Klient widerruft Einwilligung", "10.03.2025"
BEFORE, OTHERS = form("f1", "1", Erteilt="15.01.2025"), form("f2", "2")
AFTER = form("f3", "1", Erteilt="01.07.2025")
PERSONS = [person("1", "Eins"), person("2")]
AZR = {"AZR": "070001123456"}
USUAL = [note(f"G{n}", "2", ON, "Kurs begonnen") for n in range(50, 60)]
BOTH = {"alpha:1", "alpha:2"}


def deliver(
    office: Office, source: str, day: date, notes: list[Row] | None, *forms: Row, **named: str
) -> None:
    rows = [person("1", "Eins", **named), PERSONS[1]]
    folder = office.deliver(source, day, rows, forms or None)
    if notes is not None:
        write_table(folder / "Gespraeche.csv", NOTE, [*notes, *USUAL])


def open_office(folder: Path, *notes: Row) -> Office:
    office = Office(folder)
    office.read_notes()
    deliver(office, "alpha", EARLIER, list(notes), BEFORE, OTHERS)
    office.run()
    return office


def let_beta_only_tell(office: Office) -> None:
    """Makes beta a system that has no consents, and tells what happened in conversations."""
    text = MAPPING.partition("RELEASE")[0].replace("    key: Nr\n", IGNORED) + NOTES_TABLE
    (office.folder / "both.yaml").write_text(text, "utf-8")


def test_a_delivery_that_waits_in_a_system_without_consents(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.read_notes()
    let_beta_only_tell(office)
    deliver(office, "alpha", LAST, [], BEFORE, OTHERS, **AZR)
    deliver(office, "beta", EARLIER, [], **AZR)
    office.run()
    assert "alpha:1" in office.released()
    deliver(office, "beta", LAST, [note("G1", "1", ON, SAYS)], **AZR)
    assert "alpha:1" not in office.released()
    assert office.reasons()["alpha:1"] == ("source_not_current",)
    office.run()
    assert office.reasons()["alpha:1"] == ("other_record",)


# What the next full delivery has, and whether something of the person goes out then.
NEXT: dict[str, tuple[list[Row] | None, tuple[Row, ...], bool]] = {
    "the conversation is gone": ([], (BEFORE,), False),
    "the table is gone": (None, (BEFORE,), False),
    "its text is gone": ([note("G1", "1", ON, "")], (BEFORE,), False),
    "a newer consent": ([], (BEFORE, AFTER), True),
}


@pytest.mark.parametrize("title", NEXT)
def test_a_note_that_is_delivered_no_more(tmp_path: Path, title: str) -> None:
    notes, forms, goes_out = NEXT[title]
    office = open_office(tmp_path, note("G1", "1", ON, SAYS))
    deliver(office, "alpha", LAST, notes, *forms, OTHERS)
    office.run()
    assert ("alpha:1" in office.released()) is goes_out
    if goes_out:
        return
    (because,) = office.decide().because["alpha", "1"]
    assert "nicht mehr mitkommt" in because and ON in because and "--person alpha:1" in because
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{LAST}", "gemeint war ein Vertrag")
    assert office.released().keys() == BOTH


def test_a_note_without_a_day_was_said_by_its_delivery(tmp_path: Path) -> None:
    office = open_office(tmp_path, note("G1", "1", "", SAYS))
    for day, goes_out in ((EARLIER, False), (date(2025, 7, 1), True)):
        given = form("f3", "1", Erteilt=f"{day:%d.%m.%Y}")
        deliver(office, "alpha", LAST, [], BEFORE, given, OTHERS)
        office.run()
        assert ("alpha:1" in office.released()) is goes_out


def test_several_withdrawals_that_went_with_their_rows_and_come_without(tmp_path: Path) -> None:
    office, keys = Office(tmp_path), "12345"
    rows = [person(key) for key in keys]
    revoked = {key: form(f"f{key}", key, Widerrufen="01.03.2025") for key in "123"}
    forms = [form(f"f{key}", key) for key in keys]
    office.deliver("alpha", date(2025, 5, 31), rows, [*revoked.values(), *forms[3:]])
    office.deliver("alpha", EARLIER, rows, forms[3:])
    office.deliver("alpha", LAST, rows, forms)
    assert [result.state for result in office.run()] == ["loaded", "loaded", "held"]


# How the number of the participant is written in a table of its own, and who is concerned.
WRITTEN = {"0001": {"alpha:1"}, "1.0": {"alpha:1"}, "1, 2": BOTH, "99": BOTH}


@pytest.mark.parametrize("written", WRITTEN)
def test_participants_in_another_table_spelled_otherwise(tmp_path: Path, written: str) -> None:
    office = Office(tmp_path)
    office.read_notes()
    mapping = office.folder / "forms.yaml"
    text = mapping.read_text("utf-8").replace(
        '      conversation_participant: {each: {column: Nr, split: ","}}\n',
        '  Teilnehmer:\n    files: "Teilnehmer*"\n    table: Teilnehmer\n    key: GNr\n'
        "    feeds:\n      conversation_participant: {each: Nr}\n",
    )
    mapping.write_text(text, "utf-8")
    deliver(office, "alpha", LAST, [note("G1", "", ON, SAYS)], BEFORE, OTHERS)
    taking = [{"GNr": "G1", "Nr": written}, *({"GNr": f"G{n}", "Nr": "2"} for n in range(50, 60))]
    write_table(tmp_path / "alpha" / LAST.isoformat() / "Teilnehmer.csv", ("GNr", "Nr"), taking)
    office.run()
    assert office.released().keys() == BOTH - WRITTEN[written]


# Whom a note names as having taken part, what it says, and who is concerned.
NAMED = {
    "one tells it of another": ("1", "Ehefrau Amal Muster2 widerruft Einwilligung JC", BOTH),
    "nobody took part": ("", SAYS, set()),
    "nobody took part, and one is named": ("", f"Amal Muster2: {SAYS}", {"alpha:2"}),
    "nobody knows who took part": ("99", SAYS, BOTH),
}


@pytest.mark.parametrize("title", NAMED)
def test_of_whom_a_note_is(tmp_path: Path, title: str) -> None:
    persons, text, concerned = NAMED[title]
    office = open_office(tmp_path, note("G1", persons, ON, text))
    assert office.released().keys() == BOTH - concerned
    with office.open() as hub, hub.store.read() as connection:
        (told,) = list_findings(connection, rules=["consents_unread"])
    assert told.row == 2
    if title == "nobody knows who took part":
        stale = office.decide().stale["alpha"]
        assert "„Gespraeche“" in stale and ON in stale and "nicht lesbar" not in stale


def test_each_person_is_decided_alone(tmp_path: Path) -> None:
    notes = [note("G1", "1", ON, SAYS), note("G2", "2", ON, SAYS)]
    office = open_office(tmp_path, *notes)
    name = f"alpha/{EARLIER}"
    with office.open() as hub:
        with pytest.raises(SeveralDoubted, match=r"2 persons.*Gespraeche row 2.*--person"):
            accept_delivery(hub, name, "ein Irrtum")
        with pytest.raises(NotDoubted):
            accept_delivery(hub, name, "ein Irrtum", ["alpha:3"])
        done = accept_delivery(hub, name, "gemeint war eine Vollmacht", ["alpha:2"])
    assert (done.persons, done.left, done.rows[0].row) == (1, 1, 2)
    assert office.released().keys() == {"alpha:2"}
    with office.open() as hub:
        accept_delivery(hub, name, "auch dies")
    assert office.released().keys() == BOTH
    with office.open() as hub:
        undo_acceptance(hub, name)
    assert office.released().keys() == {"alpha:2"}
    with office.open() as hub:
        undo_acceptance(hub, name, ["alpha:2"])
        assert office.released() == {}
        assert accept_delivery(hub, name, "beide", everybody=True).persons == 2
    assert office.released().keys() == BOTH


def test_a_release_after_a_false_alarm(tmp_path: Path) -> None:
    """It has no day: a consent that is newer than the doubt speaks for the record."""
    office = Office(tmp_path)
    office.read_notes()
    folder = office.deliver("beta", LAST, [person("1", Freigabe="Sprache"), person("2")])
    write_table(folder / "Gespraeche.csv", NOTE, [note("G1", "1", ON, SAYS), *USUAL])
    office.run()
    assert office.reasons()["beta:1"] == ("doubtful",)
    office.grant("beta:1", date(2025, 3, 10))
    assert office.released() == {}
    office.grant("beta:1", date(2025, 3, 11))
    assert office.released() == {"beta:1": ("sprache",)}


def test_it_is_told_at_which_record_a_newer_consent_helps(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.read_notes()
    deliver(office, "alpha", LAST, [note("G1", "1", ON, SAYS)], **AZR)
    rows = [person("b", "Eins", Freigabe="Sprache", **AZR)]
    office.deliver("beta", LAST, rows)
    office.run()
    (because,) = office.decide().because["beta", "b"]
    assert "bei alpha:1 eingetragen" in because and "--person alpha:1" in because


def test_what_was_decided_and_comes_back_is_told(tmp_path: Path) -> None:
    office = open_office(tmp_path, note("G1", "1", ON, SAYS))
    deliver(office, "alpha", LAST, [note("G1", "1", ON, SAYS)], BEFORE, OTHERS)
    office.run()
    for again in (
        lambda hub: reread_source(hub, "alpha", None, ""),
        lambda hub: undo_load(hub, max(loads_of(office)[:-1]), "falsch"),
    ):
        with office.open() as hub:
            accept_delivery(hub, f"alpha/{LAST}", "gemeint war ein Vertrag")
        assert office.released().keys() == BOTH
        with office.open() as hub:
            assert again(hub).doubted_again == 1
        assert office.released().keys() == {"alpha:2"}


def loads_of(office: Office) -> list[int]:
    """The loads of alpha that count, in order."""
    with office.open() as hub, hub.store.read() as connection:
        return [row.number for row in read_loads(connection, "alpha") if row.counts]


def settle(office: Office, day: date) -> None:
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{day}", "kein Widerruf", persons=["alpha:1"])


THIRD = date(2025, 8, 1)


def test_nobody_is_asked_again_about_the_same_text(tmp_path: Path) -> None:
    """As long as each full delivery says it; another text, or a second note, is asked about."""
    said = note("G1", "1", ON, SAYS)
    office = open_office(tmp_path, said)
    assert set(office.released()) == {"alpha:2"}
    settle(office, EARLIER)
    deliver(office, "alpha", LAST, [said], BEFORE, OTHERS)
    office.run()
    assert set(office.released()) == BOTH
    with office.open() as hub:
        undo_acceptance(hub, f"alpha/{EARLIER}", persons=["alpha:1"])
    assert set(office.released()) == {"alpha:2"}
    settle(office, EARLIER)
    settle(office, LAST)
    deliver(office, "alpha", THIRD, [said, note("G2", "1", "20.07.2025", SAYS)], BEFORE, OTHERS)
    office.run()
    assert set(office.released()) == {"alpha:2"}


def test_a_remark_keeps_its_day_while_it_says_the_same(tmp_path: Path) -> None:
    """A remark on a person has no day; a form newer than the first delivery with it speaks."""
    office = Office(tmp_path)
    office.read_notes()
    said = {"Nachname": "Eins (Einwilligung widerrufen)"}
    for day, forms in ((EARLIER, (BEFORE,)), (LAST, (BEFORE, AFTER))):
        deliver(office, "alpha", day, [], *forms, OTHERS, **said)
        office.run()
        released = {"alpha:2"} if day == EARLIER else BOTH
        assert set(office.released()) == released
