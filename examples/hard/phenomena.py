"""What makes a district hard: each difference between systems with how often it occurs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

# Who is known where is no difference between systems.
_KEPT = ("two_systems", "three_systems", "four_systems", "moved_alone", "households")


@dataclass(frozen=True)
class Phenomena:
    """The share of the records, persons or households that show each."""

    # who is known where
    two_systems: float = 0.13
    three_systems: float = 0.02
    four_systems: float = 0.002
    moved_alone: float = 0.15
    twice_in_one_system: float = 0.004
    households: float = 0.7
    other_municipality: float = 0.3
    look_alikes: float = 0.02
    # names
    respelled_given: float = 0.35
    respelled_family: float = 0.35
    middle_dropped: float = 0.35
    middle_moved: float = 0.03
    fathers_name: float = 0.015
    tribal_name: float = 0.003
    one_name: float = 0.01
    doubled_name: float = 0.003
    spacing: float = 0.3
    prefix_dropped: float = 0.25
    title: float = 0.01
    swapped: float = 0.02
    upper_case: float = 0.1
    cut_short: float = 0.01
    typing_error: float = 0.02
    married: float = 0.006
    # birth dates
    stand_in_birth: float = 0.012
    other_stand_in: float = 0.04
    birth_part_wrong: float = 0.01
    birth_exchanged: float = 0.008
    solar_calendar: float = 0.01
    birth_missing: float = 0.012
    # entry
    entry_missing: float = 0.1
    entry_of_district: float = 0.2
    entry_month_only: float = 0.08
    # sex, nationality, numbers
    sex_missing: float = 0.02
    sex_wrong: float = 0.003
    nationality_missing: float = 0.02
    nationality_confused: float = 0.02
    number_delivered: float = 0.4
    number_mistyped: float = 0.015
    number_of_father: float = 0.04
    number_second: float = 0.01

    @classmethod
    def only(cls, **shares: float) -> Phenomena:
        """These phenomena alone; where else systems know a person, they agree."""
        none = {f.name: 0.0 for f in fields(cls) if f.name not in _KEPT}
        return replace(cls(), **{**none, **shares})


ALL_PHENOMENA = Phenomena()
