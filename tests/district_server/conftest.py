"""What the tests of the district server share: a real PostgreSQL for the session, and a database of its own for each test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, text

from examples.generate import simulate_district
from pipelines.intake.run import run_intake
from tests.district_server.districts import ACCOUNTS, AGS, ENGINES, Accounts, Exports, rows
from tests.postgres import Postgres
from warehouse.backup.backup import write_backup
from warehouse.database.store import engine_of
from warehouse.migrations import upgrade_schema
from warehouse.schema.roles import admit_login, grant_rights

SEEDS = {"a": 11, "b": 12}
OWNER = "hub_owner"


def with_accounts(postgres: Postgres) -> Accounts:
    """An empty warehouse that a plain owner made, with a login role for every purpose in each of two districts."""
    admin = postgres.new_database()
    engine = create_engine(admin)
    with engine.begin() as connection:
        for login in (OWNER, *ACCOUNTS):
            if not connection.execute(
                text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": login}
            ).first():
                connection.execute(text(f"CREATE ROLE {login} LOGIN"))
        connection.execute(text(f"ALTER DATABASE {admin.database} OWNER TO {OWNER}"))
    owner = engine_of(admin.set(username=OWNER))
    upgrade_schema(owner)
    owner.dispose()
    _admit(engine)
    engine.dispose()
    return Accounts(admin)


def _admit(engine: Engine) -> None:
    with engine.begin() as connection:
        grant_rights(connection)
        for login, (group, district) in ACCOUNTS.items():
            admit_login(connection, login, group, district)


@pytest.fixture
def empty(postgres: Postgres) -> Callable[[], URL]:
    """Makes an empty database and gives the address by which the superuser reaches it."""
    return postgres.new_database


@pytest.fixture(scope="session")
def first_accounts(postgres: Postgres) -> Accounts:
    """The empty warehouse that others are copies of."""
    return with_accounts(postgres)


@pytest.fixture
def accounts(postgres: Postgres, first_accounts: Accounts) -> Accounts:
    """An empty warehouse with accounts for two districts."""
    return Accounts(postgres.new_database(str(first_accounts.admin.database)))


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exports]:
    """The simulated exports of two districts, small."""
    made = {}
    for name, seed in SEEDS.items():
        simulated = simulate_district(
            tmp_path_factory.mktemp(f"kreis_{name}"), seed=seed, persons=40
        )
        made[name] = Exports(
            Path(simulated.config),
            simulated.period,
            tmp_path_factory.mktemp(f"data_{name}"),
            AGS[name],
        )
    return made


@pytest.fixture(scope="session")
def first_both(
    postgres: Postgres, first_accounts: Accounts, exports: dict[str, Exports]
) -> Accounts:
    """Both districts in one warehouse, each loaded by its own account; others are copies of it."""
    loaded = Accounts(postgres.new_database(str(first_accounts.admin.database)))
    for name, district in exports.items():
        with district.hub(district.data, loaded.url(f"kreis_{name}_loader")) as hub:
            assert {t.state for t in run_intake(hub)} == {"loaded"}
    return loaded


@pytest.fixture
def both(postgres: Postgres, first_both: Accounts) -> Accounts:
    """Both districts in one warehouse."""
    return Accounts(postgres.new_database(str(first_both.admin.database)))


@pytest.fixture(scope="session")
def undisturbed(exports: dict[str, Exports]) -> dict[str, Path]:
    """Each district in an embedded warehouse of its own: the folder of its configuration."""
    folders = {}
    for name, district in exports.items():
        folders[name] = district.data / "embedded"
        with district.hub(folders[name]) as hub:
            assert {t.state for t in run_intake(hub)} == {"loaded"}
    return folders


@pytest.fixture(scope="session")
def kept(
    first_both: Accounts,
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """A backup of district a from either engine."""
    folder, files = tmp_path_factory.mktemp("kept"), {}
    for engine in ENGINES:
        files[engine] = folder / f"{engine}.zip"
        place = (
            (undisturbed["a"], None)
            if engine == "duckdb"
            else (exports["a"].data, first_both.url("kreis_a_loader"))
        )
        with exports["a"].hub(*place) as hub:
            contents = write_backup(hub.store, hub.landing, files[engine], AGS["a"])
            assert contents.tables["person"] == len(rows(hub)["person"]) > 0
            assert len(contents.deliveries) == 8
    return files
