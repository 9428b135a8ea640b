"""Restriction (Art. 18 DSGVO) and legal hold: kept with who set them, of the whole person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.rights.marked_records import mark_person
from tests.consents.office import Office, form, person
from tests.rights.planted import PlantedDistrict
from warehouse.rights.record_marks import Mark, MarkEvent, read_held, read_restricted


def test_a_mark_covers_every_record_and_ends_again(copy: Callable[[], PlantedDistrict]) -> None:
    with copy().open() as hub:
        made = mark_person(hub, "xml:P-100001", Mark.RESTRICTED, MarkEvent.SET, "bestritten")
        assert made.changed == len(made.records) == 3
        again = mark_person(hub, "csv:P-100001", Mark.RESTRICTED, MarkEvent.SET, "bestritten")
        assert again.changed == 0
        with hub.store.read() as connection:
            assert {key for _, key in read_restricted(connection)} == {"P-100001"}
            assert read_held(connection) == set()
        ended = mark_person(hub, "csv:P-100001", Mark.RESTRICTED, MarkEvent.LIFTED, "geklärt")
        assert ended.changed == 3 and len(ended.history) == 6
        with hub.store.read() as connection:
            assert read_restricted(connection) == set()


@pytest.mark.parametrize("kind", [Mark.RESTRICTED, Mark.HOLD])
def test_only_a_restriction_keeps_forms_back(kind: Mark, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.deliver("alpha", office.today.replace(month=7, day=31), [person("1")], [form("E", "1")])
    office.run()
    assert "alpha:1" in office.released()
    with office.open() as hub:
        mark_person(hub, "alpha:1", kind, MarkEvent.SET, "bestritten")
    is_back = "alpha:1" not in office.released()
    assert is_back == (kind is Mark.RESTRICTED)
    if is_back:
        assert office.reasons()["alpha:1"] == ("restricted",)
