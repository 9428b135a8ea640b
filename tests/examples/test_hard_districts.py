"""Hard districts: every phenomenon is a switch that changes something, and a seed says everything."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from examples.hard.district import HardDistrict, make_district
from examples.hard.phenomena import Phenomena
from examples.hard.records import HardRecord

PERSONS = 200
SWITCHES = [field.name for field in fields(Phenomena)]


def make(phenomena: Phenomena) -> HardDistrict:
    return make_district(5, PERSONS, phenomena)


def values(district: HardDistrict) -> list[tuple[object, ...]]:
    """All that is delivered of each record, without its key."""
    names = [field.name for field in fields(HardRecord) if field.name not in ("human", "key")]
    return [tuple(getattr(record, name) for name in names) for record in district.records]


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_changes_something(name: str) -> None:
    # A number or a birth date has to be there before it can be wrong, and a system before it can be the fourth.
    given = Phenomena.only(
        number_delivered=1.0, two_systems=0.0, three_systems=0.0, four_systems=0.0
    )
    share = getattr(given, name)
    assert values(make(given)) != values(make(replace(given, **{name: 0.0 if share else 1.0})))


def test_without_phenomena_the_systems_agree() -> None:
    district = make(Phenomena.only())
    pairs, known = district.list_true_pairs(), values(district)
    # Source, household and municipality are those of the system.
    differing = [(a, b) for a, b in pairs if known[a][1:-2] != known[b][1:-2]]
    assert len(pairs) > 15
    assert differing == []


def test_a_seed_says_everything() -> None:
    assert make(Phenomena()) == make(Phenomena())
    assert make(Phenomena()) != make_district(6, PERSONS)


def test_pairs_and_look_alikes() -> None:
    district = make_district(5, 600, replace(Phenomena(), look_alikes=0.3, twice_in_one_system=0.1))
    humans = [record.human for record in district.records]
    across, within = district.list_true_pairs(), district.list_true_pairs(within_source=True)
    assert across and within and not across & within
    assert all(humans[a] == humans[b] and a < b for a, b in across | within)
    alike = district.list_look_alikes()
    assert len(alike) > 50
    assert all(humans[a] != humans[b] and a < b for a, b in alike)
