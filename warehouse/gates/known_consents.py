"""Puts the consents that sources deliver and those written down by hand into one table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
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
from sqlalchemy.types import String

from warehouse.gates.question import Gate
from warehouse.record_join import match_keys
from warehouse.schema import (
    consent,
    consent_data_group,
    consent_statement,
    consent_statement_group,
    load,
)

# What a statement by hand says.
GRANTED, REVOKED, REFUSED, ENDED = "granted", "revoked", "refused", "ended"
# The key of a statement, before its number; a source may have the same, so `by_hand` counts, too.
BY_HAND = "von Hand "
_OF_SOURCES = (
    "source",
    "source_key",
    "person_key",
    "basis",
    "recipient",
    "purpose",
    "given_on",
    "valid_until",
    "valid_until_unreadable",
    "revoked_on",
    "revoked_on_unreadable",
    "confidentiality_released",
    "groups_unreadable",
    "ends_with",
    "own_consent",
    "known_from",
)


def select_consents(gate: Gate, name: str) -> Subquery:
    """Selects every consent as known: the columns of ``consent`` that the gate tests, and more.

    ``arrived_on``: the day after which nothing in it can have happened. ``by_hand``: somebody wrote
    it down. ``has_guardian``: a guardian consented; null where that is not known.
    """
    return union_all(_select_delivered(gate), _select_stated(gate)).subquery(name)


def select_groups(gate: Gate, name: str = "known_groups") -> Subquery:
    """Selects the data groups of every consent as known: source, consent_key, data_group, by_hand."""
    delivered = gate.known_at.select_rows(consent_data_group)
    d, s, g = delivered.c, consent_statement.c, consent_statement_group.c
    of_sources = select(d.source, d.consent_key, d.data_group, literal(False).label("by_hand"))
    by_hand = (
        select(s.source, name_statement(s.number), g.data_group, literal(True))
        .join_from(consent_statement, consent_statement_group, s.number == g.number)
        .where(s.kind == GRANTED, gate.known_at.includes(s.known_from))
    )
    return union_all(of_sources, by_hand).subquery(name)


def match_consent(groups: FromClause, consents: FromClause, key: str) -> ColumnElement[bool]:
    """Condition: a data group is one of a consent's."""
    same_origin = groups.c.by_hand == consents.c.by_hand
    return and_(match_keys(groups, "consent_key", consents, key), same_origin)


def match_judged(known: FromClause, judged: FromClause) -> ColumnElement[bool]:
    """Condition: a consent is the one that was judged."""
    same_origin = known.c.by_hand == judged.c.by_hand
    return and_(match_keys(known, "source_key", judged, "consent_key"), same_origin)


def name_statement(number: ColumnElement[int]) -> ColumnElement[str]:
    """The key of a statement by hand, where consents of sources have theirs."""
    return literal(BY_HAND) + cast(number, String)


def select_withdrawing(gate: Gate) -> Select[Any]:
    """Selects what was revoked, refused or ended by hand and concerns the recipient, as it counts.

    The end of an occasion ends every consent given before, else an older and broader one would
    speak again. Columns: those of ``consent_statement``. Where the gate looks back, later ones do
    not count.
    """
    c = consent_statement.c
    concerns = or_(
        c.recipient.is_(None),
        c.recipient == gate.key,
        c.recipient_name.in_(sorted(gate.named)),
    )
    counted = [
        c.kind.in_((REVOKED, REFUSED, ENDED)),
        concerns,
        gate.known_at.includes(c.known_from),
    ]
    if gate.looks_back:
        counted.append(c.given_on <= gate.on)
    return select(consent_statement).where(*counted)


def _select_delivered(gate: Gate) -> Select[Any]:
    given, arrived = gate.known_at.select_rows(consent, "delivered"), load.alias("arrived")
    c = given.c
    return select(
        *(c[name] for name in _OF_SOURCES),
        arrived.c.delivered_on.label("arrived_on"),
        literal(False).label("by_hand"),
        # Who alone consented was no guardian; who did not leaves nobody else.
        case((c.own_consent.is_not(None), ~c.own_consent), else_=null()).label("has_guardian"),
    ).select_from(given.join(arrived, arrived.c.number == c.known_from))


def _select_stated(gate: Gate) -> Select[Any]:
    """The consents by hand; of those of one day for one recipient the last one counts."""
    c = consent_statement.c
    values: dict[str, ColumnElement[Any]] = {
        "source_key": name_statement(c.number),
        "basis": literal("form"),
        "recipient": c.recipient_name,
        "valid_until": _find_end(gate),
        "valid_until_unreadable": literal(False),
        "revoked_on": cast(null(), c.given_on.type),
        "revoked_on_unreadable": literal(False),
        "groups_unreadable": literal(False),
    }
    return select(
        *((values[name] if name in values else c[name]).label(name) for name in _OF_SOURCES),
        c.made_on.label("arrived_on"),
        literal(True).label("by_hand"),
        c.guardian.is_not(None).label("has_guardian"),
    ).where(c.kind == GRANTED, ~_is_corrected(gate), gate.known_at.includes(c.known_from))


def _is_corrected(gate: Gate) -> ColumnElement[bool]:
    c, later = consent_statement.c, consent_statement.alias("later")
    return exists().where(
        _match_record(later, consent_statement),
        later.c.kind == GRANTED,
        later.c.given_on == c.given_on,
        later.c.number > c.number,
        gate.known_at.includes(later.c.known_from),
    )


def _find_end(gate: Gate) -> ColumnElement[Any]:
    """The last day of a consent by hand: the one agreed on, or earlier, as its occasion ended."""
    c, end = consent_statement.c, consent_statement.alias("ending")
    ended = (
        select(func.min(end.c.valid_until))
        .where(
            _match_record(end, consent_statement),
            end.c.kind == ENDED,
            end.c.number > c.number,
            gate.known_at.includes(end.c.known_from),
        )
        .scalar_subquery()
    )
    return case((or_(c.valid_until.is_(None), ended < c.valid_until), ended), else_=c.valid_until)


def _match_record(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Condition: two statements are about the same record and recipient."""
    same = match_keys(one, "person_key", other, "person_key")
    return and_(same, one.c.recipient == other.c.recipient)
