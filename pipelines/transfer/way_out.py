"""The way a recipient's parcel goes out: encrypted or not, into a folder, and on to a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.dispatch.refusal import CannotDispatch
from pipelines.config.fit_connect import FitConnectDrop
from pipelines.config.hand_over import Encrypt, SftpDrop
from pipelines.config.secret import recipient_secret
from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.transfer.parcels import Event, ParcelKey, read_events

if TYPE_CHECKING:
    from connectors.dispatch.ciphers import Cipher
    from connectors.fetch.sftp import SftpSettings
    from pipelines.transfer.submission_way import SubmissionWay


# What another try does not mend: there is no key to encrypt with.
KEY_RULES = frozenset({"key_changed", "key_unusable", "destination_inactive", "no_secret"})
SUBMITTED = "bei FIT-Connect eingereicht, noch nicht bestätigt"


class NoWayOut(Failure):
    """Neither the call nor the configuration says where the parcel goes."""

    kind = Kind.WRONG_CALL


class NotSent(Failure):
    """The parcel was made and did not arrive; made again on the same day it goes on."""

    kind = Kind.CONNECTION_LOST


class NotSealed(Failure):
    """The parcel could not be encrypted for its recipient, and nothing was made."""

    kind = Kind.WRONG_ACCESS


class NotConfirmed(Failure):
    """The parcel was submitted, and the service does not, or not credibly, say that it has it."""


@dataclass(frozen=True)
class WayOut:
    """Where the parcel is put, how it is encrypted (None: not), and where it goes on to."""

    folder: Path
    seal: Cipher | None
    server: SftpSettings | None = None
    submission: SubmissionWay | None = None

    def send(self, files: Sequence[str]) -> None:
        """Carries the files of the placed parcel on; nothing where the folder is the end."""
        from connectors.dispatch.sftp_drop import put_files

        try:
            if self.server is not None:
                put_files(self.server, [self.folder / name for name in files])
            if self.submission is not None:
                self.submission.submit(self.folder, files)
        except CannotDispatch as error:
            raise NotSent(error.message) from None

    @property
    def note(self) -> str | None:
        """What is written beside a parcel of which nothing more is known yet."""
        return SUBMITTED if self.submission is not None else None

    def close(self) -> None:
        """Ends what was opened to the other side."""
        if self.submission is not None:
            self.submission.service.close()

    def confirm(self) -> bool:
        """Whether the parcel has arrived, as far as the other side tells; raises NotConfirmed."""
        if self.submission is not None:
            try:
                self.submission.note_log()
            except CannotDispatch as error:
                raise NotConfirmed(error.message) from None
        return self.server is not None


def choose_way(hub: Hub, key: ParcelKey, out: Path | None) -> WayOut:
    """The way out of a parcel; ``out`` goes before the configured destination.

    Raises NoWayOut, also where the parcel has begun another way, NotSent where the destination is
    not to be reached, and NotSealed where its key is not the one agreed upon.
    """
    terms = hub.config.recipients[key.recipient].hand_over
    to = terms.to
    _check_begun(hub, key, out is None and to is not None and to.fit_connect is not None)
    seal = _make_cipher(terms.encrypt) if terms.encrypt else None
    if out is not None or to is None:
        if out is None:
            raise NoWayOut("say where the parcel goes with --out DIR, or look first with --dry-run")
        return WayOut(out, seal)
    kept = hub.config.data_folder.output("transfer", key.recipient, key.number)
    if to.sftp is not None:
        return WayOut(kept, seal, _reach_server(hub, key.recipient, to.sftp))
    if to.fit_connect is not None:
        return _reach_destination(hub, key, kept, to.fit_connect)
    return WayOut((to.folder or Path()) / key.number, seal)


def _check_begun(hub: Hub, key: ParcelKey, is_submission: bool) -> None:
    """Raises NoWayOut where the parcel would go out twice, by FIT-Connect and another way."""
    from pipelines.transfer.begun_submission import read_begun

    with hub.store.read() as connection:
        is_begun = key in read_begun(connection)
        last = read_events(connection).get(key)
    is_out = last is not None and last.event is not Event.WITHDRAWN
    if is_begun and not is_submission:
        raise NoWayOut(
            f"parcel {key.number} was begun as a submission to FIT-Connect and goes no other way; "
            "run the transfer as configured, or ask what became of it: drehscheibe transfer ask"
        )
    if is_submission and is_out and not is_begun:
        raise NoWayOut(f"parcel {key.number} went out by another way, and is not submitted as well")


def _reach_destination(hub: Hub, key: ParcelKey, kept: Path, drop: FitConnectDrop) -> WayOut:
    """The way to the recipient's destination, whose key was fetched and is the one agreed upon."""
    from connectors.dispatch.fit_connect.seal import DestinationSeal
    from pipelines.transfer.delivery_access import reach_service
    from pipelines.transfer.submission_way import SubmissionWay

    service = reach_service(hub, key.recipient, drop)
    try:
        seal = DestinationSeal(service.fetch_encryption_key())
    except CannotDispatch as error:
        service.close()
        failure = NotSealed if error.rule in KEY_RULES else NotSent
        raise failure(error.message) from None
    return WayOut(kept, seal, submission=SubmissionWay(hub, key, service, seal))


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
