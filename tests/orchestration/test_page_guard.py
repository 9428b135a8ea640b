"""The guard of Dagster's page: what it lets through and what not, asked directly and by a real browser."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from pipelines.config import Config, load_config
from pipelines.failures import Failure
from pipelines.orchestration.page_guard import LARGEST_BODY, PageGuard, is_query_only
from pipelines.orchestration.page_process import guard_app
from pipelines.orchestration.web_server import build_command, check_page
from tests.orchestration.browser import Page, open_page

LAUNCH = {"query": "mutation { launchRun(executionParams: {}) { __typename } }"}
ASK = {"query": "query { version mutationType }"}
JSON = ("content-type", "application/json")
KEY = ("idempotency-key", "1")
OWN = ("origin", "http://127.0.0.1:3000")


class Recorder:
    """An app that notes what reaches it, answers it, and takes every WebSocket."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        if scope["type"] == "websocket":
            self.seen.append(f"WS {scope['path']} 0")
            await receive()
            await send({"type": "websocket.accept", "subprotocol": "graphql-ws"})
            await send({"type": "websocket.close"})
            return
        body = (await receive()).get("body", b"")
        if scope["path"] != "/favicon.ico":
            self.seen.append(f"{scope['method']} {scope['path']} {len(body)}")
        html = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": html})
        await send({"type": "http.response.body", "body": b"<h1>the page</h1>"})


def ask(
    *headers: tuple[str, str],
    host: str | None = "127.0.0.1:3000",
    method: str = "GET",
    path: str = "/",
    query: str = "",
    body: bytes = b"",
    kind: str = "http",
    **guard: Any,
) -> int:
    """The status of the guard's answer; 200 where the request reached the page as it was sent."""
    recorder, sent = Recorder(), []
    parts = [*headers, *([("host", host)] if host is not None else [])]
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in parts],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(PageGuard(recorder, **guard)(scope, receive, send))
    if kind == "websocket":
        return 200 if recorder.seen else 403
    status: int = sent[0]["status"]
    assert bool(recorder.seen) == (status == 200)
    assert not recorder.seen or recorder.seen == [f"{method} {path} {len(body)}"]
    return status


def post(*headers: tuple[str, str], content: Any = LAUNCH, path: str = "/graphql") -> int:
    """The status of a POST with this content."""
    return ask(*headers, method="POST", path=path, body=json.dumps(content).encode())


OWN_HOSTS = [
    "127.0.0.1:3000",
    "localhost:3000",
    "LOCALHOST",
    "[::1]:3000",
    "127.0.0.1",
    "localhost:8080",
]
FOREIGN_HOSTS = [
    None,
    "",
    "evil.example",
    "evil.example:3000",
    "127.0.0.1.evil.example:3000",
    "localhost.evil.example",
    "localhost.",
    "127.0.0.1@evil.example",
    "evil.example@127.0.0.1",
    "127.0.0.1:3000/",
    "127.0.0.1:3000 evil.example",
    "127.0.0.1:x",
    "0.0.0.0:3000",
    "127.1:3000",
    "[::ffff:127.0.0.1]:3000",
    "192.168.0.7:3000",
    "localhost\n",
]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", OWN_HOSTS)
def test_a_request_for_this_machine_is_answered(host: str, kind: str) -> None:
    assert ask(host=host, kind=kind) == 200


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_request_for_another_host_is_refused(host: str | None, kind: str) -> None:
    same = [("origin", f"http://{host}")] if host else []
    assert ask(*same, host=host, kind=kind) == 403


def test_two_hosts_are_refused() -> None:
    assert ask(("host", "127.0.0.1:3000")) == 403
    assert ask(("host", "evil.example")) == 403


def test_a_name_of_the_configuration_is_answered() -> None:
    own = ("origin", "https://hub.kreis.example")
    assert ask(own, host="hub.kreis.example", names=["Hub.Kreis.example"]) == 200
    assert ask(own, host="hub.kreis.example") == 403


