"""A withdrawal that lies in the files and is not loaded keeps everybody of its source in, and transfer says why."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.fetch.fetcher import CannotFetch
from pipelines.intake import fetch_source as fetching
from pipelines.intake import load_delivery
from pipelines.intake.acceptance import accept_delivery
from pipelines.intake.delivery_status import answer_status
from pipelines.intake.freshness import USUAL_DAYS, find_obstacles
from pipelines.operations.doctor import CheckState, examine_hub
from pipelines.transfer.decision import decide_transfer
from tests.conformance.fault_kinds import holds
from tests.consents.office import EARLIER, LAST, MAPPING, TODAY, Office, form, person
from warehouse.database.store import ConnectionLost

pytestmark = pytest.mark.thorough

PERSONS = [person(str(n)) for n in range(1, 61)]
GRANTED = [form("a", "1"), form("b", "2")]
REVOKED = [form("a", "1", Widerrufen="20.07.2025"), form("b", "2")]
NEXT = TODAY
NUMBER = "070011234567"


def waiting(office: Office) -> None:
    office.deliver("alpha", NEXT, PERSONS, REVOKED)


def growing(office: Office) -> None:
    folder = office.deliver("alpha", NEXT, PERSONS)
    (folder / "Einwilligungen.csv.part").write_text("ENr;", "utf-8")
    office.run()


def empty(office: Office) -> None:
    (office.folder / "alpha" / NEXT.isoformat()).mkdir()
    office.run()


def dated_ahead(office: Office) -> None:
    office.deliver("alpha", NEXT + timedelta(1), PERSONS, REVOKED)
    assert [r.state for r in office.run() if r.source == "alpha"].count("held") == 1


def replaced_in_place(office: Office) -> None:
    office.deliver("alpha", LAST, PERSONS, REVOKED)


def without_a_table(office: Office) -> None:
    folder = office.deliver("alpha", NEXT, PERSONS, REVOKED)
    (folder / "Klienten.csv").unlink()
    office.run()


def half_read(office: Office) -> None:
    folder = office.deliver("alpha", NEXT, PERSONS, REVOKED)
    (folder / "Einwilligungen.csv").write_text("ENr;Nr\n1;1\n", "utf-8")
    office.run()


def held_by_the_guard(office: Office) -> None:
    office.configure(**{"delivers: full}": "delivers: full, max_gone_share: 0}"})
    office.deliver("alpha", NEXT, PERSONS[:2], REVOKED)
    office.run()


def broken_mapping(office: Office) -> None:
    office.deliver("alpha", NEXT, PERSONS, REVOKED)
    (office.folder / "forms.yaml").write_text("system: [", "utf-8")
    office.run()


def changed_mapping(office: Office) -> None:
    mapping = office.folder / "forms.yaml"
    mapping.write_text(mapping.read_text("utf-8") + "about: other\n", "utf-8")


def landed_only(office: Office) -> None:
    """The load was undone by a lost connection, then somebody emptied the folder."""
    office.deliver("alpha", NEXT, PERSONS, REVOKED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_delivery, "_load_into_warehouse", _lose)
        with pytest.raises(ConnectionLost):
            office.run()
    shutil.rmtree(office.folder / "alpha" / NEXT.isoformat())


def _lose(*_: object) -> None:
    raise ConnectionLost("lost")


def removed(office: Office) -> None:
    office.configure(**{"  alpha: ": "  # alpha: "})


def renamed(office: Office) -> None:
    office.configure(**{"  alpha: ": "  gamma: "})
    office.run()


def overdue(office: Office) -> None:
    office.today = LAST + timedelta(USUAL_DAYS + 1)


def overdue_by_its_rhythm(office: Office) -> None:
    office.configure(**{"delivers: full}": "delivers: full, expect_every_days: 7}"})
    office.today = LAST + timedelta(8)


SITUATIONS = (
    waiting,
    growing,
    empty,
    dated_ahead,
    replaced_in_place,
    without_a_table,
    half_read,
    held_by_the_guard,
    broken_mapping,
    changed_mapping,
    landed_only,
    removed,
    renamed,
    overdue,
    overdue_by_its_rhythm,
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both systems loaded in July; who is in alpha may be released."""
    office = Office(tmp_path_factory.mktemp("loaded"))
    office.deliver("alpha", LAST, PERSONS, GRANTED)
    office.deliver("beta", LAST, [person("99", Freigabe="Sprache")])
    office.run()
    assert office.released().keys() == {"alpha:1", "alpha:2", "beta:99"}
    return office.folder


