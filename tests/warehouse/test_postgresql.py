"""Both engines are one warehouse: the same loads give the same rows, findings and figures on DuckDB and on a real PostgreSQL server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Numeric, String, Table, select

from pipelines.cli.json_answer import to_json
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.acceptance.district import FOLDER, open_hub
from tests.warehouse.deliveries import everything, figure
from warehouse.as_of import KnownAt
from warehouse.database import bulk_insert
from warehouse.database.store import Store
from warehouse.loading.findings import list_findings
from warehouse.marts.funding import Window, target_group
from warehouse.marts.indicators import FOR_THE_REPORT, INDICATORS
from warehouse.marts.scope import UNITS, Scope
from warehouse.schema import entity_balance, person_link, table_balance

PERIOD = date(2024, 1, 1), date(2024, 12, 31)


@contextmanager
def both_engines(folder: Path, server: str) -> Iterator[tuple[Hub, Hub]]:
    for name in ("duckdb", "postgresql"):
        (folder / name).mkdir()
    with (
        open_hub(folder / "duckdb") as embedded,
        open_hub(folder / "postgresql", warehouse=server) as at_server,
    ):
        yield embedded, at_server


def figures(store: Store) -> dict[tuple[str, str | None, int], Any]:
    """All indicators, for the district and every kind of unit, as known at the middle and the last load."""
    last = store.last_load()
    with store.read() as connection:
        return {
            (name, by, load): figure(connection, indicator, Scope(*PERIOD, KnownAt(load), by))
            for name, indicator in {**INDICATORS, **FOR_THE_REPORT}.items()
            for by in (None, *UNITS)
            for load in (last // 2, last)
        }


def ledger(store: Store) -> list[Any]:
    """Balances, links, findings with their values, and the target group."""
    window = Window(date(2025, 1, 1), date(2020, 1, 1), date(2022, 12, 31))
    with store.read() as connection:
        tables = [
            sorted(map(tuple, connection.execute(select(t))), key=str)
            for t in (table_balance, entity_balance, person_link)
        ]
        found = sorted(map(str, to_json(list_findings(connection, with_values=True))))
        group = {
            tuple(row)
            for row in connection.execute(target_group(window, KnownAt(store.last_load())))
        }
        return [*tables, found, group]


@pytest.mark.thorough
def test_the_same_loads_give_the_same_rows_and_figures(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    with both_engines(tmp_path, new_database()) as (embedded, at_server):
        assert (
            [t.state for t in run_intake(embedded)]
            == [t.state for t in run_intake(at_server)]
            == ["loaded"] * 8
        )
        rows, server_rows = everything(embedded.store), everything(at_server.store)
        assert {e: len(r) for e, r in rows.items()} == {e: len(r) for e, r in server_rows.items()}
        assert rows == server_rows
        assert ledger(embedded.store) == ledger(at_server.store)
        assert figures(embedded.store) == figures(at_server.store)
        assert {t.state for t in run_intake(at_server)} == {"known"}


ROWS = [
    {"text": "", "number": 1, "day": date(2024, 2, 29), "flag": True, "share": 0.5},
    {"text": None, "number": None, "day": None, "flag": None, "share": None},
    {
        "text": 'O\'Neill; "Ş,\tahin"\nzweite Zeile \\N',
        "number": -(2**31),
        "day": date(1, 1, 1),
        "flag": False,
        "share": -1.25,
    },
    {"text": "NULL", "number": 0, "day": date(9999, 12, 31), "flag": False, "share": 0.0},
]


def test_many_rows_at_once_arrive_as_they_are(
    store: Store, new_database: Callable[[], str]
) -> None:
    kinds = {
        "text": String(),
        "number": Integer(),
        "day": Date(),
        "flag": Boolean(),
        "share": Numeric(6, 2, asdecimal=False),
        "left": String(),
    }
    table = Table("probe", MetaData(), *(Column(name, kind) for name, kind in kinds.items()))
    types = pa.schema(
        [
            ("number", pa.int32()),
            ("text", pa.string()),
            ("day", pa.date32()),
            ("flag", pa.bool_()),
            ("share", pa.float64()),
        ]
    )
    with Store(new_database()) as server:
        for engine in (store, server):
            with engine.transaction() as connection:
                table.create(connection)
                bulk_insert.insert_batch(connection, table, pa.Table.from_pylist(ROWS, types))
                bulk_insert.insert_batch(connection, table, types.empty_table())
                found = [dict(r._mapping) for r in connection.execute(select(table))]
            assert found == [{**row, "left": None} for row in ROWS]


def test_what_all_rows_have_arrives_as_it_is(store: Store, new_database: Callable[[], str]) -> None:
    table = Table(
        "probe",
        MetaData(),
        Column("n", Integer()),
        Column("file", String()),
        Column("sheet", String()),
        prefixes=["TEMPORARY"],
    )
    arriving = [
        ("O'Neill\\'); DROP TABLE load; --.csv", "Ş {}%s"),
        ("O'Neill\\'); DROP TABLE load; --.csv", ""),
        ("b.csv", '$1 "x"'),
    ]
    with Store(new_database()) as server:
        for engine in (store, server):
            table.info.clear()
            with engine.transaction() as connection:
                table.create(connection)
                for file, sheet in arriving:
                    bulk_insert.insert_batch(
                        connection,
                        table,
                        pa.table({"n": pa.array([1, 2], pa.int32())}),
                        {"file": file, "sheet": sheet},
                    )
                found = sorted(map(tuple, connection.execute(select(table))))
            assert found == sorted((n, *names) for names in arriving for n in (1, 2))


def test_a_nul_in_a_workbook_stops_no_engine(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    for name, address in (("duckdb", "duckdb"), ("postgresql", new_database())):
        (tmp_path / name).mkdir()
        shutil.copytree(
            FOLDER / "workbook" / "2025-01-31", tmp_path / name / "workbook" / "2025-01-31"
        )
        for other in ("enaio", "jobkraftwerk", "tau"):
            (tmp_path / name / other).mkdir()
        path = tmp_path / name / "workbook" / "2025-01-31" / "Kleintannau.xlsx"
        book = load_workbook(path)
        book["Klienten"].cell(6, 6, "Drache_x0000_")
        book.save(path)
        with open_hub(tmp_path / name, exports=tmp_path / name, warehouse=address) as hub:
            assert [t.state for t in run_intake(hub)] == ["loaded"]
            with hub.store.read() as connection:
                found = list_findings(connection, severity="set_aside", with_values=True)
            assert [(f.row, f.rule, f.value) for f in found] == [(6, "unknown_code", "Drache")]
