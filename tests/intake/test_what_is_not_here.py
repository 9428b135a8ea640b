"""What is not in a delivery is judged by what was delivered: nothing ends because it could not be read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from mappings.engine.plan import Gap
from mappings.source_yaml import TablePart
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.missing_files import await_files, compare_files
from pipelines.intake.replay import reread_source
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.mappings import small
from warehouse.loading.findings import list_findings
from warehouse.schema import ENTITIES

# pattern of the table, its exports, files before, files now, the missing ones
FILES: dict[str, tuple[str, str, str, str, str]] = {
    "one of two workbooks": (
        "*.xlsx",
        "",
        "A-Stadt.xlsx B-Dorf.xlsx",
        "A-Stadt.xlsx",
        "B-Dorf.xlsx",
    ),
    "another name": ("*.xlsx", "", "Nord.xlsx", "Süd.xlsx", "Nord.xlsx"),
    "other capitals": ("*.xlsx", "", "NORD.xlsx", "Nord.XLSX", ""),
    "another month": (
        "*.xlsx",
        "",
        "N_2024-03.xlsx S_2024-03.xlsx",
        "N_2024-06.xlsx S_2024-06.xlsx",
        "",
    ),
    "one of two of another month": ("*.xlsx", "", "N_1.xlsx S_1.xlsx", "N_2.xlsx", "S_1.xlsx"),
    "the one file of a table": ("Klienten*.csv", "", "Klienten Mai.csv", "Klienten Juni.csv", ""),
    "a part of a split export": ("K*.csv", "", "K-1.csv K-2.csv", "K-1.csv", "K-2.csv"),
    "one part more": ("K*.csv", "", "K-1.csv K-2.csv", "K-1.csv K-2.csv K-3.csv", ""),
    "renumbered": ("K*.csv", "", "K-1.csv K-2.csv", "K-7.csv K-8.csv", ""),
    "a declared split": ("K*.csv", "K-*.csv", "K-1.csv K-2.csv", "K-1.csv", ""),
    "a declared name": (
        "*.xlsx",
        "N*.xlsx S*.xlsx",
        "Nord Mai.xlsx Süd.xlsx",
        "Nord.xlsx S.xlsx",
        "",
    ),
    "one of two declared": (
        "*.xlsx",
        "N*.xlsx S*.xlsx",
        "Nord.xlsx Süd.xlsx",
        "Nord.xlsx",
        "Süd.xlsx",
    ),
    "no more awaited": ("*.xlsx", "N*.xlsx", "Nord.xlsx Süd.xlsx", "Nord.xlsx", ""),
    "nothing before": ("*.xlsx", "", "", "Nord.xlsx", ""),
}


@holds(3)
@pytest.mark.parametrize("case", FILES)
def test_which_files_are_missing(case: str) -> None:
    files, exports, before, now, missing = FILES[case]
    part = TablePart(files=files, exports=exports.split(), key="Nr", feeds={"case": {}})  # type: ignore[arg-type]
    if " Mai" in before:
        sides = tuple([f"{n}.{t.rsplit('.', 1)[1]}" for n in _split(t)] for t in (before, now))
    else:
        sides = tuple(text.split() for text in (before, now))
    awaited = await_files([{"T": sides[0]}], {"T": part}).get("T", [])
    found = compare_files(awaited, sorted(sides[1]), part)
    assert [file.name for file in found.missing] == missing.split()


def _split(text: str) -> list[str]:
    """Names with a blank in them, without their ends."""
    ending = "." + text.rsplit(".", 1)[1]
    return [name.strip() for name in text.split(ending) if name.strip()]


GAPS = small.plan(
    """
    key: Nr
    optional_columns: [Zuweisung, Kurs, Sprachen, Kinder]
    feeds:
      person: {fields: {last_name: Name}}
      housing: {when: [Art, Zuweisung], fields: {kind: Art, assigned_on: Zuweisung}}
      education_work: {fields: {integration_course: Kurs}}
      language_level: {each: {column: Sprachen, split: ","}}
      conversation_topic: {each: {columns: {Kinder: kinder, Arbeit: arbeit, Jobs: arbeit}}}
    """
)
THERE = {"Nr", "Name", "Art", "Arbeit", "Jobs"}


@pytest.mark.parametrize(
    ("column", "gaps"),
    [
        ("Zuweisung", [Gap("Zuweisung", "housing"), Gap("Zuweisung", "housing", "assigned_on")]),
        ("Kurs", [Gap("Kurs", "education_work", "integration_course")]),
        ("Sprachen", [Gap("Sprachen", "language_level")]),
        ("Kinder", [Gap("Kinder", "conversation_topic", "topic", ("kinder",))]),
    ],
)
def test_what_a_missing_column_would_tell(column: str, gaps: list[Gap]) -> None:
    header = THERE | {"Zuweisung", "Kurs", "Sprachen", "Kinder"}
    assert list(GAPS.list_gaps(header)) == []
    assert list(GAPS.list_gaps(header - {column})) == gaps


MAPPING = """\
system: Probe
tables:
  Klienten:
    files: ["Klienten*"]
    table: Klienten
    key: Nr
    optional_columns: [Zuweisung, Kurs, Sprachen]
    feeds:
      person: {fields: {last_name: Nachname, first_name: Vorname, birth_date: Geboren}}
      housing: {when: Zuweisung, fields: {assigned_on: Zuweisung}}
      education_work: {fields: {integration_course: {column: Kurs, empty: false}}}
      language_level: {each: {column: Sprachen, split: ","}}
      case: {fields: {begun_on: {column: Von, required: true}, staff: Kraft}}
  Gespräche:
    files: ["Gespräche*"]
    table: Gespräche
    key: GNr
    optional: true
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}, minutes: Dauer}}
      conversation_participant: {each: {column: Nr, split: ","}}
