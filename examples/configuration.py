"""Renders the simulated district's drehscheibe.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from examples.district import AGS, JOBCENTER, MUNICIPALITIES, NAME, Carrier, Municipality
from examples.expected_figures import Period

TARGETED: Final = ("conversations", "plans_concluded", "goals_reached")
# The mapping of the system in which persons release their data themselves.
RELEASING: Final = "jobkraftwerk"
_HEAD: Final = f"""\
# Simulierter Landkreis: alle Personen, Fälle und Orte sind erfunden; \
Ähnlichkeiten mit Namen sind Zufall.
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
    parts = {
        "carriers": [f"{carrier.key}: {{name: {carrier.name}}}" for carrier in carriers],
        "municipalities": map(_render_municipality, MUNICIPALITIES.values()),
        "sources": map(_render_source, carriers),
        "recipients": [f"jobcenter: {_render_recipient(carriers)}"],
        "reports": [f"from: {period[0]}", f"to: {period[1]}"],
        "staff": _render_staff(carriers),
        "targets": _render_targets(period, figures),
    }
    return _HEAD + "".join(_render_part(part, lines) for part, lines in parts.items())


def _render_part(name: str, lines: Iterable[str]) -> str:
    return f"{name}:\n" + "".join(f"  {line}\n" for line in lines)


def _render_municipality(place: Municipality) -> str:
    return f'"{place.ags}": {{name: {place.name}, team: {place.team}, also: [{place.also}]}}'


def _render_recipient(carriers: Sequence[Carrier]) -> str:
    """The recipient, with the decision on which the releases of one system are handed over."""
    releasing = [carrier.source for carrier in carriers if carrier.mapping == RELEASING]
    decided = "dpo: {decided_on: 2020-01-15, reference: DSB 1/2020 (erfunden)}"
    releases = f", releases: {{sources: [{', '.join(releasing)}], {decided}}}" if releasing else ""
    return f"{{name: {JOBCENTER}, kind: jobcenter{releases}}}"


def _render_source(carrier: Carrier) -> str:
    source = carrier.source
    return (
        f"{source}: {{mapping: {carrier.mapping}, folder: exports/{source}, "
        f"carrier: {carrier.key}, delivers: full}}"
    )


def _render_staff(carriers: Sequence[Carrier]) -> Iterator[str]:
    for carrier in carriers:
        for place, person in enumerate(carrier.staff):
            vzae = "0.75" if place % 3 else "1.0"
            yield f'- {{name: "{person.name}", source: {carrier.source}, vzae: {vzae}}}'


def _render_targets(period: Period, figures: Mapping[str, int]) -> Iterator[str]:
    teams = dict.fromkeys(place.team for place in MUNICIPALITIES.values())
    for team in teams:
        for name in TARGETED:
            value = _even_share(figures.get(name, 0), len(teams))
            yield f"- {{team: {team}, indicator: {name}, value: {value}, until: {period[1]}}}"


def _even_share(value: int, teams: int) -> int:
    return -(-value // (teams * 10)) * 10
