"""A workbook says from which day it counts: numbers of days mean the same in a cell that is no date, from every format."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.tables.text_table import TextTable
from mappings.compile import Compiler
from mappings.engine.findings import MappedBatch
from mappings.engine.table import TableMapper
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import Number, write_table
from tests.connectors.reading import one_table, wanted
from tests.connectors.test_workbook import ods, ods_row
from tests.mappings import small
from tests.mappings.small import findings, rows_of

HEADER = ("Nr", "Geboren", "Tag", "Text")
MAPPING = """
system: Probe
serial_dates: true
tables:
  tabelle:
    files: "*"
    key: Nr
    feeds:
      person: {fields: {birth_date: {column: Geboren, past: true}, last_name: Text}}
      case: {fields: {begun_on: Tag}}
      consent:
        without: {recipient: none, valid_until: none, valid_until_unreadable: none}
        fields:
          person_key: Nr
          basis: {constant: form}
          revoked_on: Tag
          revoked_on_unreadable: {column: Tag, as: unreadable}
"""
DAYS = (date(1990, 5, 4), date(2024, 3, 12))
FROM_1904 = 1462


def serial(day: date, from_1904: bool) -> int:
    return (day - date(1899, 12, 30)).days - (FROM_1904 if from_1904 else 0)


def map_row(table: TextTable, cells: Sequence[str]) -> MappedBatch:
    """A row of the table through the mapping, as a run compiles it."""
    compiler = Compiler(small.load(MAPPING), small.MUNICIPALITIES, small.DAY)
    plan = compiler.compile_table("tabelle", table.preamble, table.day_zero)
    return TableMapper(plan).map_batch(small.batch(HEADER, [cells]), pa.array([2], pa.int64()))


@holds(5, "xlsx", "xls", "ods", "xml_2003")
@pytest.mark.parametrize("from_1904", [False, True])
def test_a_day_number_in_a_cell_that_is_no_date(
    reader: str, from_1904: bool, tmp_path: Path
) -> None:
    days = [Number(str(serial(day, from_1904))) for day in DAYS]
    row = ("7", *days, Number("43901"))
    table, (cells,) = write_table(reader, tmp_path, HEADER, row, from_1904=from_1904).read()
    mapped = map_row(table, cells)
    (person,), (case,), (consent,) = (rows_of(mapped, e) for e in ("person", "case", "consent"))
    assert [person["birth_date"], case["begun_on"], consent["revoked_on"]] == [*DAYS, DAYS[1]]
    assert person["last_name"] == "43901" and "revoked_on_unreadable" not in consent
    assert findings(mapped) == []


@holds(5, "xlsx", "xls")
@pytest.mark.parametrize("form", ["dd.mm.yyyy", "yyyy-mm-dd hh:mm", "General"])
@pytest.mark.parametrize("from_1904", [False, True])
def test_however_the_cell_is_formatted(
    reader: str, form: str, from_1904: bool, tmp_path: Path
) -> None:
    number = Number(str(serial(DAYS[1], from_1904)), form)
    table, ((_, text),) = write_table(
        reader, tmp_path, "AB", ("1", number), from_1904=from_1904
    ).read()
    mapped = map_row(table, ["1", "", text, ""])
    assert rows_of(mapped, "case")[0]["begun_on"] == DAYS[1]


@pytest.mark.parametrize(
    ("stated", "first"),
    [
        ("1904-01-01", date(1904, 1, 1)),
        ("1900-01-01", date(1900, 1, 1)),
        ("1899-12-30T00:00:00", date(1899, 12, 30)),
        ("nonsense", date(1899, 12, 30)),
    ],
)
def test_a_document_may_count_from_any_day(stated: str, first: date, tmp_path: Path) -> None:
    setting = f'<table:calculation-settings><table:null-date table:date-value="{stated}"/></table:calculation-settings>'
    path = ods(tmp_path / "t.ods", setting, ods_row("A", "B"), ods_row("1", "x"))
    table, _, _ = one_table(path, wanted("A", "B"))
    assert table.day_zero == first


@pytest.mark.parametrize(
    "spelling", ['date1904="true"', "date1904='1'", 'filterPrivacy="1" date1904="1"']
)
def test_however_the_option_is_spelled(spelling: str, tmp_path: Path) -> None:
    plain = write_table("xlsx", tmp_path, "AB", ("1", "x"), from_1904=True)
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(plain.path) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name).replace(b'date1904="1"', spelling.encode())
            target.writestr(name, content)
    assert one_table(other, plain.want)[0].day_zero == date(1904, 1, 1)
