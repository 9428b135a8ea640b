"""All indicators counted again in plain Python over rows that are known: loops and sets, no SQL. Which rows those are says the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.history.model import Known, Past, Row
from tests.history.people import Key
from tests.history.world import CARRIERS, TEAMS

# indicator, unit (a tuple, empty for the district), category
Line = tuple[str, tuple[Any, ...], str | None]
NOT_STATED = "ohne_angabe"


@dataclass(frozen=True)
class Question:
    """A period (both days in; None: open), over what is known, by a unit."""

    first: date | None
    last: date | None
    known: Known
    who: dict[Key, int]
    past: Past
    by: str | None

    def rows(self, entity: str) -> Iterator[tuple[str, str, Row]]:
        for (source, key), row in self.known.get(entity, {}).items():
            yield source, key, row

    def within(self, day: date | None) -> bool:
        return (
            day is not None
            and (self.first is None or day >= self.first)
            and (self.last is None or day <= self.last)
        )

    def human(self, source: str, key: str) -> Any:
        return self.who.get((source, key), f"{source}:{key}")

    def of(self, entity: str, owner: str, source: str, key: str) -> list[Row]:
        return [row for s, _, row in self.rows(entity) if s == source and row[owner] == key]

    def unit(self, source: str, staff: str | None, ags: str | None) -> tuple[Any, ...] | None:
        """The unit, () for the district, None for what belongs to no unit."""
        named = {
            None: (),
            "source": (source,),
            "carrier": (CARRIERS[source],),
            "staff": (staff, source),
            "municipality": (ags,),
            "team": (TEAMS.get(ags) if ags else None,),
        }[self.by]
        return None if None in named else named

    def case_units(self, source: str, people: Iterable[str]) -> set[tuple[Any, ...] | None]:
        cases = [c for person in people for c in self.of("case", "person_key", source, person)]
        return {self.unit(source, c["staff"], c["municipality"]) for c in cases}

    def participants(self, source: str, talk: str) -> Iterator[tuple[str, int]]:
        """Who took part, with the load that said so."""
        for s, key, row in self.rows("conversation_participant"):
            if s == source and row["conversation_key"] == talk:
                since = self.past.since("conversation_participant", source, key)
                yield row["person_key"], since

    def talk_units(self, source: str, person: str, since: int) -> set[tuple[Any, ...] | None]:
        cases = self.past.cases(source, person, since)
        return {self.unit(source, c["staff"], c["municipality"]) for c in cases}

    def open(self, case: Row) -> bool:
        begun, ended = case["begun_on"], case["ended_on"]
        if self.last is None:
            return begun is not None and ended is None
        return begun is not None and begun <= self.last and (ended is None or ended >= self.last)

    def begun(self, case: Row | None) -> int:
        """The day on which a case began, as a number; 0 where it had not, or nobody knows."""
        day = case["begun_on"] if case else None
        return day.toordinal() if day and (self.last is None or day <= self.last) else 0


def recount(question: Question) -> dict[Line, int]:
    """Every indicator's lines that are not 0."""
    counted: dict[Line, set[Any]] = {}
    for name, lines in LINES.items():
        for unit, category, thing in lines(question):
            if unit is not None:
                counted.setdefault((name, unit, category), set()).add(thing)
    return {line: len(things) for line, things in counted.items()}


Lines = Iterator[tuple[Any, str | None, Any]]


def _talks(q: Question, categories: Callable[[Question, str, str, Row], list[str | None]]) -> Lines:
    for source, key, talk in q.rows("conversation"):
        if not q.within(talk["held_on"]):
            continue
        units = {q.unit(source, talk["staff"], None)}
        if q.by in ("municipality", "team"):
            units = set()
            for person, since in q.participants(source, key):
                units |= q.talk_units(source, person, since)
        yield from (
            (unit, category, (source, key))
            for unit in units
            for category in categories(q, source, key, talk)
        )


def _known_only(values: Iterable[str | None]) -> list[str | None]:
    return [v for v in values if v is not None]


