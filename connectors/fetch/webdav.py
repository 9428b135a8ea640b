"""A WebDAV folder over HTTPS: listed by PROPFIND, read by GET, never written. What the listing says is read in webdav_listing.py."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from connectors.fetch.download import download_deliveries
from connectors.fetch.fetcher import CannotFetch, Fetched, LoginRefused
from connectors.fetch.http_login import Tls
from connectors.fetch.login import BasicUtf8
from connectors.fetch.remote_folder import Entry, Limits, RemoteChanged, RemoteFile
from connectors.fetch.tls import make_adapter
from connectors.fetch.webdav_listing import ASKED, not_webdav, read_listing, strong_tag

SECONDS = (10.0, 60.0)  # to connect, between two bytes
BLOCK = 256 << 10
LISTING_BYTES = 64 << 20
# a request is repeated by urllib3; only these two methods are ever used, and both only read
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


@dataclass(frozen=True)
class WebDavSettings:
    """How the folder is reached; ``url`` is that of the folder, with https."""

    url: str
    user: str
    secret: str | None = field(repr=False)
    tls: Tls = field(default_factory=Tls)
    proxy: str | None = field(default=None, repr=False)
    patterns: tuple[str, ...] = ("*",)
    limits: Limits = field(default_factory=Limits)
    settle_seconds: float = 2.0


class WebDav:
    """Fetches the deliveries of one WebDAV folder."""

    def __init__(self, settings: WebDavSettings) -> None:
        self.settings = settings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches what is new; raises CannotFetch."""
        wanted = self.settings
        if not wanted.secret:
            raise CannotFetch(
                "no_secret",
                "Für die Quelle ist kein Kennwort hinterlegt. Bitte in der Umgebung oder im Geheimnis-Ordner ablegen.",
            )
        with requests.Session() as session:
            folder = _Folder(session, wanted)
            return download_deliveries(
                folder, into, remembered, wanted.patterns, wanted.limits, wanted.settle_seconds
            )


class _Folder:
    """The remote folder over one session."""

    def __init__(self, session: requests.Session, settings: WebDavSettings) -> None:
        self.session, self.settings = session, settings
        self.url = settings.url.rstrip("/") + "/"
        session.trust_env = False
        session.auth = BasicUtf8(settings.user, settings.secret or "")
        session.proxies = {"https": settings.proxy} if settings.proxy else {}
        # uncompressed, so that sizes and bytes are those of the file
        session.headers.update(
            {"User-Agent": "Drehscheibe (read-only)", "Accept-Encoding": "identity"}
        )
        session.mount("https://", _make_adapter(settings.tls))
        # addresses hold file names, and urllib3 writes them into its log
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def list_entries(self, folder: str) -> Iterator[Entry]:
        path = f"{quote(folder)}/" if folder else ""
        with self._send_request(
            "PROPFIND",
            path,
            {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"},
            ASKED,
        ) as answer:
            if answer.status_code == 404 and folder:
                raise RemoteChanged
            if answer.status_code != 207:
                raise _status_error(answer.status_code)
            body = b"".join(_limit_size(_read_blocks(answer), LISTING_BYTES))
        yield from read_listing(body, self.url + path)

    def read(self, file: RemoteFile, begin: int) -> tuple[int, Iterator[bytes]]:
        tag = strong_tag(file.mark)
        headers = {"If-Match": tag} if tag else {}
        # without a strong tag nobody can say whether the rest belongs to the beginning
        if begin and tag:
            headers["Range"] = f"bytes={begin}-"
        answer = self._send_request("GET", quote(file.path), headers)
        if answer.status_code in (404, 410, 412, 416):
            answer.close()
            raise RemoteChanged
        if answer.status_code not in (200, 206):
            answer.close()
            raise _status_error(answer.status_code)
        if tag and answer.headers.get("ETag", tag) != tag:
            answer.close()
            raise RemoteChanged
        place = (
            re.match(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
            if answer.status_code == 206
            else None
        )
        if answer.status_code == 206 and (
            place is None or int(place[1]) != begin or int(place[2]) != file.size
        ):
            answer.close()
            raise RemoteChanged
        return (begin if place else 0), _read_blocks(answer)

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
                # said with each request: what the session says loses against the environment
                verify=str(tls.ca_bundle) if tls.ca_bundle else True,
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.SSLError:
            stopped = _certificate_error()
        except requests.exceptions.ProxyError:
            stopped = CannotFetch(
                "proxy",
                "Der Proxy lässt die Verbindung zum WebDAV-Server nicht zu. Bitte die Angaben zum Proxy prüfen.",
            )
        except (requests.RequestException, HTTPError):
            stopped = CannotFetch(
                "unreachable",
                "Der WebDAV-Server ist nicht erreichbar. Bitte Adresse, Netz, Firewall und Proxy prüfen.",
            )
        except OSError:  # requests says so where ca_bundle is no file of certificates
            stopped = _certificate_error()
        raise stopped


def _make_adapter(tls: Tls) -> HTTPAdapter:
    try:
        carrier = make_adapter(tls)
    except (OSError, ssl.SSLError):
        stopped: CannotFetch | None = _certificate_error()
    else:
        stopped = None
    if stopped is not None:
        raise stopped
    carrier.max_retries = RETRY
    return carrier


def _read_blocks(answer: requests.Response) -> Iterator[bytes]:
    try:
        with answer:
            # read1 gives what is there, so that a server that drips cannot outlast the deadline
            while block := answer.raw.read1(BLOCK, decode_content=True):
                yield block
    except (requests.RequestException, HTTPError, OSError):
        message = "Die Verbindung zum WebDAV-Server brach ab; der nächste Lauf macht dort weiter."
        stopped = CannotFetch("connection_lost", message)
    else:
        return
    raise stopped


def _limit_size(blocks: Iterator[bytes], most: int) -> Iterator[bytes]:
    total = 0
    for block in blocks:
        total += len(block)
        if total > most:
            raise CannotFetch(
                "too_many_files",
                "Das Verzeichnis des WebDAV-Servers ist zu groß. Bitte einen kleineren Ordner angeben.",
            )
        yield block


def _status_error(status: int) -> CannotFetch:
    if status == 401:
        message = "Der WebDAV-Server hat die Anmeldung abgewiesen (401). Bitte Benutzer und Kennwort prüfen."
        return LoginRefused("login_refused", message)
    if status == 403:
        return CannotFetch(
            "not_readable",
            "Der Benutzer darf den Ordner oder eine Datei nicht lesen (403). Bitte Rechte prüfen lassen.",
        )
    if status == 404:
        return CannotFetch(
            "folder_missing",
            "Den Ordner der Quelle gibt es auf dem WebDAV-Server nicht (404). Bitte url prüfen.",
        )
    if 300 <= status < 400:
        message = "Der WebDAV-Server leitet auf eine andere Adresse um; ihr wird nicht gefolgt. Bitte die endgültige Adresse als url eintragen."
        return CannotFetch("redirected", message)
    if status in (429, 500, 502, 503, 504, 507):
        message = f"Der WebDAV-Server ist überlastet oder gestört ({status}). Der nächste Lauf versucht es wieder."
        return CannotFetch("server_busy", message)
    return not_webdav()


def _certificate_error() -> CannotFetch:
    return CannotFetch(
        "certificate",
        "Das Zertifikat des WebDAV-Servers ist nicht vertrauenswürdig, oder ein eigenes Zertifikat ist nicht brauchbar. "
        "Bitte ca_bundle (Zertifikate der Hausstelle) und client_cert prüfen.",
    )
