"""The fake enaio itself: it locks, refuses, guesses totals and changes dates as the real one does, so that passing it means something."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import requests

from connectors.fetch.login import basic_auth
from tests.fakes.enaio import FAULTS, FakeEnaio, Fault


def dms(
    fake: FakeEnaio, statement: str, password: str | None = None, **query: Any
) -> requests.Response:
    body = {"query": {"statement": statement, "maxItems": 5, **query}}
    user = basic_auth(fake.accounts.user, password or fake.accounts.password)
    return requests.post(f"{fake.url}/api/dms/objects/search", json=body, auth=user, timeout=5)


def osrest(fake: FakeEnaio, schema: list[dict[str, str]], **params: str) -> requests.Response:
    body = {
        "query": {"objectTypeId": "17", "fields": {}, "result_config": {"fieldsschema": schema}}
    }
    user = basic_auth(fake.accounts.user, fake.accounts.password)
    return requests.post(
        f"{fake.url}/osrest/api/documents/search", json=body, params=params, auth=user, timeout=5
    )


def test_three_wrong_passwords_lock_for_good() -> None:
    with FakeEnaio() as fake:
        assert [dms(fake, "SELECT * FROM Person", "falsch").status_code for _ in range(3)] == [
            401
        ] * 3
        assert fake.accounts.locked
        assert dms(fake, "SELECT * FROM Person").status_code == 401


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("SELECT * FROM Person", 200),
        ("select Nachname from person order by system:objectId", 200),
        ("SELECT Nachname FROM Person WHERE Personennummer=@a AND system:objectId IN (@b)", 200),
        ("SELECT Nachname FROM Person WHERE Personennummer='x'", 400),
        ("SELECT Nachname FROM Person WHERE Personennummer=@missing", 400),
        ("SELECT Nachnahme FROM Person", 400),
        ("SELECT Nachname FROM Persson", 400),
        ("DELETE FROM Person", 400),
    ],
)
def test_statements(statement: str, status: int) -> None:
    with FakeEnaio() as fake:
        assert dms(fake, statement, parameters={"a": "p-0005", "b": ["1000"]}).status_code == status


def test_empty_values_are_left_out_unless_asked_for() -> None:
    with FakeEnaio() as fake:
        statement = "SELECT Vorname FROM Person WHERE Personennummer=@a"
        told = [
            dms(
                fake, statement, parameters={"a": "P-0003"}, options={"IncludeNullValues": n}
            ).json()
            for n in (0, 1)
        ]
    assert ["Vorname" in answer["objects"][0]["properties"] for answer in told] == [False, True]


@pytest.mark.parametrize(("totals", "total"), [("exact", 17), ("lookahead", 6)])
def test_totals(totals: Any, total: int) -> None:
    with FakeEnaio(totals=totals) as fake:
        answer = dms(fake, "SELECT * FROM Person").json()
    assert (answer["totalNumItems"], answer["numItems"], answer["hasMoreItems"]) == (total, 5, True)


def test_osrest_pages_dates_and_empty_names() -> None:
    with FakeEnaio() as fake:
        first = osrest(fake, [{"internalName": "Nachname"}], pagesize="3", offset="3").json()
        page = osrest(
            fake,
            [{"internalName": "Nachname"}],
            pagesize="3",
            offset="0",
            page="1",
            timestamps="true",
        ).json()
        assert [entry["osid"] for entry in first] == [entry["osid"] for entry in page]
        assert {type(entry["osid"]) for entry in first} == {int, str}
        answer = osrest(fake, [{"internalName": ""}])
        assert answer.status_code == 500
        assert "NullPointerException" in answer.text


def test_faults_are_known_by_name() -> None:
    assert {
        "busy_seconds",
        "busy_date",
        "drip",
        "reset",
        "truncated",
        "bom",
        "text_plain",
        "redirect",
    } <= FAULTS.keys()
    with pytest.raises(ValueError, match="no such fault"):
        Fault("earthquake", 1)


def test_runs_by_hand() -> None:
    command = [sys.executable, "-m", "tests.fakes.enaio", "--port", "0", "--fault", "drip@3+2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
    assert "http://127.0.0.1:" in line