"""
HEADER = ["Nr", "Nachname", "Vorname", "Geboren", "Von", "Kraft", "Zuweisung", "Kurs", "Sprachen"]
TALKS = ["GNr", "Datum", "Dauer", "Nr"]
Rows = list[list[str]]


def client(key: str, number: int | None = None) -> list[str]:
    """A row of the clients, the same for each number."""
    n = int(key) if number is None else number
    own = [f"Muster{n}", "Amal", f"{n % 28 + 1:02}.05.1990", "01.02.2024", "Brandt"]
    return [key, *own, "01.03.2024", "ja", "Dari"]


def clients(last: int, *without: int) -> Rows:
    return [client(str(n)) for n in range(1, last + 1) if n not in without]


def talk(key: str, person: str = "1", day: str = "02.02.2024") -> list[str]:
    return [key, day, key.removeprefix("G") or "9", person]


def write_csv(path: Path, rows: Rows) -> None:
    path.with_suffix(".csv").write_text("".join(";".join(r) + "\n" for r in rows), encoding="utf-8")


def write_xlsx(path: Path, rows: Rows) -> None:
    with xlsxwriter.Workbook(str(path.with_suffix(".xlsx"))) as book:
        sheet = book.add_worksheet(path.name.partition("-")[0])
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write_string(number, at, cell)


def write_jsonl(path: Path, rows: Rows) -> None:
    header, *lines = rows
    text = "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in lines)
    path.with_suffix(".jsonl").write_text(text, encoding="utf-8")


def write_fixed(path: Path, rows: Rows) -> None:
    lines = (f"{key:>06}" + "".join(f"{cell:<12}" for cell in row) for key, *row in rows[1:])
    path.with_suffix(".txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


FORMATS = {"csv": write_csv, "xlsx": write_xlsx, "jsonl": write_jsonl}


class Source:
    """One source that delivers a full export each month."""

    def __init__(self, folder: Path, write: Callable[[Path, Rows], None] = write_csv) -> None:
        self.folder, self.write, self._month = folder, write, 0
        (folder / "probe.yaml").write_text(MAPPING, encoding="utf-8")
        self.configure()

    def configure(self, more: str = "") -> None:
        (self.folder / "drehscheibe.yaml").write_text(
            'district: {ags: "08999", name: Musterkreis}\n'
            f"sources: {{probe: {{mapping: probe.yaml, folder: probe{more}}}}}\n",
            encoding="utf-8",
        )

    def deliver(self, **tables: Rows) -> DeliveryResult:
        """Takes a delivery in; tables are named without the ending, "Klienten_2" is Klienten-2."""
        self._month += 1
        folder = self.folder / "probe" / date(2025, self._month, 28).isoformat()
        folder.mkdir(parents=True)
        for name, rows in tables.items():
            self.write(folder / name.replace("_", "-"), rows)
        for path in folder.iterdir():
            os.utime(path, (1_700_000_000, 1_700_000_000))
        with self.open() as hub:
            return run_intake(hub)[-1]

    def open(self) -> Hub:
        return Hub(load_config(self.folder / "drehscheibe.yaml"))

    def known(self, entity: str) -> int:
        table = ENTITIES[entity].table
        with self.open() as hub, hub.store.read() as connection:
            return len(connection.execute(select(table).where(table.c.known_to.is_(None))).all())

    def rules(self) -> dict[str, tuple[Any, ...]]:
        """By rule, the last finding of the newest delivery: file or None, row, column."""
        day = str(date(2025, self._month, 28))
        with self.open() as hub, hub.store.read() as connection:
            found = [f for f in list_findings(connection) if str(f.delivered_on) == day]
        return {f.rule: (f.file and f.file.partition(".")[0], f.row, f.column) for f in found}


def broken(kind: str, rows: Rows) -> Rows:
    """The rows with the third unreadable in some way; it is number 3, of which nothing else changed."""
    at = 3
    row = list(rows[at])
    changed = {
        "a required cell": [*row[:4], "30.02.2024", *row[5:]],
        "no key": ["", *row[1:]],
        "no key and another counsellor": ["", *row[1:5], "Kaya", *row[6:]],
        "a key of an earlier row": None,
        "a separator in the text": [*row[:2], "Amal", "", *row[3:]],
        "a quote that swallows rows": ['"' + ";".join(row), *[""] * 8],
    }[kind]
    if changed is None:
        # Row 3 bears the key of row 2: number 3 itself is nowhere.
        changed = [rows[2][0], *row[1:]]
    return [*rows[:at], changed, *rows[at + 1 :]]


@holds(3, "csv", "xlsx", "json")
@pytest.mark.parametrize("kind", ["a required cell", "no key", "no key and another counsellor"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_row_that_is_rejected_ends_nothing(kind: str, form: str, tmp_path: Path) -> None:
    source = Source(tmp_path, FORMATS[form])
    source.deliver(Klienten=[HEADER, *clients(8)])
    result = source.deliver(Klienten=broken(kind, [HEADER, *clients(8, 7)]))
    assert result.state == "loaded" and result.loaded is not None
    # Number 7 left; number 3 did not, nor did anything of it.
    assert result.loaded.withheld == {"case": 1}
    assert {source.known(e) for e in ("person", "case", "housing", "language_level")} == {7}
    assert source.rules()["ends_withheld"] == (None, None, None)


LISTS = """\
system: Probe
tables:
  Gespräche:
    files: ["Gespräche*"]
    table: Gespräche
    key: [Tag, Nr, Anliegen]
    feeds:
      conversation: {fields: {held_on: {column: Tag, required: true}}}
      conversation_participant: {each: Nr}