def copied(loaded: Path, folder: Path) -> Office:
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    return Office(folder)


@holds(12)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: s.__name__)
def test_nothing_of_the_source_goes_out(
    loaded: Path, tmp_path: Path, situation: Callable[[Office], None]
) -> None:
    office = copied(loaded, tmp_path)
    situation(office)
    decision = office.decide()
    assert not [record for record in decision.released if record[0] == "alpha"]
    assert decision.stale["alpha"]
    reasons = office.reasons()
    assert reasons["alpha:2"] == ("source_not_current",)
    assert reasons["alpha:1"] in (("source_not_current",), ("revoked",))


def test_a_folder_that_is_gone_keeps_the_source_in(loaded: Path, tmp_path: Path) -> None:
    office = copied(loaded, tmp_path)
    with office.open() as hub:
        shutil.move(office.folder / "alpha", office.folder / "elsewhere")
        decision = decide_transfer(hub, "jobcenter", TODAY)
    assert {source for source, _ in decision.released} == {"beta"}
    assert "gibt es nicht" in decision.stale["alpha"]


def test_the_other_source_still_speaks(loaded: Path, tmp_path: Path) -> None:
    office = copied(loaded, tmp_path)
    waiting(office)
    assert office.released() == {"beta:99": ("sprache",)}


def test_who_is_also_in_the_source_stays_in(tmp_path: Path) -> None:
    office = Office(tmp_path)
    same = {"AZR": "070011234567"}
    office.deliver("alpha", LAST, [person("1", **same)], [form("a", "1")])
    office.deliver("beta", LAST, [person("1", **same, Freigabe="Sprache"), person("2")])
    office.run()
    assert office.released() == {"alpha:1": ("sprache",), "beta:1": ("sprache",)}
    office.deliver("alpha", NEXT, [person("1", **same)], [form("a", "1", Widerrufen="1.7.2025")])
    assert office.released() == {}


def test_status_and_doctor_say_the_same(loaded: Path, tmp_path: Path) -> None:
    office = copied(loaded, tmp_path)
    waiting(office)
    with office.open() as hub:
        found = find_obstacles(hub)
        status = {s.source: list(s.obstacles) for s in answer_status(hub).sources}
        checks = [c for c in examine_hub(hub) if c.name == "releases of alpha"]
    assert status == {"alpha": found["alpha"], "beta": []}
    assert [c.state for c in checks] == [CheckState.RED]
    assert found["alpha"][0] in checks[0].message


def test_without_recipients_nothing_is_said_of_forms(loaded: Path, tmp_path: Path) -> None:
    office = copied(loaded, tmp_path)
    waiting(office)
    path = office.folder / "drehscheibe.yaml"
    path.write_text(path.read_text("utf-8").partition("recipients:")[0], encoding="utf-8")
    with office.open() as hub:
        assert not any(source.obstacles for source in answer_status(hub).sources)
        assert [c for c in examine_hub(hub) if c.name.startswith("releases of")] == []


