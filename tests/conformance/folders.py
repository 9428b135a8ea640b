"""The kit's hands on an SFTP server and a WebDAV server: a record is a file, a page is a file too."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from connectors.fetch.fetcher import Fetched, Fetcher
from connectors.fetch.http_login import Tls
from connectors.fetch.refused_login import RefusedLoginGuard
from connectors.fetch.sftp import Sftp, SftpSettings
from connectors.fetch.webdav import WebDav, WebDavSettings
from tests.conformance.outside import PERSON, number
from tests.fakes import webdav
from tests.fakes.cut_line import CutLine
from tests.fakes.sshd import SshServer

DAY = "2025-01-31"


class _Files:
    """The folder both servers give."""

    resumes = True
    folder: Path

    def fill(self, count: int) -> None:
        shutil.rmtree(self.folder / DAY, ignore_errors=True)
        (self.folder / DAY).mkdir()
        for n in range(count):
            (self.folder / DAY / f"{PERSON} {number(n)}.csv").write_text(
                f"{number(n)};{PERSON};ä\r\n" * 2000, encoding="cp1252"
            )

    def records(self, into: Path, fetched: Fetched) -> Iterable[str]:
        return [
            (into / name).read_text(encoding="cp1252").partition(";")[0] for name in fetched.files
        ]

    def served(self, name: str, content: bytes) -> bool:
        return (self.folder / name).read_bytes() == content


class SftpOutside(_Files):
    """A real OpenSSH server over a line that is cut after some bytes; it counts calls."""

    secret = "passphrase-of-the-key"
    faults = ("cut",)

    def __init__(self, server: SshServer, line: CutLine) -> None:
        self.server, self.line, self.folder = server, line, server.folder

    def fetcher(self, secret: str | None = None) -> Fetcher:
        key = None if secret else self.server.home / "locked"
        chosen = secret or self.secret
        settings = SftpSettings(
            "127.0.0.1",
            self.server.user,
            self.server.host_key,
            self.line.port,
            str(self.folder),
            key,
            chosen,
        )
        return RefusedLoginGuard(Sftp(_at_once(settings)), f"sftp {chosen}")

    def repeat_a_page(self) -> bool:
        return False  # a file system names each file once

    def start(self, fault: str = "", share: float = 0.0, whole: int = 0) -> None:
        self.line.start(int(share * whole) if fault else None)

    def steps(self) -> int:
        return self.line.carried

    def contacts(self) -> int:
        return self.line.calls


class WebDavOutside(_Files):
    """A real WebDAV server behind answers that fail; it counts requests."""

    secret = webdav.PASSWORD
    faults = ("503", "500", "403", "404", "redirect", "html", "html 207", "bomb", "cut")

    def __init__(self, server: webdav.WebDavServer) -> None:
        self.server, self.folder = server, server.folder
        self.before = 0

    def fetcher(self, secret: str | None = None) -> Fetcher:
        chosen = secret or self.secret
        settings = WebDavSettings(
            self.server.url, webdav.USER, chosen, Tls(self.server.ca), settle_seconds=0
        )
        return RefusedLoginGuard(WebDav(settings), f"webdav {chosen}")

    def repeat_a_page(self) -> bool:
        self.server.start("doubled", 0, lasts=100)
        return True

    def start(self, fault: str = "", share: float = 0.0, whole: int = 0) -> None:
        self.before += len(self.server.requests)
        self.server.start(fault, int(share * whole), lasts=100)

    def steps(self) -> int:
        return len(self.server.requests)

    def contacts(self) -> int:
        return self.before + len(self.server.requests)


def _at_once(settings: SftpSettings) -> SftpSettings:
    from dataclasses import replace

    return replace(settings, settle_seconds=0)
