"""Every warehouse that was ever released comes to the newest schema on both engines, and its figures stay what they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, select, text

from examples.district import AGS
from pipelines.intake.identity_terms import identity_terms
from tests.upgrades.warehouses import FOLDER, add, embedded, expected, figures
from warehouse.as_of import resolve_moment
from warehouse.backup.archive import open_archive
from warehouse.backup.consistency_check import check_warehouse
from warehouse.backup.restore import fill_at, open_checked, restore_backup
from warehouse.database.store import Store, engine_of
from warehouse.identity.person_links import refresh_links
from warehouse.landing.landing import Landing
from warehouse.ledger.configuration import read_texts, write_register
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope
from warehouse.migrations import list_revisions, read_revision, upgrade_schema
from warehouse.schema import municipality, person_anchor

RELEASED = sorted(p.stem for p in FOLDER.glob("*.zip"))


def _mark_upgrade(engine: str, revision: str) -> tuple[pytest.MarkDecorator, ...]:
    is_end = revision in (RELEASED[0], RELEASED[-1])
    if engine == "postgresql":
        return (pytest.mark.thorough if is_end else pytest.mark.slow,)
    return () if is_end else (pytest.mark.slow,)


# The oldest and the newest; those between them with -m slow.
SHOWN = [
    pytest.param(engine, revision, marks=_mark_upgrade(engine, revision))
    for engine in ("duckdb", "postgresql")
    for revision in RELEASED
]
ENGINES = ["duckdb", pytest.param("postgresql", marks=pytest.mark.thorough)]
_ROOM = 3_200_000


# Revisions that nobody was ever given without the one after them.
NEVER_ALONE = {"0012", "0013", "0014"}


def test_every_revision_has_its_warehouse() -> None:
    assert [r for r in list_revisions() if r not in NEVER_ALONE] == RELEASED, (
        "make that of a new revision with: python -m tests.upgrades.warehouses"
    )
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) < _ROOM


def test_a_released_warehouse_is_not_made_again() -> None:
    with pytest.raises(FileExistsError):
        add()


# By which revision an indicator was given another definition for the units: since then a person has one value of an
# attribute in all units, from all of their records.
REDEFINED = dict.fromkeys(
    (
        "clients_by_sex",
        "clients_by_nationality",
        "clients_by_housing",
        "clients_by_residence_status",
    ),
    "0011",
)


def assert_figures_as_released(store: Store, revision: str) -> None:
    """The indicators of that time count what they counted; later ones were not released with it."""
    released = expected(revision)
    found = figures(store, dict.fromkeys(name for name, *_ in released))
    assert defined_alike(found, revision) == defined_alike(released, revision) != []


def defined_alike(lines: list[Any], revision: str) -> list[Any]:
    """The lines that are defined today as they were then."""
    return [line for line in lines if line[1] is None or revision >= REDEFINED.get(line[0], "")]


@pytest.mark.parametrize(("engine", "revision"), SHOWN)
def test_an_upgraded_warehouse_gives_the_figures_it_gave(
    engine: str, revision: str, tmp_path: Path, database: Callable[[], URL]
) -> None:
    url = embedded(tmp_path) if engine == "duckdb" else database()
    with open_archive(FOLDER / f"{revision}.zip") as released:
        assert released.contents.revision == revision
        fill_at(url, released)
        rows = released.contents.tables
    before = engine_of(url)
    with before.connect() as connection:
        assert read_revision(connection) == revision
    before.dispose()
    with Store(url) as store:
        with store.read() as connection:
            assert read_revision(connection) == list_revisions()[-1]
            kept = {
                t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in rows
            }
        assert kept == rows and kept["conversation"] > 100
        assert_figures_as_released(store, revision)
        # Only the landing was left out of the released file.
        assert {w.split(" ")[0] for w in check_warehouse(store, Landing(tmp_path / "landing"))} == {
            "delivery"
        }


@pytest.mark.thorough
@pytest.mark.parametrize(("engine", "revision"), SHOWN)
def test_an_older_backup_is_restored_into_the_newest_schema(
    engine: str, revision: str, tmp_path: Path, database: Callable[[], URL]
) -> None:
    with Store(embedded(tmp_path) if engine == "duckdb" else database()) as store:
        landing = Landing(tmp_path / "landing")
        with open_checked(FOLDER / f"{revision}.zip", landing.key, AGS) as released:
            restore_backup(released, store, landing)
        assert_figures_as_released(store, revision)
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_statistics_gathered_before_are_forgotten_beside_a_view(
    database: Callable[[], URL],
) -> None:
    url = database()
    with open_archive(FOLDER / "0005.zip") as released:
        fill_at(url, released)
    engine = engine_of(url)
    gathered = text(
        "SELECT count(*) FROM pg_stats WHERE tablename = 'person' AND attname IN ('last_name', 'birth_date', 'row_hash')"
    )
    try:
        with engine.begin() as connection:
            connection.execute(
                text("CREATE VIEW looking AS SELECT last_name, birth_date FROM person")
            )
            connection.execute(text("ANALYZE person"))
            assert connection.execute(gathered).scalar_one() == 3
        upgrade_schema(engine)
        with engine.begin() as connection:
            assert connection.execute(gathered).scalar_one() == 0
            connection.execute(text("ANALYZE person"))
            assert connection.execute(gathered).scalar_one() == 0
    finally:
        engine.dispose()


@pytest.mark.thorough
@pytest.mark.parametrize("engine", ENGINES)
def test_registers_as_they_were_at_the_upgrade_hold_for_every_load_before(
    engine: str, tmp_path: Path, database: Callable[[], URL]
) -> None:
    url = embedded(tmp_path) if engine == "duckdb" else database()
    with open_archive(FOLDER / "0006.zip") as released:
        fill_at(url, released)
    with Store(url) as store:
        with store.transaction() as connection:
            rows = (
                connection.execute(select(municipality.c.ags, municipality.c.name)).mappings().all()
            )
            write_register(connection, municipality, [{**row, "team": "Neu"} for row in rows])
        assert_figures_as_released(store, "0006")
        with store.read() as connection:
            assert read_texts(connection, 1) == {}
            now = Scope(None, None, resolve_moment(connection, None), "team")
            assert {row.team for row in connection.execute(INDICATORS["conversations"](now))} == {
                "Neu"
            }


@pytest.mark.parametrize("engine", ENGINES)
def test_ids_from_before_they_had_anchors_stay_and_come_back(
    engine: str, tmp_path: Path, database: Callable[[], URL]
) -> None:
    """Load 2 had linked the second record with the first, under the first one's id, though that was the younger; load 3 gave the third
    one's key to another human being."""
    url = embedded(tmp_path) if engine == "duckdb" else database()
    with open_archive(FOLDER / "0009.zip") as released:
        fill_at(url, released)
    before = engine_of(url)
    with before.begin() as connection:
        known = text(
            "SELECT source, source_key, person_id FROM person_link WHERE known_to IS NULL AND source = 'enaio' "
            "ORDER BY source_key LIMIT 3"
        )
        (_, first, carrying), (_, second, giving), (_, third, former) = connection.execute(
            known
        ).all()
        for change in (
            f"UPDATE person_link SET known_from = 2 WHERE person_id = '{carrying}'",
            f"UPDATE person_link SET known_to = 2 WHERE person_id = '{giving}'",
            f"INSERT INTO person_link SELECT source, source_key, '{carrying}', 'official_number', 'enaio:{first}', 'x', 2, NULL "
            f"FROM person_link WHERE person_id = '{giving}'",
            f"UPDATE person_link SET known_to = 3 WHERE person_id = '{former}'",
            f"INSERT INTO person_link SELECT source, source_key, '{former}', 'key_reused', NULL, 'x', 3, 3 "
            f"FROM person_link WHERE person_id = '{former}'",
            f"INSERT INTO person_link SELECT source, source_key, 'p-new', 'single', NULL, 'x', 3, NULL "
            f"FROM person_link WHERE person_id = '{former}' AND rule <> 'key_reused'",
        ):
            connection.execute(text(change))
    before.dispose()
    with Store(url) as store:
        with store.read() as connection:
            open_ids = set(
                connection.execute(
                    text("SELECT person_id FROM person_link WHERE known_to IS NULL")
                ).scalars()
            )
            anchors = {row.person_id: row for row in connection.execute(select(person_anchor))}
            brought = connection.execute(
                text("SELECT delivery_id FROM load WHERE number = 3")
            ).scalar_one()
        assert open_ids <= anchors.keys()
        assert anchors[carrying].minted_load < anchors[giving].minted_load
        assert [anchors[i].source_key for i in (carrying, giving, former, "p-new")] == [
            first,
            second,
            third,
            third,
        ]
        assert [anchors[i].owner for i in (former, "p-new")] == ["", brought]
        with store.transaction() as connection:
            done = refresh_links(connection, store.last_load() + 1, identity_terms())
            persons = dict(
                connection.execute(
                    text(
                        "SELECT source_key, person_id FROM person_link WHERE known_to IS NULL AND source = 'enaio'"
                    )
                ).all()
            )
            kept = connection.execute(select(person_anchor.c.person_id)).all()
        # The link was none that a rule makes; of two rows the sentence is another; nobody else is touched.
        assert (persons[first], persons[second], persons[third]) == (carrying, giving, "p-new")
        assert (done.changed, len(kept)) == (4, len(anchors))
