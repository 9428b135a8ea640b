"""The indicators over a district of six people: what counts, once or twice, for which unit, on which day."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql

from tests.warehouse.deliveries import deliver, figure
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.indicators import FOR_THE_REPORT, INDICATORS
from warehouse.marts.scope import UNITS, By, Scope
from warehouse.schema import municipality, source_register

EVERY = {**INDICATORS, **FOR_THE_REPORT}
BIRTH = date(1990, 5, 5)
Rows = dict[str, list[dict[str, Any]]]
PLACES = [
    {"ags": "M1", "name": "M1", "team": "Nord", "known_from": 1},
    {"ags": "M2", "name": "M2", "team": "Süd", "known_from": 1},
]
SOURCES = [
    {"source": "enaio", "carrier": "kreis", "known_from": 1},
    {"source": "tau", "carrier": "verein", "known_from": 1},
]


def d(text: str) -> date:
    return date.fromisoformat(text)


def talk(
    key: str,
    on: str,
    staff: str,
    people: str = "",
    topics: str = "",
    targets: str = "",
    setting: str = "einzelperson",
) -> dict[str, Any]:
    return {
        "conversation": [
            {"key": key, "held_on": d(on), "staff": staff, "setting": setting, "kind": "beratung"}
        ],
        "conversation_participant": [{"key": key, "person_key": p} for p in people.split()],
        "conversation_topic": [{"key": key, "topic": t} for t in topics.split()],
        "conversation_referral": [{"key": key, "target": t} for t in targets.split()],
    }


def together(*parts: Rows) -> Rows:
    content: Rows = {}
    for part in parts:
        for entity, rows in part.items():
            content.setdefault(entity, []).extend(rows)
    return content


def person(
    key: str,
    name: str,
    sex: str | None,
    nationality: str | None,
    begun: str | None,
    ended: str | None,
    ags: str,
    staff: str,
) -> Rows:
    who = {
        "key": key,
        "last_name": name,
        "first_name": "Probe",
        "birth_date": BIRTH,
        "sex": sex,
        "nationality": nationality,
    }
    days = {"begun_on": d(begun) if begun else None, "ended_on": d(ended) if ended else None}
    return {"person": [who], "case": [{"key": key, "municipality": ags, "staff": staff, **days}]}


ENAIO = together(
    person("P1", "Beide", "m", None, "2024-01-01", None, "M1", "Anna"),
    person("P2", "Muster", "w", None, "2024-01-31", "2024-06-30", "M1", "Anna"),
    person("P3", "Ohnebeginn", "d", "IRQ", None, None, "M2", "Berta"),
    person("P4", "Spaeter", None, "ohne_angabe", "2025-01-01", None, "M2", "Berta"),
    talk("B1", "2024-01-01", "Anna", "P1 P2", "arbeit kinder", "jobcenter", "familie"),
    talk("B2", "2024-12-31", "Berta", "P1", "arbeit", "jobcenter andere"),
    talk("B3", "2023-12-31", "Anna", "P1", "wohnen"),
    talk("B4", "2025-01-01", "Anna", "P1", "wohnen"),
    talk("B5", "2024-06-01", "Anna", "P9"),
    talk("B6", "2024-07-01", "Anna"),
    {
        "plan": [
            {"key": "L1", "concluded_on": d("2024-04-01")},
            {"key": "L2"},
            {"key": "L3", "concluded_on": d("2023-04-01")},
        ],
        "plan_participant": [
            {"key": "L1", "person_key": "P1"},
            {"key": "L1", "person_key": "P2"},
            {"key": "L2", "person_key": "P1"},
        ],
        "goal": [
            {"key": "Z1", "plan_key": "L1", "status": "erreicht", "reached_on": d("2024-05-01")},
            {"key": "Z2", "plan_key": "L1", "status": "abgebrochen", "reached_on": d("2024-05-01")},
            {"key": "Z3", "plan_key": "L1", "status": "erreicht"},
        ],
    },
)
# T1 is the same human being as P1.
TAU = together(
    person("T1", "Beide", None, "SYR", "2024-03-01", None, "M2", "Carl"),
    talk("K1", "2024-05-01", "Carl", "T1", "arbeit"),
    {
        "goal": [
            {"key": "Z9", "person_key": "T1", "status": "erreicht", "reached_on": d("2024-05-02")}
        ]
    },
)


@pytest.fixture(scope="module")
def district(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Load 1: enaio, load 2: tau, load 3: tau no longer knows its conversation."""
    path = tmp_path_factory.mktemp("district") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    with Store(f"duckdb:///{path}") as store:
        with store.transaction() as connection:
            connection.execute(insert(municipality), PLACES)
            connection.execute(insert(source_register), SOURCES)
        deliver(store, ENAIO, source="enaio")
        deliver(store, TAU, source="tau")
        deliver(
            store, {**TAU, **{e: [] for e in TAU if e.startswith("conversation")}}, source="tau"
        )
        yield store