"""
LISTED = ["Tag", "Nr", "Anliegen"]


def listed(number: int, *cells: str) -> list[str]:
    """A conversation by day, client and what it was about; ``cells`` in place of the first."""
    row = [f"{number:02}.03.2024", str(number), f"Kurs A/{number}"]
    return [*cells, *row[len(cells) :]]


TORN = {
    "no client": (["03.03.2024", ""], 1),
    "no such day": (["31.02.2024"], 1),
    "a day to come": (["03.03.2042"], 1),
    "no day and no client": (["", ""], 1),
    "no day, another client": (["", "8"], 0),
    # Between what could not be read nothing counts: it may be any of the two.
    "the client alone": (["", "3", ""], 2),
}


@holds(3, "csv", "xlsx", "json")
@pytest.mark.parametrize("kind", TORN)
@pytest.mark.parametrize("form", FORMATS)
def test_a_key_of_which_a_part_is_read_ends_nothing(kind: str, form: str, tmp_path: Path) -> None:
    source = Source(tmp_path, FORMATS[form])
    (tmp_path / "probe.yaml").write_text(LISTS, encoding="utf-8")
    cells, kept = TORN[kind]
    source.deliver(Gespräche=[LISTED, *map(listed, range(1, 9))])
    rows = [listed(n) for n in (1, 2, 4, 5, 6, 8)]
    result = source.deliver(Gespräche=[LISTED, *rows[:2], listed(3, *cells), *rows[2:]])
    # Number 7 left; number 3 did not.
    assert result.loaded is not None and result.findings["rejected"] == 1
    assert source.known("conversation") == source.known("conversation_participant") == 6 + kept
    assert result.loaded.withheld == ({"conversation": kept} if kept else {})


def test_a_row_of_another_width_ends_nothing(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(8)])
    result = source.deliver(Klienten=broken("a separator in the text", [HEADER, *clients(8, 7)]))
    assert result.findings["rejected"] == 1
    assert source.known("case") == 7


def spoil_json(lines: list[str]) -> list[str]:
    """The line of number 3 breaks off."""
    return [*lines[:2], lines[2].partition(', "Von"')[0], *lines[3:]]


def spoil_fixed(lines: list[str]) -> list[str]:
    """The line of number 3 begins with a blank too many."""
    return [*lines[:2], f" {lines[2].rstrip()}", *lines[3:]]


@holds(3, "json", "fixed")
def test_a_row_that_cannot_be_divided_ends_nothing(reader: str, tmp_path: Path) -> None:
    is_json = reader == "json"
    write = write_jsonl if is_json else write_fixed
    source = Source(tmp_path, write)
    if not is_json:
        fields = ", ".join(f'"{name} {"N(6,0)" if name == "Nr" else "C(12)"}"' for name in HEADER)
        mapping = MAPPING.replace("tables:", f"dialect: {{fixed: [{fields}]}}\ntables:", 1)
        (tmp_path / "probe.yaml").write_text(mapping, encoding="utf-8")
    source.deliver(Klienten=[HEADER, *clients(8)])

    def write_spoiled(path: Path, rows: Rows) -> None:
        write(path, rows)
        file = path.with_suffix(".jsonl" if is_json else ".txt")
        spoil = spoil_json if is_json else spoil_fixed
        file.write_text("\n".join(spoil(file.read_text("utf-8").splitlines())), "utf-8")

    source.write = write_spoiled
    result = source.deliver(Klienten=[HEADER, *clients(8, 7)])
    assert (result.state, result.findings["rejected"]) == ("loaded", 1)
    assert source.known("case") == source.known("person") == 7


def test_a_conversation_is_known_again_without_its_key(tmp_path: Path) -> None:
    source = Source(tmp_path)
    talks = [talk(f"G{n}") for n in range(1, 7)]
    source.deliver(Klienten=[HEADER, *clients(3)], Gespräche=[TALKS, *talks])
    nameless = ["", *talks[2][1:]]
    source.deliver(
        Klienten=[HEADER, *clients(3)], Gespräche=[TALKS, *talks[:2], nameless, *talks[4:]]
    )
    # G4 is gone; G3 has lost its key.
    assert source.known("conversation") == source.known("conversation_participant") == 5


def test_a_file_that_was_known_is_awaited(tmp_path: Path) -> None:
    source = Source(tmp_path)
    first, other = [HEADER, *clients(6)], [HEADER, *clients(9, *range(1, 7))]
    assert source.deliver(Klienten_Nord=first, Klienten_Süd=other).state == "loaded"
    for _ in range(2):
        # It stays missing, also where the delivery before lacked it.
        assert source.deliver(Klienten_Nord=first).state == "incomplete"
        assert source.rules()["file_missing"] == ("Klienten-Süd", None, None)
        assert source.known("case") == 9
    (tmp_path / "probe.yaml").write_text(
        MAPPING.replace("    key: Nr\n", '    key: Nr\n    exports: "Klienten-N*"\n', 1),
        encoding="utf-8",
    )
    source.configure(", max_gone_share: 1")
    assert source.deliver(Klienten_Nord=first).state == "loaded"
    assert source.known("case") == 6


def test_an_optional_table_that_stays_away_is_told(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(3)], Gespräche=[TALKS, talk("G1")])
    assert source.deliver(Klienten=[HEADER, *clients(3)]).state == "loaded"
    assert source.rules() == {"table_absent": ("Gespräche", None, None)}
    assert source.known("conversation") == 1


@holds(3, "csv", "xlsx", "json")
@pytest.mark.parametrize("form", FORMATS)
def test_what_is_known_of_a_column_stays(form: str, tmp_path: Path) -> None:
    source = Source(tmp_path, FORMATS[form])
    rows = [HEADER, *clients(6)]
    source.deliver(Klienten=rows)
    shorter = [row[:6] for row in rows]
    for _ in range(2):
        assert source.deliver(Klienten=shorter).state == "loaded"
        assert source.rules() == {"column_vanished": ("Klienten", None, "Zuweisung")}
        assert source.known("housing") == source.known("language_level") == 6
        assert _courses(source) == [True] * 6
    # What comes back counts again, and so does what ends.
    rows = [HEADER, *[[*row[:6], "", "nein", ""] for row in rows[1:]]]
    source.configure(", max_changed_share: 1")
    source.deliver(Klienten=rows)
    assert source.rules() == {}
    assert source.known("housing") == source.known("language_level") == 0
    assert _courses(source) == [False] * 6


def _courses(source: Source) -> list[bool | None]:
    c = ENTITIES["education_work"].table.c
    with source.open() as hub, hub.store.read() as connection:
        rows = select(c.integration_course).where(c.known_to.is_(None))
        return list(connection.execute(rows).scalars())


def test_a_column_that_never_came_is_not_missed(tmp_path: Path) -> None:
    source = Source(tmp_path)
    for _ in range(2):
        source.deliver(Klienten=[row[:6] for row in [HEADER, *clients(4)]])
        assert source.rules() == {}


@holds(3)
@pytest.mark.parametrize(
    ("bad", "share", "state"),
    [
        (3, "", "loaded"),
        (4, "", "incomplete"),
        (3, ", max_rejected_share: 0.4", "incomplete"),
        (6, ", max_rejected_share: 1", "loaded"),
    ],
)
def test_most_rows_rejected(bad: int, share: str, state: str, tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.configure(share)
    rows = [
        [*row[:4], "gestern" if n < bad else row[4], *row[5:]] for n, row in enumerate(clients(6))
    ]
    assert source.deliver(Klienten=[HEADER, *rows]).state == state
    expected = {"required_date_unreadable"} | (
        {"rows_rejected"} if state == "incomplete" else set()
    )
    assert set(source.rules()) == expected
    assert source.known("case") == 6 - bad


@holds(3, "csv", "xlsx")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nothing_but_headers_waits_for_a_person(form: str, tmp_path: Path) -> None:
    source = Source(tmp_path, FORMATS[form])
    source.deliver(Klienten=[HEADER, *clients(3)], Gespräche=[TALKS, talk("G1")])
    assert source.deliver(Klienten=[HEADER, *clients(3)], Gespräche=[TALKS]).state == "held"
    assert source.deliver(Klienten=[HEADER], Gespräche=[TALKS, talk("G1")]).state == "held"
    assert source.known("case") == 3 and source.known("conversation") == 1


@holds(3)
def test_very_small_deliveries_wait_for_a_person(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(9)])
    assert source.deliver(Klienten=[HEADER, *clients(4)]).state == "held"
    assert source.deliver(Klienten=[HEADER, *clients(5)]).state == "loaded"


def test_a_delivery_that_is_held_after_the_mapping_changed_says_so(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.deliver(Klienten=[HEADER, *clients(30)])
    held = source.deliver(Klienten=[HEADER, *clients(9)])
    assert held.state == "held" and "Zuordnung" not in str(held.message)
    corrected = MAPPING.replace("first_name: Vorname", "first_name: Kraft")
    (tmp_path / "probe.yaml").write_text(corrected, encoding="utf-8")
    held = source.deliver(Klienten=[HEADER, *clients(30)])
    assert held.state == "held" and "neu lesen: drehscheibe reread probe. " in str(held.message)
    with source.open() as hub:
        reread_source(hub, "probe", reason="Zuordnung berichtigt")
        assert run_intake(hub)[-1].state == "loaded"


TOPICS = """\
system: Probe
tables:
  Gespräche:
    files: ["Gespräche*"]
    table: Gespräche
    key: GNr
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}, channel: Weg}}
      conversation_topic: {each: {column: Themen, split: "|"}}
