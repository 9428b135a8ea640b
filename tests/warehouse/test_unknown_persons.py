"""Tables of one source agree about persons: what names nobody is matched as declared, else told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from sqlalchemy import select

from mappings.problems import YamlProblems
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake import unknown_persons
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.mappings import small
from warehouse.database.store import Store
from warehouse.loading.findings import FindingWithValue, list_findings
from warehouse.loading.spelled_keys import compare_spellings, fold_keys
from warehouse.schema import ENTITIES

SPELLINGS = {
    "4711.0": "4711",
    "4711,00": "4711",
    "'00123": "123",
    '="00123"': "123",
    "\u200b4711\ufeff": "4711",
    "47\u00a011": "4711",
    "Ab-7": "ab-7",
    "４７１１": "4711",
    "000": "0",
    "": "",
    "10": "10",
    "1.5": "1.5",
}


@holds(2)
def test_a_key_is_compared_without_its_spelling() -> None:
    folded = fold_keys(pa.array(list(SPELLINGS), pa.string()))
    assert dict(zip(SPELLINGS, folded.to_pylist(), strict=True)) == SPELLINGS


KNOWN = ["12", "13", "0014", "AB-7", "7", "7.0"]
# written → the key that is meant, whether it is only spelled otherwise, whether it is a list
UNKNOWN: dict[str, tuple[str | None, bool, bool]] = {
    "012": ("12", True, False),
    "14": ("0014", True, False),
    "ab-7": ("AB-7", True, False),
    # Two known keys are spelled so.
    "07": (None, True, False),
    "12; 13": (None, False, True),
    "12/13": (None, False, True),
    "12 und 13": (None, False, True),
    "12.13": (None, False, True),
    "12 + ab-7": (None, False, True),
    "12; 99": (None, False, False),
    "99": (None, False, False),
    "'": (None, False, False),
    "Familie": (None, False, False),
}


def test_what_an_unknown_key_looks_like() -> None:
    found = compare_spellings(pa.array(list(UNKNOWN), pa.string()), pa.array(KNOWN, pa.string()))
    columns = (found.meant, found.is_alike, found.is_list)
    looks = zip(*(column.to_pylist() for column in columns), strict=True)
    assert dict(zip(UNKNOWN, looks, strict=True)) == UNKNOWN


def test_nothing_to_compare() -> None:
    none = pa.array([], pa.string())
    assert [len(column) for column in compare_spellings(none, none)] == [0, 0, 0, 0]
    assert compare_spellings(pa.array(["1"]), none).meant.to_pylist() == [None]


MAPPING = """\
system: Probe
tables:
  Klienten:
    files: ["Klienten*"]
    table: Klienten
    key: Nr
    feeds:
      person: {fields: {last_name: Nachname}}
      case: {fields: {municipality: Ort}}
  Gespräche:
    files: ["Gespräche*"]
    table: Gespräche
    key: GNr
    optional: true
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}}}
      conversation_participant: {each: {column: Wer, split: ",", AS}}
  Pläne:
    files: ["Pläne*"]
    table: Pläne
    key: PNr
    optional: true
    TABLE
    feeds:
      plan: {fields: {concluded_on: Datum}}
      plan_participant: {each: {column: Wer, split: ";"}}
  Ziele:
    files: ["Ziele*"]
    table: Ziele
    key: ZNr
    optional: true
    feeds: {goal: {fields: {person_key: {column: Wer, AS}, title: Ziel}}}
  Haushalte:
    files: ["Haushalte*"]
    table: Haushalte
    key: HNr
    optional: true
    TABLE
    feeds:
      household: {}
      household_member: {each: {column: Wer, split: ","}}
  Freigaben:
    files: ["Freigaben*"]
    table: Freigaben
    key: FNr
    optional: true
    feeds:
      consent:
        fields: {person_key: {column: Wer, AS}, basis: {constant: release}}
        without:
          {recipient: Probe, valid_until: Probe, revoked_on: Probe, valid_until_unreadable: Probe,
           revoked_on_unreadable: Probe}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Musterstadt}}
