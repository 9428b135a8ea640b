"""The delivery service (Zustelldienst) of FIT-Connect: its Submission API v2, as a sender uses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from connectors.dispatch.fit_connect.access import Destination
from connectors.dispatch.fit_connect.http import DeliveryHttp
from connectors.dispatch.fit_connect.jose import (
    Jwk,
    UnusableKey,
    find_thumbprint,
    read_public_key,
)
from connectors.dispatch.fit_connect.messages import refuse_dispatch

_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
MOST_EVENTS = 500


@dataclass(frozen=True)
class Announced:
    """The ids that the service gave: of the submission, and of the case with its event log."""

    submission_id: str
    case_id: str


class DeliveryService:
    """Sends to one destination; every method raises CannotDispatch."""

    def __init__(self, http: DeliveryHttp, destination: Destination) -> None:
        self._http = http
        self.destination = destination
        self._service_keys: Mapping[str, Jwk] | None = None

    def close(self) -> None:
        """Ends the session."""
        self._http.close()

    def fetch_encryption_key(self) -> Jwk:
        """The key of the destination, which must be active and have the key agreed upon."""
        known = self._http.read_json("destination", "GET", self._path())
        if known.get("status", "active") != "active":
            raise refuse_dispatch("destination_inactive")
        jwk = self._fetch_key(known.get("encryptionKid"))
        self._check_pinned(jwk, self.destination.encryption_key)
        with suppress(UnusableKey):
            read_public_key(jwk, "RSA-OAEP-256", "wrapKey")
            return jwk
        raise refuse_dispatch("key_unusable")

    def fetch_signing_key(self, key_id: object) -> Jwk:
        """The key by which the destination signs its events; must be the one agreed upon."""
        jwk = self._fetch_key(key_id)
        self._check_pinned(jwk, self.destination.signing_key)
        return jwk

    def find_service_key(self, key_id: object) -> Jwk | None:
        """The key of the service itself; None where it publishes none of this id."""
        if self._service_keys is None:
            known = self._http.read_json("key set", "GET", "/.well-known/jwks.json")
            keys = [key for key in known.get("keys") or [] if isinstance(key, dict)]
            self._service_keys = {str(key.get("kid")): key for key in keys}
        return self._service_keys.get(str(key_id))

    def announce(self, attachment_id: str) -> Announced:
        """Announces a submission with one attachment; nothing is delivered by it."""
        target = self.destination
        service = {"name": target.service_name, "identifier": target.service}
        wanted = {
            "destinationId": target.destination_id,
            "announcedAttachments": [attachment_id],
            "publicService": service,
        }
        given = self._http.read_json("announce", "POST", "/v2/submissions", json=wanted)
        with suppress(ValueError):
            ids = [str(UUID(str(given.get(name)))) for name in ("submissionId", "caseId")]
            return Announced(*ids)
        raise refuse_dispatch("answer_broken", "announce: no ids")

    def upload(self, submission_id: str, attachment_id: str, sealed: bytes) -> None:
        """Puts the encrypted attachment; doing it again replaces it."""
        path = f"/v2/submissions/{submission_id}/attachments/{attachment_id}"
        kind = {"Content-Type": "application/jose"}
        self._http.send("attachment", "PUT", path, data=sealed, headers=kind)

    def hand_in(self, submission_id: str, metadata: str, data: str) -> None:
        """Submits for good; sent once, as after a lost answer only the event log tells."""
        content = {"encryptedMetadata": metadata, "encryptedData": data}
        path = f"/v2/submissions/{submission_id}"
        self._http.send("submit", "PUT", path, repeat=False, json=content)

    def read_tokens(self, case_id: str) -> list[str]:
        """The event log of a case: security event tokens, oldest first, unchecked."""
        path = f"/v2/cases/{case_id}/events"
        log = self._http.read_json("event log", "GET", path, params={"limit": MOST_EVENTS})
        tokens = log.get("eventLog")
        if not isinstance(tokens, list) or not all(isinstance(one, str) for one in tokens):
            raise refuse_dispatch("answer_broken", "event log: no list of tokens")
        return tokens

    def _fetch_key(self, key_id: object) -> Jwk:
        if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
            raise refuse_dispatch("key_unusable", "no readable key id")
        return self._http.read_json("key", "GET", f"{self._path()}/keys/{key_id}")

    def _path(self) -> str:
        return f"/v2/destinations/{self.destination.destination_id}"

    def _check_pinned(self, jwk: Jwk, agreed: str) -> None:
        with suppress(UnusableKey):
            found = find_thumbprint(jwk)
            if found == agreed:
                return
            raise refuse_dispatch("key_changed", f"thumbprint {found}, agreed {agreed}")
        raise refuse_dispatch("key_unusable")
