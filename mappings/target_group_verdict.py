"""Decides whether a person is in the target group: in, out or unknown, and by which criterion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from mappings import code_lists
from mappings.target_group import CODED, SEVERAL, Criterion, Fact, Group, TargetGroupRule

Answer = Literal["in", "out", "unknown"]
LABELS: Mapping[Fact, str] = {
    "residence_status": "Aufenthaltsstatus",
    "housing": "Unterbringung",
    "birth": "Alter",
    "arrival": "Einreise",
    "assigned": "Zuweisung in die Anschlussunterbringung",
    "case_begun": "Beginn der Betreuung",
}


_UNSURE_BIRTH = "vielleicht weniger: der 1. Januar steht oft für einen unbekannten Tag"


@dataclass(frozen=True)
class Question:
    """The key date and the window of the year of distribution, both days included."""

    stichtag: date
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class PersonFacts:
    """What is known of a person: per fact the known values, none where nothing is known.

    ``reasons``: how far a recorded reason reaches for which the counselling goes on.
    """

    values: Mapping[Fact, Sequence[Any]]
    reasons: Sequence[date] = ()


@dataclass(frozen=True)
class Reason:
    """What a criterion found: it holds, does not hold, or cannot be told (None)."""

    group: str
    fact: Fact
    holds: bool | None
    days: Sequence[date]
    sentence: str
    known: str


@dataclass(frozen=True)
class Verdict:
    """The answer about a person, with the criteria that decided it."""

    answer: Answer
    rule: str
    group: str | None
    reasons: Sequence[Reason] = field(default=())


def decide_person(rule: TargetGroupRule, facts: PersonFacts, asked: Question) -> Verdict:
    """Whether the person is in a group of the rule.

    In, as soon as one group is certain; out, if each is certainly none; else unknown: what is
    missing or contradictory counts neither way. ValueError where the rule needs a window and the
    question has none.
    """
    if rule.needs_window and not (asked.first and asked.last):
        raise ValueError(f"the rule {rule.name} needs a window of days")
    found = {g.name: [_weigh(g, c, facts, asked) for c in g.criteria] for g in rule.groups}
    answers = {name: _answer_group(reasons) for name, reasons in found.items()}
    certain = next((name for name, answer in answers.items() if answer == "in"), None)
    if certain is not None:
        return Verdict("in", rule.name, certain, found[certain])
    open_groups = [name for name, answer in answers.items() if answer == "unknown"]
    if open_groups:
        return Verdict("unknown", rule.name, None, _keep(found, open_groups, None))
    return Verdict("out", rule.name, None, _keep(found, answers, False))


def _keep(
    found: Mapping[str, Sequence[Reason]], groups: Iterable[str], holds: bool | None
) -> list[Reason]:
    """The reasons of these groups with this outcome."""
    return [reason for name in groups for reason in found[name] if reason.holds is holds]


def _answer_group(reasons: Sequence[Reason]) -> Answer:
    if any(r.holds is False for r in reasons):
        return "out"
    return "unknown" if any(r.holds is None for r in reasons) else "in"


def _weigh(group: Group, criterion: Criterion, facts: PersonFacts, asked: Question) -> Reason:
    fact = criterion.fact
    values = list(facts.values.get(fact, ()))
    if fact in CODED:
        holds, sentence = _weigh_codes(criterion, values)
        days: Sequence[date] = ()
    else:
        holds, sentence = _weigh_days(criterion, values, facts, asked)
        # A birth date names a person almost: the age is what decides.
        days = () if fact == "birth" else values
    sentence = f"{LABELS[fact]}: {sentence}"
    return Reason(group.name, fact, holds, days, sentence, criterion.known)


def _weigh_codes(criterion: Criterion, codes: Sequence[str]) -> tuple[bool | None, str]:
    if not codes:
        return None, "nicht bekannt"
    labels = code_lists.load_code_list(criterion.fact).labels
    named = ", ".join(labels.get(code, code) or code for code in codes)
    accepted = {criterion.accepts_code(code) for code in codes}
    if len(accepted) > 1:
        return None, f"widersprüchlich ({named})"
    holds = accepted.pop()
    return holds, named if holds else f"{named} gehört nicht dazu"


def _weigh_days(
    criterion: Criterion, days: Sequence[date], facts: PersonFacts, asked: Question
) -> tuple[bool | None, str]:
    if not days:
        return None, "kein Tag bekannt"
    found = [_weigh_day(criterion, day, facts, asked) for day in days]
    held = [f for f in found if f[0]]
    if held and (criterion.fact in SEVERAL or len(held) == len(found)):
        return held[0]
    doubtful = [f for f in found if f[0] is None]
    if doubtful:
        return doubtful[0]
    if held:
        return None, "widersprüchliche Tage: " + "; ".join(text for _, text in found)
    return found[-1]


def _weigh_day(
    criterion: Criterion, day: date, facts: PersonFacts, asked: Question
) -> tuple[bool | None, str]:
    shown = _show(criterion.fact, day, asked.stichtag)
    for misses, why in _list_bounds(criterion, day, asked):
        if misses:
            return False, f"{shown} {why}"
    return _weigh_years(criterion, day, shown, facts, asked.stichtag)


def _show(fact: Fact, day: date, stichtag: date) -> str:
    return f"{count_years(day, stichtag)} Jahre" if fact == "birth" else f"{day:%d.%m.%Y}"


def _list_bounds(criterion: Criterion, day: date, asked: Question) -> Iterator[tuple[bool, str]]:
    first, last = criterion.first, criterion.last
    if first:
        yield day < first, f"liegt vor dem {first:%d.%m.%Y}"
    if last:
        yield day > last, f"liegt nach dem {last:%d.%m.%Y}"
    if criterion.window and asked.first and asked.last:
        span = f"{asked.first:%d.%m.%Y} bis {asked.last:%d.%m.%Y}"
        yield day < asked.first, f"liegt vor dem Fenster {span}"
        yield day > asked.last, f"liegt nach dem Fenster {span}"
    if criterion.until_stichtag:
        yield day > asked.stichtag, f"liegt nach dem Stichtag {asked.stichtag:%d.%m.%Y}"


def _weigh_years(
    criterion: Criterion, day: date, shown: str, facts: PersonFacts, stichtag: date
) -> tuple[bool | None, str]:
    least, most = criterion.at_least_years, criterion.at_most_years
    if least is None and most is None:
        return True, shown
    if day > stichtag:
        return False, f"{shown} liegt nach dem Stichtag {stichtag:%d.%m.%Y}"
    fact = criterion.fact
    answers = {_is_within(fact, c, least, most, stichtag) for c in _possible_days(fact, day)}
    if answers == {True}:
        return True, shown
    if len(answers) > 1:
        return None, f"{shown}, {_UNSURE_BIRTH}"
    if _reaches(criterion, day, stichtag):
        return _weigh_reason(f"{shown}, über {most} Jahre her", facts, stichtag)
    return False, f"{shown}: verlangt sind {_spell_years(least, most)} Jahre am Stichtag"


def _weigh_reason(shown: str, facts: PersonFacts, stichtag: date) -> tuple[bool | None, str]:
    if any(until >= stichtag for until in facts.reasons):
        return True, f"{shown}, mit Begründung"
    return None, f"{shown}, keine Begründung erfasst"


def _spell_years(least: int | None, most: int | None) -> str:
    bounds = (("mindestens", least), ("höchstens", most))
    return " und ".join(f"{word} {years}" for word, years in bounds if years is not None)


def _possible_days(fact: Fact, day: date) -> tuple[date, ...]:
    """First and last day that may be meant: a birth on 1 January may be any of its year."""
    if fact == "birth" and (day.month, day.day) == (1, 1):
        return day, day.replace(month=12, day=31)
    return (day,)


def _is_within(fact: Fact, day: date, least: int | None, most: int | None, stichtag: date) -> bool:
    if least is not None and add_years(day, least) > stichtag:
        return False
    return most is None or count_years_begun(fact, day, stichtag) <= most


def count_years_begun(fact: Fact, day: date, stichtag: date) -> int:
    """Years since a day: of an age the full ones, of other days those begun.

    "At most three years ago" ends with the third anniversary.
    """
    years = count_years(day, stichtag)
    return years if fact == "birth" or add_years(day, years) == stichtag else years + 1


def _reaches(criterion: Criterion, day: date, stichtag: date) -> bool:
    longest = criterion.with_reason_years
    return longest is not None and _is_within(criterion.fact, day, None, longest, stichtag)


def add_years(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def count_years(day: date, until: date) -> int:
    """Full years from a day until another."""
    years = until.year - day.year
    return years - 1 if add_years(day, years) > until else years