sources: {probe: {mapping: probe.yaml, folder: probe}}
"""
CLIENTS = {
    "Klienten": [
        ["Nr", "Nachname", "Ort"],
        ["12", "Kaya", "Musterstadt"],
        ["0013", "Demir", "Musterstadt"],
        ["AB-7", "Haddad", "Musterstadt"],
    ]
}
Tables = dict[str, list[list[str]]]


def write_csv(folder: Path, tables: Tables) -> None:
    for name, rows in tables.items():
        cells = (";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in r) for r in rows)
        (folder / f"{name}.csv").write_text("\n".join(cells) + "\n", encoding="utf-8")


def write_xlsx(folder: Path, tables: Tables) -> None:
    for name, rows in tables.items():
        with xlsxwriter.Workbook(str(folder / f"{name}.xlsx")) as book:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for at, cell in enumerate(row):
                    sheet.write_string(number, at, cell)


def write_jsonl(folder: Path, tables: Tables) -> None:
    for name, (header, *rows) in tables.items():
        lines = [json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


Write = Callable[[Path, Tables], None]


class Office:
    """A district with one source, whose deliveries are written and loaded."""

    def __init__(self, folder: Path, *, declared: bool = False, server: str | None = None) -> None:
        self.folder, self._server = folder, server
        entity, table = ("as: key", "as: key") if declared else ("values: {}", "ignore: []")
        text = MAPPING.replace("TABLE", table).replace("AS}", entity + "}")
        (folder / "probe.yaml").write_text(text, encoding="utf-8")
        (folder / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")

    def take(self, day: str, tables: Tables, write: Write = write_csv) -> list[FindingWithValue]:
        """What was found in a delivery with the clients and these tables."""
        folder = self.folder / "probe" / day
        folder.mkdir(parents=True)
        write(folder, CLIENTS | tables)
        for path in folder.iterdir():
            os.utime(path, (1_700_000_000, 1_700_000_000))
        with self.open() as hub, hub.store.read() as connection:
            assert [r.state for r in run_intake(hub)][-1] == "loaded"
            found = list_findings(connection, with_values=True)
        return [f for f in found if isinstance(f, FindingWithValue) and str(f.delivered_on) == day]

    def open(self) -> Hub:
        hub = Hub(load_config(self.folder / "drehscheibe.yaml"))
        if self._server:
            hub.__dict__["store"] = Store(self._server)
        return hub

    def persons_of(self, entity: str) -> list[str]:
        c = ENTITIES[entity].table.c
        rows = select(c.record_key, c.person_key).where(c.known_to.is_(None))
        with self.open() as hub, hub.store.read() as connection:
            return sorted(f"{record}: {person}" for record, person in connection.execute(rows))


def places(found: list[FindingWithValue]) -> set[tuple[Any, ...]]:
    return {(f.table, f.row, f.column, f.rule, f.value) for f in found}


def talks(*persons: str) -> Tables:
    rows = [[f"G{n}", "01.02.2024", person] for n, person in enumerate(persons)]
    return {"Gespräche": [["GNr", "Datum", "Wer"], *rows]}


EVERYWHERE: Tables = {
    **talks("12", "013", "12/0013", "99", "12,99"),
    "Pläne": [["PNr", "Datum", "Wer"], ["P1", "01.02.2024", "ab-7"], ["P2", "", "12;77"]],
    "Ziele": [["ZNr", "Wer", "Ziel"], ["Z1", "12.0", "B1"], ["Z2", "", "B2"], ["Z3", "x", "B3"]],
    "Haushalte": [["HNr", "Wer"], ["H1", "12,\u200b0013"], ["H2", "nn"]],
    "Freigaben": [["FNr", "Wer"], ["F1", "'12"], ["F2", "55"]],
}
SPELLED, UNKNOWN_RULE, LIST = "person_key_spelled", "person_unknown", "person_keys_in_cell"


@holds(2)
@pytest.mark.parametrize(
    "write", [write_csv, write_xlsx, write_jsonl], ids=["csv", "xlsx", "jsonl"]
)
def test_every_row_that_names_nobody_is_told(write: Write, tmp_path: Path) -> None:
    # JSON lines have no header.
    first = 1 if write is write_jsonl else 2
    found = places(Office(tmp_path).take("2024-03-31", EVERYWHERE, write))
    assert found == {
        ("Gespräche", first + 1, "Wer", SPELLED, "013"),
        ("Gespräche", first + 2, "Wer", LIST, "12/0013"),
        ("Gespräche", first + 3, "Wer", UNKNOWN_RULE, "99"),
        ("Gespräche", first + 4, "Wer", UNKNOWN_RULE, "99"),
        ("Pläne", first, "Wer", SPELLED, "ab-7"),
        ("Pläne", first + 1, "Wer", UNKNOWN_RULE, "77"),
        ("Ziele", first, "Wer", SPELLED, "12.0"),
        ("Ziele", first + 2, "Wer", UNKNOWN_RULE, "x"),
        ("Haushalte", first + 1, "Wer", UNKNOWN_RULE, "nn"),
        ("Freigaben", first, "Wer", SPELLED, "'12"),
        ("Freigaben", first + 1, "Wer", UNKNOWN_RULE, "55"),
    }


@pytest.fixture(params=["duckdb", "postgresql"])
def declared(request: Any, tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Office]:
    """An office whose mapping says that the spelling of keys does not matter."""
    server = new_database() if request.param == "postgresql" else None
    yield Office(tmp_path, declared=True, server=server)


@holds(2)
def test_where_declared_the_person_meant_is_found(declared: Office) -> None:
    found = declared.take("2024-03-31", EVERYWHERE | talks("12,012", "013", "12/0013", "99"))
    assert {(f.table, f.rule, f.value) for f in found} == {
        (None, "person_key_matched", None),
        ("Gespräche", LIST, "12/0013"),
        ("Gespräche", UNKNOWN_RULE, "99"),
        ("Pläne", UNKNOWN_RULE, "77"),
        ("Ziele", UNKNOWN_RULE, "x"),
        ("Haushalte", UNKNOWN_RULE, "nn"),
        ("Freigaben", UNKNOWN_RULE, "55"),
    }
    # Two spellings of one key are one participant.
    assert declared.persons_of("conversation_participant") == [
        "G0: 12",
        "G1: 0013",
        "G2: 12/0013",
        "G3: 99",
    ]
    assert declared.persons_of("goal") == ["Z1: 12", "Z2: None", "Z3: x"]
    assert declared.persons_of("consent") == ["F1: 12", "F2: 55"]
    assert declared.persons_of("plan_participant") == ["P1: AB-7", "P2: 12", "P2: 77"]


def test_the_same_delivery_again_changes_nothing(declared: Office) -> None:
    declared.take("2024-03-31", talks("012", "013"))
    declared.take("2024-06-30", talks("012", "013"))
    with declared.open() as hub, hub.store.read() as connection:
        c = ENTITIES["conversation_participant"].table.c
        loads = connection.execute(select(c.known_from, c.known_to)).all()
    assert [tuple(row) for row in loads] == [(1, None), (1, None)]


def test_a_person_known_before_is_no_unknown_one(tmp_path: Path) -> None:
    office = Office(tmp_path)
    former: Tables = {"Klienten": [*CLIENTS["Klienten"], ["14", "Akin", "Musterstadt"]]}
    assert office.take("2024-03-31", former | talks("14")) == []
    assert office.take("2024-06-30", talks("14")) == []


def test_nobody_is_unknown_where_the_persons_were_not_read(tmp_path: Path) -> None:
    office = Office(tmp_path)
    folder = tmp_path / "probe" / "2024-03-31"
    folder.mkdir(parents=True)
    write_csv(folder, talks("12"))
    os.utime(folder / "Gespräche.csv", (1_700_000_000, 1_700_000_000))
    with office.open() as hub, hub.store.read() as connection:
        assert [r.state for r in run_intake(hub)] == ["incomplete"]
        assert {f.rule for f in list_findings(connection)} == {"table_missing"}


def test_of_very_many_rows_the_first_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unknown_persons, "_MOST_ROWS", 2)
    found = Office(tmp_path).take("2024-03-31", talks("91", "92", "93", "94"))
    assert [(f.rule, f.value) for f in found if f.row] == [
        (UNKNOWN_RULE, "91"),
        (UNKNOWN_RULE, "92"),
    ]
    assert ["2." in f.message or f.message.endswith(": 2.") for f in found if not f.row] == [True]


def test_only_persons_are_named_by_a_key() -> None:
    topics = "key: Nr\nfeeds: {conversation: {fields: {held_on: Datum}}, conversation_topic: {each: {column: T, as: key}}}"
    with pytest.raises(YamlProblems, match="conversation_topic names no persons"):
        small.plan(topics)


APART = """\
system: Probe
tables:
  Klienten:
    files: ["Klienten*"]
    table: Klienten
    key: Nr
    feeds:
      person: {fields: {last_name: Nachname}}
      education_work: {fields: {career_goal: Arbeit}}
    optional_columns: [Arbeit]
    ignore: [Ort]
  Fälle:
    files: ["Fälle*"]
    table: Fälle
    key: Akte
    optional: true
    feeds:
      case: {fields: {person_key: {column: Wer, AS}, municipality: Ort}}
  Wohnen:
    files: ["Wohnen*"]
    table: Wohnen
    key: WNr
    optional: true
    feeds:
      housing: {fields: {person_key: {column: Wer, AS}, kind: Art}}
  Status:
    files: ["Status*"]
    table: Status
    key: Nr
    optional: true
    TABLE
    feeds:
      residence_status: {fields: {status: Titel}}
      language_level: {each: {column: Sprache, split: ","}}
