"""Reads the event log of a submission: each event signed, and about what was sent.

The service signs that it took the submission, the destination what it did with it (RFC 8417).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from connectors.dispatch.fit_connect.delivery_service import DeliveryService
from connectors.dispatch.fit_connect.jose import (
    SignedToken,
    UnreadableToken,
    UnusableKey,
    is_signed_by,
    split_token,
)
from connectors.dispatch.fit_connect.messages import refuse_dispatch

EVENTS = "https://schema.fitko.de/fit-connect/events/"
LONGEST_REASON = 300


class DeliveryEvent(StrEnum):
    """The events that say what became of a submission; others of the log say nothing of it."""

    SUBMITTED = "submit-submission"
    ACCEPTED = "accept-submission"
    REJECTED = "reject-submission"


@dataclass(frozen=True)
class SentContent:
    """What was submitted: the ids of the service and the authentication tag of each part."""

    submission_id: str
    case_id: str
    tags: Mapping[str, Any]


@dataclass(frozen=True)
class LoggedEvent:
    """An event whose signature and content were checked; ``token`` proves it to others.

    ``reason`` is that of a rejection.
    """

    event: DeliveryEvent
    at: datetime
    token: str
    reason: str = ""


def read_events(service: DeliveryService, sent: SentContent) -> list[LoggedEvent]:
    """The events of what was sent, oldest first; raises CannotDispatch for one that is not true."""
    found = []
    for text in service.read_tokens(sent.case_id):
        token = _read_token(text)
        if token.claims.get("sub") != f"submission:{sent.submission_id}":
            continue
        found += [
            _check_event(service, sent, token, event, payload)
            for event, payload in _list_events(token)
        ]
    return found


def _read_token(text: str) -> SignedToken:
    try:
        return split_token(text)
    except UnreadableToken:
        raise refuse_dispatch("bad_signature", "event log: unreadable token") from None


def _list_events(token: SignedToken) -> list[tuple[DeliveryEvent, Mapping[str, Any]]]:
    told = token.claims.get("events")
    known = {f"{EVENTS}{event}": event for event in DeliveryEvent}
    events = told.items() if isinstance(told, dict) else ()
    return [
        (known[name], payload if isinstance(payload, dict) else {})
        for name, payload in events
        if name in known
    ]


def _check_event(
    service: DeliveryService,
    sent: SentContent,
    token: SignedToken,
    event: DeliveryEvent,
    payload: Mapping[str, Any],
) -> LoggedEvent:
    is_case = token.claims.get("txn") == f"case:{sent.case_id}"
    if not is_case or not _is_signed(service, token, event):
        raise refuse_dispatch("bad_signature", f"event log: {event}")
    # Only the service must always name what it took; what is named has to be what was sent.
    tags = payload.get("authenticationTags")
    if (tags is None and event is DeliveryEvent.SUBMITTED) or tags not in (None, sent.tags):
        raise refuse_dispatch("other_content", f"event log: authenticationTags of {event}")
    return LoggedEvent(event, _read_time(token), token.text, join_titles(payload.get("problems")))


def _is_signed(service: DeliveryService, token: SignedToken, event: DeliveryEvent) -> bool:
    """Whether it is signed by whom it may come from.

    Only the service takes a submission and only the destination accepts one; a rejection may be of
    either, as the service rejects by itself what nobody has fetched for 14 days.
    """
    issued_by_destination = token.claims.get("iss") == service.destination.destination_id
    other = DeliveryEvent.SUBMITTED if issued_by_destination else DeliveryEvent.ACCEPTED
    if event is other or token.header.get("typ") != "secevent+jwt":
        return False
    kid = token.header.get("kid")
    key = service.fetch_signing_key(kid) if issued_by_destination else service.find_service_key(kid)
    try:
        return key is not None and is_signed_by(token, key)
    except UnusableKey:
        return False


def _read_time(token: SignedToken) -> datetime:
    issued = token.claims.get("iat")
    if isinstance(issued, int) and 0 < issued < 1 << 34:
        return datetime.fromtimestamp(issued, UTC)
    raise refuse_dispatch("bad_signature", "event log: no time (iat)")


def join_titles(problems: object) -> str:
    """The titles of the problems of a rejection, on one line.

    Not their details: there a recipient's system may repeat what it found, also of a person.
    """
    listed: Sequence[object] = problems if isinstance(problems, list) else []
    titles = [str(one.get("title") or "") for one in listed if isinstance(one, dict)]
    line = "; ".join(" ".join(title.split()) for title in titles if title.strip())
    return "".join(filter(str.isprintable, line))[:LONGEST_REASON]
