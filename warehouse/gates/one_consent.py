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
    extract,
    func,
    literal,
    null,
    or_,
    select,
)

from warehouse.as_of import select_undone
from warehouse.gates.question import Gate, Reason
from warehouse.identity.another_human import may_be_another
from warehouse.schema import consent, counselling_case, person

# A form from before the Integrationsmanagement began cannot be one of it.
EARLIEST_DAY = date(2015, 1, 1)
# A release in a system has no day: every withdrawal is later. A day that could not be read may be
# any day: what counts against a release is later than every consent.
NO_DAY, ANY_DAY = date(1900, 1, 1), date(9999, 12, 31)
# An end so far ahead is a stand-in for none.
_FAR_YEARS = 20
# From 15 on a person applies for benefits and consents alone (§ 36 SGB I); before, with guardians.
_OWN_SAY, _OF_AGE = 15, 18
Objections = Iterator[tuple[ColumnElement[bool], Reason]]


class ConsentTests:
    """The tests of one consent by itself, as conditions on the row ``given``.

    ``arrived_on``: the day of the delivery that brought the row, or of its writing by hand; no day
    in it can be later.
    """

    def __init__(self, gate: Gate, given: FromClause, arrived_on: ColumnElement[date]) -> None:
        self.gate, self._given, self.c = gate, given, given.c
        self._arrived_on = arrived_on
        self.is_form = given.c.basis == "form"
        self._is_release = given.c.basis == "release"

    def list_objections(self, has_groups: ColumnElement[bool]) -> Objections:
        """Yields the conditions against the consent in the order of ``Reason``.

        Purpose, day and confidentiality are tested on forms only; a release in a system has none.
        """
        yield from self._object_to_form()
        yield from self._object_to_end()
        yield self._is_confidential(), Reason.CONFIDENTIALITY_NOT_RELEASED
        yield ~has_groups, Reason.NO_GROUPS
        yield self.c.groups_unreadable, Reason.GROUPS_UNREADABLE
        yield self._has_implausible_day(), Reason.DATE_IMPLAUSIBLE
        yield self._is_too_old(), Reason.TOO_OLD
        yield from self._object_to_person()

    def _object_to_form(self) -> Objections:
        """What the form lacks, and what was revoked."""
        c, is_form = self.c, self.is_form
        is_ahead = or_(c.given_on.is_(None), c.given_on > self.gate.on)
        yield self._is_for_another(), Reason.OTHER_RECIPIENT
        yield and_(is_form, func.coalesce(c.purpose, "") == ""), Reason.PURPOSE_MISSING
        yield and_(is_form, is_ahead), Reason.NOT_YET_VALID
        yield self._is_revoked(), Reason.REVOKED
        yield self._has_unread_revocation(), Reason.REVOCATION_UNREADABLE
        yield c.revoked_on_unreadable, Reason.CONSENT_UNREADABLE

    def _object_to_end(self) -> Objections:
        """Whether it ended, or nobody knows when."""
        c, on = self.c, self.gate.on
        yield c.valid_until_unreadable, Reason.END_UNREADABLE
        yield self._has_impossible_end(), Reason.DATE_IMPLAUSIBLE
        yield c.valid_until < on, Reason.EXPIRED
        yield and_(c.ends_with.is_not(None), ~self._has_open_case(on)), Reason.OCCASION_ENDED

    def _object_to_person(self) -> Objections:
        """Whether it is of somebody else, or of somebody who could not consent alone."""
        yield self._has_closed_case(), Reason.CASE_CLOSED
        yield and_(~self.c.has_guardian, self._is_younger_than(_OWN_SAY)), Reason.GUARDIAN_MISSING
        yield self._lacks_own_say(), Reason.OWN_CONSENT_MISSING
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
        ended = or_(and_(c.valid_until < on, readable), self._has_ended_occasion())
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
        wrong = or_(day > self._arrived_on, day < EARLIEST_DAY)
        return func.coalesce(wrong, False)

    def _has_impossible_end(self) -> ColumnElement[bool]:
        """Condition: it ends before it was given, or before there was Integrationsmanagement."""
        c = self.c
        return func.coalesce(or_(c.valid_until < c.given_on, c.valid_until < EARLIEST_DAY), False)

    def _has_implausible_day(self) -> ColumnElement[bool]:
        return or_(self._is_implausible(self.c.given_on), self._is_implausible(self.c.revoked_on))

    def _is_too_old(self) -> ColumnElement[bool]:
        since = case((self.is_form, self.c.given_on), else_=self._arrived_on)
        on = self.gate.on
        far = date(min(on.year + _FAR_YEARS, date.max.year), 1, 1)
        is_endless = or_(self.c.valid_until.is_(None), self.c.valid_until >= far)
        return and_(is_endless, since < self.gate.oldest)

    def _has_closed_case(self) -> ColumnElement[bool]:
        since = self.gate.closed_since
        return literal(False) if since is None else ~self._has_open_case(since)

    def _has_open_case(self, since: date) -> ColumnElement[bool]:
        """Condition: a case of the person is open, or was on that day."""
        cases, of_person = self._find_cases("cases")
        # A case that ended, nobody knows when, may have ended long ago.
        is_endless = and_(cases.c.ended_on.is_(None), cases.c.ended_on_unreadable.is_not(True))
        return exists().where(of_person, or_(is_endless, cases.c.ended_on >= since))

    def _has_ended_occasion(self) -> ColumnElement[bool]:
        """Condition: it was for a case that surely ended, so it says nothing any more."""
        cases, of_person = self._find_cases("ended_cases")
        on, others = self.gate.on, self._find_cases("lasting_cases")
        lasting, of_same = others
        lasts = or_(lasting.c.ended_on.is_(None), lasting.c.ended_on >= on)
        return and_(
            self.c.ends_with.is_not(None),
            exists().where(of_person, cases.c.ended_on < on),
            ~exists().where(of_same, lasts),
        )

    def _find_cases(self, name: str) -> tuple[FromClause, ColumnElement[bool]]:
        """The known cases, and the condition that one is of the person."""
        cases, c = self.gate.known_at.select_rows(counselling_case, name), self.c
        return cases, and_(cases.c.source == c.source, cases.c.person_key == c.person_key)

    def _lacks_own_say(self) -> ColumnElement[bool]:
        """Condition: others consented for a person who was old enough to do so."""
        is_minor = and_(~self._is_younger_than(_OWN_SAY), self._is_younger_than(_OF_AGE))
        return and_(~self.c.own_consent, is_minor)

    def _is_younger_than(self, years: int) -> ColumnElement[bool]:
        """Condition: the person was younger when the consent was given; unknown: not by this."""
        c, born = self.c, self.gate.known_at.select_rows(person, f"born_{years}", identifying=True)
        lived = _number_day(c.given_on) - _number_day(born.c.birth_date)
        same = and_(born.c.source == c.source, born.c.source_key == c.person_key)
        return exists().where(same, lived < years * 10_000)

    def _is_of_another_person(self) -> ColumnElement[bool]:
        """Condition: since the consent came, the record may have become another human being's."""
        c, then = self.c, person.alias("person_then")
        now = self.gate.known_at.select_rows(person, "person_now", identifying=True)
        same = [and_(p.c.source == c.source, p.c.source_key == c.person_key) for p in (then, now)]
        delivered = and_(self.is_form, ~c.by_hand)
        came_with = case((delivered, self._first_known()), else_=c.known_from)
        # What came with a load that was taken back is no word about the record.
        said = then.c.known_from.not_in(select_undone())
        return exists().where(*same, said, then.c.known_to > came_with, may_be_another(then, now))

    def _first_known(self) -> ColumnElement[int]:
        """The load that first brought a consent of this key."""
        earlier, c = consent.alias("consent_then"), self.c
        same = and_(earlier.c.source == c.source, earlier.c.source_key == c.source_key)
        first = select(func.min(earlier.c.known_from)).where(same)
        # It stands two levels below the row, and would else ask for the first of all consents.
        return first.correlate(self._given).scalar_subquery()


def _number_day(day: ColumnElement[date]) -> ColumnElement[int]:
    """A day as a number such as 20250801: the difference of two has full years in front."""
    return extract("year", day) * 10_000 + extract("month", day) * 100 + extract("day", day)