YEAR = (d("2024-01-01"), d("2024-12-31"))
FLOWS: list[tuple[str, By | None, Any]] = [
    ("conversations", None, 5),
    ("conversations", "municipality", {"M1": 2, "M2": 1}),
    ("conversations", "team", {"Nord": 2, "Süd": 1}),
    ("conversations", "staff", {("Anna", "enaio"): 3, ("Berta", "enaio"): 1, ("Carl", "tau"): 1}),
    ("conversations", "carrier", {"kreis": 4, "verein": 1}),
    ("conversations", "source", {"enaio": 4, "tau": 1}),
    ("conversations_by_setting", None, {"familie": 1, "einzelperson": 4}),
    (
        "conversations_by_setting",
        "municipality",
        {("M1", "familie"): 1, ("M1", "einzelperson"): 1, ("M2", "einzelperson"): 1},
    ),
    ("conversations_by_kind", None, {"beratung": 5}),
    ("topics", None, {"arbeit": 3, "kinder": 1}),
    ("topics", "municipality", {("M1", "arbeit"): 2, ("M1", "kinder"): 1, ("M2", "arbeit"): 1}),
    ("referrals", None, {"jobcenter": 2, "andere": 1}),
    # B5 is with P9, whom no table knows: a conversation, and no human being.
    ("persons_reached", None, 2),
    ("persons_reached", "municipality", {"M1": 2, "M2": 1}),
    ("records_reached", None, 3),
    ("plans_concluded", None, 1),
    ("plans_concluded", "municipality", {"M1": 1}),
    ("plans_concluded", "staff", {("Anna", "enaio"): 1}),
    ("goals_reached", None, 2),
    ("goals_reached", "municipality", {"M1": 1, "M2": 1}),
    ("goals_reached", "carrier", {"kreis": 1, "verein": 1}),
    ("conversations_per_month", None, {202401: 1, 202405: 1, 202406: 1, 202407: 1, 202412: 1}),
]


@pytest.mark.parametrize(("name", "by", "expected"), FLOWS)
def test_figures_of_a_year(district: Store, name: str, by: By | None, expected: Any) -> None:
    with district.read() as connection:
        assert figure(connection, EVERY[name], Scope(*YEAR, KnownAt(2), by)) == expected


STOCKS: list[tuple[str, str, By | None, Any]] = [
    ("2023-12-31", "clients", None, 0),
    ("2024-01-01", "clients", None, 1),
    ("2024-01-31", "clients", None, 2),
    ("2024-06-30", "clients", None, 2),
    ("2024-06-30", "client_records", None, 3),
    ("2024-06-30", "clients", "municipality", {"M1": 2, "M2": 1}),
    ("2024-06-30", "clients", "staff", {("Anna", "enaio"): 2, ("Carl", "tau"): 1}),
    ("2024-07-01", "clients", None, 1),
    ("2024-07-01", "client_records", None, 2),
    ("2025-01-01", "clients", None, 2),
    ("2024-06-30", "clients_by_sex", None, {"m": 1, "w": 1}),
    (
        "2024-06-30",
        "clients_by_sex",
        "municipality",
        # tau does not say of Carl's client in M2 what enaio says of the same human being.
        {("M1", "m"): 1, ("M1", "w"): 1, ("M2", "m"): 1},
    ),
    ("2024-06-30", "clients_by_nationality", None, {"SYR": 1, "ohne_angabe": 1}),
    ("2025-01-01", "clients_by_nationality", None, {"SYR": 1, "ohne_angabe": 1}),
    ("2024-06-30", "clients_by_housing", None, {"ohne_angabe": 2}),
    ("2024-06-30", "clients_by_residence_status", None, {"ohne_angabe": 2}),
    ("2024-06-30", "clients_with_plan", None, 2),
]


@pytest.mark.parametrize(("day", "name", "by", "expected"), STOCKS)
def test_figures_on_a_day(
    district: Store, day: str, name: str, by: By | None, expected: Any
) -> None:
    with district.read() as connection:
        assert figure(connection, EVERY[name], Scope(None, d(day), KnownAt(2), by)) == expected


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2024-01-02", "2024-12-30", 3),
        ("2024-01-01", "2024-01-01", 1),
        (None, None, 7),
        (None, "2023-12-31", 1),
        ("2025-01-01", None, 1),
    ],
)
def test_both_days_belong_to_a_period(
    district: Store, first: str | None, last: str | None, count: int
) -> None:
    scope = Scope(d(first) if first else None, d(last) if last else None, KnownAt(2))
    with district.read() as connection:
        assert figure(connection, EVERY["conversations"], scope) == count


def test_a_figure_as_known_at_an_earlier_load(district: Store) -> None:
    with district.read() as connection:
        assert [
            figure(connection, EVERY["conversations"], Scope(*YEAR, KnownAt(load)))
            for load in (0, 1, 2, 3)
        ] == [0, 4, 5, 4]
        assert [
            figure(connection, EVERY["clients"], Scope(None, d("2024-06-30"), KnownAt(load)))
            for load in (1, 2, 3)
        ] == [2, 2, 2]


@pytest.mark.parametrize("name", EVERY)
def test_every_indicator_is_defined_and_speaks_postgresql(name: str) -> None:
    assert EVERY[name].definition and EVERY[name].source
    for by in (None, *UNITS):
        text = str(EVERY[name](Scope(*YEAR, KnownAt(1), by)).compile(dialect=postgresql.dialect()))
        assert text.startswith(("SELECT", "WITH"))
