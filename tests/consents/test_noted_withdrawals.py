"""A note of a conversation that a consent was withdrawn holds back what was given up to its day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from pipelines.consents.shown_consents import show_consents
from pipelines.intake.acceptance import accept_delivery, undo_acceptance
from tests.consents.office import (
    CONSENT,
    LAST,
    NOTE,
    NOTES_TABLE,
    PERSON,
    Office,
    Row,
    form,
    note,
    person,
    write_table,
)
from warehouse.loading.findings import list_findings

SAYS, DENIES = "Klient widerruft Einwilligung", "hat Einwilligung nicht widerrufen"
AZR = {"AZR": "070001123456"}
BEFORE, SAME_DAY, AFTER = (
    form("f1", "1", Erteilt=day) for day in ("15.01.2025", "10.03.2025", "11.03.2025")
)

ON, LATER = "10.03.2025", "20.07.2025"
# The consents and notes of a person, and whether something goes out.
NOTED: dict[str, tuple[list[Row], list[Row], bool]] = {
    "a note after the consent": ([BEFORE], [note("G1", "1", ON, SAYS)], False),
    "a note of the day of the consent": ([SAME_DAY], [note("G1", "1", ON, SAYS)], False),
    "a consent after the note": ([AFTER], [note("G1", "1", ON, SAYS)], True),
    "an older consent beside it": (
        [BEFORE, {**AFTER, "ENr": "f2"}],
        [note("G1", "1", ON, SAYS)],
        True,
    ),
    "the last of two notes": (
        [AFTER],
        [note("G1", "1", ON, SAYS), note("G2", "1", LATER, SAYS)],
        False,
    ),
    "a note that denies it": ([BEFORE], [note("G1", "1", ON, DENIES)], True),
    "a note without a day": ([AFTER], [note("G1", "1", "", SAYS)], False),
    "a day that cannot be": ([AFTER], [note("G1", "1", "31.02.2025", SAYS)], False),
    "a day to come": ([AFTER], [note("G1", "1", "01.09.2025", SAYS)], False),
    "a day long ago": ([AFTER], [note("G1", "1", "10.03.1925", SAYS)], False),
    "one day and none": (
        [AFTER],
        [note("G1", "1", ON, SAYS), note("G2", "1", "", SAYS)],
        False,
    ),
    "a day later named in the note": (
        [AFTER],
        [note("G1", "1", ON, "Einwilligung am 12.03.2025 widerrufen")],
        False,
    ),
    **{
        f"a day later written as {day}": (
            [form("f1", "1", Erteilt="15.05.2025")],
            [note("G1", "1", ON, f"Nachtrag {day}: {SAYS}")],
            False,
        )
        for day in (
            "20.07.25",
            "20.7.",
            "2025-07-20",
            "20. Juli 2025",
            "20. 07. 2025",
            "31.06.2025",
        )
    },
    "added without a day": (
        [form("f1", "1", Erteilt="30.07.2025")],
        [note("G1", "1", ON, f"Kurs begonnen. Nachtrag: {SAYS}")],
        False,
    ),
    "added on a day before the consent": (
        [form("f1", "1", Erteilt="30.07.2025")],
        [note("G1", "1", ON, f"Kurs begonnen. Nachtrag 20.7.: {SAYS}")],
        True,
    ),
    "several persons in a note": ([BEFORE], [note("G1", "2,1", ON, SAYS)], False),
    "another person": ([BEFORE], [note("G1", "2", ON, SAYS)], True),
    "another spelling of the key": ([BEFORE], [note("G1", "001", ON, SAYS)], False),
}


def open_office(folder: Path, notes: list[Row], forms: list[Row], **persons: str) -> Office:
    office = Office(folder)
    office.read_notes()
    rows = [person("1", "Eins", **persons), person("2")]
    write_notes(office.deliver("alpha", LAST, rows, forms), notes)
    return office


def write_notes(folder: Path, notes: list[Row]) -> None:
    # A table of which most rows are rejected is none.
    usual = [note(f"G{n}", "2", ON, "Kurs begonnen") for n in range(50, 60)]
    write_table(folder / "Gespraeche.csv", NOTE, [*notes, *usual])


def test_what_notes_hold_back(tmp_path: Path) -> None:
    """Each row of the table is a person of its own."""
    keys = {str(number): title for number, title in enumerate(NOTED, start=10)}
    forms, notes = [], []
    for key, title in keys.items():
        own, said, _ = NOTED[title]
        forms += [{**row, "ENr": f"{row['ENr']}-{key}", "Nr": key} for row in own]
        for row in said:
            named = row["Nr"].replace("1", key)
            notes.append({**row, "GNr": f"{row['GNr']}-{key}", "Nr": named})
    office = Office(tmp_path)
    office.read_notes()
    persons = [person(key) for key in (*keys, "2")]
    write_notes(office.deliver("alpha", LAST, persons, forms), notes)
    office.run()
    released = office.released()
    goes_out = {title: f"alpha:{key}" in released for key, title in keys.items()}
    assert goes_out == {title: expected for title, (_, _, expected) in NOTED.items()}


RESULTS = {
    ("Einwilligung Jobcenter", "zurückgezogen"): False,
    ("Datenweitergabe JC", "abgelehnt"): False,
    ("Termin Jobcenter", "abgelehnt"): True,
    ("Einwilligung Jobcenter", "unterschrieben"): True,
}


def test_a_topic_and_its_result_in_two_columns(tmp_path: Path) -> None:
    keys = {str(number): said for number, said in enumerate(RESULTS, start=10)}
    office = Office(tmp_path)
    office.read_notes()
    forms = [form(f"f{key}", key) for key in keys]
    folder = office.deliver("alpha", LAST, [person(key) for key in keys], forms)
    rows = [{**note(f"G{k}", k, ON, a), "Ergebnis": b} for k, (a, b) in keys.items()]
    write_table(folder / "Gespraeche.csv", (*NOTE, "Ergebnis"), rows)
    office.run()
    released = office.released()
    assert {said: f"alpha:{key}" in released for key, said in keys.items()} == RESULTS


def test_a_row_with_text_in_the_column_of_keys(tmp_path: Path) -> None:
    office = open_office(
        tmp_path, [note("Nr. 1 hat Einwilligung widerrufen", "", "", "")], [BEFORE]
    )
    office.run()
    assert office.released() == {}


REMARKS = {
    "Führerschein entzogen": True,
    "Widerspruch gegen Jobcenter eingelegt": True,
    "Einwilligung 2023 widerrufen, am 15.01.2025 neu erteilt": True,
    "Einwilligung zurückgezogen": False,
    "Einwilligung am 14.01.2025 widerrufen": True,
    "Einwilligung am 16.01.2025 widerrufen": False,
}


def test_remarks_on_persons_are_judged_as_notes(tmp_path: Path) -> None:
    keys = {str(number): remark for number, remark in enumerate(REMARKS, start=10)}
    office = Office(tmp_path)
    folder = office.deliver("alpha", LAST, [], [form(f"f{key}", key) for key in keys])
    rows = [{**person(key), "Bemerkung": remark} for key, remark in keys.items()]
    write_table(folder / "Klienten.csv", (*PERSON, "Bemerkung"), rows)
    office.run()
    released = office.released()
    assert {remark: f"alpha:{key}" in released for key, remark in keys.items()} == REMARKS


STATES = {"aktiv": True, "beendet": False, "nicht gültig": False, "widerufen": False}


def test_a_state_of_a_consent_that_no_mapping_reads(tmp_path: Path) -> None:
    keys = {str(number): state for number, state in enumerate(STATES, start=10)}
    office = Office(tmp_path)
    folder = office.deliver("alpha", LAST, [person(key) for key in keys])
    rows = [{**form(f"f{key}", key), "Status": state} for key, state in keys.items()]
    write_table(folder / "Einwilligungen.csv", (*CONSENT, "Status"), rows)
    office.run()
    released = office.released()
    assert {state: f"alpha:{key}" in released for key, state in keys.items()} == STATES


@pytest.mark.parametrize(("cell", "goes_out"), [("A1", False), ("A6", False), ("C1", True)])
def test_comments_off_the_rows_of_consents(tmp_path: Path, cell: str, goes_out: bool) -> None:
    office = Office(tmp_path)
    folder = office.deliver("alpha", LAST, [person("1")])
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Einwilligungen"
    sheet.append(CONSENT)
    sheet.append([BEFORE[column] for column in CONSENT])
    text = "Wer darf es bekommen?" if goes_out else "Nr. 1: Einwilligung am 03.03.2025 widerrufen"
    sheet[cell].comment = Comment(text, "x")
    workbook.save(folder / "Einwilligungen.xlsx")
    office.run()
    assert ("alpha:1" in office.released()) is goes_out


def test_a_note_of_a_person_nobody_knows_may_be_of_anybody(tmp_path: Path) -> None:
    office = open_office(tmp_path, [note("G1", "99", ON, SAYS)], [BEFORE])
    office.run()
    assert office.released() == {}
    accept(office)
    assert office.released().keys() == {"alpha:1"}


def test_where_it_stands_and_what_decides_is_told(tmp_path: Path) -> None:
    office = open_office(tmp_path, [note("G1", "1", ON, SAYS)], [BEFORE])
    office.run()
    assert office.reasons()["alpha:1"] == ("doubtful",)
    (because,) = office.decide().because["alpha", "1"]
    assert "„Gespraeche“ von alpha" in because and ON in because and "erteilt, gilt" in because
    with office.open() as hub:
        (shown,) = show_consents(hub, "alpha:1").records
        with hub.store.read() as connection:
            (told,) = list_findings(connection, rules=["consents_unread"])
    assert because in shown.decisions[0].because
    assert (told.file, told.row) == ("Gespraeche.csv", 2)
    assert "„Notiz“" in told.message and SAYS not in told.message
    accept(office)
    assert "alpha:1" in office.released()
    with office.open() as hub:
        undo_acceptance(hub, f"alpha/{LAST}")
    assert office.released() == {}


def accept(office: Office) -> None:
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{LAST}", "gemeint war ein Vertrag")


def test_a_consent_by_hand_after_it_counts(tmp_path: Path) -> None:
    office = open_office(tmp_path, [note("G1", "1", ON, SAYS)], [BEFORE])
    office.run()
    for day, goes_out in ((date(2025, 3, 10), False), (date(2025, 3, 11), True)):
        office.grant("alpha:1", day)
        assert ("alpha:1" in office.released()) is goes_out


def test_other_records_of_the_person_are_held_back(tmp_path: Path) -> None:
    office = open_office(tmp_path, [note("G1", "1", ON, SAYS)], [], **AZR)
    office.deliver("beta", LAST, [person("b", "Eins", Freigabe="Sprache", **AZR)], [])
    office.run()
    assert office.reasons()["beta:b"] == ("other_record",)
    assert ON in office.decide().because["beta", "b"][0]
    accept(office)
    assert office.released().keys() == {"beta:b"}


def test_what_the_mapping_leaves_out_stays_out(tmp_path: Path) -> None:
    office = open_office(tmp_path, [note("G1", "1", ON, SAYS)], [BEFORE])
    change_mapping(office, "    key: GNr\n", "    key: GNr\n    ignore: [Notiz]\n")
    office.run()
    assert "alpha:1" in office.released()


def change_mapping(office: Office, old: str, new: str) -> None:
    mapping = office.folder / "forms.yaml"
    text = mapping.read_text("utf-8")
    assert old in text
    mapping.write_text(text.replace(old, new), "utf-8")


TOPICS = "      conversation_topic: {each: {column: Notiz, split: ','}}\n"
# The mapping of the table of notes, and whether a consent of the day after goes out.
MAPPED = {
    "as a code": (NOTES_TABLE + TOPICS, True),
    "as goals, which last": (
        NOTES_TABLE.partition("      conversation:")[0]
        + "      goal: {fields: {person_key: Nr, title: Notiz, begun_on: Datum}}\n",
        False,
    ),
}


@pytest.mark.parametrize("title", MAPPED)
def test_other_ways_to_map_a_note(tmp_path: Path, title: str) -> None:
    table, goes_out = MAPPED[title]
    for consent, expected in ((BEFORE, False), (AFTER, goes_out)):
        office = open_office(tmp_path / consent["Erteilt"], [note("G1", "1", ON, SAYS)], [consent])
        change_mapping(office, NOTES_TABLE, table)
        office.run()
        assert ("alpha:1" in office.released()) is expected


def test_persons_of_a_conversation_that_stand_in_another_table(tmp_path: Path) -> None:
    office = open_office(tmp_path, [note("2", "", ON, SAYS)], [BEFORE, form("f2", "2")])
    apart = """\
  Teilnehmer:
    files: "Teilnehmer*"
    table: Teilnehmer
    key: GNr
    feeds:
      conversation_participant: {each: Nr}
"""
    each = '      conversation_participant: {each: {column: Nr, split: ","}}\n'
    change_mapping(office, each, apart)
    folder = tmp_path / "alpha" / LAST.isoformat()
    write_table(folder / "Teilnehmer.csv", ("GNr", "Nr"), [{"GNr": "2", "Nr": "1"}])
    office.run()
    assert office.released().keys() == {"alpha:2"}
