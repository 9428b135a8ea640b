"""WebDAV against a real server with TLS: certificates, logins, redirects, changes while reading, and listings that are none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.fetch import webdav as way
from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.http_login import Tls
from connectors.fetch.webdav import WebDav, WebDavSettings
from connectors.fetch.webdav_listing import read_listing
from tests.fakes.webdav import PASSWORD, USER, WebDavServer, webdav_server

AWKWARD = "Ä b%20#;?&ß.csv"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDavServer]:
    with webdav_server(tmp_path_factory.mktemp("webdav")) as server:
        yield server


@pytest.fixture
def server(running: WebDavServer, monkeypatch: pytest.MonkeyPatch) -> WebDavServer:
    monkeypatch.setattr(way, "RETRY", way.RETRY.new(backoff_factor=0, backoff_jitter=0))
    running.before = lambda method, path: None
    running.start()
    day = running.folder / "2025-01-31"
    day.mkdir(exist_ok=True)
    (day / AWKWARD).write_bytes(os.urandom(1_500_000))
    return running


@pytest.fixture
def right(server: WebDavServer) -> WebDavSettings:
    return WebDavSettings(server.url, USER, PASSWORD, Tls(server.ca), settle_seconds=0)


def refusal(settings: WebDavSettings, into: Path) -> CannotFetch:
    with pytest.raises(CannotFetch) as stopped:
        WebDav(settings).fetch(into, {})
    return stopped.value


def test_names_of_any_kind_come_with_their_bytes(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    assert WebDav(right).fetch(tmp_path, {}).files == (f"2025-01-31/{AWKWARD}",)
    assert (tmp_path / "2025-01-31" / AWKWARD).read_bytes() == (
        server.folder / "2025-01-31" / AWKWARD
    ).read_bytes()
    assert {method for method, _ in server.requests} == {"PROPFIND", "GET"}


def test_what_belongs_to_no_delivery_is_told(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    (server.folder / "2024-09-30 neu").mkdir()
    (server.folder / "Nachtrag.csv").touch()
    try:
        assert WebDav(right).fetch(tmp_path, {}).stray == ("2024-09-30 neu", "Nachtrag.csv")
    finally:
        (server.folder / "2024-09-30 neu").rmdir()
        (server.folder / "Nachtrag.csv").unlink()


def test_a_server_the_house_does_not_vouch_for_is_not_asked(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    stopped = refusal(replace(right, tls=Tls()), tmp_path)
    assert (stopped.rule, server.requests) == ("certificate", [])


def test_the_environment_does_not_decide_whom_to_trust(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert refusal(replace(right, tls=Tls()), tmp_path).rule == "certificate"


@pytest.mark.parametrize(
    ("fault", "rule", "requests"),
    [
        ("401", "login_refused", 1),
        ("403", "not_readable", 1),
        ("404", "folder_missing", 1),
        ("redirect", "redirected", 1),
        ("html", "not_webdav", 1),
        ("html 207", "not_webdav", 1),
        ("bomb", "not_webdav", 1),
        ("500", "server_busy", 1),
        ("503", "server_busy", 5),
    ],
)
def test_every_answer_that_is_none_says_what_to_do(
    server: WebDavServer,
    right: WebDavSettings,
    tmp_path: Path,
    fault: str,
    rule: str,
    requests: int,
) -> None:
    server.start(fault, 0, lasts=100)
    stopped = refusal(right, tmp_path)
    assert (stopped.rule, len(server.requests), stopped.again) == (
        rule,
        requests,
        rule != "login_refused",
    )


def test_a_busy_server_is_asked_again(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    server.start("503", 2, lasts=2)
    assert len(WebDav(right).fetch(tmp_path, {}).files) == 1


def test_a_file_that_changes_while_it_is_asked_for_comes_in_its_new_state(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    file = server.folder / "2025-01-31" / AWKWARD

    def before(method: str, path: str) -> None:
        if method == "GET" and file.stat().st_size > 100:
            file.write_bytes(b"the new state")

    server.before = before
    WebDav(right).fetch(tmp_path, {})
    assert (tmp_path / "2025-01-31" / AWKWARD).read_bytes() == b"the new state"


def test_half_a_file_is_gone_on_with(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    server.start("cut", 4)
    assert refusal(right, tmp_path).rule == "connection_lost"
    part = next(tmp_path.rglob("*.part"))
    assert 0 < part.stat().st_size < 1_500_000
    WebDav(right).fetch(tmp_path, {})
    assert (tmp_path / "2025-01-31" / AWKWARD).read_bytes() == (
        server.folder / "2025-01-31" / AWKWARD
    ).read_bytes()


@pytest.mark.parametrize(
    ("href", "length", "tag", "rule"),
    [
        ("https://elsewhere.example/dav/a.csv", "1", '"x"', "not_webdav"),
        ("/other/a.csv", "1", '"x"', "not_webdav"),
        ("/dav/a.csv", "", '"x"', "listing_incomplete"),
        ("/dav/a.csv", "-1", '"x"', "listing_incomplete"),
        ("/dav/a.csv", "1", "", "listing_incomplete"),
    ],
)
def test_a_listing_that_cannot_be_trusted_is_refused(
    href: str, length: str, tag: str, rule: str
) -> None:
    with pytest.raises(CannotFetch, match=rule):
        list(read_listing(listing(href, length, tag), "https://server/dav/"))


def test_a_name_in_a_listing_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    names = [
        entry.name
        for entry in read_listing(listing("/dav/%2e%2e%2fa.csv", "1", '"x"'), "https://server/dav/")
    ]
    assert names == ["../a.csv"]  # refused by its name where files are written


def listing(href: str, length: str, tag: str) -> bytes:
    properties = (
        f"<getcontentlength>{length}</getcontentlength><getetag>{tag}</getetag><resourcetype/>"
    )
    status = "<status>HTTP/1.1 200 OK</status>"
    found = f"<response><href>{href}</href><propstat><prop>{properties}</prop>{status}</propstat></response>"
    return f'<multistatus xmlns="DAV:">{found}</multistatus>'.encode()


def test_without_a_password_nobody_is_asked(
    server: WebDavServer, right: WebDavSettings, tmp_path: Path
) -> None:
    assert refusal(replace(right, secret=None), tmp_path).rule == "no_secret"
    assert server.requests == []
    assert PASSWORD not in repr(right)
