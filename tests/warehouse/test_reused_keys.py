"""A key is not an identity for ever: it may go to another human being, who inherits nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import Column, Connection, Date, MetaData, String, Table, insert, select

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.warehouse.deliveries import changes, deliver, figure, known
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.identity.another_human import is_another, may_be_another
from warehouse.loading.findings import list_findings
from warehouse.marts.conversations import conversations, persons_reached
from warehouse.marts.scope import Scope
from warehouse.schema import person_link

Row = dict[str, Any]
DAYS = ("birth_date", "entry_date")
NAMES = (
    "last_name",
    "first_name",
    "birth_date",
    "sex",
    "nationality",
    "official_number",
    "entry_date",
)


def who(text: str) -> Row:
    """A person from "family|first name|birth date|sex|nationality|number|entry"; "" is not known."""
    values = [*(text.split("|")), *[""] * 7][:7]
    row: Row = {name: value or None for name, value in zip(NAMES, values, strict=True)}
    return {**row, **{name: row[name] and date.fromisoformat(row[name]) for name in DAYS}}


# before, after, whether it may be another human being (the gate), whether it is one (the record)
VERSIONS = {
    "everything": ("Tarhan|Selin|1990-05-04|w|SYR", "Bashir|Omid|1971-12-12|m|AFG", True, True),
    "names and birth": ("Tarhan|Selin|1990-05-04", "Bashir|Omid|1971-12-12", True, True),
    "a relative": ("Tarhan|Selin|1990-05-04", "Tarhan|Omid|2015-12-12", True, True),
    "names, no birth known": ("Tarhan|Selin", "Bashir|Omid", True, True),
    "names, both 1 January": ("Tarhan|Selin|1990-01-01", "Bashir|Omid|1990-01-01", True, True),
    "names and sex": ("Tarhan|Selin|1990-05-04|w", "Bashir|Omid|1990-05-04|m", True, True),
    "names, one birth": ("Tarhan|Selin|1990-05-04", "Bashir|Omid|1990-05-04", True, False),
    "names in each other's place": (
        "Tarhan|Selin|1990-05-04",
        "Selin|Tarhan|1990-05-04",
        True,
        False,
    ),
    "another spelling of all": (
        "Müller|Al Hasan|1990-05-04",
        "Mueller|AL-HASAN|1990-04-05",
        True,
        False,
    ),
    "a second name and a day": (
        "Tarhan|Selin|1990-01-01",
        "Tarhan-Kaya|Selin|1990-05-04",
        True,
        False,
    ),
    "one number": ("Tarhan|Selin|1990-05-04|||16", "Bashir|Omid|1971-12-12|||16", True, False),
    "only a family name known": ("Tarhan", "Bashir", True, False),
    "a marriage": ("Tarhan|Selin|1990-05-04", "Kaya|Selin|1990-05-04", False, False),
    "a birth date": ("Tarhan|Selin|1990-05-04", "Tarhan|Selin|1991-06-05", False, False),
    # Relatives and namesakes have something in common.
    "a sister, 1 January": (
        "Ahmadi|Mohammad|1990-01-01|m|AFG||2019-02-01",
        "Ahmadi|Farida|1990-01-01|w|AFG||2025-08-07",
        True,
        True,
    ),
    "a brother, 1 July, one entry": (
        "Noori|Reza|1988-07-01|m|AFG||2016-03-04",
        "Noori|Jawad|1988-07-01|m|AFG||2016-03-04",
        True,
        False,
    ),
    "a sister, only names and 1 January": (
        "Ahmadi|Ali|1990-01-01",
        "Ahmadi|Alina|1990-01-01",
        True,
        False,
    ),
    "a namesake, 1 January": (
        "Ahmadi|Mohammad|1990-01-01|m|AFG||2019-02-01",
        "Haddad|Mohammad|1990-01-01|m|SYR||2025-08-07",
        True,
        True,
    ),
    "a namesake with all names": (
        "Hassan|Ali|1995-12-31|m|IRQ||2015-10-02",
        "Hassan|Ali|1995-12-31|m|SYR||2023-08-07",
        True,
        False,
    ),
    "a namesake, born on another day": (
        "Hassan|Ali|1995-03-04|m|IRQ||2015-10-02",
        "Hassan|Ali|1982-06-30|m|IRQ||2023-08-07",
        True,
        False,
    ),
    "a birth date lost": (
        "Ahmadi|Mohammad|1990-01-01|m|AFG||2019-02-01",
        "Ahmadi|Farida||w|AFG||2025-08-07",
        True,
        True,
    ),
    "a birth date lost, no more": ("Ahmadi|Mohammad|1990-05-04", "Ahmadi|Farida|", True, False),
    "a birth date that comes": ("Kaya|Elif|", "Kaya|Derya|1990-05-04", True, False),
    "a twin": ("Tarhan|Selin|1990-05-04|w", "Tarhan|Omid|1990-05-04|m", True, False),
    "a number of somebody else": (
        "Ahmadi|Mohamad|1990-01-01|||A1",
        "Ahmadi|Muhammed|1990-01-01|||A2",
        True,
        False,
    ),
    # Corrections of records with a stand-in, or without a birth date.
    "a transcription, 1 January": (
        "Ahmadi|Mohammad|1990-01-01|m|AFG",
        "Ahmadi|Muhamed|1990-01-01|m|AFG",
        False,
        False,
    ),
    "a transcription of the family name": (
        "Yousefi|Noor|1990-01-01",
        "Jusefi|Noor|1990-01-01",
        False,
        False,
    ),
    "a second first name, 1 January": (
        "Haddad|Omar|1990-01-01",
        "Haddad|Omar Ali|1990-01-01",
        False,
        False,
    ),
    "a name written together": (
        "Haddad|Abdul Rahman|",
        "Haddad|Abdulrahman|",
        False,
        False,
    ),
    "a marriage, 1 January, one entry": (
        "Tarhan|Selin|1990-01-01|w|SYR||2016-03-04",
        "Kaya|Selin|1990-01-01|w|SYR||2016-03-04",
        False,
        False,
    ),
    "a naturalisation": (
        "Tarhan|Selin|1990-01-01|w|SYR||2016-03-04",
        "Tarhan|Selin|1990-01-01|w|DEU||2016-03-04",
        False,
        False,
    ),
    "a marriage and a naturalisation": (
        "Tarhan|Selin|1990-05-04|w|SYR",
        "Kaya|Selin|1990-05-04|w|DEU",
        False,
        False,
    ),
    "papers came": (
        "Tarhan|Selin|1990-01-01|w|SYR||2016-01-01",
        "Tarhan|Selin|1990-05-04|w|SYR||2016-03-04",
        False,
        False,
    ),
    "one number, 1 January": (
        "Ahmadi|Mohammad|1990-01-01|||A1",
        "Ahmadi|Farid|1990-01-01|||A1",
        False,
        False,
    ),
    "a sex": ("Ahmadi|Farid|1990-01-01|m", "Ahmadi|Farid|1990-01-01|w", False, False),
    "a birth date only lost": (
        "Ahmadi|Farid|1990-05-04|m|AFG",
        "Ahmadi|Farid||m|AFG",
        False,
        False,
    ),
    "emptied": ("Ahmadi|Farid|1990-05-04|m|AFG", "", False, False),
    "nothing": ("Tarhan|Selin|1990-05-04|w|SYR", "Tarhan|Selin|1990-05-04|w|SYR", False, False),
    "nothing known": ("", "", False, False),
}


@holds(1)
def test_which_versions_are_two_human_beings(engine: Store) -> None:
    columns = [Column(name, Date if name in DAYS else String) for name in NAMES]
    rows = Table(
        "versions", MetaData(), Column("case_name", String), Column("at", String), *columns
    )
    with engine.transaction() as connection:
        rows.create(connection)
        for name, (before, after, *_) in VERSIONS.items():
            for at, text in (("then", before), ("now", after)):
                connection.execute(insert(rows).values(case_name=name, at=at, **who(text)))
        found = _compare_versions(connection, rows)
        rows.drop(connection)
    assert found == {name: (gate, record) for name, (_, _, gate, record) in VERSIONS.items()}


def _compare_versions(connection: Connection, rows: Table) -> dict[str, tuple[bool, bool]]:
    then, now = rows.alias("then_row"), rows.alias("now_row")
    compared = select(then.c.case_name, may_be_another(then, now), is_another(then, now)).where(
        then.c.case_name == now.c.case_name, then.c.at == "then", now.c.at == "now"
    )
    return {name: (bool(gate), bool(record)) for name, gate, record in connection.execute(compared)}


FORMER, NEW, THIRD = (
    "Tarhan|Selin|1990-05-04|w|SYR",
    "Bashir|Omid|1971-12-12|m|AFG",
    "Haddad|Rima|2001-03-03|w|IRQ",
)


def content(text: str | None, talks: str = "", ags: str = "M1") -> dict[str, list[Row]]:
    """Record 7 (or none), and conversations with 7 by key."""
    of_person = [] if text is None else [{"key": "7"}]
    return {
        "person": [{**row, **who(text or "")} for row in of_person],
        "case": [{**row, "begun_on": date(2024, 1, 3), "municipality": ags} for row in of_person],
        "conversation": [{"key": k, "held_on": date(2024, 2, 1)} for k in talks.split()],
        "conversation_participant": [{"key": k, "person_key": "7"} for k in talks.split()],
    }


def person_of(store: Store, source: str = "enaio", key: str = "7") -> str:
    c = person_link.c
    rows = select(c.person_id).where(c.source == source, c.source_key == key, c.known_to.is_(None))
    with store.read() as connection:
        return str(connection.execute(rows).scalar_one())


def reached(store: Store, by: Any = None, load: int | None = None) -> tuple[Any, Any]:
    scope = Scope(None, None, KnownAt(load or store.last_load()), by)
    with store.read() as connection:
        return tuple(figure(connection, i, scope) for i in (conversations, persons_reached))


@holds(1)
def test_the_former_record_ends_and_the_new_one_is_new(engine: Store) -> None:
    deliver(engine, content(FORMER, "G1", "M1"))
    former = person_of(engine)
    done = deliver(engine, content(NEW, "G1 G2", "M2"), on=date(2025, 2, 28))
    assert done.replaced == ["7"]
    assert changes(done, "case") == (1, 0, 0, 1)
    assert person_of(engine) != former
    # Both have the same first day of the case, and nothing of the former one's is the new one's.
    assert set(known(engine, "case", load=1)) == set(known(engine, "case", load=2)) == {"7"}
    # G1 was about the former one; she lived elsewhere.
    assert reached(engine) == (2, 2)
    assert reached(engine, "municipality") == ({"M1": 1, "M2": 1}, {"M1": 1, "M2": 1})
    assert reached(engine, load=1) == (1, 1)


def test_a_key_that_comes_back_is_compared_with_whom_it_meant_last(engine: Store) -> None:
    days = iter(date(2025, month, 28) for month in range(1, 8))
    persons = []
    for text in (FORMER, None, NEW, None, NEW, THIRD):
        done = deliver(engine, content(text, "G1"), on=next(days))
        if text:
            persons.append((done.replaced, person_of(engine)))
    replaced, ids = zip(*persons, strict=True)
    assert list(replaced) == [[], ["7"], [], ["7"]]
    # Whoever comes back is the same human being as before.
    assert ids[1] == ids[2] and len(set(ids)) == 3
    assert reached(engine) == (1, 1)


@holds(1)
def test_a_link_is_not_inherited(store: Store) -> None:
    deliver(store, content(FORMER), source="tau")
    deliver(store, content(FORMER), source="enaio")
    former = person_of(store, "tau")
    assert person_of(store, "enaio") == former
    deliver(store, content(NEW), source="enaio", on=date(2025, 2, 28))
    assert person_of(store, "tau") == former != person_of(store, "enaio")
    # The new one is known elsewhere, too, and is linked there.
    deliver(store, content(NEW), source="kreis", on=date(2025, 2, 28))
    assert person_of(store, "kreis") == person_of(store, "enaio")


def test_what_a_partial_delivery_lacks_of_the_former_ends(store: Store) -> None:
    housed = {**content(FORMER), "housing": [{"key": "7", "kind": "privat"}]}
    deliver(store, housed)
    deliver(store, content(NEW), full=False, stopped=["housing"], on=date(2025, 2, 28))
    assert known(store, "housing") == {}


def test_a_doubtful_record_stays(store: Store) -> None:
    deliver(store, content("Tarhan|Selin|1990-05-04"))
    former = person_of(store)
    done = deliver(store, content("Selin|Tarhan|1990-05-04"), on=date(2025, 2, 28))
    assert changes(done, "case") == (0, 1, 0, 0)
    assert person_of(store) == former


# What the record says in between, and what comes then.
EMPTIED = {
    "everything": ("", NEW),
    "all but the year of birth": ("||1990-01-01|w", "Bashir|Omid||m"),
    "first name and birth": ("Tarhan", "Tarhan|Omid|1971-12-12|m"),
    "birth date": ("Tarhan|Selin", "Bashir|Omid"),
}


@holds(1)
def test_an_emptied_record_hides_nobody(engine: Store) -> None:
    for name, (between, now) in EMPTIED.items():
        for day, text in enumerate((FORMER, between), start=1):
            done = deliver(engine, content(text), source=name, on=date(2025, 1, day))
            assert done.replaced == [], name
        former = person_of(engine, name)
        done = deliver(engine, content(now), source=name, on=date(2025, 1, 3))
        assert done.replaced == ["7"], name
        assert person_of(engine, name) != former


def test_the_new_one_is_not_held_against_the_former(engine: Store) -> None:
    rows = (FORMER, "Bashir|Omid||m|AFG", "Bashir|Omid||m|AFG||2023-01-02", "Bashir||||")
    found = []
    for day, text in enumerate(rows, start=1):
        done = deliver(engine, content(text), on=date(2025, 1, day))
        found.append((done.replaced, person_of(engine)))
    replaced, ids = zip(*found, strict=True)
    assert list(replaced) == [[], ["7"], [], []]
    assert len(set(ids[1:])) == 1


MAPPING = """\
system: Probe
tables:
  Klienten:
    files: ["Klienten*"]
    table: Klienten
    key: Nr
    feeds:
      person: {fields: {last_name: Nachname, first_name: Vorname, birth_date: Geboren}}
      case: {}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
