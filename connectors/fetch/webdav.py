"""Fetches deliveries from a WebDAV folder over HTTPS, by PROPFIND and GET; never writes there."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from connectors.fetch.download import download_deliveries
from connectors.fetch.fetcher import NO_SECRET, CannotFetch, Fetched, describe_failure
from connectors.fetch.http_login import Tls
from connectors.fetch.login import basic_auth
from connectors.fetch.remote_folder import Entry, FolderSettings, RemoteChanged, RemoteFile
from connectors.fetch.tls import make_adapter
from connectors.fetch.webdav_listing import (
    LISTING_REQUEST,
    not_webdav_error,
    read_listing,
    strong_tag,
)

SECONDS = (10.0, 60.0)  # to connect, and between two bytes
BLOCK = 256 << 10
LISTING_BYTES = 64 << 20
# urllib3 repeats failed requests; both methods only read, so repeating is safe.
RETRY = Retry(
    total=4,
    connect=2,
    read=2,
    redirect=0,
    backoff_factor=0.5,
    backoff_jitter=0.5,
    retry_after_max=120,
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=frozenset({"GET", "PROPFIND"}),
    raise_on_status=False,
)
SENTENCES = {
    "no_secret": NO_SECRET,
    "unreachable": "Der WebDAV-Server ist nicht erreichbar."
    " Bitte Adresse, Netz, Firewall und Proxy prüfen.",
    "certificate": "Das Zertifikat des WebDAV-Servers ist nicht vertrauenswürdig, oder ein eigenes"
    " Zertifikat ist nicht brauchbar."
    " Bitte ca_bundle (Zertifikate der Hausstelle) und client_cert prüfen.",
    "proxy": "Der Proxy lässt die Verbindung zum WebDAV-Server nicht zu."
    " Bitte die Angaben zum Proxy prüfen.",
    "login_refused": "Der WebDAV-Server hat die Anmeldung abgewiesen (401)."
    " Bitte Benutzer und Kennwort prüfen.",
    "not_readable": "Der Benutzer darf den Ordner oder eine Datei nicht lesen (403)."
    " Bitte Rechte prüfen lassen.",
    "folder_missing": "Den Ordner der Quelle gibt es auf dem WebDAV-Server nicht (404)."
    " Bitte url prüfen.",
    "redirected": "Der WebDAV-Server leitet auf eine andere Adresse um; ihr wird nicht gefolgt."
    " Bitte die endgültige Adresse als url eintragen.",
    "server_busy": "Der WebDAV-Server ist überlastet oder gestört ({status})."
    " Der nächste Lauf versucht es wieder.",
    "too_many_files": "Das Verzeichnis des WebDAV-Servers ist zu groß."
    " Bitte einen kleineren Ordner angeben.",
    "connection_lost": "Die Verbindung zum WebDAV-Server brach ab;"
    " der nächste Lauf macht dort weiter.",
}
STATUS_RULES = {
    401: "login_refused",
    403: "not_readable",
    404: "folder_missing",
    **dict.fromkeys((429, 500, 502, 503, 504, 507), "server_busy"),
}


def _failure(rule: str, **names: object) -> CannotFetch:
    return describe_failure(rule, SENTENCES, **names)


@dataclass(frozen=True)
class WebDavSettings(FolderSettings):
    """How the folder is reached; ``url`` is the https address of the folder."""

    url: str
    user: str
    secret: str | None = field(repr=False)
    tls: Tls = field(default_factory=Tls)
    proxy: str | None = field(default=None, repr=False)


class WebDav:
    """Fetches the deliveries of one WebDAV folder."""

    def __init__(self, settings: WebDavSettings) -> None:
        self.settings = settings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches new and changed deliveries; raises CannotFetch."""
        settings = self.settings
        if not settings.secret:
            raise _failure("no_secret")
        with requests.Session() as session:
            return download_deliveries(_Folder(session, settings), into, remembered, settings)


