"""A real WebDAV server on a loopback port with TLS, whose answers can be made to fail one by one. What is fetched is tested elsewhere."""

from __future__ import annotations

import copy
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import trustme
from lxml import etree
from wsgidav.wsgidav_app import WsgiDAVApp

USER, PASSWORD = "abholer", "Geheim€-Kennwort-7"
HTML = b"<!doctype html><html><body><form>Bitte anmelden</form></body></html>"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class WebDavServer:
    """Where the server is, whom to trust, the folder it gives, and what goes wrong with which request."""

    folder: Path
    ca: Path
    url: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    fault: str = ""
    at: int = 0
    lasts: int = 1
    before: Callable[[str, str], None] = lambda method, path: None

    def start(self, fault: str = "", at: int = 0, lasts: int = 1) -> None:
        """Counts requests anew; the request number ``at`` (from 0) and ``lasts - 1`` after it have the fault."""
        self.requests, self.fault, self.at, self.lasts = [], fault, at, lasts


@contextmanager
def webdav_server(home: Path) -> Iterator[WebDavServer]:
    """Runs a server of its own; its folder is ``home/given``, its certificate that of a house CA made for it."""
    folder, ca = home / "given", home / "ca.pem"
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca)
    given = WebDavServer(folder, ca)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = make_server("127.0.0.1", 0, _failing(given, _dav(folder)), _Threads, _Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    given.url = f"https://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield given
    finally:
        server.shutdown()
        server.server_close()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news here."""


class _Quiet(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def _dav(folder: Path) -> Application:
    app: Application = WsgiDAVApp(
        {
            "provider_mapping": {"/": {"root": str(folder), "readonly": True}},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "verbose": 0,
            "logging": {"enable": False},
            "dir_browser": {"enable": False},
        }
    )
    return app


def _failing(given: WebDavServer, app: Application) -> Application:
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        number = len(given.requests)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].encode("latin-1").decode()
        given.requests.append((method, path))
        given.before(method, path)
        fault = given.fault if given.at <= number < given.at + given.lasts else ""
        if fault in ("", "cut", "doubled"):
            return _Body(app(environ, _unmeasured(start)), fault) if fault else app(environ, start)
        status, headers, body = FAULTS[fault]
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _unmeasured(start: Callable[..., Any]) -> Callable[..., Any]:
    """Leaves out the length of a listing, so that it can be another one."""

    def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start(
            status,
            [
                h
                for h in headers
                if not (status.startswith("207") and h[0].lower() == "content-length")
            ],
            *rest,
        )

    return begin


class _Body:
    """An answer that ends too early, or a listing that names everything twice."""

    def __init__(self, body: Iterable[bytes], fault: str) -> None:
        self.blocks = list(body)
        self.fault = fault
        if hasattr(body, "close"):
            body.close()

    def __iter__(self) -> Iterator[bytes]:
        whole = b"".join(self.blocks)
        yield whole[: len(whole) // 2] if self.fault == "cut" else doubled(whole)


def doubled(listing: bytes) -> bytes:
    """The listing with every entry in it twice; what is no listing stays as it is."""
    try:
        root = etree.fromstring(listing)
    except etree.XMLSyntaxError:
        return listing
    for entry in list(root):
        root.append(copy.deepcopy(entry))
    return etree.tostring(root)


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><multistatus xmlns="DAV:"><response>&b;</response></multistatus>'
XML = [("Content-Type", "application/xml; charset=utf-8")]
FAULTS: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {
    "503": ("503 Service Unavailable", [("Retry-After", "0")], b""),
    "500": ("500 Internal Server Error", [], b"stack trace"),
    "401": ("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="x"')], b""),
    "403": ("403 Forbidden", [], b""),
    "404": ("404 Not Found", [], b""),
    "redirect": ("302 Found", [("Location", "https://elsewhere.example/login")], b""),
    "html": ("200 OK", [("Content-Type", "text/html")], HTML),
    "html 207": ("207 Multi-Status", [("Content-Type", "text/html")], HTML),
    "bomb": ("207 Multi-Status", XML, BOMB),
}