FOREIGN_PAGES = [
    ("origin", "http://evil.example"),
    ("origin", "null"),
    ("origin", ""),
    ("origin", "http://127.0.0.1:8080"),
    ("origin", "http://127.0.0.1"),
    ("origin", "http://localhost:3000"),
    ("origin", "http://127.0.0.1:3000.evil.example"),
    ("origin", "file://127.0.0.1:3000"),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
    ("sec-fetch-site", "anything"),
]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("header", FOREIGN_PAGES)
def test_a_request_from_another_page_is_refused(header: tuple[str, str], kind: str) -> None:
    assert ask(header, kind=kind) == 403
    assert post(header, JSON, KEY) == 403


def test_a_request_of_the_page_itself_is_answered() -> None:
    assert ask(OWN, ("sec-fetch-site", "same-origin")) == 200
    assert ask(OWN, ("sec-fetch-site", "same-origin"), kind="websocket") == 200
    assert ask(("sec-fetch-site", "none")) == 200
    assert post(OWN, JSON, KEY) == 200
    assert post(OWN, JSON, content=ASK) == 200


def test_two_origins_are_refused() -> None:
    assert ask(OWN, ("origin", "http://evil.example")) == 403


TYPES = [
    None,
    "text/plain",
    "text/plain; application/json",
    "text/plain;charset=application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/graphql",
    "application/json, text/plain",
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("content", [LAUNCH, ASK], ids=["mutation", "query"])
def test_another_content_type_is_refused(content_type: str | None, content: Any) -> None:
    headers = [("content-type", content_type)] if content_type is not None else []
    assert post(OWN, KEY, *headers, content=content) == 403


CHANGES: list[Any] = [
    LAUNCH,
    {"query": "  # a comment\nmutation X { a }"},
    {"query": "query A { a } mutation B { b }", "operationName": "B"},
    {"query": "fragment F on Run { id }\nmutation{a}"},
    {"query": "query A{a}mutation B{b}"},
    {"query": ["mutation { a }"]},
    {"query": None},
    {},
    [LAUNCH],
    [ASK],
    "mutation",
    None,
]


@pytest.mark.parametrize("content", CHANGES, ids=range(len(CHANGES)))
def test_what_may_change_needs_the_header_of_the_page(content: Any) -> None:
    assert post(OWN, JSON, content=content) == 403
    assert post(OWN, JSON, ("idempotency-key", ""), content=content) == 403
    assert post(OWN, JSON, KEY, content=content) == 200


def test_words_of_a_mutation_are_found_however_they_are_written() -> None:
    assert not is_query_only(b'{"query": "\\u006dutation { a }"}')
    assert not is_query_only(json.dumps(LAUNCH).encode("utf-16"))
    assert not is_query_only(b'{"query": "query { a }", "query": "mutation { a }"}')
    assert not is_query_only(b"[" * 100_000)
    assert not is_query_only(b"{broken")
    assert is_query_only(b'{"query": "{ __schema { mutationType { name } } }"}')


@pytest.mark.parametrize(
    "path",
    [
        "/report_asset_materialization/intake",
        "/report_asset_check/intake",
        "/report_asset_observation/intake",
        "/graphql/",
        "/nothing",
    ],
)
def test_every_other_post_needs_the_header(path: str) -> None:
    assert post(OWN, JSON, content=ASK, path=path) == 403
    assert post(OWN, JSON, KEY, content=ASK, path=path) == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post"])
def test_every_other_method_needs_the_header(method: str) -> None:
    assert ask(OWN, method=method, path="/graphql") == 403


@pytest.mark.parametrize("path", ["/graphql", "/graphql\n", "/graphql/"])
def test_graphql_is_not_answered_to_get(path: str) -> None:
    assert ask(OWN, path=path, query="query=mutation{a}") == 403
    assert ask(("accept", "text/html"), path=path, query="query={a}") == 403


def test_a_body_without_end_is_refused() -> None:
    assert (
        ask(OWN, JSON, KEY, method="POST", path="/graphql", body=b" " * (LARGEST_BODY + 1)) == 403
    )


def basic(word: str) -> tuple[str, str]:
    return "authorization", "Basic " + base64.b64encode(f"hub:{word}".encode()).decode()


def test_a_password_is_asked_of_every_request() -> None:
    needs = {"password": "süß und lang genug"}
    assert ask(**needs) == ask(basic("wrong"), **needs) == ask(basic(""), **needs) == 401
    assert ask(("authorization", "Bearer " + basic("süß und lang genug")[1][6:]), **needs) == 401
    assert ask(("authorization", "Basic ???"), **needs) == 401
    assert ask(basic("wrong"), kind="websocket", **needs) == 403
    assert ask(basic("süß und lang genug"), **needs) == 200
    assert ask(basic("süß und lang genug"), kind="websocket", **needs) == 200
    assert ask(basic("süß und lang genug"), host="evil.example", **needs) == 403


def page_config(folder: Path, page: str) -> Config:
    """A small configuration with this part on the page."""
    file = folder / "drehscheibe.yaml"
    file.write_text(
        'district: {ags: "08999", name: Kreis}\n'
        f"sources: {{tau: {{mapping: tau_office, folder: tau}}}}\npage: {page}\n",
        "utf-8",
    )
    return load_config(file, check_folders=False)


def test_a_page_that_cannot_be_protected_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Failure, match="there is none"):
        check_page(page_config(tmp_path, "{password: true}"))
    with pytest.raises(Failure, match="no socket can be made"):
        check_page(page_config(tmp_path, f"{{socket: {'x' * 120}}}"))
    monkeypatch.setenv("DREHSCHEIBE_PAGE_PASSWORD", "short")
    with pytest.raises(Failure, match="too short"):
        check_page(page_config(tmp_path, "{}"))
    monkeypatch.setenv("DREHSCHEIBE_PAGE_PASSWORD", "long enough for it")
    check_page(page_config(tmp_path, "{password: true, socket: own/page.sock}"))


