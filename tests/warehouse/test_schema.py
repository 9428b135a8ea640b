"""The common schema says everything of every column, and a migrated warehouse is exactly that schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, create_engine, inspect

from mappings import code_lists
from tests.warehouse.deliveries import deliver, everything
from warehouse.database.store import Store
from warehouse.migrations import upgrade_schema
from warehouse.schema import ENTITIES, metadata
from warehouse.schema.columns import HISTORY_NAMES

COLUMNS = [c for table in metadata.tables.values() for c in table.columns]
LISTS = set(code_lists.list_names())
GROUPS = {None, *code_lists.load_code_list("data_group").labels}


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_column_has_label_meaning_and_protection_class(column: Column[object]) -> None:
    info = column.info
    assert info["label"] and info["meaning"]
    assert info["protection"] in ("identifying", "personal", "special", "none")
    assert info["codes"] is None or info["codes"] in LISTS
    assert info["group"] in GROUPS


def test_tables_have_labels_and_entities_fit_together() -> None:
    assert [t.name for t in metadata.tables.values() if not t.info.get("label")] == []
    for kind in ENTITIES.values():
        names = set(kind.table.columns.keys())
        assert set(HISTORY_NAMES) <= names
        assert {*kind.each, *([kind.owner] if kind.owner else [])} <= names
        assert ENTITIES[kind.record].is_record


def test_a_new_embedded_warehouse_is_the_schema(store: Store) -> None:
    seen = inspect(store.engine)
    found = {
        t: {c["name"]: c["nullable"] for c in seen.get_columns(t)} for t in seen.get_table_names()
    }
    found.pop("alembic_version")
    assert found == {
        t.name: {c.name: c.nullable for c in t.columns} for t in metadata.tables.values()
    }


def differences(connection: Connection) -> list[Any]:
    """What a database has otherwise than the schema, but for what only a server has: districts kept apart, and indexes."""

    def of_the_schema(
        thing: object, name: str | None, kind: str, reflected: bool, compared_to: object
    ) -> bool:
        return kind != "index" and name not in ("district", "district_member")

    context = MigrationContext.configure(
        connection, opts={"include_object": of_the_schema, "compare_type": True}
    )
    return list(compare_metadata(context, metadata))


def test_a_new_server_database_is_the_schema_and_upgrading_again_does_nothing(
    new_database: Callable[[], str],
) -> None:
    engine = create_engine(new_database())
    try:
        for _ in range(2):
            upgrade_schema(engine)
            with engine.connect() as connection:
                assert differences(connection) == []
    finally:
        engine.dispose()


def test_opening_an_embedded_warehouse_again_keeps_what_is_in_it(store: Store) -> None:
    deliver(store, {"person": [{"key": "1", "last_name": "Beispiel"}]})
    before = everything(store)
    store.close()
    with Store(store.url) as again:
        assert everything(again) == before != {}
        assert again.last_load() == 1
