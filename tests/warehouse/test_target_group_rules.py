"""Who is in the target group, and by which criterion: rules as data, a plain recount beside them, and the query of the window."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mappings.target_group import (
    FOLDER,
    NoRule,
    TargetGroupRule,
    choose_rule,
    list_rules,
    load_rule,
)
from mappings.target_group_verdict import PersonFacts, Question, decide_person
from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.client_facts import read_clients
from warehouse.marts.funding import Window, count_target_group

STICHTAG = date(2025, 1, 1)
ASKED = Question(STICHTAG, date(2020, 1, 1), date(2022, 12, 31))


def rule(*groups: list[dict[str, Any]]) -> TargetGroupRule:
    """A rule of these groups of criteria."""
    return TargetGroupRule.model_validate(
        {
            "name": "probe",
            "title": "Probe",
            "basis": "Probe",
            "valid_from": date(2017, 1, 1),
            "groups": [
                {
                    "name": f"g{n}",
                    "title": "Probe",
                    "criteria": [{"known": "A", **criterion} for criterion in group],
                }
                for n, group in enumerate(groups)
            ],
        }
    )


ADULT = {"fact": "birth", "at_least_years": 18}
THREE_YEARS = {"fact": "assigned", "at_most_years": 3, "with_reason_years": 4}
NOT_OBLIGED = {"fact": "residence_status", "none_of": ["ausreisepflichtig", "duldung_60b"]}


@pytest.mark.parametrize(
    ("criterion", "values", "answer"),
    [  # codes
        ({"fact": "housing", "one_of": ["anschluss"]}, ["anschluss"], "in"),
        ({"fact": "housing", "one_of": ["anschluss"]}, ["privat"], "out"),
        ({"fact": "housing", "one_of": ["anschluss"]}, [], "unknown"),
        ({"fact": "housing", "one_of": ["anschluss"]}, ["anschluss", "privat"], "unknown"),
        ({"fact": "housing", "one_of": ["anschluss", "privat"]}, ["anschluss", "privat"], "in"),
        (NOT_OBLIGED, ["duldung"], "in"),
        (NOT_OBLIGED, ["ausreisepflichtig"], "out"),
        ({"fact": "residence_status", "roll_up": ["anerkannt"]}, ["ae_25_3"], "in"),
        ({"fact": "residence_status", "roll_up": ["anerkannt"]}, ["duldung"], "out"),
        # the window, both days included; one of several assignments is enough
        ({"fact": "assigned", "window": True}, ["2020-01-01"], "in"),
        ({"fact": "assigned", "window": True}, ["2022-12-31"], "in"),
        ({"fact": "assigned", "window": True}, ["2019-12-31"], "out"),
        ({"fact": "assigned", "window": True}, ["2023-01-01"], "out"),
        ({"fact": "assigned", "window": True}, ["2019-12-31", "2021-05-01"], "in"),
        ({"fact": "assigned", "window": True}, [], "unknown"),
        ({"fact": "arrival", "from": "2015-01-01", "to": "2016-02-29"}, ["2016-02-29"], "in"),
        ({"fact": "arrival", "from": "2015-01-01"}, ["2014-12-31"], "out"),
        ({"fact": "arrival", "from": "2015-01-01"}, ["2014-12-31", "2015-06-01"], "unknown"),
        # years: a birthday on the key date counts, a 1 January may stand for any day of its year
        (ADULT, ["2007-01-02"], "out"),
        (ADULT, ["2006-12-31"], "in"),
        (ADULT, ["2007-01-01"], "unknown"),
        (ADULT, ["2006-01-01"], "in"),
        ({"fact": "birth", "at_most_years": 17}, ["2007-01-02"], "in"),
        ({"fact": "birth", "at_most_years": 17}, ["2006-12-31"], "out"),
        ({"fact": "birth", "at_least_years": 18}, ["2008-02-29"], "out"),
        # three years, the fourth with a reason
        (THREE_YEARS, ["2022-01-01"], "in"),
        (THREE_YEARS, ["2021-12-31"], "unknown"),
        (THREE_YEARS, ["2020-12-31"], "out"),
        (THREE_YEARS, ["2025-01-02"], "out"),
        ({"fact": "case_begun", "until_stichtag": True}, ["2025-01-01"], "in"),
        ({"fact": "case_begun", "until_stichtag": True}, ["2025-01-02"], "out"),
    ],
)
def test_one_criterion(criterion: dict[str, Any], values: list[str], answer: str) -> None:
    is_code = criterion["fact"] in ("housing", "residence_status")
    known = values if is_code else [date.fromisoformat(value) for value in values]
    found = decide_person(rule([criterion]), PersonFacts({criterion["fact"]: known}), ASKED)
    assert found.answer == answer
    assert all(reason.sentence for reason in found.reasons) and found.reasons


def test_the_fourth_year_counts_with_a_reason_that_still_holds() -> None:
    facts = {"assigned": [date(2021, 6, 1)]}
    for until, answer in ((STICHTAG, "in"), (STICHTAG - timedelta(days=1), "unknown")):
        found = decide_person(rule([THREE_YEARS]), PersonFacts(facts, [until]), ASKED)  # type: ignore[arg-type]
        assert found.answer == answer
        assert "Begründung" in found.reasons[0].sentence


def test_a_birth_date_is_never_told() -> None:
    found = decide_person(rule([ADULT]), PersonFacts({"birth": [date(2010, 7, 13)]}), ASKED)
    assert found.answer == "out"
    assert found.reasons[0].days == () and found.reasons[0].sentence.startswith("Alter: 14 Jahre")


def test_a_rule_with_a_window_is_not_answered_without_one() -> None:
    windowed = rule([{"fact": "assigned", "window": True}])
    with pytest.raises(ValueError, match="window"):
        decide_person(windowed, PersonFacts({}), Question(STICHTAG))


def all_of(*answers: bool | None) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


HOMES = ["anschluss", "privat", "vorlaeufig", None]
days = st.dates(date(2019, 1, 1), date(2025, 6, 1)) | st.none()


@given(st.sampled_from(HOMES), days, days)
def test_groups_and_criteria_are_joined_as_a_plain_recount_joins_them(
    home: str | None, assigned: date | None, arrival: date | None
) -> None:
    """In if one group is; out if each is out; a group is out if any of its criteria fails."""
    tested = rule(
        [{"fact": "housing", "one_of": ["anschluss"]}, {"fact": "assigned", "window": True}],
        [{"fact": "arrival", "from": "2022-02-24"}],
    )
    values = {
        "housing": [home] if home else [],
        "assigned": [assigned] if assigned else [],
        "arrival": [arrival] if arrival else [],
    }
    at_home = None if home is None else home == "anschluss"
    in_window = None if assigned is None else date(2020, 1, 1) <= assigned <= date(2022, 12, 31)
    arrived = None if arrival is None else arrival >= date(2022, 2, 24)
    first = all_of(at_home, in_window)
    expected = "in" if True in (first, arrived) else "out"
    if expected == "out" and None in (first, arrived):
        expected = "unknown"
    found = decide_person(tested, PersonFacts(values), ASKED)  # type: ignore[arg-type]
    assert found.answer == expected
    assert {r.holds for r in found.reasons} == {
        {"in": True, "out": False, "unknown": None}[expected]
    }


@pytest.mark.parametrize("name", list_rules())
def test_the_shipped_rules_are_whole(name: str) -> None:
    shipped = load_rule(name, FOLDER)
    assert shipped.name == name and shipped.basis
    assert all(c.known in "FA" for g in shipped.groups for c in g.criteria)


@pytest.mark.parametrize(
    ("criterion", "says"),
    [
        ({"fact": "housing"}, "says nothing"),
        ({"fact": "housing", "window": True}, "is a code"),
        ({"fact": "birth", "one_of": ["x"]}, "is a day"),
        ({"fact": "housing", "one_of": ["anschlus"]}, "did you mean 'anschluss'"),
        ({"fact": "residence_status", "roll_up": ["anerkant"]}, "did you mean 'anerkannt'"),
        ({"fact": "assigned", "with_reason_years": 4}, "needs at_most_years"),
        ({"fact": "religion", "one_of": ["x"]}, "fact"),
    ],
)
def test_mistakes_in_a_rule_are_named(criterion: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        rule([criterion])


def test_the_rule_of_a_key_date_is_chosen_by_its_validity() -> None:
    both = ["vwv-im-2017", "vwv-im-2025"]
    for stichtag, name in ((date(2017, 9, 15), both[0]), (date(2025, 1, 1), both[1])):
        assert choose_rule(both, FOLDER, stichtag).name == name
    with pytest.raises(NoRule, match="2016-12-31"):
        choose_rule(both, FOLDER, date(2016, 12, 31))
    with pytest.raises(NoRule, match="did you mean 'vwv-im-2025'"):
        choose_rule(["vwv-im-2024"], Path(), STICHTAG)


ASSIGNED = [
    None,
    *map(date.fromisoformat, ("2019-12-31", "2020-01-01", "2022-12-31", "2023-01-01")),
]
BEGUN = [None, date(2024, 1, 1), STICHTAG, date(2025, 1, 2)]
PLACES = [None, "08999001", "08999002"]


def draw_people(seed: int) -> list[dict[str, Any]]:
    """Records at two sources; those of one name are one human being."""
    drawn = Random(seed)
    return [
        {
            "key": f"k{number}",
            "name": "".join(drawn.sample("abcdefghij", 6)) if source == "enaio" else None,
            "source": source,
            "assigned": drawn.choice(ASSIGNED),
            "begun": drawn.choice(BEGUN),
            "place": drawn.choice(PLACES),
        }
        for source in ("enaio", "tau")
        for number in range(80)
    ]


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_rule_query_and_recount_agree(
    engine: str, empty_file: Path, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    """The shipped rule of 2025, the query of `funding target-group` and a count in plain Python."""
    people = draw_people(7)
    names = [p["name"] for p in people if p["name"]]
    for one, name in zip(people[80:], names[40:] + names[:40], strict=True):
        one["name"] = name if int(one["key"][1:]) % 2 else name[::-1] + "k"
    file = tmp_path / "warehouse.duckdb"
    shutil.copyfile(empty_file, file)
    with Store(f"duckdb:///{file}" if engine == "duckdb" else new_database()) as store:
        for source in ("enaio", "tau"):
            load_people(store, source, [p for p in people if p["source"] == source])
        known_at = KnownAt(store.last_load())
        shipped = load_rule("vwv-im-2025", FOLDER)
        window = Window(STICHTAG, date(2020, 1, 1), date(2022, 12, 31))
        with store.read() as connection:
            clients = read_clients(connection, known_at, STICHTAG, shipped.facts)
            group = count_target_group(connection, window, known_at)
    verdicts = {
        c.person: decide_person(shipped, PersonFacts(c.values), ASKED).answer  # type: ignore[arg-type]
        for c in clients
    }
    by_rule = count([c.municipality for c in clients if verdicts[c.person] == "in"])
    by_query = {m.municipality: m.persons for m in group.municipalities}
    if group.unknown:
        by_query[None] = group.unknown  # type: ignore[index]
    assert by_rule == by_query == recount(people)


def test_a_case_in_no_known_municipality_says_nothing_beside_one_that_names_one(
    empty_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "warehouse.duckdb"
    shutil.copyfile(empty_file, file)
    one = {"name": "A", "assigned": date(2021, 6, 1), "begun": date(2024, 1, 1)}
    with Store(f"duckdb:///{file}") as store:
        load_people(store, "enaio", [{**one, "key": "1", "place": "08999001"}])
        load_people(store, "tau", [{**one, "key": "2", "begun": date(2024, 6, 1), "place": None}])
        known_at = KnownAt(store.last_load())
        window = Window(STICHTAG, date(2020, 1, 1), date(2022, 12, 31))
        with store.read() as connection:
            clients = read_clients(connection, known_at, STICHTAG, ())
            group = count_target_group(connection, window, known_at)
    assert [c.municipality for c in clients] == ["08999001"]
    assert [(m.municipality, m.persons) for m in group.municipalities] == [("08999001", 1)]


def count(places: list[str | None]) -> dict[str | None, int]:
    return {place: places.count(place) for place in places}


def recount(people: list[dict[str, Any]]) -> dict[str | None, int]:
    places: list[str | None] = []
    for name in {p["name"] for p in people}:
        mine = [p for p in people if p["name"] == name]
        begun = [p for p in mine if p["begun"] and p["begun"] <= STICHTAG]
        days = [p["assigned"] for p in mine if p["assigned"]]
        if begun and any(date(2020, 1, 1) <= day <= date(2022, 12, 31) for day in days):
            # One of which no municipality is known says nothing, where another one does.
            saying = [p for p in begun if p["place"]] or begun
            newest = max(p["begun"] for p in saying)
            last = [p for p in saying if p["begun"] == newest]
            places.append(min(last, key=lambda p: (p["source"], p["key"]))["place"])
    return count(places)


def load_people(store: Store, source: str, people: list[dict[str, Any]]) -> None:
    """Records of one source; those of one name are one human being."""
    if not people:
        return
    born = {"first_name": "Probe", "birth_date": date(1990, 5, 5)}
    deliver(
        store,
        {
            "person": [
                {"key": p["key"], "last_name": f"Muster{p['name']}", **born} for p in people
            ],
            "housing": [{"key": p["key"], "assigned_on": p["assigned"]} for p in people],
            "case": [
                {"key": p["key"], "begun_on": p["begun"], "municipality": p["place"]}
                for p in people
            ],
        },
        source=source,
    )
