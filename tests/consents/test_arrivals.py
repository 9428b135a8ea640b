"""What arrived and was never taken keeps its source in until something replaces it or a person decides."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime, time
from pathlib import Path

import pytest

from pipelines.intake import load_delivery
from pipelines.intake.acceptance import (
    AlreadyDecided,
    NotHeld,
    accept_delivery,
    undo_acceptance,
)
from pipelines.intake.delivery_status import answer_status
from tests.consents.office import (
    CONSENT,
    EARLIER,
    LAST,
    PERSON,
    TODAY,
    Office,
    form,
    person,
    write_table,
)
from warehouse.database.store import ConnectionLost

pytestmark = pytest.mark.thorough

PERSONS = [person(key) for key in "123"]
GRANTED = [form("a", "1"), form("b", "2"), form("c", "3")]
REVOKED = [form("a", "1", Widerrufen="10.07.2025"), *GRANTED[1:]]
MIDDLE = date(2025, 7, 15)
EVERYBODY = {"alpha:1", "alpha:2", "alpha:3"}


def known(folder: Path, delivers: str) -> Office:
    office = Office(folder, delivers=delivers)
    office.deliver("alpha", EARLIER, PERSONS, GRANTED)
    office.run()
    return office


def lose_load(office: Office) -> None:
    """A run that ends after the landing, before anything is in the warehouse."""

    def lose(*_: object) -> None:
        raise ConnectionLost("lost")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_delivery, "_load_into_warehouse", lose)
        with pytest.raises(ConnectionLost):
            office.run()


def accept(office: Office, name: str) -> None:
    with office.open() as hub:
        accept_delivery(hub, name, "steht auch in der neuen Lieferung")


def undo(office: Office, name: str) -> None:
    with office.open() as hub:
        undo_acceptance(hub, name)


def date_files(folder: Path, day: date) -> None:
    noon = datetime.combine(day, time(12)).timestamp()
    for file in folder.iterdir():
        os.utime(file, (noon, noon))


def test_an_unreadable_partial_delivery_is_not_replaced_by_another_of_its_day(
    tmp_path: Path,
) -> None:
    office = known(tmp_path, "partial")
    folder = office.deliver("alpha", LAST, PERSONS[:1], REVOKED[:1])
    (folder / "Einwilligungen.csv").write_text("ENr;Nr;Widerrufen\na;1;20.07.2025\n", "utf-8")
    office.run()
    office.deliver("alpha", LAST, PERSONS[1:2], GRANTED[1:2])
    assert [r.state for r in office.run() if r.source == "alpha"][-1] == "loaded"
    assert office.released() == {}
    accept(office, f"alpha/{LAST}")
    assert office.released().keys() == EVERYBODY


def test_a_partial_delivery_whose_load_was_lost_is_not_replaced_by_another_of_its_day(
    tmp_path: Path,
) -> None:
    office = known(tmp_path, "partial")
    office.deliver("alpha", LAST, PERSONS[:1], REVOKED[:1])
    lose_load(office)
    office.deliver("alpha", LAST, PERSONS[1:2], GRANTED[1:2])
    office.run()
    assert office.released() == {}
    assert "im Eingang" in office.decide().stale["alpha"]
    accept(office, f"alpha/{LAST}")
    assert office.released().keys() == EVERYBODY


@pytest.mark.parametrize("day", [LAST, TODAY])
def test_a_full_delivery_replaces_one_whose_load_was_lost(tmp_path: Path, day: date) -> None:
    office = known(tmp_path, "full")
    office.deliver("alpha", LAST, PERSONS, REVOKED)
    lose_load(office)
    shutil.rmtree(office.folder / "alpha" / LAST.isoformat())
    assert office.released() == {}
    office.deliver("alpha", day, PERSONS, GRANTED[1:])
    office.run()
    assert office.released().keys() == {"alpha:2", "alpha:3"}


def test_a_full_delivery_of_the_same_day_whose_load_was_lost_keeps_the_source_in(
    tmp_path: Path,
) -> None:
    office = known(tmp_path, "full")
    folder = office.deliver("alpha", LAST, PERSONS, GRANTED)
    office.run()
    shutil.copytree(folder, office.folder / "kept")
    office.deliver("alpha", LAST, PERSONS, REVOKED)
    lose_load(office)
    shutil.rmtree(folder)
    (office.folder / "kept").rename(folder)
    assert office.released() == {}


def test_a_decision_can_be_taken_back_after_the_next_load(tmp_path: Path) -> None:
    office = known(tmp_path, "partial")
    office.deliver("alpha", LAST, PERSONS[2:], [])
    office.run()
    office.deliver("alpha", MIDDLE, PERSONS[:1], REVOKED[:1])
    office.run()
    name = f"alpha/{MIDDLE}"
    with pytest.raises(AlreadyDecided):
        undo(office, name)
    accept(office, name)
    with pytest.raises(AlreadyDecided, match="settled"):
        accept(office, name)
    office.deliver("alpha", TODAY, PERSONS[1:2], [])
    office.run()
    assert office.released().keys() == EVERYBODY
    undo(office, name)
    assert office.released() == {}


def test_a_full_delivery_under_an_earlier_day_is_decided_by_a_person(tmp_path: Path) -> None:
    office = known(tmp_path, "full")
    office.deliver("alpha", date(2025, 1, 31), PERSONS, REVOKED)
    assert office.released() == {}
    office.run()
    office.run()
    assert office.released() == {}
    assert "drehscheibe accept" in office.decide().stale["alpha"]
    accept(office, "alpha/2025-01-31")
    assert office.released().keys() == EVERYBODY


def test_the_next_full_delivery_replaces_one_under_an_earlier_day(tmp_path: Path) -> None:
    office = known(tmp_path, "full")
    office.deliver("alpha", date(2025, 1, 31), PERSONS, REVOKED)
    office.run()
    office.deliver("alpha", LAST, PERSONS, REVOKED)
    office.run()
    assert office.released().keys() == {"alpha:2", "alpha:3"}
    with pytest.raises(NotHeld):
        accept(office, "alpha/2025-01-31")


def test_files_that_are_replaced_by_seemingly_older_ones_keep_the_source_in(
    tmp_path: Path,
) -> None:
    office, folder = Office(tmp_path), tmp_path / "alpha"
    for rows, day in ((GRANTED, LAST), (REVOKED, MIDDLE)):
        write_table(folder / "Klienten.csv", PERSON, PERSONS)
        write_table(folder / "Einwilligungen.csv", CONSENT, rows)
        date_files(folder, day)
        office.run()
        assert bool(office.released()) == (rows is GRANTED)


@pytest.mark.parametrize("how", ["emptied", "elsewhere", "older"])
def test_a_folder_without_what_was_loaded_last_keeps_the_source_in(
    tmp_path: Path, how: str
) -> None:
    office = known(tmp_path, "full")
    office.deliver("alpha", LAST, PERSONS, GRANTED)
    office.run()
    if how == "elsewhere":
        office.deliver("alpha", TODAY, PERSONS, REVOKED)
        (office.folder / "leer").mkdir()
        office.configure(**{"folder: alpha": "folder: leer"})
    elif how == "older":
        shutil.rmtree(office.folder / "alpha" / LAST.isoformat())
    else:
        shutil.rmtree(office.folder / "alpha")
        (office.folder / "alpha").mkdir()
    office.run()
    assert office.released() == {}
    assert "Pfad der Quelle" in office.decide().stale["alpha"]


def test_older_deliveries_may_be_moved_away(tmp_path: Path) -> None:
    office = known(tmp_path, "full")
    office.deliver("alpha", LAST, PERSONS, GRANTED)
    office.run()
    shutil.rmtree(office.folder / "alpha" / EARLIER.isoformat())
    assert office.released().keys() == EVERYBODY


def unreadable_row(office: Office, day: date, *forms: object) -> None:
    """A delivery with a withdrawal of nobody knows whom."""
    folder = office.deliver("alpha", day, PERSONS, forms)  # type: ignore[arg-type]
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.write(";;Jobcenter Musterkreis;;;;01.07.2025;;\n")


def test_a_row_of_nobody_knows_whom_is_decided_by_a_person(tmp_path: Path) -> None:
    office = known(tmp_path, "partial")
    unreadable_row(office, MIDDLE)
    office.run()
    office.deliver("alpha", LAST, PERSONS[:1], [])
    office.run()
    assert office.released() == {}
    accept(office, f"alpha/{MIDDLE}")
    assert office.released().keys() == EVERYBODY
    undo(office, f"alpha/{MIDDLE}")
    assert office.released() == {}
    accept(office, f"alpha/{MIDDLE}")
    unreadable_row(office, TODAY)
    office.run()
    assert office.released() == {}


def test_a_full_delivery_with_such_a_row_is_decided_anew(tmp_path: Path) -> None:
    office = known(tmp_path, "full")
    for day in (MIDDLE, LAST):
        unreadable_row(office, day, *GRANTED)
        office.run()
        assert office.released() == {}
        accept(office, f"alpha/{day}")
        assert office.released().keys() == EVERYBODY


@pytest.mark.slow
@pytest.mark.parametrize("content", ["", "{", "[]", '{"files": 1}', '{"files": [], "source": "a"}'])
def test_a_damaged_manifest_of_something_unknown_keeps_all_in(tmp_path: Path, content: str) -> None:
    office = known(tmp_path, "full")
    with office.open() as hub:
        manifests = hub.landing.place_of("0" * 64).parent
    for path in manifests.iterdir():
        path.chmod(0o600)
        path.write_text(content, "utf-8")
    assert office.released().keys() == EVERYBODY
    with office.open() as hub:
        assert not answer_status(hub).sources[0].obstacles
    (manifests / f"{'a' * 64}.json").write_text(content, "utf-8")
    assert office.released() == {}
    assert "beschädigt" in office.decide().stale["beta"]


def test_a_mapping_that_is_far_too_deep_keeps_its_source_in_alone(tmp_path: Path) -> None:
    office = known(tmp_path, "full")
    office.deliver("beta", EARLIER, [person("9", Freigabe="Sprache")])
    office.run()
    (office.folder / "forms.yaml").write_bytes(b"system: " + b"[" * 500)
    assert office.released().keys() == {"beta:9"}


def test_an_error_while_judging_a_source_keeps_it_in_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = known(tmp_path, "full")
    office.deliver("beta", EARLIER, [person("9", Freigabe="Sprache")])
    office.run()

    def fail(_: object, name: str) -> None:
        if name == "alpha":
            raise ArithmeticError("Amal Muster1")

    monkeypatch.setattr("pipelines.intake.freshness.read_failure", fail)
    assert office.released().keys() == {"beta:9"}
    assert "ArithmeticError" in office.decide().stale["alpha"]
    assert "Muster1" not in office.decide().stale["alpha"]
