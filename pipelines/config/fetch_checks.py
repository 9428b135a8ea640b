"""What must agree within `fetch`: addresses, host keys, certificates, and that no secret stands there. Its form is in fetching.py."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.enaio.settings import identifier
from mappings.yaml_file import Document, KeyPath

SECRET_KEYS = re.compile(r"pass(word|phrase|wort)?|pwd|kennwort|secret|client_secret|token|api_key", re.IGNORECASE)
FILES = ("key_file", "ca_bundle", "client_cert", "client_key")
HOST_KEY_HINT = "write 'ssh-ed25519 AAAA…' or 'SHA256:…', as the operator of the server tells it"
TABLE_NAME = re.compile(r"\w[\w .()-]*")


def check_fetch(document: Document) -> None:
    """Everything that can be said of the `fetch` parts from the file itself; works on the plain data."""
    for source, path, fetch in _fetches(document):
        for key in fetch:
            if SECRET_KEYS.fullmatch(key):
                document.report((*path, key), "a secret never stands here", f"take it out; {_where_to(source)}")
        kind = fetch.get("kind")
        if kind == "sftp":
            _check_host_key(document, path, fetch)
        elif kind == "sql_view":
            _check_sql(document, path, fetch, source)
        elif kind in ("webdav", "enaio_dms", "enaio_osrest"):
            _check_address(document, (*path, "url"), fetch.get("url"), source)
            _check_address(document, (*path, "proxy"), fetch.get("proxy"), source, ("https", "http"))
        if kind in ("enaio_dms", "enaio_osrest"):
            _check_enaio(document, path, fetch, source)


def check_fetch_files(document: Document, folder: Path) -> None:
    """Keys and certificates that are named must be there."""
    for _, path, fetch in _fetches(document):
        for key in FILES:
            written = fetch.get(key)
            if isinstance(written, str) and not (folder / written).is_file():
                document.report((*path, key), f"file '{written}' does not exist", f"correct the path (seen from {folder.name}/)")


def _check_host_key(document: Document, path: KeyPath, fetch: dict[str, Any]) -> None:
    written = fetch.get("host_key")
    if isinstance(written, str) and not _is_host_key(written):
        document.report((*path, "host_key"), "is no host key", HOST_KEY_HINT)


def _is_host_key(written: str) -> bool:
    fingerprint = re.fullmatch(r"SHA256:([A-Za-z0-9+/]{43})=?", written.strip())
    if fingerprint:
        return True
    kind, _, rest = written.strip().partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
    except binascii.Error:
        return False
    # the name of the kind stands within the key once more, after its length in four bytes
    return bool(kind) and blob[4 : 4 + len(kind)] == kind.encode() and blob[:4] == len(kind).to_bytes(4, "big")


# On the same machine nobody listens in between.
NEAR = ("127.0.0.1", "::1", "localhost")


def _check_address(document: Document, path: KeyPath, url: Any, source: str, schemes: tuple[str, ...] = ("https",)) -> None:
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.username is not None or parts.password is not None:
        document.report(path, "holds a user or password", f"take it out; {_where_to(source)}")
    elif (parts.scheme not in schemes and not (parts.scheme == "http" and host in NEAR)) or not host:
        document.report(
            path, f"must be an address that begins with {' or '.join(f'{s}://' for s in schemes)}", "such as https://server/folder/"
        )
    elif parts.query or parts.fragment:
        document.report(path, "holds more than an address", "leave out what begins with ? or #")


def _check_sql(document: Document, path: KeyPath, fetch: dict[str, Any], source: str) -> None:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    written = fetch.get("url")
    if isinstance(written, str):
        try:
            url = make_url(written)
        except (ArgumentError, ValueError):
            document.report((*path, "url"), "is no address of a database", "such as postgresql+psycopg://reader@server/database")
        else:
            named = {key.casefold() for key, _ in parse_qsl(urlsplit(written).query)}
            if url.password is not None or named & {"password", "pwd"} or "pwd=" in written.casefold():
                document.report((*path, "url"), "holds a password", f"take it out; {_where_to(source)}")
    views = fetch.get("views")
    for table in views if isinstance(views, dict) else ():
        if not TABLE_NAME.fullmatch(table):
            document.report(
                (*path, "views", table), "is no name of a table", "a file is called like it: letters, digits, blank and _ . ( ) -"
            )


def _check_enaio(document: Document, path: KeyPath, fetch: dict[str, Any], source: str) -> None:
    _check_address(document, (*path, "token_url"), fetch.get("token_url"), source)
    by_token = "token_url" in fetch or "client_id" in fetch
    if "user" in fetch and by_token:
        document.report((*path, "user"), "stands beside a client of the gateway", "leave out either user, or token_url and client_id")
    elif "user" not in fetch and not by_token:
        document.report(path, "says not who logs in", "add user, or token_url and client_id")
    elif by_token and not ("token_url" in fetch and "client_id" in fetch):
        missing = "client_id" if "token_url" in fetch else "token_url"
        document.report((*path, missing), "is missing", "token_url and client_id belong together")
    types = fetch.get("object_types")
    for name, wanted in types.items() if isinstance(types, dict) else ():
        _check_enaio_type(document, (*path, "object_types", name), name, wanted, fetch.get("kind") == "enaio_osrest")


def _check_enaio_type(document: Document, path: KeyPath, name: str, wanted: Any, by_number: bool) -> None:
    whole = wanted if isinstance(wanted, dict) else {"columns": wanted}
    columns = [(path, name), *_names(path if whole is not wanted else (*path, "columns"), whole.get("columns"))]
    columns += [*_names((*path, "key"), whole.get("key")), *((((*path, "only", key)), key) for key in whole.get("only") or ())]
    for place, word in columns:
        try:
            identifier(word)
        except ValueError:
            document.report(
                place, f"'{word}' is no internal name of enaio", "letters, digits and _, with system: before where it is enaio's own"
            )
    numbers = [(key, whole[key]) for key in ("type_id", "stored_query") if whole.get(key)]
    for key, number in numbers:
        if isinstance(number, str) and not re.fullmatch(r"[0-9]{1,18}", number):
            document.report((*path, key), f"'{number}' is no number", "enaio's administrator knows it")
    if by_number and not numbers:
        document.report(path, "has no number", 'OSRest needs type_id or stored_query: {columns: […], stored_query: "42"}')


def _names(path: KeyPath, columns: Any) -> list[tuple[KeyPath, str]]:
    listed = columns if isinstance(columns, list) else []
    return [((*path, index), column) for index, column in enumerate(listed) if isinstance(column, str)]


def _where_to(source: str) -> str:
    return f"set DREHSCHEIBE_SECRET_{source.upper()}, or write it into a file '{source}' in the secrets folder"


def _fetches(document: Document) -> Iterator[tuple[str, KeyPath, dict[str, Any]]]:
    sources = document.data.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        fetch = source.get("fetch") if isinstance(source, dict) else None
        if isinstance(fetch, dict):
            yield name, ("sources", name, "fetch"), fetch
