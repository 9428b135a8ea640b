"""Submits a sealed parcel to the FIT-Connect destination of its recipient: once and whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from connectors.dispatch.fit_connect.delivery_service import DeliveryService
from connectors.dispatch.fit_connect.event_log import DeliveryEvent, read_events
from connectors.dispatch.fit_connect.jose import encrypt_compact, read_tag
from connectors.dispatch.fit_connect.messages import refuse_dispatch
from connectors.dispatch.fit_connect.metadata import SealedFile, describe_submission
from connectors.dispatch.fit_connect.seal import DestinationSeal
from connectors.dispatch.refusal import CannotDispatch
from connectors.documents.jobcenter.parcel import MANIFEST
from pipelines.hub import Hub
from pipelines.transfer.begun_submission import BegunSubmission, note_begun, read_begun
from pipelines.transfer.delivery_log import note_log
from pipelines.transfer.parcels import Event, ParcelKey
from pipelines.transfer.parcels import read_events as read_last_events


@dataclass(frozen=True)
class SubmissionWay:
    """The way of one parcel to its destination."""

    hub: Hub
    key: ParcelKey
    service: DeliveryService
    seal: DestinationSeal

    def submit(self, folder: Path, files: Sequence[str]) -> None:
        """Submits the placed parcel, or finishes what was begun; raises CannotDispatch.

        The ids are written down before anything of the parcel is sent. A submission that was begun
        is looked for in the event log first, and never announced a second time.
        """
        with self.hub.store.read() as connection:
            last = read_last_events(connection).get(self.key)
            begun = read_begun(connection).get(self.key)
        if last is not None and last.event not in (Event.ANNOUNCED, Event.WITHDRAWN):
            return
        (name,) = files
        sealed = (folder / name).read_bytes()
        if begun is None:
            self._send(self._begin(folder, name, sealed), sealed)
        elif not self._is_logged(self._check_begun(begun, sealed)):
            self._send(begun, sealed)

    def note_log(self) -> None:
        """Notes what the event log says of it; raises CannotDispatch, also without a confirmation."""
        with self.hub.store.read() as connection:
            begun = read_begun(connection)[self.key]
        note_log(self.hub, self.key, begun, self.service)

    def _begin(self, folder: Path, name: str, sealed: bytes) -> BegunSubmission:
        attachment_id, jwk = str(uuid4()), self.seal.jwk
        target, data = self.service.destination, (folder / MANIFEST).read_bytes()
        file = SealedFile(attachment_id, name.removesuffix(self.seal.suffix), self.seal.sha512)
        told = describe_submission(target, data, file)
        announced = self.service.announce(attachment_id)
        begun = BegunSubmission(
            target.destination_id,
            announced.submission_id,
            announced.case_id,
            attachment_id,
            encrypt_compact(jwk, told, "application/json"),
            encrypt_compact(jwk, data, "application/json"),
            read_tag(sealed.decode("ascii")),
        )
        if not note_begun(self.hub, self.key, begun):
            raise refuse_dispatch("moved_on")
        return begun

    def _check_begun(self, begun: BegunSubmission, sealed: bytes) -> BegunSubmission:
        if begun.destination != self.service.destination.destination_id:
            raise refuse_dispatch("other_destination")
        if begun.attachment_tag != read_tag(sealed.decode("ascii")):
            raise refuse_dispatch("other_file")
        return begun

    def _send(self, begun: BegunSubmission, sealed: bytes) -> None:
        self.service.upload(begun.submission_id, begun.attachment_id, sealed)
        try:
            self.service.hand_in(begun.submission_id, begun.metadata, begun.data)
        except CannotDispatch:
            # The answer may have been lost, not the submission; a second try may be refused as one.
            if not self._is_logged(begun):
                raise

    def _is_logged(self, begun: BegunSubmission) -> bool:
        events = read_events(self.service, begun.sent)
        return any(one.event is DeliveryEvent.SUBMITTED for one in events)
