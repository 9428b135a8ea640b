"""Attributes of one human being of whom several systems have a record: which of them speaks."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, select

from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts import funding
from warehouse.marts.funding import Window
from warehouse.marts.person_attributes import select_attribute
from warehouse.marts.scope import Scope
from warehouse.schema import housing, person, residence_status

DAY = date(2024, 6, 30)
OPEN, NEWER = ("2024-01-01", None), ("2024-03-01", None)
ENDED, AHEAD = ("2024-04-01", "2024-05-01"), ("2024-12-01", None)
# Per record: the case (begin, end; None: no case), the value, and from when to when it is valid.
Said = tuple[tuple[str, str | None] | None, str | None, tuple[str | None, str | None]]
UNDATED = (None, None)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


RULES: list[tuple[str, Column[Any], list[Said], str]] = [
    (
        "a value before no value, though its record is older",
        housing.c.kind,
        [(NEWER, "ohne_angabe", UNDATED), (OPEN, "privat", UNDATED)],
        "privat",
    ),
    (
        "a value of a record without an open case before none",
        housing.c.kind,
        [(NEWER, None, UNDATED), (ENDED, "privat", UNDATED), (None, "ohne_angabe", UNDATED)],
        "privat",
    ),
    (
        "a record without any case speaks if nobody else does",
        person.c.sex,
        [(OPEN, None, UNDATED), (None, "w", UNDATED)],
        "w",
    ),
    (
        "a nationality before an unsettled one",
        person.c.nationality,
        [(NEWER, "ungeklaert", UNDATED), (OPEN, "SYR", UNDATED)],
        "SYR",
    ),
    (
        "unsettled before no value",
        person.c.nationality,
        [(NEWER, "ohne_angabe", UNDATED), (OPEN, "ungeklaert", UNDATED)],
        "ungeklaert",
    ),
    (
        "the case begun last of open ones",
        housing.c.kind,
        [(OPEN, "anschluss", UNDATED), (NEWER, "privat", UNDATED)],
        "privat",
    ),
    (
        "an open case before one that began later and ended",
        housing.c.kind,
        [(OPEN, "anschluss", UNDATED), (ENDED, "privat", UNDATED)],
        "anschluss",
    ),
    (
        "a case that begins after the day is none yet",
        housing.c.kind,
        [(ENDED, "anschluss", UNDATED), (AHEAD, "privat", UNDATED), (OPEN, None, UNDATED)],
        "anschluss",
    ),
    (
        "the newest day of validity, whatever case",
        residence_status.c.status,
        [
            (NEWER, "duldung", ("2023-01-01", None)),
            (OPEN, "ae_25_2", ("2024-02-01", None)),
            (OPEN, "ankunftsnachweis", UNDATED),
        ],
        "ae_25_2",
    ),
    (
        "what is valid on the day, not what was or will be",
        residence_status.c.status,
        [
            (NEWER, "duldung", ("2024-02-01", "2024-06-29")),
            (NEWER, "ae_25_2", ("2024-07-01", None)),
            (OPEN, "aufenthaltsgestattung", ("2023-01-01", "2024-06-30")),
        ],
        "aufenthaltsgestattung",
    ),
    (
        "nobody knows",
        person.c.sex,
        [(OPEN, None, UNDATED), (NEWER, "ohne_angabe", UNDATED)],
        "ohne_angabe",
    ),
    *(
        ("in whichever order the systems are", housing.c.kind, list(order), "privat")
        for order in permutations(
            [
                (OPEN, "anschluss", UNDATED),
                (NEWER, "privat", UNDATED),
                (ENDED, "ohne_angabe", UNDATED),
            ]
        )
    ),
]


@pytest.fixture(scope="module")
def told(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three systems; the human being of each rule has the rule's number as key in all of them."""
    path = tmp_path_factory.mktemp("told") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    with Store(f"duckdb:///{path}") as store:
        for n in range(3):
            deliver(store, write_system(n), source=f"system{n}")
        yield store


def write_system(n: int) -> dict[str, list[dict[str, Any]]]:
    """What the n-th system says of everybody whose rule has so many records."""
    content: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, (_, attribute, records, _) in enumerate(RULES):
        if n < len(records):
            born = date(1990, 5, 5) + timedelta(days=number)
            for entity, row in write_record(attribute, *records[n]).items():
                also = {"birth_date": born} if entity == "person" else {}
                content[entity].append({"key": str(number), **row, **also})
    return content


def write_record(
    attribute: Column[Any], case: Any, value: str | None, valid: tuple[str | None, str | None]
) -> dict[str, dict[str, Any]]:
    """One record; everybody bears one name, and the rule's number makes the birthday."""
    rows: dict[str, dict[str, Any]] = {"person": {"last_name": "Weber", "first_name": "Probe"}}
    rows.setdefault(attribute.table.name, {})[attribute.name] = value
    if attribute.table is residence_status:
        rows["residence_status"] |= {"valid_from": day(valid[0]), "valid_until": day(valid[1])}
    if case:
        rows["case"] = {"begun_on": day(case[0]), "ended_on": day(case[1])}
    return rows


@pytest.mark.parametrize("number", range(len(RULES)), ids=[r[0] for r in RULES])
def test_one_record_speaks(told: Store, number: int) -> None:
    _, attribute, _, value = RULES[number]
    said = select_attribute(Scope(None, DAY, KnownAt(3)), attribute).subquery()
    with told.read() as connection:
        found = connection.execute(select(said.c.value).where(said.c.source_key == str(number)))
        assert found.scalars().all() == [value]


@pytest.mark.parametrize(
    ("cases", "municipality"),
    [
        ([("2023-01-01", "1"), ("2024-01-01", "2")], "2"),
        ([("2023-01-01", "1"), ("2024-01-01", None)], "1"),
        ([("2023-01-01", None), ("2024-01-01", None)], None),
    ],
    ids=["the-last-begun", "the-last-of-which-it-is-known", "nobody-knows"],
)
def test_the_municipality_of_the_target_group(
    store: Store, cases: list[tuple[str, str | None]], municipality: str | None
) -> None:
    number = 0
    for n, (begun, place) in enumerate(cases):
        who = {"key": "1", "last_name": "Weber", "first_name": "Probe"}
        content: dict[str, list[dict[str, Any]]] = {
            "person": [{**who, "birth_date": date(1990, 5, 5)}],
            "housing": [{"key": "1", "assigned_on": date(2021, 1, 1)}],
            "case": [{"key": "1", "begun_on": day(begun), "municipality": place}],
        }
        number = deliver(store, content, source=f"system{n}").number
    window = Window(DAY, date(2020, 1, 1), date(2022, 12, 31))
    with store.read() as connection:
        rows = connection.execute(funding.target_group(window, KnownAt(number))).all()
    assert [tuple(row) for row in rows] == [(municipality, 1)]
