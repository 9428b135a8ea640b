"""The keys of `kind: sftp`."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipelines.config.part import FilePlace
from pipelines.config.transport import FolderTransport, WrittenFetch

if TYPE_CHECKING:
    from connectors.fetch.fetcher import Fetcher

HOST_KEY_HINT = "write 'ssh-ed25519 AAAA…' or 'SHA256:…', as the operator of the server tells it"


class Sftp(FolderTransport):
    """A folder on an SFTP server, known by its pinned host key; with ``key_file`` the secret opens
    the key."""

    kind: Literal["sftp"]
    host: str
    port: int = Field(22, ge=1, le=65535)
    user: str
    folder: str = "."
    host_key: str
    key_file: FilePlace | None = None

    @classmethod
    def check(cls, fetch: WrittenFetch) -> None:
        """Reports what is no host key."""
        written = fetch.data.get("host_key")
        if isinstance(written, str) and not is_host_key(written):
            fetch.report(("host_key",), "is no host key", HOST_KEY_HINT)

    def make_fetcher(self, secret: str | None, key: str | None) -> Fetcher:
        """The connector of the folder."""
        from connectors.fetch import sftp

        settings = sftp.SftpSettings(
            host=self.host,
            user=self.user,
            host_key=self.host_key,
            port=self.port,
            folder=self.folder,
            key_file=self.key_file,
            secret=secret,
            patterns=self.patterns,
            limits=self.limits,
        )
        return sftp.Sftp(settings)


def is_host_key(written: str) -> bool:
    """Whether it is a public key of OpenSSH or the SHA-256 of one."""
    if re.fullmatch(r"SHA256:([A-Za-z0-9+/]{43})=?", written.strip()):
        return True
    kind, _, rest = written.strip().partition(" ")
    try:
        blob = base64.b64decode(rest.split(" ")[0], validate=True)
    except binascii.Error:
        return False
    # The key repeats the name of its kind, after the length of the name in four bytes.
    return bool(kind) and blob.startswith(len(kind).to_bytes(4, "big") + kind.encode())
