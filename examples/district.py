"""The invented district: municipalities, carriers with their systems and counsellors, recipients.

The AGS prefix 08998 belongs to no real district, and postal codes starting with 00 are not given
out in Germany.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import Final

NAME: Final = "Beispielkreis"
AGS: Final = "08998"
JOBCENTER: Final = f"Jobcenter {NAME}"
OTHER_RECIPIENTS: Final = (
    "Jobcenter Nachbarkreis",
    f"Ausländerbehörde {NAME}",
    "Sprachschule Beispielstadt",
)


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


MUNICIPALITIES: Final = {
    place.ags: place
    for place in (
        Municipality("08998001", "Beispielstadt", "Mitte", "Stadt Beispielstadt", "00961"),
        Municipality("08998002", "Lerchenweiler", "Nord", "Gemeinde Lerchenweiler", "00962"),
        Municipality("08998003", "Quellhöfen", "Nord", "Gemeinde Quellhöfen", "00963"),
        Municipality("08998004", "Unterröthach", "Süd", "Gemeinde Unterröthach", "00964"),
        Municipality("08998005", "Steigingen", "Süd", "Gemeinde Steigingen", "00965"),
        Municipality("08998006", "Müßlach", "Süd", "Gemeinde Müßlach", "00966"),
    )
}
CARRIERS: Final = (
    Carrier(
        "enaio",
        "enaio_export",
        "landratsamt",
        f"Landratsamt {NAME}",
        ("08998002", "08998003", "08998004"),
        (
            Counsellor("Abele, Susanne", "Nord"),
            Counsellor("Küfer, Dilan", "Nord"),
            Counsellor("Strähle, Volker", "Süd"),
            Counsellor("Hörmann, Judith", "Süd"),
        ),
    ),
    Carrier(
        "jobkraftwerk",
        "jobkraftwerk",
        "stadt",
        "Stadt Beispielstadt",
        ("08998001",),
        (
            Counsellor("Brändle, Jonas", "Mitte"),
            Counsellor("Winterle, Aylin", "Mitte"),
            Counsellor("Kößler, Marion", "Mitte"),
        ),
    ),
    Carrier(
        "tau",
        "tau_office",
        "diakonie",
        f"Diakonieverband {NAME}",
        ("08998001", "08998003", "08998004"),
        (Counsellor("Gößwein, Martin", "Mitte"), Counsellor("Übele, Karin", "Süd")),
    ),
    Carrier(
        "workbook",
        "workbook",
        "verband",
        "Gemeindeverwaltungsverband Steigtal",
        ("08998005", "08998006"),
        (Counsellor("Mühleck, Tanja", "Süd"), Counsellor("Jäckle, Roland", "Süd")),
    ),
)
BY_SOURCE: Final = {carrier.source: carrier for carrier in CARRIERS}
STAFF_NAMES: Final = (
    "Abele, Susanne",
    "Küfer, Dilan",
    "Strähle, Volker",
    "Hörmann, Judith",
    "Brändle, Jonas",
    "Winterle, Aylin",
    "Kößler, Marion",
    "Gößwein, Martin",
    "Übele, Karin",
    "Mühleck, Tanja",
    "Jäckle, Roland",
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
