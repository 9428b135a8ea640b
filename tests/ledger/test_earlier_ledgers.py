"""What was transmitted and submitted before there was a tree is covered from the upgrade on, on both engines."""

from __future__ import annotations

import runpy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select, update

import warehouse.migrations
from warehouse.database.store import engine_of
from warehouse.ledger.entries import read_checkpoint
from warehouse.ledger.verification import verify_ledger
from warehouse.migrations import upgrade_schema
from warehouse.schema import ledger_leaf, transmission

FORMS = 300
(REVISION,) = Path(warehouse.migrations.__file__).parent.glob("versions/*_ledger.py")


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An address without a warehouse."""
    from sqlalchemy import make_url

    if request.param == "duckdb":
        return make_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    return request.getfixturevalue("postgres").new_database()


def fill(connection: Connection) -> None:
    """Forms, an event and a submission as the former schema has them."""
    tables = {n: reflect(connection, n) for n in ("transmission", "transmission_event")}
    day, moment = date(2025, 8, 1), datetime(2025, 8, 1, 9)
    forms = [
        {
            "transmission_id": f"t{n:03}",
            "recipient": "jobcenter",
            "sent_on": day,
            "made_at": moment,
            "load_number": 1,
            "source": "alpha",
            "source_key": f"P-{n}",
            "consent_keys": "[]",
            "data_groups": '["sprache"]',
            "sha256": f"{n:064x}",
        }
        for n in range(FORMS)
    ]
    connection.execute(insert(tables["transmission"]), forms)
    event = {"recipient": "jobcenter", "sent_on": day, "load_number": 1, "event": "placed"}
    connection.execute(insert(tables["transmission_event"]).values(event_at=moment, **event))


def reflect(connection: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection)


def test_earlier_rows_are_entered_at_the_upgrade(url: Any) -> None:
    if url.get_backend_name() == "duckdb":
        Path(url.database).parent.mkdir(exist_ok=True)
    engine = engine_of(url)
    upgrade_schema(engine, runpy.run_path(str(REVISION))["down_revision"])
    with engine.begin() as connection:
        fill(connection)
    upgrade_schema(engine)
    with engine.begin() as connection:
        kinds = list(connection.execute(select(ledger_leaf.c.kind).order_by("position")).scalars())
        assert kinds == ["transmission"] * FORMS + ["transmission_event"]
        printed = read_checkpoint(connection)
        assert verify_ledger(connection, printed).is_proved
        numbers = set(connection.execute(select(transmission.c.form_number)).scalars())
        assert len(numbers) == FORMS and None not in numbers
        connection.execute(update(transmission).values(load_number=2))
        changed = verify_ledger(connection, printed).findings
        assert [finding.fault for finding in changed] == ["row_changed"] * FORMS
    engine.dispose()
