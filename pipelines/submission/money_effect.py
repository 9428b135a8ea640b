"""Says what a change of what is known does to the target group and the money of each year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.distribution import DistributionYear, load_years
from pipelines.funding.distribution import NotShared, Terms, decide_year, set_terms, share_counts
from pipelines.funding.target_group import count_by_municipality
from warehouse.as_of import KnownAt

if TYPE_CHECKING:
    from pipelines.hub import Hub


@dataclass(frozen=True)
class MoneyEffect:
    """A municipality whose persons or share differ; amounts in EUR as text, None: not known.

    ``year`` is the year of calculation, ``known`` whether its formula is proven (F, D) or assumed.
    """

    year: str
    known: str
    municipality: str
    persons_then: int
    persons_now: int
    amount_then: str | None
    amount_now: str | None


@dataclass(frozen=True)
class _Shares:
    """Persons and, where the money is known, EUR by municipality."""

    persons: Mapping[str, int]
    amounts: Mapping[str, str]


def list_money_effects(hub: Hub, then: KnownAt, now: KnownAt) -> Iterator[MoneyEffect]:
    """The effects in every year whose key date is known."""
    for year in load_years(hub.config.funding.distribution):
        if year.stichtag is not None:
            before, after = (_share_year(hub, year.year, known_at) for known_at in (then, now))
            yield from _compare_shares(year, before, after)


def _compare_shares(year: DistributionYear, then: _Shares, now: _Shares) -> Iterator[MoneyEffect]:
    for ags in sorted(then.persons.keys() | now.persons.keys()):
        effect = MoneyEffect(
            year.year,
            year.known,
            ags,
            then.persons.get(ags, 0),
            now.persons.get(ags, 0),
            then.amounts.get(ags),
            now.amounts.get(ags),
        )
        if (effect.persons_then, effect.amount_then) != (effect.persons_now, effect.amount_now):
            yield effect


def _share_year(hub: Hub, year: str, known_at: KnownAt) -> _Shares:
    terms = set_terms(hub, year, budget=hub.config.funding.amount)
    _, verdicts = decide_year(hub, terms, known_at)
    counted = count_by_municipality(verdicts)
    persons = {ags: count for ags, count in counted.items() if ags is not None}
    return _Shares(persons, _share_amounts(terms, persons))


def _share_amounts(terms: Terms, persons: Mapping[str, int]) -> Mapping[str, str]:
    try:
        shares = share_counts(terms, persons).shares
    except NotShared:
        # Neither rate nor budget is known: the persons are told alone.
        return {}
    return {share.municipality: share.amount for share in shares}
