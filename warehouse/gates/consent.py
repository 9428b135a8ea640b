"""Decides by consent what may be released to a recipient on a day.

What is not granted is not selected. A person's records count together: each record in which the
person said something about the recipient has to allow a data group before it is released.
Sources: § 67b Abs. 2 SGB X (purpose, revocation), Art. 7 DSGVO, § 203 StGB (confidentiality).
Values that could not be read count against a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    Join,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from warehouse.as_of import select_undone
from warehouse.gates.known_consents import (
    ENDED,
    REVOKED,
    match_consent,
    name_statement,
    select_consents,
    select_groups,
    select_withdrawing,
)
from warehouse.gates.one_consent import ANY_DAY, NO_DAY, ConsentTests
from warehouse.gates.question import Gate, Reason
from warehouse.identity.key_owners import KEY_REUSED
from warehouse.record_join import match_keys
from warehouse.schema import (
    ENTITIES,
    consent,
    consent_doubt,
    goal,
    load,
    person,
    person_link,
    plan_participant,
)
from warehouse.schema.special_fields import find_special

# One table for all gates, so that the statements about it are compiled once.
_JUDGED = Table(
    "judged_words",
    MetaData(),
    Column("human", String),
    Column("source", String),
    Column("person_key", String),
    Column("consent_key", String),
    Column("by_hand", Boolean),
    Column("is_form", Integer),
    Column("is_listed", Boolean),
    Column("given_on", Date),
    Column("speaks", Boolean),
    Column("withdrawn_on", Date),
    Column("spoken_on", Date),
    Column("words", Integer),
    Column("refuses", Boolean),
    Column("reason", String),
    prefixes=["TEMPORARY"],
)


@contextmanager
def hold_judgement(connection: Connection, gate: Gate) -> Iterator[FromClause]:
    """Judges all words once, for all questions about them on this connection.

    Yields a temporary table that the functions below take as ``judged``. Judging takes longer than
    any of the questions.
    """
    judged = _judge_together(gate)
    columns = [judged.c[column.name] for column in _JUDGED.columns]
    _JUDGED.create(connection)
    connection.execute(_JUDGED.insert().from_select(_JUDGED.columns.keys(), select(*columns)))
    yield _JUDGED
    _JUDGED.drop(connection)


def judge_consents(gate: Gate) -> Select[Any]:
    """Selects every known consent of a known person with the first reason against it.

    Columns: source, person_key, consent_key, ``by_hand`` (nobody delivered it), ``reason`` (null:
    the consent permits a release).
    """
    c = _judge_together(gate).c
    return select(c.source, c.person_key, c.consent_key, c.by_hand, c.reason).where(c.is_listed)


def select_grants(gate: Gate, judged: FromClause | None = None) -> Select[Any]:
    """Selects what may be released: source, person_key, data_group, each combination once."""
    granted = _select_granted(gate, _judge_together(gate) if judged is None else judged)
    return select(granted.c.source, granted.c.person_key, granted.c.data_group).distinct()


def select_grants_by_basis(gate: Gate, judged: FromClause) -> Select[Any]:
    """Selects the same by what it rests on: source, person_key, is_form, data_group."""
    c = _select_granted(gate, judged).c
    return select(c.source, c.person_key, c.is_form, c.data_group).distinct()


def select_refusals(gate: Gate, judged: FromClause) -> Select[Any]:
    """Selects the consents and earlier releases of records of which nothing may be released.

    Columns: source, person_key, consent_key, reason. A person of whom nothing is known but a row
    that could not be read has no consent_key.
    """
    c, granted = judged.c, _select_granted(gate, judged)
    released = exists().where(match_keys(granted, "person_key", judged, "person_key"))
    reason = func.coalesce(c.reason, Reason.NOTHING_IN_COMMON.value).label("reason")
    refused = select(c.source, c.person_key, c.consent_key, reason).where(c.is_listed, ~released)
    doubts, persons = _select_all_doubts(gate), gate.known_at.select_rows(person, "doubted")
    has_word = exists().where(match_keys(judged, "person_key", doubts, "person_key"), c.is_listed)
    only_doubted = (
        select(doubts.c.source, doubts.c.person_key, literal(""), literal(Reason.DOUBTFUL.value))
        .select_from(doubts.join(persons, match_keys(persons, "source_key", doubts, "person_key")))
        .where(doubts.c.said_something, ~has_word)
    )
    listed = union_all(refused, only_doubted).subquery("listed")
    return select(listed).order_by(*listed.c)


def select_refusing(gate: Gate, judged: FromClause | None = None) -> Select[Any]:
    """Selects the records that say no: source and person_key, those in doubt included."""
    c = (_judge_records(_place_words(gate)) if judged is None else judged).c
    said = select(c.source, c.person_key).where(c.refuses)
    doubts = _select_doubts(gate)
    doubted = select(doubts.c.source, doubts.c.person_key)
    no = said.union(doubted).subquery("no")
    return select(no.c.source, no.c.person_key)


def select_withdrawn(gate: Gate, judged: FromClause) -> Select[Any]:
    """Selects the records that say no by a withdrawal, or are in doubt: source and person_key."""
    c, doubts = judged.c, _select_doubts(gate)
    said = select(c.source, c.person_key).where(c.refuses, _was_withdrawn(judged))
    no = said.union(select(doubts.c.source, doubts.c.person_key)).subquery("withdrawn")
    return select(no.c.source, no.c.person_key)


def _was_withdrawn(judged: FromClause) -> ColumnElement[bool]:
    """Condition: something was withdrawn in the record of the word."""
    word = judged.alias("withdrawing")
    same = match_keys(word, "person_key", judged, "person_key")
    return exists().where(same, word.c.withdrawn_on.is_not(None))


def select_names(gate: Gate) -> Select[Any]:
    """Selects all persons of each record: source, person_key, person_id, is_own (``_name_records``)."""
    c = _name_records(gate).c
    return select(c.source, c.person_key, c.person_id, c.is_own)


def select_speaking(gate: Gate) -> Select[Any]:
    """Selects the records whose words count for all records of their person: source, person_key."""
    records = _judge_records(_place_words(gate))
    return select(records.c.source, records.c.person_key).where(records.c.words > 0)


def select_refused_persons(gate: Gate) -> Select[Any]:
    """Selects the persons with whom a record that says no was ever linked: person_id."""
    no, names = select_refusing(gate).subquery("saying_no"), _name_records(gate)
    of_record = match_keys(names, "person_key", no, "person_key")
    return select(names.c.person_id).select_from(names.join(no, of_record)).distinct()


@lru_cache(maxsize=1)
def _judge_together(gate: Gate) -> CTE:
    """The words of ``_select_words`` with the reason against each, other words considered.

    ``words``: how many words of the person have to allow a data group; ``refuses``: the record
    says no.
    """
    placed = _place_words(gate)
    records = _judge_records(placed)
    persons = _count_words(records)
    refusing = select(records.c.source, records.c.person_key).where(records.c.refuses)
    names = _name_records(gate)
    reason = case(
        (placed.c.reason.is_not(None), placed.c.reason),
        (_is_related(placed, _select_doubts(gate), names), Reason.DOUBTFUL.value),
        (_is_related(placed, refusing.cte("refusing"), names), Reason.OTHER_RECORD.value),
        else_=None,
    )
    own = [c for c in placed.columns if c.name != "reason"]
    of_record = match_keys(records, "person_key", placed, "person_key")
    joined = placed.join(persons, persons.c.human == placed.c.human).join(records, of_record)
    counted = (persons.c.words, records.c.refuses, reason.label("reason"))
    return select(*own, *counted).select_from(joined).cte("judged")


def _count_words(records: CTE) -> CTE:
    """How many words of each human being have to allow a data group."""
    words = func.sum(records.c.words).label("words")
    return select(records.c.human, words).group_by(records.c.human).cte("persons")


def _select_granted(gate: Gate, judged: FromClause) -> CTE:
    """The data groups granted by each record that all words of the person allow."""
    groups = select_groups(gate)
    of_consent = match_consent(groups, judged, "consent_key")
    c = judged.c
    own = (
        select(c.human, c.source, c.person_key, c.is_form, c.words, groups.c.data_group)
        .select_from(judged.join(groups, of_consent))
        .where(c.reason.is_(None), c.is_listed)
        .distinct()
        .cte("own_groups")
    )
    common = _find_common(own)
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
            c.human,
            c.source,
            c.person_key,
            words.label("words"),
            or_(words > permitted, only_withdrawn).label("refuses"),
        )
        .group_by(c.human, c.source, c.person_key)
        .cte("records")
    )


# Many queries ask the same, and building this one takes longer than any of them runs.
@lru_cache(maxsize=1)
def _place_words(gate: Gate) -> CTE:
    """The words of each record, judged by the other words of the record.

    A withdrawal counts against every consent given up to its day; of several forms the newest
    counts, and of those of one day all have to be in order. A release has no day: at a doubt it is
    as new as the last form that is in order.
    """
    words = _select_words(gate)
    checked = _find_failing(_rank_words(words))
    c = checked.c
    confirmed_on = case((c.is_form == 1, c.given_on), else_=func.coalesce(c.last_sound, NO_DAY))
    reason = case(
        (c.reason.is_not(None), c.reason),
        (c.last_withdrawn >= c.given_on, Reason.REVOKED_SINCE.value),
        (c.last_doubted >= confirmed_on, Reason.DOUBTFUL.value),
        (or_(c.given_on < c.last_given, c.failing == 1), Reason.NEWER_FORM.value),
        else_=None,
    )
    own = [c[column.name] for column in words.columns if column.name != "reason"]
    return select(*own, reason.label("reason")).cte("placed")


def _rank_words(words: CTE) -> CTE:
    """The words with the last withdrawal and doubt in their record, and its last forms.

    ``last_given``: when one was given that spoke; ``last_sound``: one that is in order by itself.
    """
    c = words.c
    record = (c.source, c.person_key)
    is_doubt = func.coalesce(c.reason, "") == Reason.DOUBTFUL.value
    doubted = case((is_doubt, c.withdrawn_on), else_=null())
    withdrawn = case((is_doubt, null()), else_=c.withdrawn_on)
    sound = case((and_(c.is_form == 1, c.reason.is_(None)), c.given_on), else_=null())
    return select(
        words,
        func.max(withdrawn).over(partition_by=record).label("last_withdrawn"),
        func.max(doubted).over(partition_by=record).label("last_doubted"),
        func.max(sound).over(partition_by=record).label("last_sound"),
        func.max(c.spoken_on).over(partition_by=(*record, c.is_form)).label("last_given"),
    ).cte("ranked")


def _find_failing(ranked: CTE) -> CTE:
    """The ranked words; ``failing`` where one of the newest of the record is not in order."""
    c = ranked.c
    is_last = and_(c.speaks, c.given_on == c.last_given)
    fails = case((and_(is_last, c.reason.is_not(None)), 1), else_=0)
    failing = func.max(fails).over(partition_by=(c.source, c.person_key, c.is_form))
    return select(ranked, failing.label("failing")).cte("checked")


def _select_words(gate: Gate) -> CTE:
    """What persons said about the recipient: consents, releases, and withdrawals, also vanished ones.

    Columns: human (one human being's records share it), source, person_key, consent_key, by_hand, is_form,
    is_listed (the source still has both), given_on, withdrawn_on (the day from which it
    counts against consents), speaks (it is a word of today), reason (against it alone), spoken_on
    (the day from which older forms speak no more; also of a form that vanished).
    """
    words = (
        _select_current(gate),
        _select_ended(gate),
        _select_vanished(gate),
        _select_by_hand(gate),
        _select_dated_doubts(gate),
    )
    return union_all(*words).cte("words")


def _find_common(own: CTE) -> CTE:
    """The data groups that all words of a human being grant."""
    return (
        select(own.c.human, own.c.data_group)
        .group_by(own.c.human, own.c.data_group, own.c.words)
        .having(func.count() == own.c.words)
        .cte("common_groups")
    )


def _select_current(gate: Gate) -> Select[Any]:
    given = select_consents(gate, "given")
    groups = select_groups(gate)
    persons = gate.known_at.select_rows(person, "persons")
    links = gate.known_at.select_rows(person_link, "links")
    has_groups = exists().where(match_consent(groups, given, "source_key"))
    judged = ConsentTests(gate, given, given.c.arrived_on)
    tested = ((test, reason.value) for test, reason in judged.list_objections(has_groups))
    c = given.c
    return select(
        _name_human(links, c).label("human"),
        c.source,
        c.person_key,
        c.source_key.label("consent_key"),
        c.by_hand,
        case((judged.is_form, 1), else_=0).label("is_form"),
        persons.c.source_key.is_not(None).label("is_listed"),
        judged.given_on().label("given_on"),
        judged.speaks().label("speaks"),
        case(*tested, else_=None).label("reason"),
        judged.withdrawn_on().label("withdrawn_on"),
        case((judged.speaks(), judged.given_on()), else_=null()).label("spoken_on"),
    ).select_from(_join_persons(given, persons, links))


def _select_ended(gate: Gate) -> Select[Any]:
    """Releases no longer delivered, of persons whom the source had longer than the release."""
    now = gate.known_at.select_rows(person, "still")
    ending, c = load.alias("ending"), consent.c
    is_known = exists().where(match_keys(now, "source_key", consent, "person_key"))
    words = _describe_past(gate, Reason.RELEASE_WITHDRAWN, is_form=0, is_listed=is_known)
    return (
        words.add_columns(ending.c.delivered_on.label("withdrawn_on"), _no_day("spoken_on"))
        .join(ending, ending.c.number == c.known_to)
        .where(c.basis == "release", c.source.in_(gate.releases), _is_outlived())
    )


def _select_vanished(gate: Gate) -> Select[Any]:
    """Forms that are no longer delivered: their withdrawals, and that older ones no longer speak.

    A withdrawal without a readable day happened before it was first delivered.
    """
    arrived = load.alias("vanished_from")
    tests = ConsentTests(gate, consent, arrived.c.delivered_on)
    withdrawn, speaks = tests.withdrawn_on(), tests.speaks()
    # What came with a load that was taken back was never said.
    counts = and_(speaks, consent.c.known_from.not_in(select_undone()))
    spoken_on = case((counts, tests.given_on()), else_=null())
    day = case((withdrawn == ANY_DAY, arrived.c.delivered_on), else_=withdrawn)
    words = _describe_past(gate, Reason.REVOKED, is_form=1, is_listed=literal(False))
    return (
        words.add_columns(day.label("withdrawn_on"), spoken_on.label("spoken_on"))
        .join(arrived, arrived.c.number == consent.c.known_from)
        .where(tests.is_form, or_(withdrawn.is_not(None), counts))
    )


def _is_outlived() -> ColumnElement[bool]:
    """Whether the source had the person longer than the consent."""
    longer, c = person.alias("longer"), consent.c
    return exists().where(
        match_keys(longer, "source_key", consent, "person_key"),
        longer.c.known_from <= c.known_to,
        or_(longer.c.known_to.is_(None), longer.c.known_to > c.known_to),
    )


def _select_by_hand(gate: Gate) -> Select[Any]:
    """What was revoked or refused by hand: no delivery takes it back, only a newer consent does."""
    said = select_withdrawing(gate).subquery("said")
    persons = gate.known_at.select_rows(person, "said_of")
    links = gate.known_at.select_rows(person_link, "links_by_hand")
    c = said.c
    ended = (c.kind == ENDED, Reason.OCCASION_ENDED.value)
    reason = case((c.kind == REVOKED, Reason.REVOKED.value), ended, else_=Reason.REFUSED.value)
    return select(
        _name_human(links, c).label("human"),
        c.source,
        c.person_key,
        name_statement(c.number).label("consent_key"),
        literal(True).label("by_hand"),
        literal(1).label("is_form"),
        persons.c.source_key.is_not(None).label("is_listed"),
        literal(NO_DAY).label("given_on"),
        literal(False).label("speaks"),
        reason.label("reason"),
        c.given_on.label("withdrawn_on"),
        _no_day("spoken_on"),
    ).select_from(_join_persons(said, persons, links))


def _select_dated_doubts(gate: Gate) -> Select[Any]:
    """What may have been withdrawn on a known day, of unknown extent: it counts like a withdrawal.

    Where the gate looks back, later ones do not count.
    """
    doubts = gate.known_at.select_rows(consent_doubt, "dated_doubts")
    links = gate.known_at.select_rows(person_link, "links_of_doubts")
    c = doubts.c
    until = c.said_on <= gate.on if gate.looks_back else c.said_on.is_not(None)
    return (
        select(
            _name_human(links, c).label("human"),
            c.source,
            c.person_key,
            literal("").label("consent_key"),
            literal(False).label("by_hand"),
            literal(1).label("is_form"),
            literal(False).label("is_listed"),
            literal(NO_DAY).label("given_on"),
            literal(False).label("speaks"),
            literal(Reason.DOUBTFUL.value).label("reason"),
            c.said_on.label("withdrawn_on"),
            _no_day("spoken_on"),
        )
        .select_from(doubts.outerjoin(links, match_keys(links, "source_key", doubts, "person_key")))
        .where(c.person_key != "", until)
    )


def _no_day(name: str) -> ColumnElement[Any]:
    return cast(null(), consent.c.given_on.type).label(name)


def _join_persons(words: FromClause, persons: FromClause, links: FromClause) -> Join:
    """What somebody said with the person record it is of, and the human being."""
    named = match_keys(persons, "source_key", words, "person_key")
    linked = match_keys(links, "source_key", words, "person_key")
    return words.outerjoin(persons, named).outerjoin(links, linked)


def _describe_past(
    gate: Gate, reason: Reason, *, is_form: int, is_listed: ColumnElement[bool]
) -> Select[Any]:
    """Consents that are no longer delivered, as words that say nothing but a withdrawal."""
    current = gate.known_at.select_rows(consent, f"current_{reason}")
    links = gate.known_at.select_rows(person_link, f"links_{reason}")
    c = consent.c
    # A key that another person bears now is another consent.
    continues = exists().where(
        match_keys(current, "source_key", consent, "source_key"),
        current.c.person_key == c.person_key,
    )
    return (
        select(
            _name_human(links, c).label("human"),
            c.source,
            c.person_key,
            c.source_key.label("consent_key"),
            literal(False).label("by_hand"),
            literal(is_form).label("is_form"),
            is_listed.label("is_listed"),
            literal(NO_DAY).label("given_on"),
            literal(False).label("speaks"),
            literal(reason.value).label("reason"),
        )
        .select_from(consent)
        .outerjoin(links, match_keys(links, "source_key", consent, "person_key"))
        .where(gate.known_at.includes(c.known_to), ~continues)
    )


def _name_human(links: FromClause, row: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[str]:
    """What all records of one human being share; a record without a link stands for itself."""
    return func.coalesce(links.c.person_id, row.source + "\x1f" + row.person_key)


def _name_records(gate: Gate) -> CTE:
    """All persons that each record was ever linked with: source, person_key, person_id.

    A link that was taken back may have been right: a withdrawal noted in the other record still
    counts. A record without a link stands for itself. ``is_own``: the key has not become another
    human being's since.
    """
    c, reuse = person_link.c, person_link.alias("reuse")
    reused = exists().where(
        match_keys(reuse, "source_key", person_link, "source_key"),
        reuse.c.rule == KEY_REUSED,
        reuse.c.known_from > c.known_from,
        gate.known_at.includes(reuse.c.known_from),
    )
    is_own = and_(c.rule != KEY_REUSED, ~reused).label("is_own")
    ever = select(c.source, c.source_key.label("person_key"), c.person_id, is_own)
    return ever.where(gate.known_at.includes(c.known_from)).distinct().cte("names")


def _is_related(placed: CTE, records: CTE, names: CTE) -> ColumnElement[bool]:
    """Condition: a word is of one of the records, or of one that was ever linked with it.

    What was linked with the former owner of the word's key does not count, but what the former
    owner said counts in the records linked with that person.
    """
    of, by = names.alias(), names.alias()
    same = match_keys(records, "person_key", placed, "person_key")
    linked = exists().where(
        match_keys(of, "person_key", placed, "person_key"),
        of.c.is_own,
        of.c.person_id == by.c.person_id,
        match_keys(by, "person_key", records, "person_key"),
    )
    return or_(exists().where(same), linked)


def _select_doubts(gate: Gate) -> CTE:
    """The records of whom nobody can tell up to when consents do not count, and nobody decided."""
    doubts = _select_all_doubts(gate)
    return select(doubts).where(doubts.c.said_on.is_(None)).cte()


def _select_all_doubts(gate: Gate) -> CTE:
    """The records of whom a row may be a withdrawal, and nobody decided about it."""
    c = gate.known_at.select_rows(consent_doubt, "doubts").c
    # Each load has its own doubts, so a person may have several.
    columns = (c.source, c.person_key, c.said_something, c.said_on)
    return select(*columns).where(c.person_key != "").distinct().cte()


def select_released(
    gate: Gate,
    group: str,
    entity: str,
    fields: Sequence[str],
    goal_areas: Sequence[str],
    judged: FromClause | None = None,
) -> Select[Any]:
    """Selects ``fields`` of an entity, only of persons who granted the data group ``group``.

    Columns: source, person_key and the fields. Goals only where their area is in ``goal_areas``.
    Raises ValueError for fields that nobody can release, and goals of areas that may be about health.
    """
    _check_fields(entity, fields, goal_areas)
    granted = select_grants(gate, judged).subquery("granted")
    rows, key = _select_owned(gate, entity)
    of_person = match_keys(granted, "person_key", rows, key)
    released = (
        select(granted.c.source, granted.c.person_key, *(rows.c[f] for f in fields))
        .select_from(granted.join(rows, and_(of_person, granted.c.data_group == group)))
        .order_by(granted.c.source, granted.c.person_key, rows.c.source_key)
    )
    return released.where(rows.c.area.in_(goal_areas)) if entity == "goal" else released


def _check_fields(entity: str, fields: Sequence[str], goal_areas: Sequence[str]) -> None:
    named = ["area", *fields] if entity == "goal" else fields
    if special := find_special(entity, named, goal_areas):
        raise ValueError(f"nobody can release {', '.join(special)} (class special)")


def select_known(
    gate: Gate, entity: str, fields: Sequence[str], goal_areas: Sequence[str]
) -> Select[Any]:
    """Selects ``fields`` of an entity of everyone, to be compared with what was sent before.

    Columns as of ``select_released``. Nothing of it may be handed over.
    """
    rows, key = _select_owned(gate, entity)
    known = select(rows.c.source, rows.c[key], *(rows.c[f] for f in fields))
    return known.where(rows.c.area.in_(goal_areas)) if entity == "goal" else known


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
