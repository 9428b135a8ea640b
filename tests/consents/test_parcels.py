"""Parcels: made for today only, compared file by file, finished or withdrawn after a kill, and one bad form stops nobody."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from connectors.documents.jobcenter import form as jobcenter_form
from connectors.documents.typst_pdf import NotPrinted
from pipelines.hub import Hub
from pipelines.intake.acceptance import accept_delivery, undo_acceptance
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import NotToday, decide_transfer
from pipelines.transfer.hand_over import ChangedSince, Parcel, hand_over
from pipelines.transfer.parcels import (
    Event,
    NoSuchParcel,
    list_parcels,
    note_event,
    withdraw_parcel,
)
from tests.consents.office import LAST, TODAY, Office, form, person
from warehouse.database.store import WarehouseBusy
from warehouse.schema import transmission_event

pytestmark = pytest.mark.thorough

PERSONS = [person(key) for key in "123"]
# Without the data on the person no form is made.
GROUPS = "Stammdaten,Sprache,Beruf"
FORMS = [form(f"e{key}", key, GROUPS) for key in "123"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Three persons with a consent each."""
    made = Office(tmp_path)
    made.deliver("alpha", LAST, PERSONS, FORMS)
    made.run()
    return made


def make(office: Office, name: str = "out") -> Parcel:
    with office.open() as hub:
        decision = decide_transfer(hub, "jobcenter", hub.today)
        return hand_over(hub, decision, office.folder / name)


@pytest.mark.parametrize("on", [TODAY - timedelta(1), TODAY + timedelta(1)])
def test_forms_are_made_for_today_only(office: Office, on: date) -> None:
    with office.open() as hub, pytest.raises(NotToday):
        decision = decide_transfer(hub, "jobcenter", on)
        hand_over(hub, decision, office.folder / "out")
    assert not (office.folder / "out").exists()


def test_the_same_parcel_again_changes_nothing(office: Office) -> None:
    made = make(office)
    before = {p.name: p.stat().st_mtime_ns for p in made.folder.iterdir()}
    assert make(office).files == made.files
    assert {p.name: p.stat().st_mtime_ns for p in made.folder.iterdir()} == before


@pytest.mark.parametrize("fault", ["altered", "missing", "added", "link"])
def test_a_parcel_is_compared_file_by_file(office: Office, fault: str) -> None:
    made = make(office)
    file = made.folder / made.files[0]
    content = file.read_bytes()
    match fault:
        case "altered":
            file.write_bytes(content[:-1] + b"x")
        case "missing":
            file.unlink()
        case "added":
            (made.folder / "more.pdf").write_bytes(content)
        case "link":
            file.rename(office.folder / "elsewhere.pdf")
            file.symlink_to(office.folder / "elsewhere.pdf")
    with pytest.raises(FileExistsError, match="missing, altered or not of it"):
        make(office)


