"""Tests one consent by itself: the conditions against it, and what it says about the recipient."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from warehouse.gates.question import Gate, Reason
from warehouse.identity.another_human import may_be_another
from warehouse.schema import consent, counselling_case, person, restoration

# A form from before the Integrationsmanagement began cannot be one of it.
EARLIEST_DAY = date(2015, 1, 1)
# A release in a system has no day: every withdrawal is later. A day that could not be read may be
# any day: what counts against a release is later than every consent.
NO_DAY, ANY_DAY = date(1900, 1, 1), date(9999, 12, 31)
# An end so far ahead is a stand-in for none.
_FAR_YEARS = 20


class ConsentTests:
    """The tests of one consent by itself, as conditions on the row ``given``.

    ``arrived`` is the load that brought the row: no day in it can be after that delivery.
    """

    def __init__(self, gate: Gate, given: FromClause, arrived: FromClause) -> None:
        self.gate, self.c, self._arrived = gate, given.c, arrived
        self.is_form = given.c.basis == "form"
        self._is_release = given.c.basis == "release"

    def list_objections(
        self, has_groups: ColumnElement[bool]
    ) -> Iterator[tuple[ColumnElement[bool], Reason]]:
        """Yields the conditions against the consent in the order of ``Reason``.

        Purpose, day and confidentiality are tested on forms only; a release in a system has none.
        """
        c, on, is_form = self.c, self.gate.on, self.is_form
        yield self._is_for_another(), Reason.OTHER_RECIPIENT
        yield and_(is_form, func.coalesce(c.purpose, "") == ""), Reason.PURPOSE_MISSING
        yield and_(is_form, or_(c.given_on.is_(None), c.given_on > on)), Reason.NOT_YET_VALID
        yield self._is_revoked(), Reason.REVOKED
        yield self._has_unread_revocation(), Reason.REVOCATION_UNREADABLE
        yield c.revoked_on_unreadable, Reason.CONSENT_UNREADABLE
        yield c.valid_until_unreadable, Reason.END_UNREADABLE
        yield self._has_impossible_end(), Reason.DATE_IMPLAUSIBLE
        yield c.valid_until < on, Reason.EXPIRED
        yield self._is_confidential(), Reason.CONFIDENTIALITY_NOT_RELEASED
        yield ~has_groups, Reason.NO_GROUPS
        yield c.groups_unreadable, Reason.GROUPS_UNREADABLE
        yield self._has_implausible_day(), Reason.DATE_IMPLAUSIBLE
        yield self._is_too_old(), Reason.TOO_OLD
        yield self._has_closed_case(), Reason.CASE_CLOSED
        yield self._is_of_another_person(), Reason.PERSON_CHANGED

    def given_on(self) -> ColumnElement[date]:
        """The day it was given; one that is missing or cannot be right may be any day."""
        is_doubtful = or_(self.c.given_on.is_(None), self._is_implausible(self.c.given_on))
        return case((~self.is_form, NO_DAY), (is_doubtful, ANY_DAY), else_=self.c.given_on)

    def withdrawn_on(self) -> ColumnElement[Any]:
        """The day from which it counts against consents for the recipient; null: it does not."""
        c = self.c
        is_doubtful = or_(c.revoked_on_unreadable, self._is_implausible(c.revoked_on))
        known = (~self._may_concern_recipient(), null()), (is_doubtful, ANY_DAY)
        return case(*known, (self._is_revoked(), c.revoked_on), else_=null())

    def speaks(self) -> ColumnElement[bool]:
        """Condition: it is a word about the recipient that neither ended nor lies ahead."""
        c, on = self.c, self.gate.on
        readable = and_(c.valid_until_unreadable.is_not(True), ~self._has_impossible_end())
        ended = and_(c.valid_until < on, readable)
        ahead = and_(
            literal(self.gate.looks_back), c.given_on > on, ~self._is_implausible(c.given_on)
        )
        is_silent = or_(func.coalesce(ended, False), func.coalesce(ahead, False))
        return and_(self._concerns_recipient(), ~is_silent)

    def _is_confidential(self) -> ColumnElement[bool]:
        """Condition: the form does not release from confidentiality."""
        return and_(self.is_form, self.c.confidentiality_released.is_not(True))

    def _has_unread_revocation(self) -> ColumnElement[bool]:
        """Condition: it is not wholly read, and the source has a column of revocations."""
        pairs = (
            and_(self.c.source == source, self.c.basis == basis)
            for source, basis in sorted(self.gate.unrevocable)
        )
        return and_(self.c.revoked_on_unreadable, ~or_(literal(False), *pairs))

    def _is_for_another(self) -> ColumnElement[bool]:
        """Condition: the consent does not count for this recipient.

        A form names its recipient; a release counts for the one that the configuration names.
        """
        c = self.c
        names_another = or_(c.recipient.is_(None), c.recipient != self.gate.recipient)
        return or_(
            and_(self.is_form, names_another),
            and_(self._is_release, c.source.not_in(self.gate.releases)),
            c.basis.not_in(("form", "release")),
        )

    def _concerns_recipient(self) -> ColumnElement[bool]:
        """Condition: it is about this recipient, in whatever spelling, or about none."""
        return self._is_named_by(self.gate.similar)

    def _may_concern_recipient(self) -> ColumnElement[bool]:
        """Condition: if it is a withdrawal, it does not clearly name somebody else."""
        return self._is_named_by(self.gate.named)

    def _is_named_by(self, texts: frozenset[str]) -> ColumnElement[bool]:
        c = self.c
        named = or_(c.recipient.is_(None), c.recipient.in_(sorted(texts)))
        return or_(
            and_(self._is_release, c.source.in_(self.gate.releases)),
            and_(~self._is_release, named),
        )

    def _is_revoked(self) -> ColumnElement[bool]:
        revoked_on = self.c.revoked_on
        if self.gate.looks_back:
            return func.coalesce(revoked_on <= self.gate.on, False)
        return revoked_on.is_not(None)

    def _is_implausible(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        wrong = or_(day > self._arrived.c.delivered_on, day < EARLIEST_DAY)
        return func.coalesce(wrong, False)

    def _has_impossible_end(self) -> ColumnElement[bool]:
        """Condition: it ends before it was given, or before there was Integrationsmanagement."""
        c = self.c
        return func.coalesce(or_(c.valid_until < c.given_on, c.valid_until < EARLIEST_DAY), False)

    def _has_implausible_day(self) -> ColumnElement[bool]:
        return or_(self._is_implausible(self.c.given_on), self._is_implausible(self.c.revoked_on))

    def _is_too_old(self) -> ColumnElement[bool]:
        since = case((self.is_form, self.c.given_on), else_=self._arrived.c.delivered_on)
        on = self.gate.on
        far = date(min(on.year + _FAR_YEARS, date.max.year), 1, 1)
        is_endless = or_(self.c.valid_until.is_(None), self.c.valid_until >= far)
        return and_(is_endless, since < self.gate.oldest)

    def _has_closed_case(self) -> ColumnElement[bool]:
        if self.gate.closed_since is None:
            return literal(False)
        cases, c = self.gate.known_at.select_rows(counselling_case, "cases"), self.c
        of_person = and_(cases.c.source == c.source, cases.c.person_key == c.person_key)
        # A case that ended, nobody knows when, may have ended long ago.
        is_endless = and_(cases.c.ended_on.is_(None), cases.c.ended_on_unreadable.is_not(True))
        is_open = or_(is_endless, cases.c.ended_on >= self.gate.closed_since)
        return ~exists().where(of_person, is_open)

    def _is_of_another_person(self) -> ColumnElement[bool]:
        """Condition: since the consent came, the record may have become another human being's."""
        c, then = self.c, person.alias("person_then")
        now = self.gate.known_at.select_rows(person, "person_now", identifying=True)
        same = [and_(p.c.source == c.source, p.c.source_key == c.person_key) for p in (then, now)]
        came_with = case((self.is_form, self._first_known()), else_=c.known_from)
        # What came with a load that was taken back is no word about the record.
        undone = select(restoration.c.undone_load).where(restoration.c.undone_load.is_not(None))
        said = then.c.known_from.not_in(undone)
        return exists().where(*same, said, then.c.known_to > came_with, may_be_another(then, now))

    def _first_known(self) -> ColumnElement[int]:
        """The load that first brought a consent of this key."""
        earlier, c = consent.alias("consent_then"), self.c
        same = and_(earlier.c.source == c.source, earlier.c.source_key == c.source_key)
        return select(func.min(earlier.c.known_from)).where(same).scalar_subquery()
