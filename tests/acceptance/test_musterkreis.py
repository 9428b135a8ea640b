"""The Musterkreis, rows and persons: every table's balance, each row that was not used, what became of the records, who was linked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import pytest
from sqlalchemy import select

from tests.acceptance.district import SECOND, District, answers
from warehouse.identity import person_links
from warehouse.loading.findings import ListedFinding, list_findings
from warehouse.schema import delivery, entity_balance, person, table_balance

ENTITY = {
    "cases": "case",
    "talks": "conversation",
    "plans": "plan",
    "goals": "goal",
    "consents": "consent",
}
TABLES = [(day, table) for day, tables in answers()["deliveries"].items() for table in tables]
Rows = list[dict[str, Any]]


def split(table: str) -> tuple[str, str, str]:
    """Source, file below the delivery and table of "tau/2025-01-31/Ziele.csv#Ziele"."""
    path, _, name = table.partition("#")
    return path.split("/")[0], PurePosixPath(path).name, name


def of_table(musterkreis: District, ledger: Any, day: str, table: str) -> Rows:
    """The ledger's rows of one table of one delivery."""
    source, file, name = split(table)
    joined = ledger.join(delivery, delivery.c.delivery_id == ledger.c.delivery_id)
    mine = (delivery.c.source == source) & (delivery.c.delivered_on == date.fromisoformat(day))
    rows = (
        select(ledger)
        .select_from(joined)
        .where(mine, ledger.c.file == file, ledger.c.table_name == name)
    )
    with musterkreis.hub.store.read() as connection:
        return [dict(row._mapping) for row in connection.execute(rows)]


def found_in(musterkreis: District, day: str, table: str) -> list[ListedFinding]:
    """The findings of one table of one delivery."""
    source, file, name = split(table)
    with musterkreis.hub.store.read() as connection:
        found = list_findings(connection, sources=[source])
    return [f for f in found if (f.delivered_on.isoformat(), f.file, f.table) == (day, file, name)]


def place(where: Mapping[str, Any]) -> int:
    """The number a person sees: the line of a text file, the row of a sheet, the position in XML."""
    return int(where["line"] if "line" in where else where["row"])


def test_every_delivery_is_loaded(musterkreis: District) -> None:
    assert [(t.source, t.state, t.message) for t in musterkreis.taken] == [
        (source, "loaded", "")
        for _ in range(2)
        for source in ("enaio", "jobkraftwerk", "tau", "workbook")
    ]


@pytest.mark.parametrize(("day", "table"), TABLES)
def test_balance(musterkreis: District, day: str, table: str) -> None:
    wanted = musterkreis.answers["deliveries"][day][table]
    (row,) = of_table(musterkreis, table_balance, day, table)
    assert {n: row[n] for n in ("read", "used", "rejected", "repeated", "left_out")} == {
        "read": wanted["rows"],
        "used": wanted["usable"],
        "rejected": len(wanted["rejected"]),
        "repeated": len(wanted["repeated"]),
        "left_out": 0,
    }


@pytest.mark.parametrize(("day", "table"), TABLES)
def test_places_of_what_was_not_used(musterkreis: District, day: str, table: str) -> None:
    wanted = musterkreis.answers["deliveries"][day][table]
    found = found_in(musterkreis, day, table)
    assert {
        "rejected": sorted((f.row, f.rule) for f in found if f.severity == "rejected"),
        "repeated": sorted(f.row for f in found if f.rule == "repeated"),
        "set aside": sorted((f.row, f.column, f.rule) for f in found if f.severity == "set_aside"),
    } == {
        "rejected": sorted((place(r["place"]), r["reason"]) for r in wanted["rejected"]),
        "repeated": sorted(place(r) for r in wanted["repeated"]),
        "set aside": sorted(
            (place(r["place"]), r["column"], r["reason"]) for r in wanted["set_aside"]
        ),
    }


@pytest.mark.parametrize(("day", "table"), TABLES)
def test_records(musterkreis: District, day: str, table: str) -> None:
    wanted = {
        ENTITY[kind]: counts
        for kind, counts in musterkreis.answers["deliveries"][day][table]["records"].items()
    }
    rows = {row["entity"]: row for row in of_table(musterkreis, entity_balance, day, table)}
    assert {
        entity: {n: rows[entity][n] for n in ("new", "changed", "unchanged", "gone")}
        for entity in wanted
    } == wanted


def test_unknown_columns_are_noticed_and_nothing_else_is_lost(musterkreis: District) -> None:
    added = {
        (table, column)
        for table, facts in musterkreis.answers["deliveries"][SECOND.isoformat()].items()
        for column in facts["columns"]
        if column in ("Interne Kennung", "Zusatz1", "Farbe")
    }
    noticed = {
        (table, f.column)
        for day, table in TABLES
        for f in found_in(musterkreis, day, table)
        if f.rule == "unknown_column"
    }
    assert noticed == added != set()


def linked(musterkreis: District) -> dict[str, str]:
    """Record → human being, for all records that some rule linked."""
    with musterkreis.hub.store.read() as connection:
        found = person_links.list_links(connection)
    return {record: row.person for row in found for record in (row.a, row.b)}


def born_on_a_first_of_january(musterkreis: District) -> set[str]:
    c = person.c
    with musterkreis.hub.store.read() as connection:
        rows = connection.execute(
            select(c.source, c.source_key, c.birth_date).where(c.known_to.is_(None))
        )
        return {
            f"{r.source}:{r.source_key}"
            for r in rows
            if r.birth_date and r.birth_date.timetuple().tm_yday == 1
        }


def test_records_that_agree_in_name_and_birthday_are_linked(musterkreis: District) -> None:
    who, unsure = linked(musterkreis), born_on_a_first_of_january(musterkreis)
    alike = [p for p in musterkreis.answers["identity"]["same_person"] if p["difference"] == "same"]
    sure = [p for p in alike if not {p["a"], p["b"]} & unsure]
    assert sure
    assert [
        p["a"] for p in sure if who.get(p["a"]) is None or who.get(p["a"]) != who.get(p["b"])
    ] == []


def test_only_one_human_being_is_ever_linked(musterkreis: District) -> None:
    who = linked(musterkreis)
    truth = {frozenset((p["a"], p["b"])) for p in musterkreis.answers["identity"]["same_person"]}
    with musterkreis.hub.store.read() as connection:
        pairs = {frozenset((row.a, row.b)) for row in person_links.list_links(connection)}
    assert pairs - truth == set()
    apart = musterkreis.answers["identity"]["different_persons"]
    assert [p["a"] for p in apart if p["a"] in who and who[p["a"]] == who.get(p["b"])] == []
