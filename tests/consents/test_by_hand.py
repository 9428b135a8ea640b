"""Consents and withdrawals by hand: what they let out and keep in, whatever systems deliver then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.consents.grant import Consent, grant_consent, withdraw_consent
from pipelines.consents.statements import NotWritten
from pipelines.hub import Hub
from pipelines.intake.identity_decisions import decide_pair
from pipelines.intake.replay import undo_load
from pipelines.transfer.decision import decide_transfer
from tests.consents.office import EARLIER, LAST, TODAY, Office, Row, form, person
from warehouse.identity.decisions import Verdict

NEXT = date(2025, 8, 1)
SAME = {"AZR": "070001123456"}


def consent(record: str, *groups: str, **more: Any) -> Consent:
    """A consent in order, given on 20 July 2025."""
    usual = Consent(
        record=record,
        recipient="jobcenter",
        groups=groups or ("sprache",),
        purposes=["vermittlung"],
        given_on=date(2025, 7, 20),
        released_persons=["Anna Beispiel"],
    )
    return replace(usual, **more)


def revoke(hub: Hub, record: str, day: date = TODAY, **more: Any) -> None:
    withdraw_consent(hub, record, "jobcenter", day, **more)


def persons() -> list[Row]:
    """Persons of alpha; those of a number below 20 have a form of January."""
    births = {"30": "01.08.2012", "31": "01.08.2008", "32": "02.03.2010", "33": ""}
    rows = [person(str(n)) for n in (*range(1, 20), *range(20, 40))]
    return [{**row, "Geburtsdatum": births.get(row["Nr"], row["Geburtsdatum"])} for row in rows]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One district for all rows of the tables below; each is about a record of its own."""
    office = Office(tmp_path_factory.mktemp("office"))
    linked = [person("1", "Eins", **SAME), *persons()[1:]]
    forms = [form(f"E{n}", str(n)) for n in range(1, 20)]
    office.deliver("alpha", LAST, linked, forms)
    office.deliver("beta", LAST, [person("b1", "Eins", Freigabe="Sprache", **SAME)], [])
    office.run()
    with office.open() as hub:
        revoke(hub, "alpha:1")
        revoke(hub, "alpha:2", date(2025, 1, 14))
        revoke(hub, "alpha:3", date(2025, 1, 15))
        revoke(hub, "alpha:4", kind="refused")
        withdraw_consent(hub, "alpha:5", None, TODAY)
        revoke(hub, "alpha:6")
        revoke(hub, "alpha:6")
        grant_consent(hub, consent("alpha:7", "beruf"))
        for given in (
            consent("alpha:20"),
            consent("alpha:21", released_persons=[]),
            consent("alpha:22", valid_until=date(2025, 7, 31)),
            consent("alpha:23", valid_until=TODAY),
            consent("alpha:24", "sprache", "beruf"),
            consent("alpha:24", "sprache"),
            consent("alpha:25", ends_with="Ende des Sprachkurses"),
            consent("alpha:26", ends_with="Ende des Sprachkurses"),
            consent("alpha:27"),
            consent("alpha:30", own_consent=True),
            consent("alpha:31", own_consent=False, guardian="Omid Beispiel"),
            consent("alpha:32"),
            consent("alpha:33", own_consent=False, guardian="Omid Beispiel"),
            consent("alpha:34", given_on=TODAY),
            consent("alpha:35", own_consent=False, guardian="Vera Betreuerin"),
        ):
            grant_consent(hub, given)
        revoke(hub, "alpha:26", kind="ended")
        revoke(hub, "alpha:27", date(2025, 7, 19))
        revoke(hub, "alpha:34")
    yield office


REFUSED = {
    "alpha:1": ("revoked", "revoked_since"),
    "alpha:3": ("revoked", "revoked_since"),
    "alpha:4": ("refused", "revoked_since"),
    "alpha:5": ("revoked", "revoked_since"),
    "alpha:6": ("revoked", "revoked_since"),
    "beta:b1": ("other_record",),
    "alpha:21": ("confidentiality_not_released",),
    "alpha:22": ("expired",),
    "alpha:26": ("expired", "occasion_ended"),
    "alpha:30": ("guardian_missing",),
    "alpha:31": ("own_consent_missing",),
    "alpha:34": ("revoked", "revoked_since"),
}
RELEASED = {
    # Revoked the day before the form was given.
    "alpha:2": ("sprache", "beruf"),
    # The newer word counts alone, and names less.
    "alpha:7": ("beruf",),
    "alpha:20": ("sprache",),
    "alpha:23": ("sprache",),
    # The last one of a day corrects the one before.
    "alpha:24": ("sprache",),
    "alpha:25": ("sprache",),
    "alpha:27": ("sprache",),
    "alpha:32": ("sprache",),
    # Nobody knows how old the person is; this rule refuses no such.
    "alpha:33": ("sprache",),
    "alpha:35": ("sprache",),
}
USUAL = {f"alpha:{n}": ("sprache", "beruf") for n in range(8, 20)}