def test_a_fetch_that_failed_keeps_the_source_in(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = copied(loaded, tmp_path)
    fetch = "fetch: {kind: webdav, url: 'https://cloud.example/dav/', user: u}, "
    office.configure(**{"alpha: {": "alpha: {" + fetch})
    monkeypatch.setenv("DREHSCHEIBE_SECRET_ALPHA", "p")

    def refuse(*_: object) -> None:
        raise CannotFetch("refused", "Der Server antwortet nicht.")

    monkeypatch.setattr(fetching, "fetcher_of", refuse)
    office.run()
    assert "Der Server antwortet nicht." in office.decide().stale["alpha"]


def test_a_late_partial_delivery_stays_red_until_a_person_decides(tmp_path: Path) -> None:
    office = Office(tmp_path, delivers="partial")
    office.deliver("alpha", EARLIER, PERSONS, GRANTED)
    office.deliver("alpha", LAST, PERSONS, [])
    office.run()
    assert office.released().keys() == {"alpha:1", "alpha:2"}
    office.deliver("alpha", date(2025, 7, 15), PERSONS, REVOKED)
    office.run()
    assert office.released() == {}
    assert office.run() and office.released() == {}
    with office.open() as hub:
        accept_delivery(hub, "alpha/2025-07-15", "steht auch in der Lieferung vom 31.07.")
    assert office.released().keys() == {"alpha:1", "alpha:2"}


def known_twice(office: Office, **second: str) -> None:
    """One human being, released in alpha and known in beta."""
    office.deliver("alpha", EARLIER, [person("1", AZR=NUMBER)], [form("a", "1")])
    office.deliver("beta", EARLIER, [person("1", AZR=NUMBER, **second)])
    office.run()


def test_a_first_word_that_waits_keeps_the_person_in(tmp_path: Path) -> None:
    office = Office(tmp_path)
    known_twice(office)
    assert office.released().keys() == {"alpha:1"}
    office.deliver("beta", LAST, [person("1", AZR=NUMBER, Freigabe="Sprache")])
    assert office.released() == {}


def test_a_release_that_was_withdrawn_counts_after_its_source_is_removed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    known_twice(office, Freigabe="Sprache")
    office.deliver("beta", LAST, [person("1", AZR=NUMBER)])
    office.run()
    assert office.released() == {}
    office.configure(**{"  beta: ": "  # beta: "})
    assert office.released() == {}


@pytest.mark.parametrize("reads_consents", [True, False])
def test_a_removed_source_that_never_had_a_consent_is_told(
    tmp_path: Path, reads_consents: bool
) -> None:
    office = Office(tmp_path)
    if not reads_consents:
        (tmp_path / "both.yaml").write_text(PLAIN, "utf-8")
    known_twice(office)
    office.deliver("beta", LAST, [person("1", AZR=NUMBER, Freigabe="Sprache")])
    assert office.released() == {}
    office.configure(**{"  beta: ": "  # beta: "})
    # What waits in its folder is not looked at any more: it may be a first word.
    assert office.released() == {}
    with office.open() as hub:
        assert answer_status(hub).removed == {"beta": find_obstacles(hub)["beta"]}
        assert [c.state for c in examine_hub(hub) if c.name == "releases of beta"] == ["red"]


def test_a_removed_source_of_which_nothing_was_loaded_is_told(tmp_path: Path) -> None:
    office = Office(tmp_path)
    folder = office.deliver("beta", LAST, [person("1")])
    (folder / "Klienten.csv").write_text("", "utf-8")
    office.run()
    office.configure(**{"  beta: ": "  # beta: "})
    with office.open() as hub:
        assert find_obstacles(hub).keys() == {"beta"}


PLAIN = MAPPING.partition("RELEASE")[0]


def test_a_source_without_consents_is_watched_while_it_waits(tmp_path: Path) -> None:
    """Its notes may say that somebody withdrew."""
    office = Office(tmp_path)
    (tmp_path / "both.yaml").write_text(PLAIN, "utf-8")
    known_twice(office)
    office.deliver("beta", LAST, [person("1", AZR=NUMBER)])
    assert office.released() == {}
    office.run()
    assert office.released().keys() == {"alpha:1"}
    (tmp_path / "both.yaml").write_text("system: [", "utf-8")
    assert office.released() == {}


@pytest.mark.parametrize(
    ("as_of", "waits"), [(TODAY, LAST), (LAST, LAST), (1, LAST), (EARLIER, None)]
)
def test_looking_back_asks_what_was_current_then(
    tmp_path: Path, as_of: date | int, waits: date | None
) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, PERSONS, GRANTED)
    office.run()
    office.deliver("alpha", LAST, PERSONS, REVOKED)
    with office.open() as hub:
        decision = decide_transfer(hub, "jobcenter", TODAY, as_of)
    assert bool(decision.released) == (waits is None)
    assert bool(decision.stale) == (waits is not None)
    assert decision.fresh_on == (as_of if isinstance(as_of, date) else TODAY)


def test_an_earlier_load_is_judged_by_the_day_of_its_delivery(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, PERSONS, GRANTED)
    office.deliver("alpha", LAST, PERSONS, REVOKED)
    office.run()
    office.deliver("alpha", NEXT, PERSONS, REVOKED)
    with office.open() as hub:
        earlier, newest = (decide_transfer(hub, "jobcenter", TODAY, n) for n in (1, 2))
    assert (earlier.fresh_on, earlier.stale) == (EARLIER, {})
    assert newest.fresh_on == TODAY and newest.released == {}


@holds(12)
@pytest.mark.parametrize(
    ("on", "may"), [(EARLIER - timedelta(1), False), (EARLIER, True), (TODAY, True)]
)
def test_before_its_first_delivery_a_source_does_not_speak(
    tmp_path: Path, on: date, may: bool
) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, PERSONS, GRANTED)
    office.run()
    decision = office.decide(on)
    assert ("alpha" not in decision.stale) == may
    assert may or not decision.released