def _reached(q: Question, what: Callable[[str, str, int], Any]) -> Lines:
    for source, key, talk in q.rows("conversation"):
        if q.within(talk["held_on"]):
            for person, since in q.participants(source, key):
                human = q.past.human(source, person, since)
                if human is None:
                    continue
                units = {q.unit(source, talk["staff"], None)}
                if q.by in ("municipality", "team"):
                    units = q.talk_units(source, person, since)
                yield from ((unit, None, what(source, person, human)) for unit in units)


def _plans(q: Question) -> Lines:
    for source, key, plan in q.rows("plan"):
        if q.within(plan["concluded_on"]):
            people = [p["person_key"] for p in q.of("plan_participant", "plan_key", source, key)]
            units = (
                q.case_units(source, people)
                if q.by in ("municipality", "team", "staff")
                else {q.unit(source, None, None)}
            )
            yield from ((unit, None, (source, key)) for unit in units)


def _goals(q: Question, categories: Callable[[Row], list[str | None]]) -> Lines:
    for source, key, goal in q.rows("goal"):
        for category in categories(goal):
            people = [
                p["person_key"]
                for p in q.of("plan_participant", "plan_key", source, goal["plan_key"])
            ]
            people = [goal["person_key"]] if goal["person_key"] else people
            units = (
                q.case_units(source, people)
                if q.by in ("municipality", "team", "staff")
                else {q.unit(source, None, None)}
            )
            yield from ((unit, category, (source, key)) for unit in units)


def _reached_goal(q: Question, goal: Row) -> list[str | None]:
    return [None] if goal["status"] == "erreicht" and q.within(goal["reached_on"]) else []


def _begun_goal(q: Question, goal: Row, name: str) -> list[str | None]:
    begun = goal["begun_on"]
    is_begun = q.last is None or begun is None or begun <= q.last
    return _known_only([goal[name]]) if is_begun else []


def _first_contacts(q: Question) -> Lines:
    held: dict[tuple[str, str], list[date]] = {}
    for source, key, talk in q.rows("conversation"):
        for person, _ in q.participants(source, key):
            held.setdefault((source, person), []).append(talk["held_on"])
    for source, key, talk in q.rows("conversation"):
        for person, since in q.participants(source, key):
            is_first = talk["held_on"] == min(held[source, person])
            known = q.past.human(source, person, since) is not None
            if is_first and known and q.within(talk["held_on"]):
                units = {q.unit(source, talk["staff"], None)}
                if q.by in ("municipality", "team"):
                    units = q.talk_units(source, person, since)
                home = q.known.get("housing", {}).get((source, person), {}).get("assigned_on")
                category = _name_days((talk["held_on"] - home).days) if home else NOT_STATED
                yield from ((unit, category, (source, person)) for unit in units)


def _name_days(days: int) -> str:
    if days < 0:
        return "before"
    return next((f"days_{n}" for n in (14, 30, 90) if days <= n), "later")


def _full_months(since: date, day: date) -> int:
    return (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)


def _name_age(born: date, day: date) -> str:
    years = _full_months(born, day) // 12
    return next((f"from_{n}" for n in (60, 27, 18, 14, 6) if years >= n), "under_6")


def _name_year(assigned: date, day: date) -> str:
    if assigned > day:
        return "before"
    years = _full_months(assigned, day) // 12
    return f"year_{years + 1}" if years < 4 else "later"


def _name_length(begun: date, day: date) -> str:
    months = _full_months(begun, day)
    limits = {6: "under_6_months", 12: "under_1_year", 24: "under_2_years", 36: "under_3_years"}
    return next((name for limit, name in limits.items() if months < limit), "from_3_years")


def _clients_by_day(entity: str, attribute: str, name: Callable[[date, date], str]) -> Any:
    def read(q: Question, row: Row) -> str | None:
        value = row.get(attribute)
        return None if value is None or q.last is None else name(value, q.last)

    return lambda q: _clients_by(q, entity, read)