"""


def themed(number: int, topics: str, way: str = "Telefon") -> list[str]:
    return [f"G{number}", "01.02.2024", way, topics]


@holds(3, "csv", "xlsx", "json")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ([themed(n, "Arbeit, Wohnen") for n in range(1, 12)], "incomplete"),
        ([themed(n, "Arbeit, Wohnen") for n in range(1, 11)], "loaded"),
        ([themed(n, "Arbeit|Wohnen", "Flurfunk") for n in range(1, 12)], "incomplete"),
    ],
    ids=["another separator", "half of them", "another word"],
)
def test_a_column_that_is_mostly_not_understood(
    changed: Rows, state: str, form: str, tmp_path: Path
) -> None:
    source = Source(tmp_path, FORMATS[form])
    (tmp_path / "probe.yaml").write_text(TOPICS, encoding="utf-8")
    rows = [themed(n, "Arbeit|Wohnen") for n in range(1, 21)]
    header = ["GNr", "Datum", "Weg", "Themen"]
    assert source.deliver(Gespräche=[header, *rows]).state == "loaded"
    result = source.deliver(Gespräche=[header, *changed, *rows[len(changed) :]])
    assert result.state == state
    told = source.rules().get("codes_unknown")
    # Topics of before do not end.
    if state == "incomplete":
        assert told == ("Gespräche", None, "Weg" if changed[0][2] == "Flurfunk" else "Themen")
        assert source.known("conversation_topic") == 40
    else:
        assert told is None


def test_places_that_are_not_the_districts_are_no_unknown_words(tmp_path: Path) -> None:
    source = Source(tmp_path)
    mapping = MAPPING.replace("staff: Kraft", "municipality: Kraft")
    (tmp_path / "probe.yaml").write_text(mapping, encoding="utf-8")
    assert source.deliver(Klienten=[HEADER, *clients(30)]).state == "loaded"
    assert source.rules().keys() == {"unknown_code"}
