"""What an earlier recipient has to be told, by the reasons of the consent gate."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Cause(StrEnum):
    """Why what was sent no longer holds."""

    ERASURE = "erasure"
    SPLIT = "split"
    REVOCATION = "revocation"
    EXPIRY = "expiry"
    RESTRICTION = "restriction"
    CORRECTION = "correction"


# The record is no longer held; its consent is no longer known; one of its data groups is not
# granted any more; what was sent as of one human being is now of several.
RECORD_GONE, CONSENT_GONE, GROUP_GONE = "record_gone", "consent_gone", "group_gone"
PERSON_CHANGED, VALUES_CHANGED = "person_changed", "values_changed"
OTHER_RECIPIENT = "other_recipient"

_EXPIRED = {"expired", "occasion_ended", "too_old", "case_closed"}
# Earlier consents end with what somebody said later; the reason of that is there as well.
_ENDED, _ENDED_BY_WORD = "occasion_ended", "revoked_since"
# What cannot be read, or may stand in what is not loaded, proves nothing about what was sent.
_UNSURE = {
    "revocation_unreadable",
    "consent_unreadable",
    "end_unreadable",
    "groups_unreadable",
    "date_implausible",
    "doubtful",
    "source_not_current",
    "form_not_set",
}


def find_cause(reasons: Iterable[str]) -> Cause | None:
    """The cause that these reasons of the gate make; None where none of them is sure."""
    sure = set(reasons) - _UNSURE
    if not sure:
        return None
    if PERSON_CHANGED in sure:
        return Cause.SPLIT
    if sure == {"restricted"}:
        return Cause.RESTRICTION
    if _ENDED in sure:
        sure.discard(_ENDED_BY_WORD)
    return Cause.EXPIRY if sure <= _EXPIRED else Cause.REVOCATION
