"""Says what a change of what is known does to the target group and the money of each year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from mappings.distribution import DistributionYear, load_years
from pipelines.funding.distribution import NotShared, Terms, decide_year, set_terms, share_counts
from pipelines.funding.target_group import WrongRule, count_by_municipality
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
class UnknownEffect:
    """A year that no rule of the target group fits: what becomes of its money is not known."""

    year: str
    stichtag: date
    because: str


@dataclass(frozen=True)
class MoneyEffects:
    """What becomes of the years whose key date is known."""

    known: Sequence[MoneyEffect]
    unknown: Sequence[UnknownEffect]


@dataclass(frozen=True)
class _Shares:
    """Persons and, where the money is known, EUR by municipality."""

    persons: Mapping[str, int]
    amounts: Mapping[str, str]


def find_money_effects(hub: Hub, then: KnownAt, now: KnownAt) -> MoneyEffects:
    """The effects in every year whose key date is known."""
    known: list[MoneyEffect] = []
    unknown: list[UnknownEffect] = []
    years = load_years(hub.config.funding.distribution)
    paid = _find_paid_year(hub, years)
    for year in years:
        if year.stichtag is None:
            continue
        budget = hub.config.funding.amount if year.year == paid else None
        try:
            before, after = (_share_year(hub, year.year, budget, at) for at in (then, now))
        except WrongRule as error:
            unknown.append(UnknownEffect(year.year, year.stichtag, str(error)))
        else:
            known.extend(_compare_shares(year, before, after))
    return MoneyEffects(known, unknown)


def _find_paid_year(hub: Hub, years: Sequence[DistributionYear]) -> str | None:
    """The year that the configured amount is for: that of its key date."""
    stichtag = hub.config.funding.stichtag
    if stichtag is None:
        return None
    of_that_day = (year.year for year in years if year.stichtag == stichtag)
    return next(of_that_day, str(stichtag.year))


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


def _share_year(hub: Hub, year: str, budget: Decimal | None, known_at: KnownAt) -> _Shares:
    terms = set_terms(hub, year, budget=budget)
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
