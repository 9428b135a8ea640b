"""The text of the simulated district's drehscheibe.yaml; facts about the district itself are in district.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from examples.district import AGS, JOBCENTER, MUNICIPALITIES, NAME, Carrier
from examples.expected_figures import Period

TARGETED: Final = ("conversations", "plans_concluded", "goals_reached")
_HEAD: Final = f"""\
# Simulierter Landkreis: alle Personen, Fälle und Orte sind erfunden; Ähnlichkeiten mit Namen sind Zufall.
district: {{ags: "{AGS}", name: {NAME}}}
data: data                       # Eingang, eingebaute Datenbank und Ausgaben, neben dieser Datei
warehouse: duckdb
"""


def render_configuration(
    carriers: Sequence[Carrier], period: Period, figures: Mapping[str, int]
) -> str:
    """The configuration of a district in which these carriers deliver, reported over the period.

    The targets are what each team would need for its even share of `figures`, rounded up to tens.
    """
    teams = list(dict.fromkeys(place.team for place in MUNICIPALITIES.values()))
    shares = {name: _even_share(figures.get(name, 0), len(teams)) for name in TARGETED}
    parts = {
        "carriers": [f"{carrier.key}: {{name: {carrier.name}}}" for carrier in carriers],
        "municipalities": [
            f'"{place.ags}": {{name: {place.name}, team: {place.team}, also: [{place.also}]}}'
            for place in MUNICIPALITIES.values()
        ],
        "sources": [
            f"{carrier.source}: {{mapping: {carrier.mapping}, folder: exports/{carrier.source}, carrier: {carrier.key}, delivers: full}}"
            for carrier in carriers
        ],
        "recipients": [f"jobcenter: {{name: {JOBCENTER}, kind: jobcenter}}"],
        "reports": [f"from: {period[0]}", f"to: {period[1]}"],
        "staff": [
            f'- {{name: "{person.name}", source: {carrier.source}, vzae: {"0.75" if place % 3 else "1.0"}}}'
            for carrier in carriers
            for place, person in enumerate(carrier.staff)
        ],
        "targets": [
            f"- {{team: {team}, indicator: {name}, value: {value}, until: {period[1]}}}"
            for team in teams
            for name, value in shares.items()
        ],
    }
    return _HEAD + "".join(
        f"{part}:\n" + "".join(f"  {line}\n" for line in lines) for part, lines in parts.items()
    )


def _even_share(value: int, teams: int) -> int:
    return -(-value // (teams * 10)) * 10
