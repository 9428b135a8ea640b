"""Copies in a delivery: told with the file that counts, never united, and nothing ends by them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select

from mappings.engine.duplicates import TableKeys
from mappings.engine.hashes import hash_texts
from pipelines.config import load_config
from pipelines.config.load import ConfigError
from pipelines.hub import Hub
from pipelines.intake.copied_files import CopiedFiles, sort_originals_first, strip_marks
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.connectors.written import html, xlsx, xml_2003
from warehouse.loading.findings import list_findings
from warehouse.schema import ENTITIES

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Musterstadt}, "08999003": {name: Mühlenröth}}
sources: {quelle: {mapping: own.yaml, folder: in, delivers: full, max_gone_share: 1}}
"""
MAPPING = """\
system: Mini
tables:
  Klienten:
    files: ["Klienten*", "*/Klienten*"]
    table: Klienten
    key: Nr
    feeds:
      person: {fields: {last_name: Nachname, first_name: Vorname, birth_date: Geb, sex: Sex}}
      case: {fields: {municipality: Ort, begun_on: {preamble: Beginn}}}
  Kontakte:
    files: ["*Kontakte*"]
    table: Kontakte
    key: KNr
    optional: true
    feeds:
      conversation: {several_rows: true, fields: {held_on: {column: Tag, required: true}}}
      conversation_participant: {each: Nr}
      conversation_topic: {each: Thema}
"""
PERSON = ["Nr", "Nachname", "Vorname", "Geb", "Sex", "Ort"]
TARHAN = ["1", "Tarhan", "Selin", "04.05.1990", "w", "Musterstadt"]
RAHIMI = ["2", "Rahimi", "Farid", "07.06.1985", "m", "Mühlenröth"]
TALK = ["KNr", "Nr", "Tag", "Thema"]
FIRST = ["K1", "1", "12.03.2024", "Schule"]
Files = Mapping[str, list[list[str]]]


def text(rows: list[list[str]]) -> str:
    return "Beginn: 01.02.2024\n" + "".join(";".join(row) + "\n" for row in rows)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "in").mkdir()
    (tmp_path / "drehscheibe.yaml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "own.yaml").write_text(MAPPING, "utf-8")
    with Hub(load_config(tmp_path / "drehscheibe.yaml")) as opened:
        yield opened


def take_in(
    hub: Hub, day: str, files: Files
) -> tuple[str, set[tuple[str | None, str, int | None]]]:
    """The state of a delivery, and the file, rule and row of each finding."""
    folder = hub.config.sources["quelle"].folder / day
    for name, rows in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(rows), "utf-8")
    *_, result = run_intake(hub)
    with hub.store.read() as connection:
        found = list_findings(connection)
    return result.state, {
        (f.file, f.rule, f.row) for f in found if f.delivered_on.isoformat() == day
    }


def known(hub: Hub, column: str, entity: str) -> list[str]:
    c = ENTITIES[entity].table.c
    with hub.store.read() as connection:
        rows = connection.execute(select(c[column]).where(c.known_to.is_(None)))
        return sorted(rows.scalars())


@holds(9)
def test_copies_in_a_delivery(hub: Hub) -> None:
    """The file without a mark counts; what copies hold is neither read nor ends."""
    kept = {"Klienten.csv": [PERSON, TARHAN, RAHIMI], "Kontakte.csv": [TALK, FIRST]}
    assert take_in(hub, "2024-04-30", kept) == ("loaded", set())
    moved = [*TARHAN[:5], "Mühlenröth"]
    state, found = take_in(
        hub,
        "2024-05-31",
        {
            "Klienten.csv": [PERSON, TARHAN],
            "Klienten (1).csv": [PERSON, moved, RAHIMI],
            "Kontakte.csv": [TALK, FIRST],
            "Kopie von Kontakte.csv": [TALK, [*FIRST[:3], "Wohnen"]],
            "alt/Kontakte.csv": [TALK, FIRST],
        },
    )
    assert (state, found) == (
        "incomplete",
        {
            ("Klienten (1).csv", "copied_table", None),
            ("Kopie von Kontakte.csv", "copied_table", None),
            ("alt/Kontakte.csv", "same_file", None),
        },
    )
    assert known(hub, "municipality", "case") == ["08999001", "08999003"]
    assert known(hub, "topic", "conversation_topic") == ["schule"]


@holds(9)
def test_two_tables_of_the_mapping_read_the_same_rows(hub: Hub) -> None:
    """The second is not read, and both are named."""
    own = hub.config.sources["quelle"].folder.parent / "own.yaml"
    own.write_text(
        MAPPING.replace('["*Kontakte*"]', '["*Kontakte*", "Klienten*"]')
        .replace("    table: Klienten\n", "")
        .replace("    table: Kontakte\n", ""),
        "utf-8",
    )
    both = ["KNr", *PERSON, "Tag", "Thema"]
    rows = [both, ["K1", *TARHAN, "12.03.2024", "Schule"]]
    state, found = take_in(hub, "2024-04-30", {"Klienten.csv": rows})
    assert state == "incomplete"
    assert {rule for _, rule, _ in found} >= {"table_read_twice"}
    assert known(hub, "municipality", "case") == ["08999001"]
    assert known(hub, "topic", "conversation_topic") == []


