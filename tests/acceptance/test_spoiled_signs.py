"""The whole way of signs, numbers and days that were spoiled before they were delivered: told, and nothing of them is stored."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import Number, Row, write_table
from warehouse.loading.findings import list_findings
from warehouse.schema import ENTITIES

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
data: data
municipalities: {"08999001": {name: Musterstadt}}
sources: {quelle: {mapping: quelle.yaml, folder: quelle, delivers: full}}
"""
MAPPING = """\
system: Probe
serial_dates: true
tables:
  Tabelle:
    files: "Tabelle*"
    key: Nr
    feeds:
      person: {fields: {last_name: Name}}
      case: {fields: {begun_on: Tag}}
"""
HEADER = ("Nr", "Name", "Tag")
DAYS = (date(2025, 1, 31), date(2025, 2, 28))
NAMES = ["Müller", "Jäger", "Köhler", "Weiß", "Özdemir", "Übelacker", "Çelik", "Schmidt"]
PERSONS: list[Row] = [(f"P{n}", name, "03.01.2024") for n, name in enumerate(NAMES)]


class District:
    """One source, delivered to twice."""

    def __init__(self, folder: Path) -> None:
        (folder / "drehscheibe.yaml").write_text(CONFIGURATION, "utf-8")
        (folder / "quelle.yaml").write_text(MAPPING, "utf-8")
        self.folder = folder / "quelle"
        self.folder.mkdir()
        self.hub = Hub(load_config(folder / "drehscheibe.yaml"))
        self._days = iter(DAYS)

    def deliver(self, reader: str, rows: Sequence[Row], **how: Any) -> DeliveryResult:
        written = write_table(
            reader, self.folder / next(self._days).isoformat(), HEADER, *rows, **how
        )
        os.utime(written.path, (1_700_000_000, 1_700_000_000))
        return run_intake(self.hub)[-1]

    def known(self, entity: str, column: str) -> dict[str, Any]:
        table = ENTITIES[entity].table
        rows = select(table.c.source_key, table.c[column]).where(table.c.known_to.is_(None))
        with self.hub.store.read() as connection:
            return {row.source_key: row[1] for row in connection.execute(rows)}

    def rules(self) -> set[str]:
        with self.hub.store.read() as connection:
            return {finding.rule for finding in list_findings(connection)}


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    made = District(tmp_path)
    with made.hub:
        yield made


@holds(8, "csv")
def test_a_file_in_another_encoding_changes_nothing(district: District) -> None:
    district.deliver("csv", PERSONS)
    result = district.deliver("csv", PERSONS, encoding="mac_roman")
    assert (result.state, district.rules()) == ("failed", {"encoding"})
    assert list(district.known("person", "last_name").values()) == NAMES


@holds(8, "xlsx")
@pytest.mark.parametrize("lost", ["?", "Ã¼"], ids=["lost", "misread"])
def test_names_that_all_lost_their_letters_wait_for_a_person(district: District, lost: str) -> None:
    district.deliver("csv", PERSONS)
    spoiled = ["".join(s if s.isascii() else lost for s in name) for name in NAMES]
    rows = [(nr, name, day) for (nr, _, day), name in zip(PERSONS, spoiled, strict=True)]
    result = district.deliver("xlsx", rows)
    assert result.state == "held" and "Zeichenkodierung" in (result.message or "")
    assert list(district.known("person", "last_name").values()) == NAMES


@holds(10, "xlsx")
def test_long_and_rounded_keys(district: District) -> None:
    rows = [
        (Number("1234567890123456"), "Ali", "03.01.2024"),
        (Number("1234567890123457"), "Eva", "03.01.2024"),
        (Number("1.23456789012346E+15"), "Tom", "03.01.2024"),
        ("1,23457E+12", "Ida", "03.01.2024"),
    ]
    assert district.deliver("xlsx", rows).state == "loaded"
    names = {"1234567890123456": "Ali", "1234567890123457": "Eva"}
    assert (district.known("person", "last_name"), district.rules()) == (names, {"key_rounded"})


@holds(5, "xlsx", "xls", "ods", "xml_2003")
def test_a_workbook_that_counts_from_1904(reader: str, district: District) -> None:
    rows = [("1", "Ali", Number("43901")), ("2", "Eva", "2024-03-11T23:00:00Z")]
    assert district.deliver(reader, rows, from_1904=True).state == "loaded"
    assert set(district.known("case", "begun_on").values()) == {date(2024, 3, 12)}
    assert district.rules() == set()
