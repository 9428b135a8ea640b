"""Of whom systems say different things, and by which record such a person is counted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.contradictions import count_contradictions, list_contradictions
from warehouse.marts.scope import Scope
from warehouse.schema import person_link

SCOPE = Scope(None, date(2024, 6, 30), KnownAt(3))


def born(text: str) -> date:
    return date.fromisoformat(text)


# What the attribute is in each system's record, and whether that is a contradiction.
SAID: list[tuple[str, list[Any], bool]] = [
    ("sex", ["m", "w"], True),
    ("sex", ["m", "m", "w"], True),
    ("sex", ["m", None, "ohne_angabe"], False),
    ("nationality", ["SYR", "staatenlos"], True),
    ("nationality", ["SYR", "ungeklaert"], False),
    ("nationality", ["ungeklaert", "ohne_angabe"], False),
    ("birth_date", [born("1990-05-05"), born("1990-05-06")], True),
    ("birth_date", [born("1990-05-05"), born("1990-01-01")], False),
    ("birth_date", [born("1990-07-01"), born("1990-01-01")], False),
    ("birth_date", [born("1990-05-05"), born("1990-01-01"), born("1990-06-05")], True),
    ("birth_date", [born("1990-05-05"), born("1991-01-01")], True),
    ("birth_date", [born("1990-05-05"), None], False),
    ("sex", ["m"], False),
]


@pytest.fixture(scope="module")
def told(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Each line is one person, with a record in as many systems; the case of the last began last."""
    path = tmp_path_factory.mktemp("told") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    with Store(f"duckdb:///{path}") as store:
        for n in range(3):
            lines = [(k, name, v[n]) for k, (name, v, _) in enumerate(SAID) if n < len(v)]
            content = {
                "person": [{"key": str(k), name: value} for k, name, value in lines],
                "case": [{"key": str(k), "begun_on": date(2024, 1, n + 1)} for k, *_ in lines],
            }
            deliver(store, content, source=f"system{n}", link=False)
        with store.transaction() as connection:
            for k, (_, values, _) in enumerate(SAID):
                for n in range(len(values)):
                    own = {"source": f"system{n}", "source_key": str(k), "person_id": f"p{k:02}"}
                    row = {**own, "rule": "decision", "explanation": "", "known_from": n + 1}
                    connection.execute(insert(person_link).values(row))
        yield store


def test_what_excludes_each_other_is_told(told: Store) -> None:
    with told.read() as connection:
        found = list_contradictions(connection, SCOPE)
        counted = count_contradictions(connection, SCOPE)
    assert [(one.person, one.attribute) for one in found] == [
        (f"p{k:02}", name) for k, (name, _, differs) in enumerate(SAID) if differs
    ]
    assert counted == {"sex": 2, "nationality": 1}


def test_the_record_that_counts_is_named(told: Store) -> None:
    with told.read() as connection:
        found = {one.person: one for one in list_contradictions(connection, SCOPE)}
    assert found["p01"].counts == ("system2", "1")
    assert found["p01"].said == {
        ("system0", "1"): "m",
        ("system1", "1"): "m",
        ("system2", "1"): "w",
    }
    assert found["p06"].counts is None