@holds(4, "json")
def test_rows_within_a_field_are_told(hub: Hub) -> None:
    own = hub.config.sources["quelle"].folder.parent / "own.yaml"
    own.write_text(MAPPING.replace("begun_on: {preamble: Beginn}", "begun_on: Tag"), "utf-8")
    person = dict(zip(PERSON, TARHAN, strict=True)) | {"Tag": "01.02.2024"}
    inner = [{"KNr": "K1", "Tag": "12.03.2024", "Themen": [{"Thema": "Schule"}]}]
    folder = hub.config.sources["quelle"].folder / "2024-04-30"
    folder.mkdir()
    # Names of fields that are values of a person are not told.
    more = {"Orte": ["a", "b"], "Kinder": {"Sara Muster": "2015", "Ali Muster": inner}}
    lines = [person | {"Gespraeche": inner, **more}, person | {"Nr": "2", "Orte": []}]
    (folder / "Klienten.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (result,) = run_intake(hub)
    with hub.store.read() as connection:
        found = {(f.rule, f.column) for f in list_findings(connection)}
    assert result.state == "loaded"
    told = {("nested_rows", "Gespraeche"), ("unknown_column", "Orte")}
    assert told | {("unknown_column", "Kinder"), ("nested_rows", "Kinder")} <= found
    assert not any("Muster" in (column or "") for _, column in found)


@holds(9)
def test_files_that_share_keys_without_a_mark(hub: Hub) -> None:
    """Two municipalities that number their conversations alike do not hold one together."""
    state, found = take_in(
        hub,
        "2024-05-31",
        {
            "Klienten Nord.csv": [PERSON, TARHAN],
            "Klienten Süd.csv": [PERSON, [*TARHAN[:5], "Mühlenröth"], RAHIMI],
            "Kontakte Nord.csv": [TALK, FIRST, [*FIRST[:3], "Arbeit"]],
            "Kontakte Süd.csv": [TALK, ["K1", "2", "12.03.2024", "Wohnen"], ["K2", *FIRST[1:]]],
        },
    )
    assert (state, found) == (
        "loaded",
        {("Klienten Süd.csv", "key_repeated", 3), ("Kontakte Süd.csv", "key_repeated", 3)},
    )
    assert known(hub, "topic", "conversation_topic") == ["arbeit", "schule", "schule"]
    with hub.store.read() as connection:
        messages = {f.message for f in list_findings(connection) if f.rule == "key_repeated"}
    assert all("in der Datei „K" in message and "Nord.csv“" in message for message in messages)


def test_a_copy_with_other_rows_is_read_and_told(hub: Hub) -> None:
    files = {"Klienten.csv": [PERSON, TARHAN], "Klienten (2).csv": [PERSON, RAHIMI]}
    assert take_in(hub, "2024-05-31", files) == (
        "loaded",
        {("Klienten (2).csv", "copy_with_other_keys", None)},
    )
    assert known(hub, "source_key", "person") == ["1", "2"]


@holds(9)
def test_a_human_being_twice_in_a_source(hub: Hub) -> None:
    """Told with both places at every load; the records stay two."""
    again = ["7", "TARHAN", "Selin", "1990-05-04", "", "Mühlenröth"]
    other = ["8", "Tarhan", "Selin", "04.05.1990", "m", "Musterstadt"]
    rows = [PERSON, TARHAN, RAHIMI, again, other]
    for day in ("2024-04-30", "2024-05-31"):
        state, found = take_in(hub, day, {"Klienten.csv": rows})
        assert (state, found) == ("loaded", {("Klienten.csv", "same_person_twice", 5)})
    with hub.store.read() as connection:
        message = next(f.message for f in list_findings(connection))
    assert "Zeile 3 von „Klienten“ der Datei „Klienten.csv“" in message
    assert "Tarhan" not in message
    assert known(hub, "source_key", "person") == ["1", "2", "7", "8"]


@pytest.mark.parametrize(
    ("write", "name"), [(xlsx, "Klienten.xlsx"), (xml_2003, "Klienten.xls"), (html, "Klienten.htm")]
)
def test_a_sheet_of_the_same_kind_ends_nothing(hub: Hub, write, name: str) -> None:
    """A client moved to another sheet is neither lost nor ended."""
    take_in(hub, "2024-04-30", {"Klienten.csv": [PERSON, TARHAN, RAHIMI]})
    folder = hub.config.sources["quelle"].folder / "2024-05-31"
    folder.mkdir()
    top = ["Beginn", "01.02.2024", "", "", "", ""]
    write(folder / name, [top, PERSON, TARHAN], ["Klienten", "Klienten 2023"])
    state, found = take_in(hub, "2024-05-31", {})
    assert (state, found) == ("incomplete", {(name, "part_unread", None)})
    assert known(hub, "source_key", "person") == ["1", "2"]


@holds(4, "xlsx")
def test_a_sheet_that_may_hold_rows_is_told(hub: Hub) -> None:
    """One lacks the key, one the header; a legend holds nothing. None of them stops the table."""
    folder = hub.config.sources["quelle"].folder / "2024-05-31"
    folder.mkdir()
    top = ["Beginn", "01.02.2024"]
    sheets = {
        "Klienten": [top, PERSON, TARHAN],
        "Q3": [["Klient", *PERSON[1:]], RAHIMI],
        "Tabelle1": [RAHIMI],
        "Legende": [["Nr", "Bedeutung"], ["1", "erledigt"]],
    }
    with xlsxwriter.Workbook(str(folder / "Klienten.xlsx")) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    state, found = take_in(hub, "2024-05-31", {})
    assert (state, found) == ("loaded", {("Klienten.xlsx", "part_resembles", None)})
    with hub.store.read() as connection:
        told = [f.message for f in list_findings(connection)]
    assert sorted(message.split("“")[0] for message in told) == [
        "Das Blatt „Q3",
        "Das Blatt „Tabelle1",
    ]


def test_a_value_missing_above_a_table_is_told_once(hub: Hub) -> None:
    folder = hub.config.sources["quelle"].folder / "2024-05-31"
    folder.mkdir()
    xlsx(folder / "Klienten.xlsx", [PERSON, TARHAN, RAHIMI], ["Klienten"])
    assert take_in(hub, "2024-05-31", {}) == (
        "loaded",
        {("Klienten.xlsx", "preamble_missing", None)},
    )


@holds(9)
@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("./in/../in", "is the folder of source 'a', too"),
        ("in/2024-12-31", "lies in the folder of source 'a'"),
        (".", "has the folder of source 'a' in it"),
    ],
)
def test_two_sources_on_one_folder(tmp_path: Path, folder: str, said: str) -> None:
    (tmp_path / "in" / "2024-12-31").mkdir(parents=True)
    shutil.copyfile(Path("mappings/sources/workbook.yaml"), tmp_path / "own.yaml")
    sources = (
        f"{{a: {{mapping: own.yaml, folder: in}}, b: {{mapping: own.yaml, folder: {folder}}}}}"
    )
    lines = CONFIGURATION.splitlines()[:2]
    (tmp_path / "drehscheibe.yaml").write_text("\n".join([*lines, f"sources: {sources}"]), "utf-8")
    with pytest.raises(ConfigError, match=said):
        load_config(tmp_path / "drehscheibe.yaml")


