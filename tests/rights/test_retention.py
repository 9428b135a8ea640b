"""Retention: who is due is told by id; who is held or still counselled is not emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.orchestration.retention_asset import count_due
from pipelines.rights.marked_records import mark_person
from pipelines.rights.retention import RetentionReport, apply_retention, find_due
from tests.rights.planted import OTHERS, PlantedDistrict, person, planted, talk
from tests.rights.traces import find_traces
from warehouse.rights.record_marks import Mark, MarkEvent

# By key: the end of the case, the day of a conversation after it, and what is told of it.
CASES = {
    "P-100001": ("31.07.2022", "", "due"),
    "P-300002": ("01.08.2022", "", ""),
    "P-300003": ("31.07.2022", "02.08.2023", ""),
    "P-300004": ("", "", ""),
    "P-300005": ("31.12.2019", "", "held"),
}
LATER_TALK = talk("G-9", "P-300003", "02.08.2023")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> PlantedDistrict:
    made = PlantedDistrict(tmp_path_factory.mktemp("retention"), kinds=("csv",))
    clients = [planted("P-100001", Von="01.01.2020", Bis="31.07.2022"), OTHERS[0]]
    clients += [
        person(key, f"Ende{key[-1]}", "Eva", f"0{key[-1]}.03.1980", Von="01.01.2018", Bis=end)
        for key, (end, *_) in CASES.items()
        if key != "P-100001"
    ]
    made.deliver("csv", clients=clients, talks=[LATER_TALK])
    assert made.run() == ["loaded"]
    with made.open() as hub:
        mark_person(hub, "csv:P-300005", Mark.HOLD, MarkEvent.SET, "Klage")
    return made


def told(district: PlantedDistrict, report: RetentionReport) -> dict[str, str]:
    """The records by what is said of their person."""
    from warehouse.rights.subject import find_subject

    with district.open() as hub, hub.store.read() as connection:
        return {
            find_subject(connection, owner).names[0]: state
            for state in ("due", "held", "undated")
            for owner in vars(report)[state]
        }


def test_who_is_due_is_told_and_nothing_changes(district: PlantedDistrict) -> None:
    with district.open() as hub:
        report = find_due(hub)
    expected = {f"csv:{key}": state for key, (*_, state) in CASES.items() if state}
    assert told(district, report) == expected
    assert count_due(district.open().config)["emptied"] == 0
    assert find_traces(district.folder / "data" / "landing") != []


def test_who_is_due_is_emptied_when_asked_for(district: PlantedDistrict) -> None:
    with district.open() as hub:
        report = apply_retention(hub)
        assert len(report.emptied) == 1
        assert find_due(hub).due == []
    assert find_traces(Path(district.folder, "data")) == []