sources: {probe: {mapping: probe.yaml, folder: probe}}
"""
HEADER = ["Nr", "Nachname", "Vorname", "Geboren"]
STAYING = [["8", "Kaya", "Amir", "04.05.1990"], ["9", "Demir", "Elif", "01.01.1988"]]
SEVEN = ["7", "Tarhan", "Selin", "04.05.1990"]
AFTERWARDS = {
    "key_reused": ["7", "Bashir", "Omid", "12.12.1971"],
    "key_perhaps_reused": ["7", "Tarhan", "Aylin", ""],
}


def write_csv(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "Klienten.csv"
    path.write_text("".join(";".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_xlsx(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "Klienten.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Klienten")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def write_jsonl(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "Klienten.jsonl"
    lines = [json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@holds(1)
@pytest.mark.parametrize("rule", AFTERWARDS)
@pytest.mark.parametrize(
    ("write", "row"),
    [(write_csv, 3), (write_xlsx, 3), (write_jsonl, 2)],
    ids=["csv", "xlsx", "jsonl"],
)
def test_it_is_told_with_its_row(
    rule: str, write: Callable[[Path, list[list[str]]], Path], row: int, tmp_path: Path
) -> None:
    (tmp_path / "probe.yaml").write_text(MAPPING, encoding="utf-8")
    config = tmp_path / "drehscheibe.yaml"
    config.write_text(CONFIGURATION, encoding="utf-8")
    for day, seven in (("2024-03-31", SEVEN), ("2024-09-30", AFTERWARDS[rule])):
        folder = tmp_path / "probe" / day
        folder.mkdir(parents=True)
        path = write(folder, [HEADER, STAYING[0], seven, STAYING[1]])
        os.utime(path, (1_700_000_000, 1_700_000_000))
    with Hub(load_config(config)) as hub:
        assert [result.state for result in run_intake(hub)] == ["loaded", "loaded"]
        with hub.store.read() as connection:
            found = list_findings(connection)
    assert [(f.rule, str(f.delivered_on), f.table, f.row) for f in found] == [
        (rule, "2024-09-30", "Klienten", row)
    ]
    assert "Tarhan" not in found[0].message