# A name, and that of the file it is named after.
MARKS = {
    "Klienten (1).csv": "klienten.csv",
    "Klienten(12).CSV": "klienten.csv",
    "Kopie von Klienten.csv": "klienten.csv",
    "Kopie (2) von Klienten.csv": "klienten.csv",
    "Klienten - Kopie.csv": "klienten.csv",
    "Klienten - Kopie (3).csv": "klienten.csv",
    "Klienten_alt.csv": "klienten.csv",
    "Copy of Klienten.csv": "klienten.csv",
    "Klienten.bak.csv": "klienten.bak.csv",
    "alt/Klienten.csv": "klienten.csv",
    "Archiv 2023/Klienten (1).csv": "klienten.csv",
    "Nord/Klienten - Kopie.csv": "nord/klienten.csv",
    "Klienten Alt-Ulm.csv": "klienten alt ulm.csv",
    "Klienten 2024.csv": "klienten 2024.csv",
    "Klientenkopie.csv": "klientenkopie.csv",
    "(1).csv": "(1).csv",
}


@pytest.mark.parametrize(("name", "original"), MARKS.items(), ids=map(str, range(len(MARKS))))
def test_what_a_copy_is_named_after(name: str, original: str) -> None:
    assert strip_marks(name) == original


def test_copies_among_files() -> None:
    hashes = {"B (1).csv": "x", "B.csv": "x", "a/C.csv": "y", "alt/D.csv": "z", "D (1).csv": "w"}
    assert sort_originals_first(hashes) == [
        "B.csv",
        "a/C.csv",
        "B (1).csv",
        "D (1).csv",
        "alt/D.csv",
    ]
    assert CopiedFiles.among(hashes) == CopiedFiles(
        same={"B (1).csv": "B.csv"}, by_name={"B (1).csv": "B.csv"}
    )


def test_keys_of_a_file_that_broke_off_are_forgotten() -> None:
    keys = TableKeys(several=True)
    first, second = hash_texts(["1", "2"]), hash_texts(["2", "3"])
    keys.begin_file()
    assert not keys.find_earlier(first).any()
    keys.begin_file()
    assert not keys.find_earlier(second).any()
    keys.end_file("B.csv")
    assert keys.find_earlier(first).tolist() == [False, True]
    assert keys.name_files(first[1:]) == ["B.csv"]