def _clients(q: Question, what: Callable[[str, str], Any]) -> Lines:
    for source, key, case in q.rows("case"):
        if q.open(case):
            yield q.unit(source, case["staff"], case["municipality"]), None, what(source, key)


def _clients_by(q: Question, entity: str, read: Callable[[Question, Row], str | None]) -> Lines:
    """Of all records of one person, what the one says that knows; of those one with an open case, then the one whose case began last."""
    told: dict[Any, list[tuple[Any, ...]]] = {}
    cases = {(source, key): case for source, key, case in q.rows("case")}
    for source, key in {*q.who, *cases}:
        value = read(q, q.known.get(entity, {}).get((source, key), {}))
        value = NOT_STATED if value is None else value
        case = cases.get((source, key))
        is_closed = case is None or not q.open(case)
        said = (value == NOT_STATED, is_closed, -q.begun(case), source, key, value)
        told.setdefault(q.human(source, key), []).append(said)
    for (source, key), case in cases.items():
        if q.open(case):
            unit = q.unit(source, case["staff"], case["municipality"])
            person = q.human(source, key)
            yield unit, min(told[person])[-1], person


def _clients_with_plan(q: Question) -> Lines:
    for source, key, case in q.rows("case"):
        plans = {p["plan_key"] for p in q.of("plan_participant", "person_key", source, key)}
        days = [q.known["plan"][source, p]["concluded_on"] for p in plans]
        if q.open(case) and any(day and (q.last is None or day <= q.last) for day in days):
            yield q.unit(source, case["staff"], case["municipality"]), None, (source, key)


def _parts(entity: str, name: str, flag: str | None = None) -> Callable[[Question], Lines]:
    def read(q: Question, source: str, key: str, _: Row) -> list[str | None]:
        parts = q.of(entity, "conversation_key", source, key)
        return [part[name] for part in parts if flag is None or part[flag]]

    return lambda q: _talks(q, read)


LINES: dict[str, Callable[[Question], Lines]] = {
    "conversations": lambda q: _talks(q, lambda *_: [None]),
    "conversations_by_setting": lambda q: _talks(
        q, lambda _, s, k, talk: _known_only([talk["setting"]])
    ),
    "conversations_by_kind": lambda q: _talks(q, lambda _, s, k, talk: _known_only([talk["kind"]])),
    "topics": _parts("conversation_topic", "topic"),
    "referrals": _parts("conversation_referral", "target"),
    "referrals_with_result": _parts("conversation_referral", "target", "had_result"),
    "plans_concluded": _plans,
    "goals_reached": lambda q: _goals(q, lambda goal: _reached_goal(q, goal)),
    "persons_reached": lambda q: _reached(q, lambda source, key, human: human),
    "records_reached": lambda q: _reached(q, lambda source, key, human: (source, key)),
    "clients": lambda q: _clients(q, q.human),
    "clients_with_plan": _clients_with_plan,
    "client_records": lambda q: _clients(q, lambda source, key: (source, key)),
    "clients_by_sex": lambda q: _clients_by(q, "person", lambda _, row: row.get("sex")),
    "clients_by_nationality": lambda q: _clients_by(
        q, "person", lambda _, row: row.get("nationality")
    ),
    "clients_by_housing": lambda q: _clients_by(q, "housing", lambda _, row: row.get("kind")),
    "clients_by_residence_status": lambda q: _clients_by(
        q, "residence_status", lambda _, row: row.get("status")
    ),
    "conversations_by_channel": lambda q: _talks(
        q, lambda _, s, k, talk: _known_only([talk["channel"]])
    ),
    "first_contacts": _first_contacts,
    "clients_by_age": _clients_by_day("person", "birth_date", _name_age),
    "clients_by_assignment": _clients_by_day("housing", "assigned_on", _name_year),
    "clients_by_case_length": _clients_by_day("case", "begun_on", _name_length),
    "goals_by_status": lambda q: _goals(q, lambda goal: _begun_goal(q, goal, "status")),
    "goals_by_area": lambda q: _goals(q, lambda goal: _begun_goal(q, goal, "area")),
}
