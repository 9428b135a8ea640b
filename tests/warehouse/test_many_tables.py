"""A delivery of thousands of small tables is staged in bounded memory, with the file of every row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select, text

from tests.warehouse.deliveries import mapped
from warehouse.database.store import Store
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.loader import IncomingDelivery, Loader
from warehouse.loading.table_load import TableUse
from warehouse.schema import ENTITIES, table_balance

TABLES = 4_000
conversation, conversation_topic = (
    ENTITIES[name].table for name in ("conversation", "conversation_topic")
)
USE = TableUse(("conversation", "conversation_topic"))


def load_many(store: Store, *, torn: int | None = None) -> str:
    """Loads tables of one conversation each; the table ``torn`` breaks off. Returns the state."""
    arrival = IncomingDelivery("d" * 64, "enaio", date(2025, 1, 31), "full", "mapping")
    others = TableUse(tuple(ENTITIES.keys() - set(USE.feeds)), optional=True)
    with store.transaction() as connection:
        loader = Loader(connection, arrival, {"Gespräche": USE, "others": others})
        # What a district's machine has beside all else.
        if store.is_embedded:
            connection.execute(text("SET memory_limit = '160MiB'"))
        for number in range(TABLES):
            try:
                load_one(loader, number, breaks_off=number == torn)
            except ValueError:
                continue
        return loader.finish(DeliveryFindings()).state


def load_one(loader: Loader, number: int, *, breaks_off: bool) -> None:
    key = f"G{number}"
    rows = {
        "conversation": [{"key": key, "held_on": date(2024, 2, 1)}],
        "conversation_topic": [{"key": key, "topic": "wohnen"}],
    }
    with loader.begin_table("Gespräche", f"{number}.csv", "Gespräche") as table:
        table.add(mapped(rows, 1))
        if breaks_off:
            raise ValueError


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_every_row_has_its_file(engine: str, store: Store, new_database: Callable[[], str]) -> None:
    with store if engine == "duckdb" else Store(new_database()) as opened:
        assert load_many(opened) == "loaded"
        with opened.read() as connection:
            for table in (conversation, conversation_topic):
                c = table.c
                files = connection.execute(select(c.record_key, c.source_file)).all()
                assert sorted(files) == sorted((f"G{n}", f"{n}.csv") for n in range(TABLES))
            balances = select(func.count(), func.sum(table_balance.c.used))
            assert connection.execute(balances).one() == (TABLES, TABLES)


def test_a_table_that_breaks_off_is_discarded_while_it_waits(store: Store) -> None:
    assert load_many(store, torn=17) == "incomplete"
    with store.read() as connection:
        keys = set(connection.execute(select(conversation.c.record_key)).scalars())
    assert keys == {f"G{n}" for n in range(TABLES) if n != 17}