def test_what_is_written_down_counts_at_once(office: Office) -> None:
    assert office.released() == {**USUAL, **RELEASED}
    assert office.reasons() == REFUSED


def test_the_day_before_it_did_not_count(office: Office) -> None:
    released = office.released(TODAY - timedelta(1))
    # Looking back to the last of July, nobody had revoked yet, and the end had not come.
    assert set(released) >= {"alpha:1", "beta:b1", "alpha:4", "alpha:22", "alpha:26"}
    assert "alpha:3" not in released


def test_what_was_known_before_stays_as_it_was(office: Office) -> None:
    with office.open() as hub:
        before = decide_transfer(hub, "jobcenter", TODAY, 2)
    assert {":".join(record) for record in before.released} == {
        *(f"alpha:{n}" for n in range(1, 20)),
        "beta:b1",
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (consent("alpha:nobody"), "no person record"),
        (consent("alpha"), "is no record"),
        (consent("alpha:20", "sprahce"), "did you mean 'sprache'"),
        (consent("alpha:20", "Gesundheit"), "special categories"),
        (consent("alpha:20", "special"), "special categories"),
        (consent("alpha:20", purposes=["alles"]), "no purpose 'alles'"),
        (consent("alpha:20", purposes=[]), "at least one"),
        (consent("alpha:20", direction="both"), "no direction"),
        (consent("alpha:20", given_on=TODAY + timedelta(1)), "after today"),
        (consent("alpha:20", given_on=date(2014, 12, 31)), "lies before"),
        (consent("alpha:20", valid_until=date(2025, 7, 19)), "would end"),
        (consent("alpha:20", own_consent=False), "needs a guardian"),
        (consent("alpha:20", witnessed_by="x" * 201), "may have 200 characters"),
        (consent("alpha:20", scan=Path("nowhere.pdf")), "no file"),
    ],
)
def test_what_nobody_can_consent_to_is_refused(office: Office, given: Consent, told: str) -> None:
    with office.open() as hub:
        last = hub.store.last_load()
        with pytest.raises(NotWritten, match=told) as refused:
            grant_consent(hub, given)
        assert refused.value.kind.exit_status == 2
        assert hub.store.last_load() == last


@pytest.mark.parametrize("day", [TODAY + timedelta(1), date(2014, 12, 31)])
def test_nobody_revokes_on_an_impossible_day(office: Office, day: date) -> None:
    with office.open() as hub, pytest.raises(NotWritten):
        revoke(hub, "alpha:8", day)


def test_no_delivery_revives_what_was_revoked_by_hand(tmp_path: Path) -> None:
    """A later full delivery, its undoing, and a link that is taken back: the person stays in."""
    office = Office(tmp_path)
    rows = [person("1"), person("2", AZR="")]
    forms = [form("E1", "1"), form("E2", "2")]
    other = person("b", Freigabe="Sprache")
    office.deliver("alpha", EARLIER, rows, forms)
    office.deliver("beta", EARLIER, [other], [])
    office.run()
    with office.open() as hub:
        decide_pair(hub, "alpha:1", "beta:b", Verdict.SAME, "Ausweis gesehen")
        revoke(hub, "alpha:1", EARLIER)
        decide_pair(hub, "alpha:1", "beta:b", Verdict.DIFFERENT, "verwechselt")
    assert set(office.released()) == {"alpha:2"}
    office.deliver("alpha", LAST, rows, [form("E1-neu", "1"), form("E2", "2")])
    office.deliver("beta", LAST, [other], [])
    office.run()
    assert set(office.released()) == {"alpha:2"}
    with office.open() as hub:
        undo_load(hub, hub.store.last_load(), "falsche Lieferung")
    assert "alpha:1" not in office.released()
    # A consent that is newer counts again.
    office.deliver("alpha", NEXT, rows, [form("E3", "1", Erteilt="02.07.2025"), form("E2", "2")])
    office.deliver("beta", NEXT, [other], [])
    office.run()
    assert {"alpha:1", "alpha:2"} <= set(office.released())


def test_the_next_owner_of_a_key_inherits_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", EARLIER, [person("1")], [])
    office.run()
    with office.open() as hub:
        grant_consent(hub, consent("alpha:1", given_on=EARLIER))
    assert set(office.released()) == {"alpha:1"}
    other = person("1", "Ganzanders", Vorname="Omid", Geburtsdatum="12.12.1971")
    office.deliver("alpha", LAST, [other], [])
    office.run()
    assert office.released() == {}
    assert office.reasons() == {"alpha:1": ("person_changed",)}
