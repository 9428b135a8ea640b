"""Every connector with a system outside to fetch from. A new connector is one more line in CONNECTORS."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from connectors.fetch import webdav as webdav_way
from tests.conformance.folders import SftpOutside, WebDavOutside
from tests.conformance.outside import Outside
from tests.conformance.queried import EnaioOutside, SqlOutside
from tests.fakes.cut_line import CutLine
from tests.fakes.enaio.server import FakeEnaio
from tests.fakes.postgres import postgres
from tests.fakes.sshd import MISSING, SSHD, ssh_server
from tests.fakes.webdav import webdav_server


@contextmanager
def sftp(home: Path) -> Iterator[Outside]:
    if SSHD is None:
        pytest.skip(MISSING)
    with (
        ssh_server(home) as server,
        CutLine(lambda: socket.create_connection(("127.0.0.1", server.port))) as line,
    ):
        yield SftpOutside(server, line)


@contextmanager
def webdav(home: Path) -> Iterator[Outside]:
    with webdav_server(home) as server:
        yield WebDavOutside(server)


@contextmanager
def sql_view(home: Path) -> Iterator[Outside]:
    with postgres(home) as database:
        yield SqlOutside(database)


@contextmanager
def enaio_dms(home: Path) -> Iterator[Outside]:
    with FakeEnaio() as server:
        yield EnaioOutside(server, "dms")


@contextmanager
def enaio_osrest(home: Path) -> Iterator[Outside]:
    with FakeEnaio() as server:
        yield EnaioOutside(server, "osrest")


CONNECTORS: dict[str, Callable[[Path], AbstractContextManager[Outside]]] = {
    "sftp": sftp,
    "webdav": webdav,
    "sql_view": sql_view,
    "enaio_dms": enaio_dms,
    "enaio_osrest": enaio_osrest,
}


@pytest.fixture(scope="module", params=CONNECTORS)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outside]:
    """The system outside, once for all rules."""
    with CONNECTORS[request.param](tmp_path_factory.mktemp(request.param)) as outside:
        yield outside


@pytest.fixture
def outside(running: Outside, monkeypatch: pytest.MonkeyPatch) -> Outside:
    """The same with nothing wrong, and no waiting between tries."""
    monkeypatch.setattr(
        webdav_way, "RETRY", webdav_way.RETRY.new(backoff_factor=0, backoff_jitter=0)
    )
    running.start()
    return running