def test_the_guard_is_that_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = page_config(tmp_path, "{names: [hub.kreis.example]}")
    monkeypatch.setenv("DREHSCHEIBE_PAGE_PASSWORD", "long enough for it")
    guard = guard_app(Recorder(), config)
    assert vars(guard)["_password"] == "long enough for it"
    assert "hub.kreis.example" in vars(guard)["_names"]


def test_a_web_server_without_the_guard_finds_no_host() -> None:
    command = build_command(3000)
    assert command[command.index("-h") + 1].endswith(".invalid")


def test_the_folder_of_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    check_page(page_config(tmp_path, "{socket: own/page.sock}"))
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o700
    (tmp_path / "own").chmod(0o710)
    with pytest.raises(Failure, match="chmod 700"):
        check_page(page_config(tmp_path, "{socket: own/page.sock}"))


@contextmanager
def served(app: Any) -> Iterator[int]:
    """The port of this machine at which the app is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)


ATTACKS = """(async () => {
  const base = "%s", launch = '{"query": "mutation { launchRun }"}';
  const tries = [];
  const send = (path, options) => tries.push(
    fetch(base + path, {mode: "no-cors", credentials: "include", ...options}).catch(() => null));
  send("/graphql", {method: "POST", body: launch});
  send("/graphql", {method: "POST", body: launch, headers: {"content-type": "text/plain; application/json"}});
  send("/graphql", {method: "POST", body: new URLSearchParams({query: "mutation { a }"})});
  send("/graphql", {method: "POST", body: new FormData()});
  send("/graphql", {method: "POST", mode: "cors", body: launch,
    headers: {"content-type": "application/json", "idempotency-key": "1"}});
  send("/graphql?query=mutation{a}", {});
  send("/report_asset_materialization/intake", {method: "POST"});
  send("/logs/run/compute_logs/x/out", {});
  send("/download_debug/1", {});
  send("/notebook?path=x.ipynb&repoLocName=drehscheibe", {});
  send("/", {method: "HEAD"});
  navigator.sendBeacon(base + "/graphql", launch);
  const add = (tag, values) => document.body.appendChild(Object.assign(document.createElement(tag), values));
  add("img", {src: base + "/graphql?query=mutation{b}"});
  add("script", {src: base + "/logs/run/compute_logs/x/err"});
  add("iframe", {src: base + "/framed"});
  add("iframe", {srcdoc: `<form method=post action="${base}/report_asset_check/intake"></form><script>document.forms[0].submit()</script>`,
    sandbox: "allow-scripts allow-forms"});
  const form = add("form", {method: "post", enctype: "text/plain", action: base + "/graphql", target: "out"});
  add("iframe", {name: "out"});
  form.submit();
  new EventSource(base + "/events");
  tries.push(new Promise(done => {
    const socket = new WebSocket(base.replace("http", "ws") + "/graphql", "graphql-ws");
    socket.onopen = socket.onerror = done;
  }));
  await Promise.all(tries);
  await new Promise(done => setTimeout(done, 700));
})()"""
OWN_CALLS = """(async () => {
  const options = {method: "POST", body: '{"query": "mutation { a }"}', headers: {"content-type": "application/json"}};
  const without = await fetch("/graphql", options);
  options.headers["idempotency-key"] = "1";
  const given = await fetch("/graphql", options);
  const opened = await new Promise(done => {
    const socket = new WebSocket(location.origin.replace("http", "ws") + "/graphql", "graphql-ws");
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  });
  return [without.status, given.status, opened];
})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser in which every foreign name leads to this machine."""
    rules = "--host-resolver-rules=MAP *.example 127.0.0.1"
    with open_page(tmp_path_factory.mktemp("browser"), rules) as found:
        yield found


@pytest.mark.parametrize("attacker", ["evil.example", "127.0.0.1", "localhost"])
def test_no_page_of_another_origin_reaches_it(page: Page, attacker: str) -> None:
    unguarded, guarded = Recorder(), Recorder()
    with (
        served(Recorder()) as foreign,
        served(unguarded) as open_port,
        served(PageGuard(guarded)) as own,
    ):
        page.open(f"http://{attacker}:{foreign}/")
        page.run(ATTACKS % f"http://127.0.0.1:{open_port}")
        page.run(ATTACKS % f"http://127.0.0.1:{own}")
    # The attacks are real: all but the one that asks first reach a page without a guard.
    paths = {line.rsplit(" ", 1)[0] for line in unguarded.seen}
    assert {"WS /graphql", "GET /framed", "POST /report_asset_check/intake"} <= paths
    assert sum(line.startswith("POST /graphql") for line in unguarded.seen) >= 6
    assert guarded.seen == []


def test_a_foreign_name_for_this_machine_does_not_reach_it(page: Page) -> None:
    guarded = Recorder()
    with served(PageGuard(guarded)) as own:
        page.open(f"http://rebound.example:{own}/")
        assert "not served under this host name" in page.run("document.body.innerText")
        assert page.run(OWN_CALLS) == [403, 403, False]
    assert guarded.seen == []


def test_a_link_of_another_page_does_not_open_it(page: Page) -> None:
    guarded = Recorder()
    with served(Recorder()) as foreign, served(PageGuard(guarded)) as own:
        page.open(f"http://evil.example:{foreign}/")
        page.run(f"location.href = 'http://127.0.0.1:{own}/'; null")
        for _ in range(100):
            time.sleep(0.05)
            if "Refused" in page.run("document.body.innerText"):
                break
        else:
            pytest.fail("the page was opened")
    assert guarded.seen == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_page_itself_works(page: Page, name: str) -> None:
    guarded = Recorder()
    with served(PageGuard(guarded)) as own:
        page.open(f"http://{name}:{own}/")
        assert page.run(OWN_CALLS) == [403, 200, True]


def test_the_page_itself_works_with_a_password(page: Page) -> None:
    guarded = Recorder()
    with served(PageGuard(guarded, password="a long password")) as own:
        page.open(f"http://127.0.0.1:{own}/")
        assert guarded.seen == []
        page.open(f"http://hub:a%20long%20password@127.0.0.1:{own}/")
        page.open(f"http://127.0.0.1:{own}/")
        assert page.run(OWN_CALLS) == [403, 200, True]
