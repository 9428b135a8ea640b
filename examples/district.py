"""The invented district of district.yaml: municipalities, carriers with their systems, recipients."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import Final

from examples.yaml_data import read_data


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality; `name` is as exports print it, `also` another spelling."""

    ags: str
    name: str
    team: str
    also: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Counsellor:
    """One Integrationsmanager/in, as the carrier's system prints the name, and the Regionalteam."""

    name: str
    team: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier and its system; `municipalities` are the AGS of those it counsels in."""

    source: str
    mapping: str
    key: str
    name: str
    municipalities: tuple[str, ...]
    staff: tuple[Counsellor, ...]

    def staff_for(self, team: str) -> tuple[Counsellor, ...]:
        """The counsellors of that team, or all of them where the carrier has none in it."""
        return tuple(person for person in self.staff if person.team == team) or self.staff


@dataclass(frozen=True, slots=True)
class District:
    """Everything that district.yaml says."""

    name: str
    ags: str
    jobcenter: str
    other_recipients: tuple[str, ...]
    municipalities: tuple[Municipality, ...]
    carriers: tuple[Carrier, ...]


_DISTRICT: Final[District] = read_data("district", District)
NAME: Final = _DISTRICT.name
AGS: Final = _DISTRICT.ags
JOBCENTER: Final = _DISTRICT.jobcenter
OTHER_RECIPIENTS: Final = _DISTRICT.other_recipients
MUNICIPALITIES: Final = {place.ags: place for place in _DISTRICT.municipalities}
CARRIERS: Final = _DISTRICT.carriers
BY_SOURCE: Final = {carrier.source: carrier for carrier in CARRIERS}
# The other districts have one counsellor more.
STAFF_NAMES: Final = (
    *(person.name for carrier in CARRIERS for person in carrier.staff),
    "Dörr, Simone",
)


def sole_carrier(source: str, mapping: str) -> Carrier:
    """A Landratsamt that counsels in all municipalities with one system.

    The districts with published totals work in this way.
    """
    staff = tuple(map(Counsellor, STAFF_NAMES, cycle(("Nord", "Mitte", "Süd"))))
    return Carrier(
        source, mapping, "landratsamt", f"Landratsamt {NAME}", tuple(MUNICIPALITIES), staff
    )
