"""Decides by consent what may be released to a recipient on a day.

What is not granted is not selected. A person's records count together: each record in which the
person said something about the recipient has to allow a data group before it is released.
Sources: § 67b Abs. 2 SGB X (purpose, revocation), Art. 7 DSGVO, § 203 StGB (confidentiality).
Values that could not be read count against a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from warehouse.as_of import KnownAt
from warehouse.record_join import match_keys
from warehouse.schema import (
    ENTITIES,
    consent,
    consent_data_group,
    consent_doubt,
    counselling_case,
    goal,
    load,
    person,
    person_link,
    plan_participant,
)


class Reason(StrEnum):
    """Why nothing may be released, in the order in which the reasons are tested and reported."""

    OTHER_RECIPIENT = "other_recipient"
    PURPOSE_MISSING = "purpose_missing"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    REVOCATION_UNREADABLE = "revocation_unreadable"
    END_UNREADABLE = "end_unreadable"
    EXPIRED = "expired"
    CONFIDENTIALITY_NOT_RELEASED = "confidentiality_not_released"
    RELEASE_WITHDRAWN = "release_withdrawn"
    NO_GROUPS = "no_groups"
    GROUPS_UNREADABLE = "groups_unreadable"
    DATE_IMPLAUSIBLE = "date_implausible"
    TOO_OLD = "too_old"
    CASE_CLOSED = "case_closed"
    PERSON_CHANGED = "person_changed"
    REVOKED_SINCE = "revoked_since"
    NEWER_FORM = "newer_form"
    DOUBTFUL = "doubtful"
    OTHER_RECORD = "other_record"
    NOTHING_IN_COMMON = "nothing_in_common"
    # A delivery that was not loaded in full may contain a revocation. The query cannot see that;
    # the caller, who knows the state of the deliveries, sets this reason.
    SOURCE_NOT_CURRENT = "source_not_current"
    # Set where the forms are made: the PDF of a form could not be typeset.
    FORM_NOT_SET = "form_not_set"


REASONS = tuple(Reason)
STALE, FORM_NOT_SET = Reason.SOURCE_NOT_CURRENT, Reason.FORM_NOT_SET

# A form from before the Integrationsmanagement began cannot be one of it.
_EARLIEST_DAY = date(2015, 1, 1)
# A release in a system has no day: every withdrawal is later. A day that could not be read may be
# any day: what counts against a release is later than every consent.
_NO_DAY, _ANY_DAY = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Gate:
    """A question to the gate: which recipient, on which day, with which state of knowledge.

    ``releases``: the sources in which a release by the person counts for this recipient, as it
    names none. ``looks_back``: the day is past, so a revocation after it does not count; otherwise
    every known revocation does. ``oldest``: a consent without an end given before this day is no
    longer in force. ``closed_since``: nor is one of a person whose case ended before this day.
    """

    recipient: str
    releases: frozenset[str]
    on: date
    known_at: KnownAt
    looks_back: bool = False
    oldest: date = date.min
    closed_since: date | None = None


def judge_consents(gate: Gate) -> Select[Any]:
    """Selects every known consent of a known person with the first reason against it.

    Columns: source, person_key, consent_key, ``reason`` (null: the consent permits a release).
    """
    judged = _judge_together(gate)
    c = judged.c
    return select(c.source, c.person_key, c.consent_key, c.reason).where(c.is_known)


def select_grants(gate: Gate) -> Select[Any]:
    """Selects what may be released: source, person_key, data_group, each combination once."""
    judged = _judge_together(gate)
    granted = _select_granted(gate, judged)
    return select(granted.c.source, granted.c.person_key, granted.c.data_group).distinct()


def select_refusals(gate: Gate) -> Select[Any]:
    """Selects the consents and earlier releases of records of which nothing may be released.

    Columns: source, person_key, consent_key, reason.
    """
    judged = _judge_together(gate)
    c, granted = judged.c, _select_granted(gate, judged)
    released = exists().where(match_keys(granted, "person_key", judged, "person_key"))
    reason = func.coalesce(c.reason, Reason.NOTHING_IN_COMMON.value).label("reason")
    refused = select(c.source, c.person_key, c.consent_key, reason).where(c.is_known, ~released)
    return refused.order_by(c.source, c.person_key, c.consent_key)


def _judge_together(gate: Gate) -> CTE:
    """The words of ``_select_words`` with the reason against each, other words considered.

    ``words``: how many words of the person have to allow a data group.
    """
    placed = _place_words(gate)
    records = _judge_records(placed)
    persons = (
        select(
            records.c.human,
            func.sum(records.c.words).label("words"),
            func.max(case((records.c.refuses, 1), else_=0)).label("refused"),
        )
        .group_by(records.c.human)
        .cte("persons")
    )
    reason = case(
        (placed.c.reason.is_not(None), placed.c.reason),
        (_is_doubted(gate, placed), Reason.DOUBTFUL.value),
        (persons.c.refused == 1, Reason.OTHER_RECORD.value),
        else_=None,
    )
    own = [c for c in placed.columns if c.name != "reason"]
    joined = placed.join(persons, persons.c.human == placed.c.human)
    return select(*own, persons.c.words, reason.label("reason")).select_from(joined).cte("judged")


def _select_granted(gate: Gate, judged: CTE) -> CTE:
    """The data groups granted by each record that all words of the person allow."""
    groups = gate.known_at.select_rows(consent_data_group)
    of_consent = match_keys(groups, "consent_key", judged, "consent_key")
    c = judged.c
    own = (
        select(c.human, c.source, c.person_key, c.is_form, c.words, groups.c.data_group)
        .select_from(judged.join(groups, of_consent))
        .where(c.reason.is_(None))
        .distinct()
        .cte("own_groups")
    )
    common = (
        select(own.c.human, own.c.data_group)
        .group_by(own.c.human, own.c.data_group, own.c.words)
        .having(func.count() == own.c.words)
        .cte("common_groups")
    )
    allowed = and_(common.c.human == own.c.human, common.c.data_group == own.c.data_group)
    return select(own).select_from(own.join(common, allowed)).cte("granted")


def _judge_records(placed: CTE) -> CTE:
    """Per record: its ``words`` that speak (forms, release) and whether one of them refuses."""
    c = placed.c
    speaking = case((c.speaks, c.is_form), else_=None)
    permitting = case((c.reason.is_(None), c.is_form), else_=None)
    words, permitted = (func.count(value.distinct()) for value in (speaking, permitting))
    only_withdrawn = and_(func.max(c.withdrawn_on).is_not(None), permitted == 0)
    return (
        select(
            c.human, words.label("words"), or_(words > permitted, only_withdrawn).label("refuses")
        )
        .group_by(c.human, c.source, c.person_key)
        .cte("records")
    )


def _place_words(gate: Gate) -> CTE:
    """The words of each record, judged by the other words of the record.

    A withdrawal counts against every consent given up to its day; of several forms the newest
    counts, and of those of one day all have to be in order.
    """
    words = _select_words(gate)
    checked = _find_failing(_rank_words(words))
    c = checked.c
    reason = case(
        (c.reason.is_not(None), c.reason),
        (c.last_withdrawn >= c.given_on, Reason.REVOKED_SINCE.value),
        (or_(c.given_on < c.last_given, c.failing == 1), Reason.NEWER_FORM.value),
        else_=None,
    )
    own = [c[column.name] for column in words.columns if column.name != "reason"]
    return select(*own, reason.label("reason")).cte("placed")


def _rank_words(words: CTE) -> CTE:
    """The words with the last withdrawal in their record, and its last form that still speaks."""
    c = words.c
    record = (c.source, c.person_key)
    spoken_on = case((c.speaks, c.given_on), else_=None)
    return select(
        words,
        func.max(c.withdrawn_on).over(partition_by=record).label("last_withdrawn"),
        func.max(spoken_on).over(partition_by=(*record, c.is_form)).label("last_given"),
    ).cte("ranked")


def _find_failing(ranked: CTE) -> CTE:
    """The ranked words; ``failing`` where one of the newest of the record is not in order."""
    c = ranked.c
    is_last = and_(c.speaks, c.given_on == c.last_given)
    fails = case((and_(is_last, c.reason.is_not(None)), 1), else_=0)
    failing = func.max(fails).over(partition_by=(c.source, c.person_key, c.is_form))
    return select(ranked, failing.label("failing")).cte("checked")


def _select_words(gate: Gate) -> CTE:
    """What persons said about the recipient: consents, releases, and releases that ended.

    Columns: human (one human being's records share it), source, person_key, consent_key, is_form,
    is_known (the source still has the person), given_on, withdrawn_on (the day from which it
    counts against consents), speaks (it is a word of today), reason (against it alone).
    """
    return union_all(_select_current(gate), _select_ended(gate)).cte("words")


def _select_current(gate: Gate) -> Select[Any]:
    given = gate.known_at.select_rows(consent, "given")
    groups = gate.known_at.select_rows(consent_data_group)
    persons = gate.known_at.select_rows(person, "persons")
    links = gate.known_at.select_rows(person_link, "links")
    arrived = load.alias("arrived")
    has_groups = exists().where(match_keys(groups, "consent_key", given, "source_key"))
    judged = _ConsentTests(gate, given, arrived)
    tested = ((test, reason.value) for test, reason in judged.list_objections(has_groups))
    c = given.c
    return select(
        _name_human(links, c).label("human"),
        c.source,
        c.person_key,
        c.source_key.label("consent_key"),
        case((judged.is_form, 1), else_=0).label("is_form"),
        persons.c.source_key.is_not(None).label("is_known"),
        judged.given_on().label("given_on"),
        judged.withdrawn_on().label("withdrawn_on"),
        judged.speaks().label("speaks"),
        case(*tested, else_=None).label("reason"),
    ).select_from(
        given.join(arrived, arrived.c.number == c.known_from)
        .outerjoin(persons, match_keys(persons, "source_key", given, "person_key"))
        .outerjoin(links, match_keys(links, "source_key", given, "person_key"))
    )


def _select_ended(gate: Gate) -> Select[Any]:
    """Releases no longer delivered, of persons who are still known."""
    current = gate.known_at.select_rows(consent, "current")
    persons = gate.known_at.select_rows(person, "still")
    links = gate.known_at.select_rows(person_link, "ended_links")
    ending = load.alias("ending")
    c = consent.c
    continues = exists().where(match_keys(current, "source_key", consent, "source_key"))
    return (
        select(
            _name_human(links, c).label("human"),
            c.source,
            c.person_key,
            c.source_key.label("consent_key"),
            literal(0).label("is_form"),
            literal(True).label("is_known"),
            literal(_NO_DAY).label("given_on"),
            func.max(ending.c.delivered_on).label("withdrawn_on"),
            literal(False).label("speaks"),
            literal(Reason.RELEASE_WITHDRAWN.value).label("reason"),
        )
        .select_from(
            consent.join(ending, ending.c.number == c.known_to)
            .join(persons, match_keys(persons, "source_key", consent, "person_key"))
            .outerjoin(links, match_keys(links, "source_key", consent, "person_key"))
        )
        .where(
            c.basis == "release",
            c.source.in_(gate.releases),
            gate.known_at.includes(c.known_to),
            ~continues,
        )
        .group_by(links.c.person_id, c.source, c.person_key, c.source_key)
    )


def _name_human(links: FromClause, row: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[str]:
    """What all records of one human being share; a record without a link stands for itself."""
    return func.coalesce(links.c.person_id, row.source + "\x1f" + row.person_key)


class _ConsentTests:
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
        released = func.coalesce(c.confidentiality_released, literal(False))
        yield self._is_for_another(), Reason.OTHER_RECIPIENT
        yield and_(is_form, func.coalesce(c.purpose, "") == ""), Reason.PURPOSE_MISSING
        yield and_(is_form, or_(c.given_on.is_(None), c.given_on > on)), Reason.NOT_YET_VALID
        yield self._is_revoked(), Reason.REVOKED
        yield c.revoked_on_unreadable, Reason.REVOCATION_UNREADABLE
        yield c.valid_until_unreadable, Reason.END_UNREADABLE
        yield c.valid_until < on, Reason.EXPIRED
        yield and_(is_form, released == literal(False)), Reason.CONFIDENTIALITY_NOT_RELEASED
        yield ~has_groups, Reason.NO_GROUPS
        yield c.groups_unreadable, Reason.GROUPS_UNREADABLE
        yield self._has_implausible_day(), Reason.DATE_IMPLAUSIBLE
        yield self._is_too_old(), Reason.TOO_OLD
        yield self._has_closed_case(), Reason.CASE_CLOSED
        yield self._is_of_another_person(), Reason.PERSON_CHANGED

    def given_on(self) -> ColumnElement[date]:
        """The day it was given; one that is missing or cannot be right may be any day."""
        is_doubtful = or_(self.c.given_on.is_(None), self._is_implausible(self.c.given_on))
        return case((~self.is_form, _NO_DAY), (is_doubtful, _ANY_DAY), else_=self.c.given_on)

    def withdrawn_on(self) -> ColumnElement[Any]:
        """The day from which it counts against consents for the recipient; null: it does not."""
        c = self.c
        is_doubtful = or_(c.revoked_on_unreadable, self._is_implausible(c.revoked_on))
        known = (~self._concerns_recipient(), null()), (is_doubtful, _ANY_DAY)
        return case(*known, (self._is_revoked(), c.revoked_on), else_=null())

    def speaks(self) -> ColumnElement[bool]:
        """Condition: it is a word about the recipient that neither ended nor lies ahead."""
        c, on = self.c, self.gate.on
        ended = and_(c.valid_until < on, c.valid_until_unreadable.is_not(True))
        ahead = and_(
            literal(self.gate.looks_back), c.given_on > on, ~self._is_implausible(c.given_on)
        )
        is_silent = or_(func.coalesce(ended, False), func.coalesce(ahead, False))
        return and_(self._concerns_recipient(), ~is_silent)

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
        """Condition: it is about this recipient, or may be: a shorter or longer name, or none."""
        c, name = self.c, self.gate.recipient.lower()
        own = func.lower(func.trim(func.coalesce(c.recipient, "")))
        alike = or_(func.strpos(name, own) > 0, func.strpos(own, name) > 0)
        return or_(
            and_(self._is_release, c.source.in_(self.gate.releases)),
            and_(~self._is_release, alike),
        )

    def _is_revoked(self) -> ColumnElement[bool]:
        revoked_on = self.c.revoked_on
        if self.gate.looks_back:
            return func.coalesce(revoked_on <= self.gate.on, False)
        return revoked_on.is_not(None)

    def _is_implausible(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        wrong = or_(day > self._arrived.c.delivered_on, day < _EARLIEST_DAY)
        return func.coalesce(wrong, False)

    def _has_implausible_day(self) -> ColumnElement[bool]:
        return or_(self._is_implausible(self.c.given_on), self._is_implausible(self.c.revoked_on))

    def _is_too_old(self) -> ColumnElement[bool]:
        since = case((self.is_form, self.c.given_on), else_=self._arrived.c.delivered_on)
        return and_(self.c.valid_until.is_(None), since < self.gate.oldest)

    def _has_closed_case(self) -> ColumnElement[bool]:
        if self.gate.closed_since is None:
            return literal(False)
        cases, c = self.gate.known_at.select_rows(counselling_case, "cases"), self.c
        of_person = and_(cases.c.source == c.source, cases.c.person_key == c.person_key)
        is_open = or_(cases.c.ended_on.is_(None), cases.c.ended_on >= self.gate.closed_since)
        return ~exists().where(of_person, is_open)

    def _is_of_another_person(self) -> ColumnElement[bool]:
        """Condition: since the consent came, the record has become another human being's.

        Of family name, first name and birth date, two that differ are more than a correction.
        """
        c, then = self.c, person.alias("person_then")
        now = self.gate.known_at.select_rows(person, "person_now", identifying=True)
        earlier = consent.alias("consent_then")
        first = (
            select(func.min(earlier.c.known_from))
            .where(earlier.c.source == c.source, earlier.c.source_key == c.source_key)
            .scalar_subquery()
        )
        came_with = case((self.is_form, first), else_=c.known_from)
        same = [and_(p.c.source == c.source, p.c.source_key == c.person_key) for p in (then, now)]
        differing = sum(
            (
                case((func.lower(then.c[name]) != func.lower(now.c[name]), 1), else_=0)
                for name in ("last_name", "first_name")
            ),
            start=case((then.c.birth_date != now.c.birth_date, 1), else_=literal(0)),
        )
        return exists().where(*same, then.c.known_to > came_with, differing >= 2)


def _is_doubted(gate: Gate, placed: CTE) -> ColumnElement[bool]:
    """Condition: a row about a consent of the person, in any of its records, was not readable."""
    doubts = gate.known_at.select_rows(consent_doubt, "doubts")
    links = gate.known_at.select_rows(person_link, "doubt_links")
    c = doubts.c
    human = _name_human(links, c)
    joined = doubts.outerjoin(links, match_keys(links, "source_key", doubts, "person_key"))
    return placed.c.human.in_(select(human).select_from(joined).where(c.person_key != ""))


def select_released(
    gate: Gate, group: str, entity: str, fields: Sequence[str], goal_areas: Sequence[str]
) -> Select[Any]:
    """Selects ``fields`` of an entity, only of persons who granted the data group ``group``.

    Columns: source, person_key and the fields. Goals only where their area is in ``goal_areas``.
    """
    granted = select_grants(gate).subquery("granted")
    rows, key = _select_owned(gate, entity)
    of_person = match_keys(granted, "person_key", rows, key)
    released = (
        select(granted.c.source, granted.c.person_key, *(rows.c[f] for f in fields))
        .select_from(granted.join(rows, and_(of_person, granted.c.data_group == group)))
        .order_by(granted.c.source, granted.c.person_key, rows.c.source_key)
    )
    return released.where(rows.c.area.in_(goal_areas)) if entity == "goal" else released


def _select_owned(gate: Gate, entity: str) -> tuple[FromClause, str]:
    """The rows of an entity and the name of their column that holds the person's key."""
    rows = gate.known_at.select_rows(ENTITIES[entity].table, identifying=True)
    if entity == "goal":
        rows = _select_goals(gate, rows)
    return rows, "source_key" if entity == "person" else "person_key"


def _select_goals(gate: Gate, goals: FromClause) -> FromClause:
    """The goals with their person: the one named with the goal, else the plan's only participant.

    In a family's plan the source does not say whose goal it is, so the goal has no person.
    """
    who = gate.known_at.select_rows(plan_participant).c
    alone = (
        select(who.source, who.plan_key, func.min(who.person_key).label("plan_person"))
        .group_by(who.source, who.plan_key)
        .having(func.count() == 1)
        .subquery("alone")
    )
    columns = [c for c in goals.c if c.name in goal.c and c.name != "person_key"]
    owner = func.coalesce(goals.c.person_key, alone.c.plan_person).label("person_key")
    joined = goals.outerjoin(alone, match_keys(alone, "plan_key", goals, "plan_key"))
    return select(*columns, owner).select_from(joined).subquery("goals")