class _Folder:
    """The remote folder over one session."""

    def __init__(self, session: requests.Session, settings: WebDavSettings) -> None:
        self.session, self.settings = session, settings
        self.url = settings.url.rstrip("/") + "/"
        session.trust_env = False
        session.auth = basic_auth(settings.user, settings.secret or "")
        session.proxies = {"https": settings.proxy} if settings.proxy else {}
        # Uncompressed, so that sizes and byte ranges are those of the file.
        session.headers.update(
            {"User-Agent": "Drehscheibe (read-only)", "Accept-Encoding": "identity"}
        )
        session.mount("https://", _make_adapter(settings.tls))
        # Addresses contain file names, and urllib3 writes them into its log.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def list_entries(self, folder: str) -> Iterator[Entry]:
        path = f"{quote(folder)}/" if folder else ""
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        with self._send_request("PROPFIND", path, headers, LISTING_REQUEST) as answer:
            if answer.status_code == 404 and folder:
                raise RemoteChanged
            if answer.status_code != 207:
                raise _status_error(answer.status_code)
            body = b"".join(_limit_size(_read_blocks(answer), LISTING_BYTES))
        yield from read_listing(body, self.url + path)

    def read(self, file: RemoteFile, begin: int) -> tuple[int, Iterator[bytes]]:
        tag = strong_tag(file.mark)
        headers = {"If-Match": tag} if tag else {}
        # Without a strong tag the rest might belong to another version of the file.
        if begin and tag:
            headers["Range"] = f"bytes={begin}-"
        answer = self._send_request("GET", quote(file.path), headers)
        failure = _download_failure(answer, tag, begin, file.size)
        if failure is not None:
            answer.close()
            raise failure
        return (begin if answer.status_code == 206 else 0), _read_blocks(answer)

    def _send_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> requests.Response:
        tls = self.settings.tls
        try:
            return self.session.request(
                method,
                self.url + path,
                headers=dict(headers),
                data=body,
                timeout=SECONDS,
                # Set on each request, as the environment overrides the session's setting.
                verify=str(tls.ca_bundle) if tls.ca_bundle else True,
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.SSLError:
            rule = "certificate"
        except requests.exceptions.ProxyError:
            rule = "proxy"
        except (requests.RequestException, HTTPError):
            rule = "unreachable"
        except OSError:  # raised by requests if ca_bundle is no file of certificates
            rule = "certificate"
        # Raised outside the handlers, so that it does not hold an exception with an address.
        raise _failure(rule)


def _download_failure(
    answer: requests.Response, tag: str, begin: int, size: int
) -> RemoteChanged | CannotFetch | None:
    """Why an answer does not hold the wanted bytes of a file of ``size``; None if it does."""
    status = answer.status_code
    if status in (404, 410, 412, 416):
        return RemoteChanged()
    if status not in (200, 206):
        return _status_error(status)
    same_tag = not tag or answer.headers.get("ETag", tag) == tag
    content_range = answer.headers.get("Content-Range", "")
    if not same_tag or (status == 206 and not _is_range(content_range, begin, size)):
        return RemoteChanged()
    return None


def _is_range(content_range: str, begin: int, size: int) -> bool:
    place = re.match(r"bytes (\d+)-\d+/(\d+)", content_range)
    return place is not None and (int(place[1]), int(place[2])) == (begin, size)


def _make_adapter(tls: Tls) -> HTTPAdapter:
    with suppress(OSError):  # ca_bundle is missing or no file of certificates
        adapter = make_adapter(tls)
        adapter.max_retries = RETRY
        return adapter
    raise _failure("certificate")


def _read_blocks(answer: requests.Response) -> Iterator[bytes]:
    with suppress(requests.RequestException, HTTPError, OSError), answer:
        # read1 returns what has arrived, so that a slow server cannot outlast the deadline.
        while block := answer.raw.read1(BLOCK, decode_content=True):
            yield block
        return
    raise _failure("connection_lost")


def _limit_size(blocks: Iterator[bytes], most: int) -> Iterator[bytes]:
    total = 0
    for block in blocks:
        total += len(block)
        if total > most:
            raise _failure("too_many_files")
        yield block


def _status_error(status: int) -> CannotFetch:
    if 300 <= status < 400:
        return _failure("redirected")
    rule = STATUS_RULES.get(status)
    return _failure(rule, status=status) if rule else not_webdav_error()
