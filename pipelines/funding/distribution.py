"""Shares the money of a year among the municipalities, and shows what other rules would change."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from mappings.distribution import DistributionYear, UnknownYear, find_year
from mappings.distribution import Window as Days
from mappings.engine.clean import fold_text
from mappings.target_group_verdict import Question
from pipelines.failures import Failure, Kind
from pipelines.funding.target_group import (
    ClientVerdict,
    RuleBook,
    count_by_municipality,
    count_verdicts,
    decide_clients,
    open_rules,
)
from warehouse.marts.funding import apply_rate, split_amount

if TYPE_CHECKING:
    from pipelines.config.models import Municipality
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt


class NotShared(Failure):
    """The money cannot be shared with what is known; its text says what is missing."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class Share:
    """The persons of a municipality and what they bring it; ``amount`` in EUR, as text."""

    municipality: str
    persons: int
    amount: str


@dataclass(frozen=True)
class Distribution:
    """Shares by AGS under one rule, their sum, and how far that is from the budget.

    ``out`` and ``unknown`` count the persons who are not shared for, ``without_municipality`` those
    who are in but in no known municipality.
    """

    rules: Sequence[str]
    shares: Sequence[Share]
    persons: int
    total: str
    budget: str | None
    difference: str | None
    out: int
    unknown: int
    without_municipality: int
    clients: Sequence[ClientVerdict] = ()


@dataclass(frozen=True)
class Terms:
    """What a distribution goes by: the year with what was given instead of it, and the budget.

    ``given``: the names of the year's terms that somebody gave.
    """

    year: DistributionYear
    budget: Decimal | None = None
    given: Sequence[str] = ()

    @property
    def question(self) -> Question:
        """Key date and window; NotShared where no key date is known."""
        if self.year.stichtag is None:
            raise NotShared(f"the key date of {self.year.year} is not known: give --stichtag")
        days = self.year.window
        return Question(self.year.stichtag, *((days.first, days.last) if days else ()))


def set_terms(
    hub: Hub | None,
    name: str,
    *,
    rate: Decimal | None = None,
    budget: Decimal | None = None,
    stichtag: date | None = None,
    days: tuple[date, date] | None = None,
) -> Terms:
    """The terms of a year; what is given goes before what is known. NotShared: unknown year."""
    try:
        year = find_year(name, hub.config.funding.distribution if hub else None)
    except UnknownYear as error:
        raise NotShared(str(error)) from None
    changes = {"rate": rate, "stichtag": stichtag}
    if days:
        changes["window"] = Days.model_validate({"from": days[0], "to": days[1]})  # type: ignore[assignment]
    given = {key: value for key, value in changes.items() if value is not None}
    if year.formula == "share" and rate is not None:
        raise NotShared(f"the money of {name} is a share of the budget: give --budget, no --rate")
    return Terms(year.model_copy(update=given), budget, list(given))


def distribute(hub: Hub, terms: Terms, known_at: KnownAt, rule: str | None = None) -> Distribution:
    """The distribution by the district's rules, or by ``rule`` for everybody."""
    rules, verdicts = decide_year(hub, terms, known_at, rule)
    counted = count_by_municipality(verdicts)
    without = counted.pop(None, 0)
    persons = {ags: count for ags, count in counted.items() if ags is not None}
    answers = count_verdicts(verdicts)
    found = share_counts(terms, persons, list(dict.fromkeys(r.name for r in rules.rules)))
    return replace(
        found,
        out=answers["out"],
        unknown=answers["unknown"],
        without_municipality=without,
        clients=verdicts,
    )


def decide_year(
    hub: Hub, terms: Terms, known_at: KnownAt, rule: str | None = None
) -> tuple[RuleBook, Sequence[ClientVerdict]]:
    """Who counts in a year, and by which rules."""
    asked = terms.question
    rules = open_rules(hub.config, asked.stichtag, rule or _rule_of_year(hub, terms))
    return rules, decide_clients(hub, asked, known_at, rules)


def _rule_of_year(hub: Hub, terms: Terms) -> str | None:
    """The year's own rule where the district has none."""
    own = hub.config.funding
    is_own = own.target_group or own.carriers or own.municipalities
    return None if is_own else terms.year.rule


def share_counts(
    terms: Terms, persons: Mapping[str, int], rules: Sequence[str] = ()
) -> Distribution:
    """The distribution for persons counted already; NotShared where rate or budget is missing."""
    amounts = _compute_amounts(terms, persons)
    total = sum(amounts.values(), Decimal(0))
    budget = terms.budget
    shares = [Share(ags, persons[ags], _spell(amount)) for ags, amount in amounts.items()]
    return Distribution(
        rules=rules,
        shares=shares,
        persons=sum(persons.values()),
        total=_spell(total),
        budget=None if budget is None else _spell(budget),
        difference=None if budget is None else _spell(total - budget),
        out=0,
        unknown=0,
        without_municipality=0,
    )


def _compute_amounts(terms: Terms, persons: Mapping[str, int]) -> dict[str, Decimal]:
    year = terms.year
    if year.formula == "rate":
        if year.rate is None:
            raise NotShared(f"the rate of {year.year} is not known: give it with --rate")
        return apply_rate(year.rate, year.unit, persons)
    if terms.budget is None:
        raise NotShared(f"the money of {year.year} is a share of the budget: give --budget")
    try:
        return split_amount(terms.budget, persons, year.unit)
    except ValueError as error:
        raise NotShared(str(error)) from None


def _spell(amount: Decimal) -> str:
    return f"{amount:.2f}"


def read_counts(path: Path, places: Mapping[str, Municipality] | None = None) -> dict[str, int]:
    """Persons by municipality from a CSV file (AGS or name; persons), with or without a header.

    NotShared names the line that is wrong. ``places``: by AGS those that can be meant; without
    them every place is taken as it is written.
    """
    counts: dict[str, int] = {}
    seen: set[str] = set()
    known = _index_spellings(places or {})
    for number, cells in _list_lines(path):
        if len(cells) != 2 or not cells[0] or not _is_count(cells[1]):
            raise NotShared(f"{path.name}, line {number}: write it as 08999001;41")
        spelling = fold_text(cells[0])
        if known and spelling not in known:
            raise NotShared(f"{path.name}, line {number}: there is no such municipality")
        place = known.get(spelling, cells[0])
        if fold_text(place) in seen:
            raise NotShared(f"{path.name}, line {number}: this municipality is there twice")
        seen.add(fold_text(place))
        counts[place] = int(cells[1])
    if not counts:
        raise NotShared(f"{path.name} has no line such as 08999001;41")
    return counts


def _index_spellings(places: Mapping[str, Municipality]) -> dict[str, str]:
    """AGS, name and other spellings, folded → AGS."""
    return {
        fold_text(spelling): ags
        for ags, place in places.items()
        for spelling in (ags, place.name, *place.also)
    }


def _list_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The filled lines by number, but for a header in the first."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise NotShared(f"{path.name} is not UTF-8; save it as UTF-8") from None
    delimiter = max(";,\t", key=text.count)
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in row]
        is_header = number == 1 and len(cells) == 2 and not _is_count(cells[1])
        if any(cells) and not is_header:
            yield number, cells


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal()
