"""Writes down the submission of a parcel before anything is sent, and reads it again.

It stands in the entry of the parcel's event in the ledger, so the ids and the encrypted parts
outlast every crash: whoever goes on goes on with the same submission.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection

from connectors.dispatch.fit_connect.event_log import SentContent
from connectors.dispatch.fit_connect.jose import read_tag
from pipelines.hub import Hub
from pipelines.transfer.parcels import Event, ParcelKey, note_event
from warehouse.ledger.entered_rows import read_contents
from warehouse.schema import transmission_event

PART = "fit_connect"


@dataclass(frozen=True)
class BegunSubmission:
    """A submission that was announced: its ids, and its encrypted parts but the attachment."""

    destination: str
    submission_id: str
    case_id: str
    attachment_id: str
    metadata: str
    data: str
    attachment_tag: str

    @property
    def sent(self) -> SentContent:
        """What its events in the log must be about."""
        tags = {
            "metadata": read_tag(self.metadata),
            "data": read_tag(self.data),
            "attachments": {self.attachment_id: self.attachment_tag},
        }
        return SentContent(self.submission_id, self.case_id, tags)


def note_begun(hub: Hub, key: ParcelKey, begun: BegunSubmission) -> bool:
    """Writes a submission down; False where the parcel has come further by another way."""
    # By this number the service's support finds it.
    told = f"Einreichung {begun.submission_id}"
    return note_event(hub, key, Event.ANNOUNCED, told, more={PART: asdict(begun)})


def read_begun(connection: Connection) -> dict[ParcelKey, BegunSubmission]:
    """The submission of each parcel that has one, unless it was withdrawn since."""
    found: dict[ParcelKey, BegunSubmission] = {}
    for _, content in read_contents(connection, transmission_event):
        row = content["row"]
        key = ParcelKey(row["recipient"], date.fromisoformat(row["sent_on"]), row["load_number"])
        if row["event"] == Event.ANNOUNCED:
            found[key] = BegunSubmission(**content[PART])
        elif row["event"] == Event.WITHDRAWN:
            found.pop(key, None)
    return found
