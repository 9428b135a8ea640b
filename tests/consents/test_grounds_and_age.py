"""Releases need a decision before a form is made of them; an old delivery may be passed over, one that waits may not."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from pipelines.config import ConfigError
from pipelines.notices.recorded_notices import record_due_notices
from pipelines.operations.doctor import examine_hub
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import Parcel, hand_over
from pipelines.transfer.stale_sources import NotStale, allow_stale
from tests.consents.office import LAST, TODAY, Office, form, person
from warehouse.gates.consent import select_released
from warehouse.schema import stale_release

LATE = LAST + timedelta(120)
DECIDED = ", releases: {sources: [beta], dpo: {decided_on: 2025-06-02, reference: DSB 7/2025}}"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form in alpha, a release in beta, of two persons."""
    office = Office(tmp_path_factory.mktemp("loaded"))
    office.deliver("alpha", LAST, [person("1")], [form("E1", "1", "Stammdaten,Sprache")])
    office.deliver("beta", LAST, [person("2", Freigabe="Stammdaten,Sprache")], [])
    office.run()
    return office.folder


@pytest.fixture
def office(loaded: Path, tmp_path: Path) -> Office:
    """A copy of the loaded district."""
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    return Office(tmp_path)


def configure(office: Office, recipient: str) -> None:
    office.configure(**{"kind: jobcenter": f"kind: jobcenter{recipient}"})


def make_forms(office: Office, *stale: str) -> Parcel:
    with office.open() as hub:
        allowed = allow_stale(hub, stale, "Urlaub", hub.today) if stale else ()
        decision = decide_transfer(hub, "jobcenter", hub.today, allow_stale=allowed)
        return hand_over(hub, decision, office.folder / "out")


def test_no_form_is_made_of_a_release_without_a_decision(office: Office) -> None:
    parcel = make_forms(office)
    assert [form.records for form in parcel.released] == [["alpha:1"]]
    assert [(r.records, r.reason) for r in parcel.refused] == [
        (["beta:2"], "release_without_decision")
    ]
    # Looking back tells what was granted, and names what has no ground.
    with office.open() as hub:
        looked = decide_transfer(hub, "jobcenter", TODAY - timedelta(1)).as_answer()
        said = [c for c in examine_hub(hub) if c.name == "releases for jobcenter"]
    assert {form.records[0] for form in looked.released} == {"alpha:1", "beta:2"}
    assert looked.grounds_missing == ["beta:2"]
    assert "dpo: {decided_on: DAY, reference: …}" in said[0].message


def test_a_decision_that_is_no_longer_configured_is_no_revocation(office: Office) -> None:
    plain = (office.folder / "drehscheibe.yaml").read_text()
    configure(office, DECIDED)
    assert len(make_forms(office).released) == 2
    (office.folder / "drehscheibe.yaml").write_text(plain)
    with office.open() as hub:
        found = record_due_notices(hub)
    assert (found.new, found.unsure, found.lost) == ([], {"jobcenter": 1}, [])


def test_the_form_names_the_decision(office: Office) -> None:
    configure(office, DECIDED)
    parcel = make_forms(office)
    assert not parcel.grounds_missing
    number = next(form.files[0] for form in parcel.released if form.records == ["beta:2"])
    text = " ".join(
        " ".join(page.extract_text().split())
        for page in PdfReader(office.folder / "out" / number).pages
    )
    assert "Entscheidung der oder des Datenschutzbeauftragten vom 02.06.2025 (DSB 7/2025)" in text


@pytest.mark.parametrize(
    "releases",
    [
        ", releases: [beta]",
        ", releases: {sources: [beta]}",
        DECIDED.replace("2025-06-02", "2025-08-02"),
        DECIDED.replace("[beta]", "[alpha]"),
    ],
)
def test_a_decision_to_come_or_of_another_system_is_none(office: Office, releases: str) -> None:
    configure(office, releases)
    assert [form.records for form in make_forms(office).released] == [["alpha:1"]]


@pytest.mark.parametrize(
    "releases",
    [
        ", releases: {sources: [gamma]}",
        DECIDED.replace(", reference: DSB 7/2025", ""),
        DECIDED.replace("DSB 7/2025", '""'),
        DECIDED.replace("2025-06-02", "im Juni"),
    ],
)
def test_a_wrong_decision_is_told(office: Office, releases: str) -> None:
    configure(office, releases)
    with pytest.raises(ConfigError, match=r"gamma|reference|decided_on"):
        office.open()


def test_age_can_be_passed_over_for_a_reason(office: Office) -> None:
    office.today = LATE
    office.deliver("beta", LATE, [person("2", Freigabe="Stammdaten,Sprache")], [])
    office.run()
    assert make_forms(office).released == []
    office.folder.joinpath("out").rename(office.folder / "empty")
    parcel = make_forms(office, "alpha")
    assert [form.records for form in parcel.released] == [["alpha:1"]]
    with office.open() as hub, hub.store.read() as connection:
        (row,) = connection.execute(select(stale_release)).all()
    assert (row.source, row.reason, row.recipient) == ("alpha", "Urlaub", "jobcenter")


def test_what_waits_is_never_passed_over(office: Office) -> None:
    office.today = LATE
    office.deliver(
        "alpha", LAST + timedelta(1), [person("1")], [form("E1", "1", "Stammdaten,Sprache")]
    )
    with office.open() as hub:
        allowed = allow_stale(hub, ["alpha"], "Urlaub", hub.today)
        decision = decide_transfer(hub, "jobcenter", hub.today, allow_stale=allowed)
        assert not decision.released
        assert "nicht geladen" in decision.stale["alpha"]
        assert "fehlt eine neue" not in decision.stale["alpha"]


def test_a_source_that_is_not_old_needs_nothing(office: Office) -> None:
    with office.open() as hub, pytest.raises(NotStale):
        allow_stale(hub, ["alpha"], "Urlaub", hub.today)


def test_no_query_selects_what_nobody_can_release(office: Office) -> None:
    with office.open() as hub:
        gate = decide_transfer(hub, "jobcenter", TODAY).gate
    for entity, fields, areas in (
        ("goal", ["title"], ["gesundheit"]),
        ("conversation_topic", ["topic"], []),
    ):
        with pytest.raises(ValueError, match="class special"):
            select_released(replace(gate, on=date(2025, 8, 1)), "beruf", entity, fields, areas)
