"""A world of two linked records with a few consents, whose cells are formulas: for the gate and for the rule.

The gate reads it as tables (``list_tables``); the rule reads the same formulas as a person would say it
(``gate_rule.py``). Neither knows how the other does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import z3

from tests.consents.symbolic_sql import (
    NULL,
    Formula,
    Value,
    both,
    choose,
    constant,
    number_text,
)
from warehouse.as_of import KnownAt
from warehouse.gates.question import Gate

ON, DELIVERED, EARLIEST, OLDEST = (
    date(2025, 8, 1),
    date(2025, 7, 31),
    date(2015, 1, 1),
    date(2022, 8, 1),
)
EXACT, SIMILAR, OTHER = "Jobcenter Musterkreis", "Jobcenter", "Wohnungsamt"
# A consent does not outlive its case by more than half a year.
CLOSED_SINCE = date(2025, 2, 1)
SOURCES = ("alpha", "beta")
GROUPS = ("sprache", "beruf")
GATE = Gate(
    EXACT,
    frozenset({EXACT, SIMILAR}),
    frozenset({EXACT, SIMILAR}),
    frozenset({"beta"}),
    ON,
    KnownAt(3, current=True),
    oldest=OLDEST,
    closed_since=CLOSED_SINCE,
    key="jobcenter",
)


def as_number(day: date) -> int:
    """A day as the number that stands for it."""
    return day.year * 10_000 + day.month * 100 + day.day


# Days before, on and after those that the rule asks for.
DAYS = (
    date(1990, 3, 2),
    date(2008, 8, 1),
    date(2012, 8, 1),
    date(2014, 12, 31),
    date(2015, 1, 1),
    date(2022, 7, 31),
    date(2022, 8, 1),
    date(2025, 1, 15),
    date(2025, 7, 31),
    date(2025, 8, 1),
    date(2025, 8, 2),
    date(2044, 12, 31),
    date(2045, 1, 1),
)
PAST_DAYS = tuple(day for day in DAYS if EARLIEST <= day <= ON)
# Picks the value of a cell by its name and what it may be; None: cells are formulas.
Pick = Callable[[str, Sequence[Any]], Any] | None


@dataclass(frozen=True)
class Maker:
    """Makes the cells of one row: formulas, each with a name, or what ``pick`` says."""

    row: str
    domains: list[Formula]
    pick: Pick = None

    def flag(self, name: str) -> Formula:
        """A condition that may hold."""
        full = f"{self.row}.{name}"
        return self.pick(full, (False, True)) if self.pick else z3.Bool(full)

    def nullable_flag(self, name: str) -> Value:
        """True, false or NULL."""
        full = f"{self.row}.{name}"
        if self.pick:
            picked = self.pick(full, (None, False, True))
            return Value(picked is None, bool(picked))
        return Value(z3.Bool(f"{full}?"), z3.Bool(full))

    def day(self, name: str, days: Sequence[date | None] = (None, *DAYS)) -> Value:
        """Any day, or none; of ``days`` without None, one between the first and the last."""
        full = f"{self.row}.{name}"
        if self.pick:
            return constant(self.pick(full, days))
        value = z3.Int(full)
        if None in days:
            self.domains.append(z3.And(value > 18000000, value < 99999999))
            return Value(z3.Bool(f"{full}?"), value)
        numbers = sorted(as_number(day) for day in days if day)
        self.domains.append(z3.And(value >= numbers[0], value <= numbers[-1]))
        return Value(False, value)

    def text(self, name: str, texts: Sequence[str | None]) -> Value:
        """One of the texts, or none."""
        full = f"{self.row}.{name}"
        if self.pick:
            return constant(self.pick(full, texts))
        value = z3.Int(full)
        self.domains.append(
            z3.Or([value == number_text(text) for text in texts if text is not None])
        )
        return Value(z3.Bool(f"{full}?") if None in texts else False, value)


@dataclass(frozen=True)
class Word:
    """A row that says something: of a system, or by hand (then ``kind`` says what)."""

    source: str
    present: Formula
    cells: Mapping[str, Value]
    groups: Mapping[str, Formula]
    by_hand: bool = False


@dataclass
class World:
    """Two records of one human being, with the consents of each: ``spread`` says how many.

    ``by_hand``: how many somebody wrote down; ``doubted``: how many doubts there are.
    """

    spread: tuple[int, int]
    by_hand: tuple[int, int] = (0, 0)
    pick: Pick = None
    doubted: tuple[int, int] = (0, 0)
    domains: list[Formula] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    stated: list[Word] = field(default_factory=list)
    doubts: list[Word] = field(default_factory=list)
    born: dict[str, Value] = field(default_factory=dict)
    changed: dict[str, Formula] = field(default_factory=dict)
    cases: dict[str, tuple[Formula, Value, Value]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        each = zip(SOURCES, self.spread, self.by_hand, self.doubted, strict=True)
        for source, count, stated, doubted in each:
            self._add_record(source)
            self.doubts += [self._make_doubt(source, n) for n in range(doubted)]
            self.words += [self._make_word(source, n) for n in range(count)]
            self.stated += [self._make_stated(source, n) for n in range(stated)]

    def _add_record(self, source: str) -> None:
        make = Maker(source, self.domains, self.pick)
        self.born[source] = make.day("born")
        self.changed[source] = make.flag("changed")
        case = (make.flag("case"), make.day("ended"), make.nullable_flag("ended unread"))
        self.cases[source] = case

    def _make_word(self, source: str, number: int) -> Word:
        make = Maker(f"{source}{number}", self.domains, self.pick)
        is_release = make.flag("release")
        basis = choose(is_release, "release", "form")
        cells = {
            "basis": Value(False, basis),
            "recipient": make.text("recipient", (None, EXACT, SIMILAR, OTHER)),
            "purpose": make.text("purpose", (None, "", "Vermittlung")),
            "given_on": make.day("given"),
            "valid_until": make.day("until"),
            "valid_until_unreadable": make.nullable_flag("until unread"),
            "revoked_on": make.day("revoked"),
            "revoked_on_unreadable": make.nullable_flag("revoked unread"),
            "confidentiality_released": make.nullable_flag("confidential"),
            "groups_unreadable": make.nullable_flag("groups unread"),
            "ends_with": make.text("ends with", (None, "Kurs")),
            "own_consent": make.nullable_flag("own"),
        }
        groups = {group: make.flag(group) for group in GROUPS}
        return Word(source, make.flag("there"), cells, groups)

    def _make_stated(self, source: str, number: int) -> Word:
        make = Maker(f"{source} hand {number}", self.domains, self.pick)
        cells = {
            "kind": make.text("kind", ("granted", "revoked", "refused", "ended")),
            "given_on": make.day("said", PAST_DAYS),
            "recipient_name": constant(EXACT),
            "purpose": make.text("purpose", (None, "", "Vermittlung")),
            "valid_until": make.day("until"),
            "confidentiality_released": make.nullable_flag("confidential"),
            "ends_with": make.text("ends with", (None, "Kurs")),
            "own_consent": make.nullable_flag("own"),
            "guardian": make.text("guardian", (None, "X")),
        }
        groups = {group: make.flag(group) for group in GROUPS}
        return Word(source, make.flag("there"), cells, groups, by_hand=True)

    def _make_doubt(self, source: str, number: int) -> Word:
        """What may be a withdrawal, of a day or of none."""
        make = Maker(f"{source} doubt {number}", self.domains, self.pick)
        return Word(source, make.flag("there"), {"said_on": make.day("noted")}, {})


Tables = dict[str, list[tuple[Formula, dict[str, Value]]]]
_KNOWN = {"known_from": constant(1), "known_to": NULL}
LOAD = {"number": constant(1), "delivered_on": constant(DELIVERED)}


def list_tables(world: World, number: int = 0) -> Tables:
    """The world as the tables of the warehouse; everything came with load 1.

    ``number`` tells its human being and records from those of other worlds.
    """
    tables: Tables = defaultdict(list, {"load": [(True, LOAD)]})
    for source in SOURCES:
        for name, present, cells in _list_person_rows(world, source, str(number)):
            tables[name].append((present, cells))
    for place, word in enumerate(world.words):
        for name, present, cells in _list_delivered(word, number, f"E{number}-{place}"):
            tables[name].append((present, cells))
    for place, word in enumerate(world.stated):
        for name, present, cells in _list_stated(word, number, number * 10 + place):
            tables[name].append((present, cells))
    for place, word in enumerate(world.doubts):
        own = {"source": constant(word.source), "person_key": constant(str(number))}
        # A load has one doubt of a person.
        known = {**_KNOWN, "known_from": constant(1 + place), "said_something": constant(True)}
        tables["consent_doubt"].append((word.present, {**own, **known, **word.cells}))
    return tables


PlacedRow = tuple[str, Formula, dict[str, Value]]


def _list_delivered(word: Word, number: int, key: str) -> Iterator[PlacedRow]:
    own = {"source": constant(word.source), **_KNOWN}
    about = {"source_key": constant(key), "person_key": constant(str(number))}
    yield "consent", word.present, {**own, **about, **word.cells}
    for group, given in word.groups.items():
        cells = {**own, "consent_key": constant(key), "data_group": constant(group)}
        yield "consent_data_group", both(word.present, given), cells


def _list_stated(word: Word, number: int, key: int) -> Iterator[PlacedRow]:
    own = {"source": constant(word.source), "person_key": constant(str(number))}
    about = {"number": constant(key), "recipient": constant("jobcenter")}
    known = {"made_on": constant(ON), "known_from": constant(1)}
    yield "consent_statement", word.present, {**own, **about, **known, **word.cells}
    for group, given in word.groups.items():
        cells = {"number": constant(key), "data_group": constant(group)}
        yield "consent_statement_group", both(word.present, given), cells


def _list_person_rows(world: World, source: str, key: str) -> Iterator[PlacedRow]:
    own = {"source": constant(source), "source_key": constant(key)}
    named = {"last_name": constant(f"Muster{key}"), "first_name": constant("Amal")}
    now = {"known_from": constant(2), "known_to": NULL}
    yield "person", True, {**own, **named, "birth_date": world.born[source], **now}
    # Before, the key was another human being's: every name was another.
    other = {"last_name": constant("Anders"), "first_name": constant("Omid"), "birth_date": NULL}
    then = {"known_from": constant(0), "known_to": constant(2)}
    yield "person", world.changed[source], {**own, **other, **then}
    there, ended, unread = world.cases[source]
    case = {"source": constant(source), "person_key": constant(key), **_KNOWN}
    yield "counselling_case", there, {**case, "ended_on": ended, "ended_on_unreadable": unread}
    link = {"person_id": constant(f"p-{key}"), "rule": constant("official_number")}
    yield "person_link", True, {**own, **link, **_KNOWN}
