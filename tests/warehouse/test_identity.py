"""The sure rules as a table, and the lasting ids: who is one human being with whom, and what stays when records come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from pipelines.intake.identity_terms import identity_terms
from tests.warehouse.deliveries import deliver
from warehouse.database.store import Store
from warehouse.identity.clusters import keep_consistent
from warehouse.identity.exact_rules import sure_links
from warehouse.identity.names import search_form
from warehouse.identity.person_links import count_unlinked, list_links, refresh_links
from warehouse.identity.record import Record
from warehouse.identity.terms import KnownPerson
from warehouse.schema import person_link

SURE = {"last_name": "Beispiel", "first_name": "Amal", "birth_date": date(1990, 5, 5)}
AZR, NEXT_AZR, OTHER_AZR, PASSPORT = "160512012345", "160512012353", "171130998877", "L 47115"
TERMS = identity_terms()


def record(source: str, **facts: Any) -> Record:
    person = KnownPerson(
        source, facts.pop("key", "1"), *(facts.get(n) for n in KnownPerson._fields[2:])
    )
    (made,) = TERMS.read_records([person])
    return made


def rules(*records: Record) -> list[str]:
    """The rules of the links that are left where contradictory groups are taken apart."""
    return [link.rule for link in keep_consistent(records, list(sure_links(records)))]


PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
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
    **{
        f"{born:%d.%m.}": (SURE | {"birth_date": born}, SURE | {"birth_date": born}, None)
        for born in (date(1990, 1, 1), date(1990, 7, 1), date(1990, 12, 31))
    },
    "nationality contradicts": (SURE | {"nationality": "SYR"}, SURE | {"nationality": "SOM"}, None),
    "nationality taken for another": (
        SURE | {"nationality": "SYR"},
        SURE | {"nationality": "PSE"},
        "name_and_birth_date",
    ),
    "nationality not stated": (
        SURE | {"nationality": "SYR"},
        SURE | {"nationality": "ohne_angabe"},
        "name_and_birth_date",
    ),
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
# The same name and birth date, with these numbers: who is linked by the name?
NUMBERS: dict[str, tuple[str, str | None, bool]] = {
    "one number only": (AZR, None, True),
    "other number": (AZR, OTHER_AZR, False),
    "consecutive numbers": (AZR, NEXT_AZR, False),
    "other passport": (PASSPORT, "L 98220", False),
    "of an unknown kind, perhaps the same": (AZR, PASSPORT, False),
    "a digit lost": (AZR, AZR[:-1], False),
    "a stand-in beside a number": (AZR, "beantragt", True),
    "two stand-ins": ("beantragt", "liegt nicht vor", True),
    "a day beside a number": (AZR, "01.03.2024", True),
}
# One number, with these first names, last names and birth dates: whose is it?
BORN, NEW_YEAR = date(1990, 5, 5), date(1990, 1, 1)
Facts = tuple[str | None, str | None, date | None]
SHARED: dict[str, tuple[Facts, Facts, bool]] = {
    "all alike": (("Amal", "Beispiel", NEW_YEAR), ("Amal", "Beispiel", NEW_YEAR), True),
    "a birth date missing": (("Amal", "Beispiel", BORN), ("Amal", "Beispiel", None), False),
    "birth dates missing": (("Amal", "Beispiel", None), ("Amal", "Beispiel", None), False),
    "another family name, same birthday": (("Amal", "Beispiel", BORN), ("Amal", "Ruf", BORN), True),
    "another family name, 1 January": (
        ("Amal", "Beispiel", NEW_YEAR),
        ("Amal", "Ruf", NEW_YEAR),
        False,
    ),
    "another family name, no birthday": (("Amal", "Beispiel", BORN), ("Amal", "Ruf", None), False),
    "twins with their mother's number": (
        ("Amal", "Beispiel", BORN),
        ("Amel", "Beispiel", BORN),
        False,
    ),
    "brothers": (("Amal", "Beispiel", None), ("Karim", "Beispiel", None), False),
    "father and son of one name": (
        ("Amal", "Beispiel", BORN),
        ("Amal", "Beispiel", date(2015, 7, 7)),
        False,
    ),
    "a first name unknown": (("Amal", "Beispiel", BORN), (None, "Beispiel", BORN), False),
    "not yet named": (("Amal", "Beispiel", BORN), ("Baby", "Beispiel", BORN), False),
    "nothing but the number": ((None, None, None), (None, None, None), False),
}


@pytest.mark.parametrize("name", PAIRS)
def test_sure_rules(name: str) -> None:
    a, b, rule = PAIRS[name]
    links = list(sure_links([record("enaio", **a), record("tau", **b)]))
    assert [link.rule for link in links] == ([rule] if rule else [])
    for link in links:
        assert link.explanation.endswith(".")
        assert not {"Beispiel", "Amal", "1990"} & set(link.explanation.split())


@pytest.mark.parametrize("case", NUMBERS)
def test_different_numbers_contradict(case: str) -> None:
    a, b, same = NUMBERS[case]
    pair = [record("enaio", **SURE, official_number=a), record("tau", **SURE, official_number=b)]
    assert rules(*pair) == (["name_and_birth_date"] if same else [])


def test_numbers_of_two_known_kinds_do_not_contradict() -> None:
    """A person has one of each kind."""
    one, other = record("enaio", **SURE), record("tau", **SURE)
    for kind, linked in (("akn", True), ("azr", False)):
        pair = [
            replace(one, number=("azr", "160512012345")),
            replace(other, number=(kind, "A1234567")),
        ]
        assert bool(rules(*pair)) is linked


@pytest.mark.parametrize("case", SHARED)
def test_a_number_of_a_family_links_nobody(case: str) -> None:
    *facts, same = SHARED[case]
    pair = [
        record(source, first_name=first, last_name=last, birth_date=born, official_number=AZR)
        for source, (first, last, born) in zip(("enaio", "tau"), facts, strict=True)
    ]
    assert ("official_number" in rules(*pair)) is same


def test_a_number_that_a_relative_carries_too_is_nobodys() -> None:
    """Two records of the father would be linked by it, had nobody noted it for the child."""
    named = {"last_name": "Beispiel", "birth_date": NEW_YEAR, "official_number": AZR}
    father = [record(source, first_name="Karim", **named) for source in ("enaio", "tau")]
    child = record("workbook", first_name="Amal", **named | {"birth_date": BORN})
    assert rules(*father) == ["official_number"]
    assert rules(*father, child) == []


def test_a_number_is_read_without_blanks_and_label() -> None:
    one = {"official_number": "AZR-Nr. 160512 012345", "birth_date": NEW_YEAR}
    pair = [record("enaio", **SURE | one), record("tau", **SURE | one | {"official_number": AZR})]
    assert rules(*pair) == ["official_number"]


def test_a_chain_whose_ends_contradict_is_taken_apart() -> None:
    """tau is linked with either, but enaio and workbook have different numbers."""
    ends = [
        record("enaio", **SURE, official_number=AZR),
        record("workbook", **SURE, official_number=OTHER_AZR),
    ]
    assert rules(*ends, record("tau", **SURE)) == []
    assert rules(*ends, record("tau", **SURE, official_number=AZR)) == ["official_number"]


NOBODY = [
    "Baby",
    "Baby Beispiel",
    "Kind",
    "Kind 1",
    "Säugling",
    "Neugeborenes",
    "N. N.",
    "N.N.",
    "NN",
    "FNU",
    "unbekannt",
    "Name unbekannt",
    "keine Angabe",
    "k. A.",
    "Test",
    "Zwilling 2",
    "XXX",
    "-",
    "?",
    "A.",
    "Amal K.",
    "Am?l",
    "Amal 2",
    "Amal\U0001f600",
]


@pytest.mark.parametrize("number", range(len(NOBODY)))
def test_what_is_no_name_links_nobody(number: int) -> None:
    for field in ("first_name", "last_name"):
        facts = SURE | {field: NOBODY[number]}
        assert rules(record("enaio", **facts), record("tau", **facts)) == []


TWINS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "one initial": ({"first_name": "Hassan"}, {"first_name": "Hussein"}, True),
    "alike": ({"first_name": "Lian"}, {"first_name": "Kian"}, True),
    "one not yet named": ({"first_name": "Hassan"}, {"first_name": "Baby"}, True),
    "same beginning": ({"first_name": "Amal Nur"}, {"first_name": "Amal Sana"}, True),
    "consecutive numbers": (
        {"first_name": "Hassan", "official_number": AZR},
        {"first_name": "Karim", "official_number": NEXT_AZR},
        True,
    ),
    "other names, other numbers": (
        {"first_name": "Hassan", "official_number": AZR},
        {"first_name": "Karim", "official_number": OTHER_AZR},
        False,
    ),
    "boy and girl": (
        {"first_name": "Hassan", "sex": "m"},
        {"first_name": "Hanna", "sex": "w"},
        False,
    ),
    "another birthday": (
        {"first_name": "Hassan"},
        {"first_name": "Hussein", "birth_date": date(1992, 5, 5)},
        False,
    ),
}


@pytest.mark.parametrize("case", TWINS)
def test_where_twins_are_known_the_name_decides_nothing(case: str) -> None:
    """Two other systems name one child of that family and day; which twin it is, nobody can tell."""
    one, other, twins = TWINS[case]
    family = [
        record("enaio", key="1", **SURE | one),
        record("enaio", key="2", **SURE | other),
    ]
    elsewhere = [record("tau", **SURE), record("workbook", **SURE)]
    assert bool(rules(*family, *elsewhere)) is not twins


def test_two_records_of_one_source_are_two_on_purpose() -> None:
    assert list(sure_links([record("tau", key="1", **SURE), record("tau", key="2", **SURE)])) == []


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Müller", "MUELLER", True),
        ("Al-Hassan", "al hassan", True),
        ("Şahin", "Sahin", True),
        ("İsmail", "Ismail", True),
        ("Nguyễn", "Nguyen", True),
        ("O\u2019Neil", "ONeil", True),
        ("Ali", "Aly", False),
        ("Ali", "Ali 2", False),
        ("Ali", "Ali\U0001f600", False),
        ("कम", "कमी", False),
        ("राम", "रम", False),
        ("أحمد", "احمد", False),
        ("מרים", "מִרים", False),
        ("Андрей", "Андреи", False),
        ("Їжак", "Іжак", False),
        ("กา", "กี", False),
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
    deliver(store, people("1", last_name="Anders", official_number=AZR), source="enaio")
    deliver(store, people("5"), source="jobkraftwerk")
    deliver(store, people("9", official_number=AZR), source="tau")
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


def test_when_two_part_the_id_stays_with_the_record_it_came_with(store: Store) -> None:
    deliver(store, people("9"), source="tau")
    deliver(store, people("1"), source="enaio")
    human = ids(store)["tau:9"]
    deliver(store, people("1", last_name="Anders"), source="enaio")
    apart = ids(store)
    assert apart["tau:9"] == human
    assert apart["enaio:1"] != human


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
    first, second = people("1", official_number=AZR), people("2")
    rows = {"person": [*first["person"], *second["person"]]}
    deliver(store, rows, source="enaio")
    deliver(store, people("9", official_number=AZR), source="tau")
    found = ids(store)
    assert found["enaio:1"] == found["tau:9"] != found["enaio:2"]


def test_a_link_that_is_sure_no_more_is_dissolved_and_counted(store: Store) -> None:
    """As an earlier version linked them: the row stays, closed with the load that dissolved it."""
    deliver(store, people("1", official_number=AZR), source="enaio")
    deliver(store, people("9", official_number=OTHER_AZR), source="tau")
    human, c = ids(store)["enaio:1"], person_link.c
    with store.transaction() as connection:
        linked = {"person_id": human, "rule": "name_and_birth_date", "linked_to": "enaio:1"}
        connection.execute(update(person_link).where(c.source == "tau").values(linked))
    done = deliver(store, people("5", last_name="Anders"), source="workbook", link=False)
    with store.transaction() as connection:
        assert refresh_links(connection, done.number, TERMS).dissolved == 1
        assert refresh_links(connection, done.number, TERMS).dissolved == 0
        closed = connection.execute(select(person_link).where(c.known_to.is_not(None))).all()
    assert [(r.source, r.person_id, r.known_to) for r in closed] == [("tau", human, done.number)]
    apart = ids(store)
    assert apart["enaio:1"] == human != apart["tau:9"]


def test_a_record_that_goes_dissolves_nothing(store: Store) -> None:
    deliver(store, people("1"), source="enaio")
    deliver(store, people("9"), source="tau")
    done = deliver(store, {"person": []}, source="enaio", link=False)
    with store.transaction() as connection:
        assert refresh_links(connection, done.number, TERMS).dissolved == 0


def test_records_with_a_number_of_many_are_counted(store: Store) -> None:
    born = [date(1950 + n, 3, 3) for n in range(TERMS.most_persons + 1)]
    many = [{**SURE, "key": str(d.year), "birth_date": d, "official_number": AZR} for d in born]
    done = deliver(store, {"person": many}, source="tau", link=False)
    with store.transaction() as connection:
        assert refresh_links(connection, done.number, TERMS).crowded == {"tau": len(many)}
