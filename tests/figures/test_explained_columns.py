"""The columns behind a figure are those of the file that is named, and all that the figure reads in its row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Date, Integer, Table, update

from pipelines.config import load_config
from pipelines.figures.explain import CountedPerson, explain_figure
from pipelines.figures.kennzahlen import FigureRequest, open_scope
from pipelines.hub import Hub
from pipelines.intake.replay import undo_load
from pipelines.intake.run import run_intake
from warehouse.marts.indicators import EVERY_INDICATOR
from warehouse.marts.scope import By
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES

MAPPING = """\
system: Klein
tables:
  Personen:
    files: Personen.csv
    key: Nr
    feeds:
      person: {fields: {last_name: Name, sex: Geschlecht}}
      language_level: {when: Sprache, each: {column: Sprache, pattern: '(?P<language>[^(]+) \\((?P<level>.*)\\)'}}
  Faelle:
    files: Faelle.csv
    key: Fall
    feeds:
      case: {fields: {person_key: Person, begun_on: Von, ended_on: Bis, municipality: Ort, staff: Kraft}}
  Gespraeche:
    files: Gespraeche.csv
    key: G
    feeds:
      conversation: {fields: {held_on: Tag, kind: Art, staff: Kraft}}
      conversation_participant: {each: {column: Teiln, split: ","}}
      conversation_topic: {each: {column: Thema, split: ","}}
  Ziele:
    files: Ziele.csv
    key: Z
    feeds:
      goal: {fields: {person_key: Wer, area: Bereich, begun_on: Beginn, status: {column: Stand, only_if: {Gilt: [ja]}}}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  "08999001": {name: Astadt}
sources:
  stadt: {mapping: klein.yaml, folder: stadt, delivers: full}
"""
FILES = {
    "Personen.csv": "Nr;Name;Geschlecht;Sprache\ns1;Muster;w;Deutsch (A1)\n",
    "Faelle.csv": "Fall;Person;Von;Bis;Ort;Kraft\nF1;s1;01.02.2023;;Astadt;Kraft A\n",
    "Gespraeche.csv": "G;Tag;Art;Kraft;Teiln;Thema\nG1;03.06.2024;Clearing;Kraft A;s1;Kinder\n",
    "Ziele.csv": "Z;Wer;Bereich;Beginn;Stand;Gilt\nZ1;s1;Wohnen;01.03.2024;erreicht;ja\n",
}
RENAMED = {"Von": "Beginn", "Ort": "Gemeinde", "Geschlecht": "Sex"}
YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
# Indicator and unit → the columns by file.
CASE = ["Person", "Fall", "Von", "Bis"]
READ: dict[tuple[str, By | None], dict[str, list[str]]] = {
    ("clients", None): {"Faelle.csv": CASE},
    ("clients", "municipality"): {"Faelle.csv": [*CASE, "Ort"]},
    ("clients", "team"): {},
    ("clients", "staff"): {"Faelle.csv": [*CASE, "Kraft"]},
    ("clients_by_sex", None): {"Faelle.csv": CASE, "Personen.csv": ["Nr", "Geschlecht"]},
    ("clients_by_german", None): {"Faelle.csv": CASE, "Personen.csv": ["Nr", "Sprache"]},
    ("conversations", None): {"Gespraeche.csv": ["G", "Tag"]},
    ("conversations", "municipality"): {"Gespraeche.csv": ["G", "Teiln", "Tag"]},
    ("conversations_by_kind", "staff"): {"Gespraeche.csv": ["G", "Tag", "Art", "Kraft"]},
    ("topics", None): {"Gespraeche.csv": ["G", "Tag", "Thema"]},
    ("persons_reached", None): {"Gespraeche.csv": ["G", "Teiln", "Tag"]},
    ("goals_by_status", None): {"Ziele.csv": ["Wer", "Z", "Stand", "Gilt", "Beginn"]},
}


def deliver(folder: Path, day: str, names: dict[str, str]) -> None:
    """Puts a delivery into the folder, its mapping and headers with other names of columns."""
    mapping = MAPPING
    (folder / "stadt" / day).mkdir(parents=True)
    for file, text in FILES.items():
        head, rows = text.split("\n", 1)
        head = ";".join(names.get(column, column) for column in head.split(";"))
        (folder / "stadt" / day / file).write_text(f"{head}\n{rows}", encoding="utf-8")
    for old, new in names.items():
        mapping = mapping.replace(f": {old}", f": {new}")
    (folder / "klein.yaml").write_text(mapping, encoding="utf-8")


def open_district(folder: Path) -> Hub:
    path = folder / "drehscheibe.yaml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return Hub(load_config(path))


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A district whose system calls its columns otherwise since the second delivery of the same."""
    folder = tmp_path_factory.mktemp("renamed")
    for day, names in (("2025-02-01", {}), ("2025-03-01", RENAMED)):
        deliver(folder, day, names)
        with open_district(folder) as opened:
            run_intake(opened)
    with open_district(folder) as opened:
        yield opened


def columns_by_file(hub: Hub, indicator: str, by: By | None) -> dict[str, list[str]]:
    found = explain_figure(hub, indicator, YEAR, by=by).made_of
    records = [
        r for one in found for r in (one.records if isinstance(one, CountedPerson) else [one])
    ]
    assert {str(r.delivery_date) for r in records} <= {"2025-02-01"}
    return {record.file: list(record.columns) for record in records}


@pytest.mark.parametrize(("indicator", "by"), READ)
def test_columns_are_those_of_the_delivered_file(
    renamed: Hub, indicator: str, by: By | None
) -> None:
    assert columns_by_file(renamed, indicator, by) == READ[indicator, by]


def test_what_belongs_to_no_unit_names_the_column_that_would_say_so(tmp_path: Path) -> None:
    deliver(tmp_path, "2025-02-01", {})
    path = tmp_path / "stadt" / "2025-02-01" / "Faelle.csv"
    path.write_text(FILES["Faelle.csv"].replace("Astadt", ""), encoding="utf-8")
    with open_district(tmp_path) as hub:
        run_intake(hub)
        (one,) = explain_figure(hub, "clients", YEAR, None, "municipality", "ohne Gemeinde").made_of
    assert isinstance(one, CountedPerson)
    assert list(one.records[0].columns) == [*CASE, "Ort"]


def test_a_load_taken_back_brought_no_row(tmp_path: Path) -> None:
    for day in ("2025-02-01", "2025-03-01"):
        deliver(tmp_path, day, {})
    path = tmp_path / "stadt" / "2025-03-01" / "Faelle.csv"
    path.write_text(path.read_text("utf-8").replace("01.02.2023", "01.03.2023"), encoding="utf-8")
    with open_district(tmp_path) as hub:
        run_intake(hub)
        undo_load(hub, 2, "wrong export")
        assert columns_by_file(hub, "clients", None) == {"Faelle.csv": CASE}


class RolledBack(Exception):
    """Undoes what a test changed."""


def spoil_others(connection: Connection, read: set[Column[Any]]) -> None:
    """Gives every column that is not ``read`` one and the same other value in all rows."""
    for table in {entity.table for entity in ENTITIES.values()}:
        if values := {c.name: other_value(c) for c in list_own(table) if c not in read}:
            connection.execute(update(table).values(values))


def list_own(table: Table) -> list[Column[Any]]:
    """The columns of a table beside keys and history; those tell records apart."""
    return [c for c in table.columns if c.name not in HISTORY_NAMES and not c.name.endswith("_key")]


def other_value(column: Column[Any]) -> object:
    kinds = {Date: date(1999, 1, 1), Boolean: True, Integer: 1}
    return next((v for kind, v in kinds.items() if isinstance(column.type, kind)), "x")


@pytest.mark.thorough
@pytest.mark.parametrize("by", [None, "municipality", "staff"])
def test_nothing_but_the_columns_read_decides(hub: Hub, by: By | None) -> None:
    scope = open_scope(hub, YEAR, hub.known_at(None), by)
    differing = []
    for name, declared in EVERY_INDICATOR.items():
        figures = []
        try:
            with hub.store.transaction() as connection:
                figures.append(sorted(map(str, connection.execute(declared(scope)))))
                spoil_others(connection, {*declared.list_read(by)})
                figures.append(sorted(map(str, connection.execute(declared(scope)))))
                raise RolledBack
        except RolledBack:
            pass
        if figures[0] != figures[1]:
            differing.append(name)
    assert differing == []
