"""A question to the consent gate, and the reasons by which it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from warehouse.as_of import KnownAt


class Reason(StrEnum):
    """Why nothing may be released, in the order in which the reasons are tested and reported."""

    OTHER_RECIPIENT = "other_recipient"
    PURPOSE_MISSING = "purpose_missing"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    # Somebody wrote down that the person does not want it.
    REFUSED = "refused"
    REVOCATION_UNREADABLE = "revocation_unreadable"
    # As above, of a consent to which the source writes no revocation.
    CONSENT_UNREADABLE = "consent_unreadable"
    END_UNREADABLE = "end_unreadable"
    EXPIRED = "expired"
    OCCASION_ENDED = "occasion_ended"
    CONFIDENTIALITY_NOT_RELEASED = "confidentiality_not_released"
    RELEASE_WITHDRAWN = "release_withdrawn"
    NO_GROUPS = "no_groups"
    GROUPS_UNREADABLE = "groups_unreadable"
    DATE_IMPLAUSIBLE = "date_implausible"
    TOO_OLD = "too_old"
    CASE_CLOSED = "case_closed"
    GUARDIAN_MISSING = "guardian_missing"
    OWN_CONSENT_MISSING = "own_consent_missing"
    PERSON_CHANGED = "person_changed"
    REVOKED_SINCE = "revoked_since"
    NEWER_FORM = "newer_form"
    DOUBTFUL = "doubtful"
    OTHER_RECORD = "other_record"
    NOTHING_IN_COMMON = "nothing_in_common"
    # A delivery that was not loaded in full may contain a revocation. The query cannot see that;
    # the caller, who knows the state of the deliveries, sets this reason.
    SOURCE_NOT_CURRENT = "source_not_current"
    # Set where the forms are made: nothing released says who it is.
    PERSON_NOT_NAMED = "person_not_named"
    # A release in a system names neither recipient nor purpose nor day, and no decision of the data
    # protection officer stands for them: set where forms are made.
    RELEASE_UNGROUNDED = "release_without_decision"
    # Set where the forms are made: the PDF of a form could not be typeset.
    FORM_NOT_SET = "form_not_set"
    # Set by the caller: the processing of the person's data is restricted (Art. 18 DSGVO).
    RESTRICTED = "restricted"


REASONS = tuple(Reason)
STALE, FORM_NOT_SET = Reason.SOURCE_NOT_CURRENT, Reason.FORM_NOT_SET
OTHER_RECORD, RESTRICTED = Reason.OTHER_RECORD, Reason.RESTRICTED
NOT_NAMED = Reason.PERSON_NOT_NAMED
UNGROUNDED = Reason.RELEASE_UNGROUNDED


@dataclass(frozen=True)
class Gate:
    """A question to the gate: which recipient, on which day, with which state of knowledge.

    ``named``: the texts by which the recipient may be meant where somebody withdraws; ``similar``:
    those of them that may mean it where somebody consents, which silences older consents. ``releases``: the sources in
    which a release by the person counts for this recipient, as it
    names none. ``looks_back``: the day is past, so a revocation after it does not count; otherwise
    every known revocation does. ``oldest``: a consent without an end given before this day is no
    longer in force. ``closed_since``: nor is one of a person whose case ended before this day.
    ``unrevocable``: pairs of a source and a basis of consents that have no column of revocations.
    ``key``: the recipient in the configuration, by which what was withdrawn by hand is known
    whatever the recipient is called today.
    """

    recipient: str
    named: frozenset[str]
    similar: frozenset[str]
    releases: frozenset[str]
    on: date
    known_at: KnownAt
    looks_back: bool = False
    oldest: date = date.min
    closed_since: date | None = None
    unrevocable: frozenset[tuple[str, str]] = frozenset()
    key: str = ""