"""
CASES: Tables = {
    "Fälle": [
        ["Akte", "Wer", "Ort"],
        ["1", "12", "Musterstadt"],
        ["2", "13", "Musterstadt"],
        ["3", "99", "Musterstadt"],
    ],
    "Wohnen": [["WNr", "Wer", "Art"], ["W1", "12.0", ""], ["W2", "0013", ""], ["W3", "nn", ""]],
    "Status": [
        ["Nr", "Titel", "Sprache"],
        ["x", "", "de"],
        ["012", "", "en"],
        ["ab-7", "", "de, ar"],
    ],
}


def open_apart(folder: Path, *, declared: bool, server: str | None = None) -> Office:
    """An office whose cases and their details stand in tables without the persons."""
    office = Office(folder, server=server)
    entity, table = ("as: key", "as: key") if declared else ("values: {}", "ignore: []")
    text = APART.replace("TABLE", table).replace("AS}", entity + "}")
    (folder / "probe.yaml").write_text(text, encoding="utf-8")
    return office


@holds(2)
def test_cases_and_their_details_that_name_nobody_are_told(tmp_path: Path) -> None:
    office = open_apart(tmp_path, declared=False)
    expected = {
        ("Fälle", 3, "Wer", SPELLED, "13"),
        ("Fälle", 4, "Wer", UNKNOWN_RULE, "99"),
        ("Wohnen", 2, "Wer", SPELLED, "12.0"),
        ("Wohnen", 4, "Wer", UNKNOWN_RULE, "nn"),
        ("Status", 2, "Nr", UNKNOWN_RULE, "x"),
        ("Status", 3, "Nr", SPELLED, "012"),
        ("Status", 4, "Nr", SPELLED, "ab-7"),
    }
    # The persons were loaded once; what a delivery tells does not depend on the one before it.
    for day in ("2024-03-31", "2024-06-30"):
        found = [f for f in office.take(day, CASES) if f.value]
        assert places(found) == expected and len(found) == len(expected)


@holds(2)
@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_a_case_counts_for_the_person_meant(
    engine: str, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    server = new_database() if engine == "postgresql" else None
    office = open_apart(tmp_path, declared=True, server=server)
    found = office.take("2024-03-31", CASES)
    assert {(f.table, f.rule, f.value) for f in found if f.value} == {
        ("Fälle", UNKNOWN_RULE, "99"),
        ("Wohnen", UNKNOWN_RULE, "nn"),
        ("Status", UNKNOWN_RULE, "x"),
    }
    assert office.persons_of("case") == ["1: 12", "2: 0013", "3: 99"]
    assert office.persons_of("housing") == ["W1: 12", "W2: 0013", "W3: nn"]
    assert office.persons_of("residence_status") == ["12: 12", "AB-7: AB-7", "x: x"]
    assert office.persons_of("language_level") == ["12: 12", "AB-7: AB-7", "AB-7: AB-7", "x: x"]


def test_a_case_known_by_the_written_key_gets_the_one_meant(tmp_path: Path) -> None:
    open_apart(tmp_path, declared=False).take("2024-03-31", CASES)
    office = open_apart(tmp_path, declared=True)
    office.take("2024-06-30", CASES)
    assert office.persons_of("case") == ["1: 12", "2: 0013", "3: 99"]
    assert office.persons_of("housing") == ["W1: 12", "W2: 0013", "W3: nn"]


def test_where_nobody_lists_persons_the_cases_do(tmp_path: Path) -> None:
    office = open_apart(tmp_path, declared=False)
    mapping = tmp_path / "probe.yaml"
    text = mapping.read_text("utf-8").replace("person: {fields: {last_name: Nachname}}", "")
    mapping.write_text(text.replace("[Ort]", "[Ort, Nachname]"), encoding="utf-8")
    found = office.take("2024-03-31", {**CASES, "Klienten": [["Nr", "Nachname", "Ort"]]})
    assert {f[0] for f in places(found) if f[1]} == {"Wohnen", "Status"}
