"""`db check` is silent about a sound warehouse and names each thing that is wrong with a spoilt one, on both engines."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from pipelines.hub import Hub
from tests.district_server.districts import Accounts, Exports
from warehouse.backup.consistency_check import check_warehouse

ENGINES = ("duckdb", "postgresql")
# What is done to the tables, and words of the sentence that must come of it.
SPOILT = {
    "row_balance": ("UPDATE table_balance SET used = used + 1", "row balance of delivery"),
    "record_balance": (
        "UPDATE entity_balance SET gone = gone + 1 WHERE entity = 'conversation'",
        "record balance of delivery",
    ),
    "lost_record": (
        "UPDATE conversation SET known_to = 8 WHERE known_to IS NULL AND source = 'tau'",
        "records of conversation are known",
    ),
    "lost_person": (
        "UPDATE person_link SET known_to = 8 WHERE source = 'tau'",
        "belong to no person",
    ),
    "lost_load": ("DELETE FROM load WHERE number = 3", "not in the ledger"),
    "gap": ("DELETE FROM load WHERE number = 3", "without a gap"),
    "stray_delivery": (
        "UPDATE delivery SET delivery_id = 'feedfeedfeedfeed' WHERE load_number = 1",
        "is not in the landing",
    ),
    "missing_table": ("DROP TABLE goal", "the table goal is missing"),
    "extra_column": ("ALTER TABLE goal ADD COLUMN extra text", "goal.extra does not belong"),
    "missing_column": ("ALTER TABLE goal DROP COLUMN title", "goal.title is missing"),
    "other_type": (
        "ALTER TABLE housing ALTER COLUMN assigned_on TYPE text",
        "housing.assigned_on is of another type",
    ),
    "may_be_empty": (
        "ALTER TABLE load ALTER COLUMN source DROP NOT NULL",
        "load.source may be empty",
    ),
    "revision": ("UPDATE alembic_version SET version_num = '0001'", "revision 0001"),
}
ON_THE_SERVER = {
    "policy": ("DROP POLICY own_district_only ON person", "rows of person are not kept apart"),
    "not_forced": (
        "ALTER TABLE housing NO FORCE ROW LEVEL SECURITY",
        "rows of housing are not kept apart",
    ),
}


@pytest.fixture
def hub(request: pytest.FixtureRequest, exports: dict[str, Exports], tmp_path: Path) -> Hub:
    """District a, loaded, on the engine asked for, with a landing of its own."""
    district, engine = exports["a"], request.param
    undisturbed = request.getfixturevalue("undisturbed")["a"]
    shutil.copytree(undisturbed / "data", tmp_path / "data")
    if engine == "duckdb":
        return district.hub(tmp_path)
    both: Accounts = request.getfixturevalue("both")
    return district.hub(tmp_path, both.url("kreis_a_loader"))


def spoil(hub: Hub, statement: str, both: Accounts | None) -> None:
    if both is None:
        with hub.store.transaction() as connection:
            connection.execute(text(statement))
        return
    with both.session("postgres") as admin:
        admin.execute(text(statement))
        admin.commit()


@pytest.mark.parametrize("hub", ENGINES, indirect=True)
def test_a_sound_warehouse_is_sound(hub: Hub) -> None:
    with hub:
        assert check_warehouse(hub.store, hub.landing) == []


@pytest.mark.parametrize(
    ("hub", "way"),
    [*(("duckdb", w) for w in SPOILT), *(("postgresql", w) for w in (*ON_THE_SERVER, *SPOILT))],
    indirect=["hub"],
)
def test_what_is_wrong_is_named(request: pytest.FixtureRequest, hub: Hub, way: str) -> None:
    statement, words = {**SPOILT, **ON_THE_SERVER}[way]
    with hub:
        spoil(hub, statement, None if hub.store.is_embedded else request.getfixturevalue("both"))
        found = check_warehouse(hub.store, hub.landing) if way != "revision" else _as_it_is(hub)
    assert any(words in sentence for sentence in found), found


def test_landed_bytes_are_compared(
    exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(undisturbed["a"] / "data", tmp_path / "data")
    first, second, *_ = sorted(p for p in (tmp_path / "data" / "landing").glob("??/*"))
    os.chmod(first, 0o600)
    first.write_bytes(b"other bytes")
    second.unlink()
    manifest = next((tmp_path / "data" / "landing" / "manifests").iterdir())
    with exports["a"].hub(tmp_path) as hub:
        found = check_warehouse(hub.store, hub.landing)
        assert sorted(s.split(") ")[1] for s in found) == [
            "does not have the bytes it came with",
            "is missing in the landing, damaged or cannot be read",
        ]
        manifest.unlink()
        assert any("is not in the landing" in s for s in check_warehouse(hub.store, hub.landing))


def _as_it_is(hub: Hub) -> list[str]:
    from warehouse.database.store import Store

    url = hub.store.url
    hub.close()
    with Store(url, migrate=False) as store:
        return check_warehouse(store, hub.landing)
