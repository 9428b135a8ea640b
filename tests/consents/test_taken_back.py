"""What a load that is taken back, or a source that is read anew, leaves of consents and withdrawals, of figures and of what was known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.errors import Wrong
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.intake.delivery_status import answer_balance, answer_status
from pipelines.intake.replay import (
    NoSuchLoad,
    NotReplayed,
    NotUndone,
    Replay,
    reread_source,
    undo_load,
)
from tests.consents.office import EARLIER, LAST, Office, Row, form, person
from warehouse.backup.consistency_check import check_warehouse
from warehouse.schema import ENTITIES, delivery, restoration
from warehouse.schema.states import DeliveryState

pytestmark = pytest.mark.thorough

FIRST, SECOND, THIRD = date(2025, 5, 31), EARLIER, LAST
PERSONS = [person("1"), person("2"), person("3")]
FORMS = [form(f"E{key}", key) for key in "123"]
_COUNTS = {"known": 3, "new": 0, "changed": 0, "unchanged": 2, "gone": 1}
REASON = "Ausfuhr eines anderen Kreises"


def undo(office: Office, number: int, *, rehearse: bool = False) -> Replay:
    with office.open() as hub:
        return undo_load(hub, number, REASON, rehearse=rehearse)


def reread(office: Office, since: date | None = None, reason: str = "") -> Replay:
    with office.open() as hub:
        return reread_source(hub, "alpha", since, reason)


def clients(office: Office, as_of: int | date | None = None) -> int:
    with office.open() as hub:
        asked = FigureRequest(date(2025, 1, 1), date(2025, 12, 31), as_of)
        figures = compute_kennzahlen(hub, asked).figures
    return next(f.value for f in figures if f.indicator == "clients" and not f.unit)


def red(office: Office) -> list[str]:
    with office.open() as hub:
        return answer_status(hub).red


def states(office: Office) -> dict[date, str]:
    with office.open() as hub, hub.store.read() as connection:
        c = delivery.c
        rows = connection.execute(select(c.delivered_on, c.state).where(c.source == "alpha"))
        return {row.delivered_on: row.state for row in rows}


def known(office: Office) -> dict[str, set[tuple[object, ...]]]:
    """What is known now, without the numbers of the loads."""
    with office.open() as hub, hub.store.read() as connection:
        return {
            name: {
                tuple(v for n, v in row._mapping.items() if n not in ("known_from", "known_to"))
                for row in connection.execute(
                    select(entity.table).where(entity.table.c.known_to.is_(None))
                )
            }
            for name, entity in ENTITIES.items()
        }


def assert_consistent(office: Office) -> None:
    with office.open() as hub:
        assert check_warehouse(hub.store, hub.landing) == []


def office_with(folder: Path, *deliveries: tuple[date, list[Row], list[Row]]) -> Office:
    office = Office(folder)
    for day, persons, forms in deliveries:
        office.deliver("alpha", day, persons, forms)
        office.run()
    return office


# What the second delivery has of a person's form, by person.
WITHDRAWALS: dict[str, list[Row]] = {
    "1": [form("E1", "1", Widerrufen="15.06.2025")],
    "2": [form("E2", "2", Widerrufen="mündlich")],
    "3": [form("E3", "3", Widerrufen="15.06.2204")],
    "4": [form("E4", "4", "Sprache")],
    "5": [form("E5", "5", "Sprache, vielleicht")],
    "6": [],
    "7": [form("", "7", Widerrufen="15.06.2025"), form("E7", "7")],
    "8": [form("E8", "8"), form("E8b", "8", Widerrufen="15.06.2025")],
    "9": [form("E9", "9")],
}


def test_a_withdrawal_that_is_taken_back_keeps_its_person_in(tmp_path: Path) -> None:
    persons = [person(key) for key in WITHDRAWALS]
    given = [form(f"E{key}", key) for key in WITHDRAWALS]
    withdrawn = [row for rows in WITHDRAWALS.values() for row in rows]
    office = office_with(tmp_path, (SECOND, persons, given), (THIRD, persons, withdrawn))
    undo(office, 2)
    assert set(office.released()) == {"alpha:9"}
    # What was said on a form that is there no more counts like any withdrawal that vanished.
    reasons = office.reasons()
    assert {key for key, why in reasons.items() if "doubtful" not in why} == {"alpha:8"}
    office.deliver("alpha", date(2025, 8, 1), persons, given)
    office.run()
    assert {f"alpha:{key}" for key in WITHDRAWALS} - set(office.released()) == {"alpha:8"}
    assert_consistent(office)


def test_persons_that_a_wrong_file_lacked_or_renamed_are_released_again(tmp_path: Path) -> None:
    others = [person("1", "Fremd", Vorname="Omid", Geburtsdatum="12.12.1971"), person("2")]
    office = office_with(
        tmp_path, (SECOND, PERSONS, FORMS), (THIRD, others, [form("E1", "1"), FORMS[1]])
    )
    assert set(office.released()) == {"alpha:2"}
    undo(office, 2)
    assert set(office.released()) == {"alpha:1", "alpha:2", "alpha:3"}


def test_a_later_delivery_says_otherwise(tmp_path: Path) -> None:
    office = office_with(
        tmp_path,
        (FIRST, PERSONS, FORMS),
        (SECOND, PERSONS, [*WITHDRAWALS["1"], *FORMS[1:]]),
        (THIRD, PERSONS, FORMS),
    )
    undo(office, 2)
    assert set(office.released()) == {"alpha:1", "alpha:2", "alpha:3"}


def test_history_is_kept_and_the_present_is_as_if_it_had_never_come(tmp_path: Path) -> None:
    more = [*PERSONS, person("4"), person("5")]
    rows = ((FIRST, PERSONS, FORMS), (SECOND, more[1:], FORMS[1:]), (THIRD, more, FORMS))
    office = office_with(tmp_path / "undone", *rows)
    before = [clients(office, number) for number in (1, 2, 3)]
    assert before == [3, 4, 5]
    rehearsed = undo(office, 2, rehearse=True)
    assert states(office)[SECOND] == "loaded" and rehearsed.rehearsed
    done = undo(office, 2)
    assert (done.undone, done.returned_as, [d.load for d in done.deliveries]) == (2, 4, [5])
    assert done.changes == rehearsed.changes and done.changes["case"].unchanged == 5
    assert [clients(office, number) for number in (1, 2, 3, 4, 5)] == [*before, 3, 5]
    assert [clients(office, day) for day in (FIRST, SECOND, THIRD, None)] == [3, 3, 5, 5]
    assert states(office) == {FIRST: "loaded", SECOND: "undone", THIRD: "loaded"}
    never = office_with(tmp_path / "never", rows[0], rows[2])
    assert known(office) == known(never)
    assert [r.state for r in office.run()] == [DeliveryState.KNOWN] * 3
    assert_consistent(office)
    with office.open() as hub, hub.store.read() as connection:
        (row,) = connection.execute(select(restoration)).all()
    assert (row.load_number, row.undone_load, row.restored_load) == (4, 2, 1)
    assert (row.reason, bool(row.made_by)) == (REASON, True)


def test_the_only_load_of_a_source_can_be_taken_back_and_come_again(tmp_path: Path) -> None:
    office = office_with(tmp_path, (SECOND, PERSONS, FORMS))
    undo(office, 1)
    assert (clients(office), clients(office, 1), office.released()) == (0, 3, {})
    assert red(office) == ["alpha"], "it is missing from every figure"
    assert_consistent(office)
    undo(office, 2)
    assert (clients(office), states(office)) == (3, {SECOND: "loaded"})
    assert red(office) == []
    assert len(office.released()) == 3
    with pytest.raises(NotUndone, match="loaded again"):
        undo(office, 2)
    undo(office, 4)
    assert (clients(office), clients(office, 4)) == (0, 3)
    assert_consistent(office)


def test_a_delivery_of_a_day_to_come_blocks_nothing_once_it_is_taken_back(tmp_path: Path) -> None:
    """As an earlier version loaded it; today it is held."""
    office = Office(tmp_path, today=date(2204, 7, 1))
    office.deliver("alpha", FIRST, PERSONS[:1], FORMS[:1])
    office.deliver("alpha", date(2204, 6, 30), PERSONS, FORMS)
    office.run()
    office.today = date(2025, 8, 1)
    office.deliver("alpha", LAST, PERSONS[:2], FORMS[:2])
    assert "failed" in [r.state for r in office.run()]
    undo(office, 2)
    office.run()
    assert clients(office) == clients(office, date(2025, 8, 1)) == 2
    assert clients(office, FIRST) == 1
    assert_consistent(office)


def test_what_cannot_be_taken_back_is_refused_with_a_sentence(tmp_path: Path) -> None:
    office = office_with(tmp_path, (FIRST, PERSONS, FORMS), (SECOND, PERSONS, FORMS))
    with pytest.raises(NoSuchLoad, match="no load 9"):
        undo(office, 9)
    undo(office, 1)
    for number, sentence in ((1, "already"), (2, "counts no more")):
        with pytest.raises(NotUndone, match=sentence):
            undo(office, number)
    reread(office)
    with pytest.raises(NotUndone, match="began to be read"):
        undo(office, 5)
    with pytest.raises(NoSuchLoad, match="nothing of alpha"):
        reread(office, date(2030, 1, 1))


def test_a_delivery_that_is_not_in_the_landing_stops_it_and_nothing_changes(tmp_path: Path) -> None:
    office = office_with(tmp_path, (FIRST, PERSONS, FORMS), (SECOND, PERSONS, FORMS))
    before = known(office)
    with office.open() as hub:
        for manifest in list((hub.landing.folder / "manifests").iterdir()):
            manifest.unlink()
    with pytest.raises(NotReplayed, match="not in the landing"):
        undo(office, 1)
    assert known(office) == before


def test_read_anew_is_as_if_it_had_been_read_so_from_the_start(tmp_path: Path) -> None:
    """A spelling of a municipality that is added reaches what was delivered before."""
    added = {"Musterstadt}": "Musterstadt, also: [Atlantis]}"}
    later, always = (_place_cases(Office(tmp_path / n, delivers="partial")) for n in "ab")
    always.configure(**added)
    for office in (later, always):
        for day, key, place in ((FIRST, "1", "Atlantis"), (SECOND, "2", "Atlantis")):
            office.deliver("alpha", day, [person(key, Freigabe=place)], FORMS)
        office.run()
    assert _read_places(later) == {"1": None, "2": None} != _read_places(always)
    later.configure(**added)
    (again,) = [r for r in later.run() if r.loaded]
    # The newest is read again by the run; that earlier ones were not, is said.
    assert _read_places(later) == {"1": None, "2": "08999001"}
    assert "drehscheibe reread alpha" in again.message
    done = reread(later)
    assert [d.delivered_on for d in done.deliveries] == [FIRST, SECOND]
    assert known(later) == known(always)
    assert _read_places(later, 2) == {"1": None, "2": None}
    with later.open() as hub:
        earlier = answer_balance(hub).earlier
    assert [(row.load, row.delivered_on) for row in earlier] == [
        (1, FIRST),
        (2, SECOND),
        (3, SECOND),
    ]
    assert [r.message for r in later.run()] == ["", ""]
    assert_consistent(later)


def test_a_full_source_takes_an_added_municipality_with_the_next_run(tmp_path: Path) -> None:
    office = _place_cases(Office(tmp_path))
    places = ("Atlantis", "08999007", "Musterstadt")
    cases = [person(str(n), Freigabe=place) for n, place in enumerate(places, start=1)]
    office.deliver("alpha", SECOND, cases, FORMS)
    office.run()
    assert _read_places(office) == {"1": None, "2": None, "3": "08999001"}
    new = '"08999007": {name: Atlantis, team: Süd}, "08999001"'
    office.configure(**{'"08999001"': new})
    office.run()
    assert _read_places(office) == {"1": "08999007", "2": "08999007", "3": "08999001"}
    assert _read_places(office, 1) == {"1": None, "2": None, "3": "08999001"}


def test_a_delivery_that_could_not_be_read_in_its_turn_is_read_anew(tmp_path: Path) -> None:
    office = Office(tmp_path)
    usual = (tmp_path / "forms.yaml").read_text("utf-8")
    (tmp_path / "forms.yaml").write_text(usual.replace("key: Nr", "key: Nummer"), "utf-8")
    office.deliver("alpha", FIRST, PERSONS, None)
    assert [r.state for r in office.run()] == ["failed"]
    (tmp_path / "forms.yaml").write_text(usual, "utf-8")
    (tmp_path / "alpha" / FIRST.isoformat() / "Klienten.csv").unlink()
    (tmp_path / "alpha" / FIRST.isoformat()).rmdir()
    office.deliver("alpha", SECOND, PERSONS[:2], FORMS)
    office.run()
    done = reread(office)
    assert [(d.delivered_on, d.load) for d in done.deliveries] == [(FIRST, 3), (SECOND, 4)]
    assert states(office) == {FIRST: "loaded", SECOND: "loaded"}


def test_a_reading_that_changes_most_waits_for_a_reason(tmp_path: Path) -> None:
    many = [person(str(n)) for n in range(30)]
    office = office_with(tmp_path, (FIRST, many, FORMS), (SECOND, many, FORMS))
    before = known(office)
    text = (tmp_path / "forms.yaml").read_text("utf-8")
    (tmp_path / "forms.yaml").write_text(text.replace("begun_on: Von", "begun_on: Bis"), "utf-8")
    with pytest.raises(NotReplayed, match="unusually much"):
        reread(office)
    assert known(office) == before
    assert reread(office, reason="geprüft").changes["case"].changed == 30


def test_the_commands_answer_with_what_they_did(tmp_path: Path) -> None:
    office = office_with(tmp_path, (FIRST, PERSONS[:2], FORMS), (SECOND, PERSONS, FORMS))
    config = ("-c", str(tmp_path / "drehscheibe.yaml"))
    wrong = CliRunner().invoke(app, ["undo", "2", *config])
    assert isinstance(wrong.exception, Wrong) and wrong.exception.kind.exit_status == 2
    for dry_run in (True, False):
        calls = ["undo", "2", "--reason", REASON, "--json", *(["--dry-run"] if dry_run else [])]
        answer = CliRunner().invoke(app, [*calls, *config])
        assert answer.exit_code == 0
        (replay,) = json.loads(answer.stdout)["replays"]
        assert (replay["undone"], replay["date"], replay["dry_run"]) == (2, "2025-06-30", dry_run)
        assert replay["records"]["case"] == _COUNTS
        assert clients(office) == (3 if dry_run else 2)
    shown = CliRunner().invoke(app, ["reread", "alpha", "--from", "2025-05-01", *config])
    assert "1 delivery of alpha loaded again, as of load 5" in shown.stdout
    assert "[1/1] alpha 2025-05-31" in shown.stderr
    balance = json.loads(CliRunner().invoke(app, ["balance", "--json", *config]).stdout)
    undone = balance["deliveries"][-1]
    assert undone["state"] == "undone" and REASON in undone["message"]


def _place_cases(office: Office) -> Office:
    """The same with a municipality in the column of the releases."""
    file = office.folder / "forms.yaml"
    text = file.read_text("utf-8").replace("    ignore: [Freigabe]\n", "", 1)
    text = text.replace("ended_on: Bis}", "ended_on: Bis, municipality: Freigabe}")
    file.write_text(text, "utf-8")
    return office


def _read_places(office: Office, as_of: int | None = None) -> dict[str, str | None]:
    with office.open() as hub, hub.store.read() as connection:
        rows = hub.known_at(as_of).select_rows(ENTITIES["case"].table)
        return {r.source_key: r.municipality for r in connection.execute(select(rows))}
