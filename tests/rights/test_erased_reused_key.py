"""Erases the second human being of a key: what the key stood for before stays the first one's, and no id leads back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from pipelines.intake.identity_decisions import decide_pair
from pipelines.rights.erase import erase_person
from tests.consents.office import EARLIER, LAST, Office, Row, person
from warehouse.as_of import KnownAt
from warehouse.backup.consistency_check import check_warehouse
from warehouse.erasure.pseudonyms import PREFIX
from warehouse.identity.decisions import Verdict
from warehouse.schema import consent_statement, identity_decision, person_anchor, person_link

FIRST = {"Nachname": "Haddad", "Vorname": "Sami", "Geburtsdatum": "05.03.1990"}
SECOND = {"Nachname": "Petrenko", "Vorname": "Oksana", "Geburtsdatum": "17.11.1971"}
OTHER = {"Nachname": "Hadad", "Vorname": "Samy", "Geburtsdatum": "05.03.1991"}


def fill(name: str) -> list[Row]:
    return [person(str(key), f"{name}{key}") for key in range(2, 9)]


def make_office(folder: Path) -> Office:
    """Two records of one human being, and seven of others in each system."""
    office = Office(folder)
    office.deliver("alpha", EARLIER, [person("1", **FIRST), *fill("A")], [])
    office.deliver("beta", EARLIER, [person("91", **OTHER), *fill("B")], [])
    office.run()
    with office.open() as hub:
        decide_pair(hub, "alpha:1", "beta:91", Verdict.SAME, "geprüft", "M.")
    return office


def list_rows(office: Office, query: Any) -> list[tuple[Any, ...]]:
    with office.open() as hub, hub.store.read() as connection:
        return sorted(map(tuple, connection.execute(query)), key=str)


def read_first(office: Office) -> dict[str, Any]:
    """What is kept of the first human being of the key, who was known until load 3."""
    links = KnownAt(3).select_rows(person_link, identifying=True)
    decided = select(identity_decision).where(identity_decision.c.number == 1)
    anchors = select(person_anchor).where(person_anchor.c.owner == "")
    said = select(consent_statement).where(consent_statement.c.number == 1)
    queries = {"links": select(links), "decided": decided, "anchors": anchors, "said": said}
    rows = {name: list_rows(office, query) for name, query in queries.items()}
    rows["links"] = [row for row in rows["links"] if {"1", "91"} & set(map(str, row))]
    rows["anchors"] = [row for row in rows["anchors"] if not row[3].startswith(PREFIX)]
    return rows


@pytest.fixture(scope="module")
def reused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, dict[str, Any]]]:
    """The key went to another human being, who is erased; what was kept of the first before."""
    office = make_office(tmp_path_factory.mktemp("reused"))
    with office.open() as hub, hub.store.transaction() as connection:
        connection.execute(insert(consent_statement), [describe_statement(1, known_from=3)])
    office.deliver("alpha", LAST, [person("1", **SECOND), *fill("A")], [])
    office.run()
    before = read_first(office)
    with office.open() as hub:
        assert erase_person(hub, "alpha:1", "Antrag", "AZ 1").records == 1
    yield office, before


def describe_statement(number: int, known_from: int) -> dict[str, Any]:
    text = {column.name: "x" for column in consent_statement.columns if not column.nullable}
    days = {"given_on": LAST, "made_on": LAST, "made_at": LAST}
    own = {"number": number, "source": "alpha", "person_key": "1", "known_from": known_from}
    return {**text, **days, **own, "guardian": "Mutter"}


def test_what_was_the_first_ones_stays(reused: tuple[Office, dict[str, Any]]) -> None:
    office, before = reused
    assert all(before.values())
    assert read_first(office) == before


def test_the_second_one_is_gone(reused: tuple[Office, dict[str, Any]]) -> None:
    office, _ = reused
    c = person_link.c
    rows = select(c.source_key, c.person_id).where(c.known_to.is_(None), c.source == "alpha")
    (erased,) = [row for row in list_rows(office, rows) if row[0].startswith(PREFIX)]
    assert erased[1].startswith(PREFIX)
    assert [key for key, _ in list_rows(office, rows)].count("1") == 0
    with office.open() as hub:
        assert check_warehouse(hub.store, hub.landing) == []


def test_no_id_of_an_erased_person_can_be_tried_out(tmp_path: Path) -> None:
    """Either record had an id of its own, a hash of its key, before both were one."""
    office = make_office(tmp_path)
    ids = {_hash_key("alpha", "1"), _hash_key("beta", "91")}
    tables = (person_link, person_anchor)
    found = {one for table in tables for (one,) in list_rows(office, select(table.c.person_id))}
    assert ids <= found
    with office.open() as hub:
        assert erase_person(hub, "beta:91", "Antrag", "AZ 1").records == 2
    left = {one for table in tables for (one,) in list_rows(office, select(table.c.person_id))}
    assert left & ids == set()
    with office.open() as hub:
        assert check_warehouse(hub.store, hub.landing) == []


def _hash_key(source: str, key: str) -> str:
    return "p-" + hashlib.sha256(f"{source}\x1f{key}".encode()).hexdigest()[:20]
