"""The way a recipient's parcel goes out: encrypted or not, into a folder, and on to a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.dispatch.refusal import CannotDispatch
from pipelines.config.hand_over import Encrypt, SftpDrop
from pipelines.config.secret import recipient_secret
from pipelines.failures import Failure, Kind
from pipelines.hub import Hub

if TYPE_CHECKING:
    from connectors.dispatch.ciphers import Cipher
    from connectors.fetch.sftp import SftpSettings


class NoWayOut(Failure):
    """Neither the call nor the configuration says where the parcel goes."""

    kind = Kind.WRONG_CALL


class NotSent(Failure):
    """The parcel was made and did not arrive; made again on the same day it goes on."""

    kind = Kind.CONNECTION_LOST


class NotSealed(Failure):
    """The parcel could not be encrypted for its recipient, and nothing was made."""

    kind = Kind.WRONG_ACCESS


@dataclass(frozen=True)
class WayOut:
    """Where the parcel is put, how it is encrypted (None: not), and the server it goes on to."""

    folder: Path
    seal: Cipher | None
    server: SftpSettings | None

    def send(self, files: Sequence[str]) -> None:
        """Carries the files of the placed parcel on; nothing where the folder is the end."""
        from connectors.dispatch.sftp_drop import put_files

        if self.server is None:
            return
        try:
            put_files(self.server, [self.folder / name for name in files])
        except CannotDispatch as error:
            raise NotSent(error.message) from None


def choose_way(hub: Hub, recipient: str, number: str, out: Path | None) -> WayOut:
    """The way out of a parcel; ``out`` goes before the configured destination. Raises NoWayOut."""
    terms = hub.config.recipients[recipient].hand_over
    seal = _make_cipher(terms.encrypt) if terms.encrypt else None
    to = terms.to
    if out is not None or to is None:
        if out is None:
            raise NoWayOut("say where the parcel goes with --out DIR, or look first with --dry-run")
        return WayOut(out, seal, None)
    if to.sftp is None:
        return WayOut((to.folder or Path()) / number, seal, None)
    kept = hub.config.data_folder.output("transfer", recipient, number)
    return WayOut(kept, seal, _reach_server(hub, recipient, to.sftp))


def _make_cipher(terms: Encrypt) -> Cipher:
    from connectors.dispatch.ciphers import Age, Cms

    return Cms(terms.cms) if terms.cms else Age(terms.age)


def _reach_server(hub: Hub, recipient: str, drop: SftpDrop) -> SftpSettings:
    from connectors.fetch.sftp import SftpSettings

    secret = recipient_secret(hub.config, recipient)
    return SftpSettings(
        host=drop.host,
        user=drop.user,
        host_key=drop.host_key,
        port=drop.port,
        folder=drop.folder,
        key_file=drop.key_file,
        secret=secret.get_secret_value() if secret else None,
    )