def refuse_first(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The first form cannot be set."""
    rendered = jobcenter_form.render_form
    refused: list[str] = []

    def render(made: jobcenter_form.JobcenterForm) -> bytes:
        refused.append(made.number)
        if len(refused) == 1:
            raise error
        return rendered(made)

    monkeypatch.setattr(jobcenter_form, "render_form", render)


@pytest.mark.parametrize(
    "error",
    [NotPrinted("x"), ValueError("Muster1"), RuntimeError("Muster1"), MemoryError()],
    ids=lambda error: type(error).__name__,
)
def test_a_form_that_cannot_be_set_holds_back_nobody_else(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    refuse_first(monkeypatch, error)
    made = make(office)
    assert "Muster1" not in caplog.text and type(error).__name__ in caplog.text
    assert len(made.released) == 2
    assert len([name for name in made.files if name != "begleitschreiben.pdf"]) == 2
    assert [r.person for r in made.refused if r.reason == "form_not_set"] == list(made.not_printed)
    with office.open() as hub:
        (listed,) = list_parcels(hub)
    assert listed.forms == 2


def test_a_killed_transfer_is_listed_and_finished_or_withdrawn(office: Office) -> None:
    made = make(office)
    with office.open() as hub:
        with hub.store.transaction() as connection:
            connection.execute(delete(transmission_event))
        (listed,) = list_parcels(hub)
        assert (listed.state, listed.forms, listed.sent_on) == ("unfinished", 3, TODAY)
    make(office)
    with office.open() as hub:
        assert [p.state for p in list_parcels(hub)] == ["placed"]
        assert note_event(hub, listed.key, Event.HANDED_OVER)
        with pytest.raises(NoSuchParcel):
            withdraw_parcel(hub, listed.number, "kam nie an")
        with hub.store.transaction() as connection:
            connection.execute(delete(transmission_event))
        withdraw_parcel(hub, listed.number, "kam nie an")
        (last,) = list_parcels(hub)
    assert (last.state, last.reason) == ("withdrawn", "kam nie an")
    assert made.folder.exists()


def test_an_error_of_the_disk_ends_the_transfer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_first(monkeypatch, OSError(errno.ENOSPC, "no space"))
    with pytest.raises(OSError, match="no space"):
        make(office)
    assert not (office.folder / "out").exists()


def load_withdrawal(office: Office, hub: Hub) -> None:
    office.deliver("alpha", TODAY, PERSONS, [form("e1", "1", GROUPS, Widerrufen="30.07.2025")])
    run_intake(hub)


def leave_withdrawal(office: Office, hub: Hub) -> None:
    office.deliver("alpha", TODAY, PERSONS, [form("e1", "1", GROUPS, Widerrufen="30.07.2025")])


def misplace_withdrawal(office: Office, hub: Hub) -> None:
    (office.folder / "alpha" / "Nachtrag").mkdir()


@pytest.mark.parametrize(
    "happen", [load_withdrawal, leave_withdrawal, misplace_withdrawal], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("when", ["before the forms", "during the forms"])
def test_a_withdrawal_that_comes_while_forms_are_made_stops_them(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    happen: Callable[[Office, Hub], None],
    when: str,
) -> None:
    rendered = jobcenter_form.render_form
    with office.open() as hub:
        decision = decide_transfer(hub, "jobcenter", hub.today)
        assert len(decision.released) == 3
        pending = [happen]

        def render(made: jobcenter_form.JobcenterForm) -> bytes:
            while pending:
                pending.pop()(office, hub)
            return rendered(made)

        monkeypatch.setattr(jobcenter_form, "render_form", render)
        if when == "before the forms":
            pending.pop()(office, hub)
        with pytest.raises(ChangedSince):
            hand_over(hub, decision, office.folder / "out")
        assert list_parcels(hub) == []
    assert not (office.folder / "out").exists()


def test_nothing_is_loaded_between_the_last_question_and_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[], str]
) -> None:
    office = Office(tmp_path, warehouse=new_database())
    office.deliver("alpha", LAST, PERSONS, [form("e1", "1", GROUPS)])
    office.run()
    placed = os.replace

    def place(source: Path, target: Path) -> None:
        if Path(target).name == "out":
            with pytest.raises(WarehouseBusy), office.open() as other:
                load_withdrawal(office, other)
        placed(source, target)

    monkeypatch.setattr(os, "replace", place)
    assert make(office).released
    # The lock ends with the parcel.
    assert [r.state for r in office.run() if r.source == "alpha"] == ["known", "loaded"]
    with office.open() as hub, hub.store.lock_run(), pytest.raises(WarehouseBusy):
        make(office, "another")
    assert not (tmp_path / "another").exists()


def test_a_decision_that_is_taken_back_meanwhile_stops_them(office: Office) -> None:
    folder = office.deliver("alpha", TODAY, PERSONS, FORMS)
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.write(";1;;;;;01.07.2025;;\n;;x;;;;y;;\n")
    office.run()
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{TODAY}", "kein Widerruf")
        decision = decide_transfer(hub, "jobcenter", TODAY)
        assert len(decision.released) == 3
        undo_acceptance(hub, f"alpha/{TODAY}")
        with pytest.raises(ChangedSince):
            hand_over(hub, decision, office.folder / "out")
