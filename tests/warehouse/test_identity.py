"""The sure rules as a table, and the lasting ids: who is one human being with whom, and what stays when records come and go."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.warehouse.deliveries import deliver
from warehouse.database.store import Store
from warehouse.identity.exact_rules import Record, sure_links
from warehouse.identity.names import search_form
from warehouse.identity.person_links import count_unlinked, list_links
from warehouse.schema import person_link

SURE = {"last_name": "Beispiel", "first_name": "Amal", "birth_date": date(1990, 5, 5)}


def record(source: str, **facts: Any) -> Record:
    names = ("last_name", "first_name", "birth_date", "sex", "entry_date", "official_number")
    return Record(source, facts.pop("key", "1"), *(facts.get(n) for n in names))


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "same number": (
        {"official_number": "AZR 12-3"},
        {"official_number": "azr123"},
        "official_number",
    ),
    "same number, other name": (
        SURE | {"official_number": "7"},
        {"last_name": "Anders", "official_number": "7"},
        "official_number",
    ),
    "same number, other birthday": (
        SURE | {"official_number": "7"},
        {"birth_date": date(1991, 1, 2), "official_number": "7"},
        None,
    ),
    "no number": ({"official_number": "-"}, {"official_number": "-"}, None),
    "same name and birthday": (SURE, SURE, "name_and_birth_date"),
    "spelled with capitals and hyphen": (
        SURE,
        SURE | {"last_name": "BEI-SPIEL"},
        "name_and_birth_date",
    ),
    "umlaut written out": (
        SURE | {"last_name": "Öz"},
        SURE | {"last_name": "Oez"},
        "name_and_birth_date",
    ),
    "other transliteration": (SURE, SURE | {"first_name": "Amaal"}, None),
    "swapped names": (SURE, SURE | {"last_name": "Amal", "first_name": "Beispiel"}, None),
    "other birthday": (SURE, SURE | {"birth_date": date(1990, 5, 6)}, None),
    "birthday unknown": (SURE | {"birth_date": None}, SURE | {"birth_date": None}, None),
    "1 January": (
        SURE | {"birth_date": date(1990, 1, 1)},
        SURE | {"birth_date": date(1990, 1, 1)},
        None,
    ),
    "no first name": (SURE | {"first_name": "FNU"}, SURE | {"first_name": "FNU"}, None),
    "name missing": (SURE | {"last_name": None}, SURE | {"last_name": None}, None),
    "sex contradicts": (SURE | {"sex": "m"}, SURE | {"sex": "w"}, None),
    "sex not stated": (SURE | {"sex": "ohne_angabe"}, SURE | {"sex": "w"}, "name_and_birth_date"),
    "entry contradicts": (
        SURE | {"entry_date": date(2015, 1, 1)},
        SURE | {"entry_date": date(2016, 1, 1)},
        None,
    ),
    "entry known once": (SURE | {"entry_date": date(2015, 1, 1)}, SURE, "name_and_birth_date"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_sure_rules(name: str) -> None:
    a, b, rule = PAIRS[name]
    links = list(sure_links([record("enaio", **a), record("tau", **b)]))
    assert [link.rule for link in links] == ([rule] if rule else [])
    for link in links:
        assert link.explanation.endswith(".")
        assert not {"Beispiel", "Amal", "1990"} & set(link.explanation.split())


def test_two_records_of_one_source_are_two_on_purpose() -> None:
    assert list(sure_links([record("tau", key="1", **SURE), record("tau", key="2", **SURE)])) == []


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Müller", "MUELLER", True),
        ("Al-Hassan", "al hassan", True),
        ("Şahin", "Sahin", True),
        ("İsmail", "Ismail", True),
        ("Ali", "Aly", False),
    ],
)
def test_search_form(a: str, b: str, same: bool) -> None:
    assert (search_form(a) == search_form(b)) is same


def people(*keys: str, **facts: Any) -> dict[str, Any]:
    return {"person": [{"key": key, **SURE, **facts} for key in keys]}


def ids(store: Store) -> dict[str, str]:
    """Record → human being, as linked now."""
    rows = select(person_link).where(person_link.c.known_to.is_(None))
    with store.read() as connection:
        assert count_unlinked(connection) == 0
        return {f"{r.source}:{r.source_key}": r.person_id for r in connection.execute(rows)}


def test_a_record_that_joins_takes_the_id_that_was_there(store: Store) -> None:
    deliver(store, people("9"), source="tau")
    before = ids(store)
    deliver(store, people("1"), source="enaio")
    assert ids(store) == {"tau:9": before["tau:9"], "enaio:1": before["tau:9"]}


def test_nothing_changes_where_nothing_is_new(store: Store) -> None:
    deliver(store, people("9"), source="tau")
    deliver(store, people("1"), source="enaio")
    with store.read() as connection:
        before = connection.execute(select(person_link)).all()
    deliver(store, people("1"), source="enaio")
    with store.read() as connection:
        assert connection.execute(select(person_link)).all() == before


def test_what_belongs_together_through_a_third_is_one_and_each_is_explained(store: Store) -> None:
    deliver(store, people("1", last_name="Anders", official_number="7"), source="enaio")
    deliver(store, people("5"), source="jobkraftwerk")
    deliver(store, people("9", official_number="7"), source="tau")
    assert len(set(ids(store).values())) == 1
    with store.read() as connection:
        links = list_links(connection)
    assert {(row.a, row.b, row.by) for row in links} == {
        ("enaio:1", "tau:9", "rule:official_number"),
        ("tau:9", "jobkraftwerk:5", "rule:name_and_birth_date"),
    }


def test_a_link_closes_when_its_record_goes(store: Store) -> None:
    deliver(store, people("1"), source="enaio")
    deliver(store, people("9"), source="tau")
    human = ids(store)["tau:9"]
    deliver(store, {"person": []}, source="enaio")
    assert ids(store) == {"tau:9": human}
    with store.read() as connection:
        assert list_links(connection) == []
        closed = connection.execute(
            select(person_link).where(person_link.c.known_to.is_not(None))
        ).all()
    assert {(r.source, r.known_to) for r in closed} >= {("enaio", 3)}


def test_when_two_part_the_first_keeps_the_id_and_the_other_gets_a_new_one(store: Store) -> None:
    deliver(store, people("9"), source="tau")
    deliver(store, people("1"), source="enaio")
    human = ids(store)["tau:9"]
    deliver(store, people("1", last_name="Anders"), source="enaio")
    apart = ids(store)
    assert apart["enaio:1"] == human
    assert apart["tau:9"] != human


def test_a_record_that_comes_back_takes_no_id_from_another(store: Store) -> None:
    deliver(store, people("1"), source="enaio")
    deliver(store, people("9"), source="tau")
    deliver(store, {"person": []}, source="enaio")
    human = ids(store)["tau:9"]
    deliver(store, people("1", last_name="Anders"), source="enaio")
    assert ids(store)["tau:9"] == human
    assert ids(store)["enaio:1"] != human


def test_a_third_record_does_not_join_what_contradicts_itself(store: Store) -> None:
    """enaio:1 and enaio:2 would be one human being through tau:9: two records of one source stay two."""
    first, second = people("1", official_number="A 12345"), people("2")
    rows = {"person": [*first["person"], *second["person"]]}
    deliver(store, rows, source="enaio")
    deliver(store, people("9", official_number="A 12345"), source="tau")
    found = ids(store)
    assert found["enaio:1"] == found["tau:9"] != found["enaio:2"]


FAMILY = {
    "one number for a family, no birthdays": ("Amal", "Karim", None),
    "one number, same first name": ("Amal", "Amal", "official_number"),
    "one number, one first name unknown": ("Amal", None, "official_number"),
}


@pytest.mark.parametrize("case", FAMILY)
def test_a_number_noted_for_a_whole_family_links_nobody(case: str) -> None:
    one, other, rule = FAMILY[case]
    records = [
        record("enaio", first_name=one, official_number="L 4711"),
        record("tau", first_name=other, official_number="L 4711"),
    ]
    assert [link.rule for link in sure_links(records)] == ([rule] if rule else [])
