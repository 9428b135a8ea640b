"""Sets figures of a period against posts and against the persons whom the funding is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from pipelines.failures import Failure
from pipelines.figures.kennzahlen import (
    FigureRequest,
    Kennzahlen,
    compute_kennzahlen,
    open_scope,
)
from pipelines.funding.distribution import decide_year, set_terms
from pipelines.funding.grant_book import read_grant_book
from pipelines.funding.posts import round_half_up
from pipelines.funding.target_group import count_by_municipality
from pipelines.funding.work_ratios import measure_work
from warehouse.errors import NoRight
from warehouse.marts.conversations import persons_reached

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt
    from warehouse.marts.scope import By, Scope

# The ratios with their labels.
RATIOS = {
    "conversations_per_vzae_month": "Gespräche je VZÄ und Monat",
    "reached_per_funded": "Erreichte Personen je Person der Zielgruppe",
}
_OPEN = "der Zeitraum ist offen"
_NOT_BEGUN = "der Zeitraum hat noch nicht begonnen"
_NO_POSTS = "im Verzeichnis stehen keine Stellen mit Namen aus den Quellen"
_NOBODY = "die Zielgruppe hat niemanden"


@dataclass(frozen=True)
class Ratio:
    """``count`` divided by ``of``; without a ``value`` the ``reason`` says in German why.

    ``unit`` is empty for the whole district.
    """

    ratio: str
    label: str
    unit: Mapping[str, str]
    count: int | None
    of: Decimal | None
    value: Decimal | None
    reason: str | None = None


@dataclass(frozen=True)
class InternalKennzahlen(Kennzahlen):
    """The district's own figures, with the ratios that go with them."""

    ratios: Sequence[Ratio] = ()


def compute_internal(
    hub: Hub, asked: FigureRequest, units: Sequence[By] = (), known_at: KnownAt | None = None
) -> InternalKennzahlen:
    """The answer of ``drehscheibe kennzahlen --internal``; ``asked`` has the purpose internal."""
    known_at = known_at or hub.known_at(asked.as_of)
    answer = compute_kennzahlen(hub, asked, units, known_at)
    scope = open_scope(hub, asked, known_at)
    ratios = [_divide_work(hub, scope), *_divide_reach(hub, scope, units)]
    return InternalKennzahlen(**vars(answer), ratios=ratios)


def _divide_work(hub: Hub, scope: Scope) -> Ratio:
    """Conversations held on posts by the posts' VZÄ and months, until today."""
    name = "conversations_per_vzae_month"
    label = RATIOS[name]
    if scope.first is None or scope.last is None:
        return Ratio(name, label, {}, None, None, None, _OPEN)
    with hub.store.read() as connection:
        book = read_grant_book(connection, scope.known_at)
        work = measure_work(connection, book, scope)
    value = work.conversations_per_vzae_month
    is_running = scope.counted_on is not None and scope.first <= scope.counted_on
    reason = None if value is not None else _NO_POSTS if is_running else _NOT_BEGUN
    return Ratio(name, label, {}, work.conversations, work.vzae_months, value, reason)


def _divide_reach(hub: Hub, scope: Scope, units: Sequence[By]) -> Iterator[Ratio]:
    """Persons reached by the persons of the target group, in the district and each municipality."""
    name = "reached_per_funded"
    label = RATIOS[name]
    if scope.last is None:
        yield Ratio(name, label, {}, None, None, None, _OPEN)
        return
    try:
        funded = _count_funded(hub, scope, scope.last)
    except (Failure, NoRight) as error:
        yield Ratio(
            name, label, {}, None, None, None, f"keine Zielgruppe für {scope.last.year}: {error}"
        )
        return
    places = sorted(ags for ags in funded if ags) if "municipality" in units else []
    reached = _count_reached(hub, scope, by_place=bool(places))
    yield _divide(name, label, {}, reached.get(None, 0), sum(funded.values()))
    for ags in places:
        yield _divide(name, label, {"municipality": ags}, reached.get(ags, 0), funded[ags])


def _divide(name: str, label: str, unit: Mapping[str, str], count: int, of: int) -> Ratio:
    value = round_half_up(Fraction(count, of)) if of else None
    return Ratio(name, label, unit, count, Decimal(of), value, None if of else _NOBODY)


def _count_funded(hub: Hub, scope: Scope, last: date) -> Mapping[str | None, int]:
    """The persons of the target group of the year in which the period ends, by AGS."""
    _, verdicts = decide_year(hub, set_terms(hub, str(last.year)), scope.known_at)
    return count_by_municipality(verdicts)


def _count_reached(hub: Hub, scope: Scope, *, by_place: bool) -> dict[str | None, int]:
    """The persons reached by AGS; those of the whole district under None."""
    with hub.store.read() as connection:
        whole = connection.execute(persons_reached(scope)).scalar()
        reached: dict[str | None, int] = {None: int(whole or 0)}
        if by_place:
            of_places = connection.execute(persons_reached(replace(scope, by="municipality")))
            reached |= {row.municipality: int(row.value) for row in of_places}
    return reached
