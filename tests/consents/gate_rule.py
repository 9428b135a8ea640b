"""The rule of decisions 0015, 0028 and 0042, as one would say it, over a world of formulas; no SQL, no NULL logic.

Unknown is no: what is not surely in order lets nothing out, and what may be a withdrawal is one.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

from tests.consents.gate_world import (
    CLOSED_SINCE,
    DELIVERED,
    EARLIEST,
    EXACT,
    GROUPS,
    OLDEST,
    ON,
    OTHER,
    SOURCES,
    Word,
    World,
    as_number,
)
from tests.consents.symbolic_sql import (
    Formula,
    Value,
    both,
    choose,
    compare,
    either,
    negate,
)

TODAY, LATEST, FIRST = as_number(ON), as_number(DELIVERED), as_number(EARLIEST)
NEVER, ALWAYS = 19000101, 99991231
FAR = as_number(ON.replace(year=ON.year + 20, month=1, day=1))
YEAR = 10_000


def is_surely(value: Value) -> Formula:
    """A flag that is known and set."""
    return both(negate(value.null), value.value)


def is_known(value: Value) -> Formula:
    """A value that is there."""
    return negate(value.null)


def is_text(value: Value, text: str) -> Formula:
    """A text that is there and is this one."""
    return both(is_known(value), compare(operator.eq, value.value, text))


@dataclass(frozen=True)
class Said:
    """What one word comes to: ``in_order`` by itself; on which days it was given and withdrawn."""

    source: str
    is_form: Formula
    speaks: Formula
    in_order: Formula
    given: Formula
    withdraws: Formula
    withdrawn: Formula
    groups: dict[str, Formula]
    is_doubt: bool = False


def may_release(world: World) -> dict[tuple[str, str], Formula]:
    """By record and data group: the condition under which it may go out."""
    said = [*(_judge_word(world, w) for w in world.words), *_judge_stated(world)]
    said += map(_judge_doubt, world.doubts)
    words = {source: [one for one in said if one.source == source] for source in SOURCES}
    allowed = {source: _judge_record(words[source]) for source in SOURCES}
    undated = (both(doubt.present, doubt.cells["said_on"].null) for doubt in world.doubts)
    nobody_refuses = both(
        *(negate(record.refuses) for record in allowed.values()), *map(negate, undated)
    )
    return {
        (source, group): both(
            nobody_refuses,
            allowed[source].releases[group],
            *(record.tolerates[group] for record in allowed.values()),
        )
        for source in SOURCES
        for group in GROUPS
    }


@dataclass(frozen=True)
class RecordRule:
    """A record: whether it says no; the groups it releases, and those that all its words allow."""

    refuses: Formula
    releases: dict[str, Formula]
    tolerates: dict[str, Formula]


def _judge_record(said: Sequence[Said]) -> RecordRule:
    counting = [both(one.in_order, _is_newest(one, said), _is_unrevoked(one, said)) for one in said]
    kinds = (True, False)
    of_kind = {
        is_form: [one.is_form if is_form else negate(one.is_form) for one in said]
        for is_form in kinds
    }
    speaks = {k: either(*map(both, of_kind[k], (one.speaks for one in said))) for k in kinds}
    counts = {k: either(*map(both, of_kind[k], counting)) for k in kinds}
    silenced = either(*(both(speaks[k], negate(counts[k])) for k in kinds))
    withdrawn = either(*(one.withdraws for one in said))
    releases, tolerates = {}, {}
    for group in GROUPS:
        gives = [both(c, one.groups[group]) for c, one in zip(counting, said, strict=True)]
        by_kind = {k: either(*map(both, of_kind[k], gives)) for k in kinds}
        releases[group] = either(*gives)
        tolerates[group] = both(*(either(negate(speaks[k]), by_kind[k]) for k in kinds))
    refuses = either(silenced, both(withdrawn, negate(either(*counts.values()))))
    return RecordRule(refuses, releases, tolerates)


def _is_unrevoked(one: Said, said: Sequence[Said]) -> Formula:
    return both(
        *(
            either(
                negate(other.withdraws), other.withdrawn < one.given, _is_allayed(one, other, said)
            )
            for other in said
        )
    )


def _is_allayed(one: Said, other: Said, said: Sequence[Said]) -> Formula:
    """A release has no day: a doubt does not count where a form in order is newer."""
    if not other.is_doubt:
        return False
    newer = (both(w.is_form, w.in_order, other.withdrawn < w.given) for w in said)
    return both(negate(one.is_form), either(*newer))


def _is_newest(one: Said, said: Sequence[Said]) -> Formula:
    """No word of its kind that speaks is newer, and those of the same day are all in order."""
    conditions = []
    for other in said:
        same_kind = one.is_form == other.is_form
        older = other.given < one.given
        fine = both(other.given == one.given, other.in_order)
        conditions.append(either(negate(both(same_kind, other.speaks)), older, fine))
    return both(*conditions)


def _judge_word(world: World, word: Word) -> Said:
    c = word.cells
    is_form = is_text(c["basis"], "form")
    named = either(negate(is_known(c["recipient"])), negate(is_text(c["recipient"], OTHER)))
    concerns = choose(is_form, named, word.source == "beta")
    to_us = choose(is_form, is_text(c["recipient"], EXACT), word.source == "beta")
    given, revoked = c["given_on"], c["revoked_on"]
    given_plausible = _is_plausible(given)
    unread = either(
        is_surely(c["revoked_on_unreadable"]),
        both(is_known(revoked), negate(_is_plausible(revoked))),
    )
    formal = both(
        is_known(c["purpose"]),
        negate(is_text(c["purpose"], "")),
        given_plausible,
        is_surely(c["confidentiality_released"]),
    )
    in_order = both(
        word.present,
        to_us,
        either(negate(is_form), formal),
        either(negate(is_known(given)), given_plausible),
        negate(either(is_known(revoked), is_surely(c["revoked_on_unreadable"]))),
        _is_in_time(world, word, choose(is_form, given.value, LATEST)),
        either(*word.groups.values()),
        negate(is_surely(c["groups_unreadable"])),
        _is_ours(world, word, given),
    )
    return Said(
        word.source,
        is_form,
        both(word.present, concerns, negate(_has_ended(world, word))),
        in_order,
        choose(is_form, choose(given_plausible, given.value, ALWAYS), NEVER),
        both(word.present, concerns, either(unread, is_known(revoked))),
        choose(unread, ALWAYS, revoked.value),
        dict(word.groups),
    )


def _is_plausible(day: Value) -> Formula:
    return both(is_known(day), day.value >= FIRST, day.value <= LATEST)


def _is_in_time(world: World, word: Word, since: Formula) -> Formula:
    """The end is known and has not come; without one, it is not too old, and its case is open."""
    c = word.cells
    until, given = c["valid_until"], c["given_on"]
    ends = both(
        until.value >= TODAY,
        until.value >= FIRST,
        either(negate(is_known(given)), until.value >= given.value),
    )
    endless = either(negate(is_known(until)), until.value >= FAR)
    unread = c.get("valid_until_unreadable")
    return both(
        negate(is_surely(unread)) if unread else True,
        either(negate(is_known(until)), ends),
        either(negate(endless), since >= as_number(OLDEST)),
        either(negate(is_known(c["ends_with"])), _is_counselled(world, word.source)),
    )


def _has_ended(world: World, word: Word) -> Formula:
    c = word.cells
    until, given = c["valid_until"], c["given_on"]
    unread = c.get("valid_until_unreadable")
    possible = both(
        negate(is_surely(unread)) if unread else True,
        until.value >= FIRST,
        either(negate(is_known(given)), until.value >= given.value),
    )
    there, ended, _ = world.cases[word.source]
    over = both(there, is_known(ended), ended.value < TODAY)
    return either(
        both(is_known(until), until.value < TODAY, possible),
        both(is_known(c["ends_with"]), over),
    )


def _is_counselled(world: World, source: str, since: int = TODAY) -> Formula:
    there, ended, unread = world.cases[source]
    endless = both(negate(is_known(ended)), negate(is_surely(unread)))
    return both(there, either(endless, both(is_known(ended), ended.value >= since)))


def _is_ours(world: World, word: Word, given: Value) -> Formula:
    """The record is still the same human being's, who was old enough or had a guardian."""
    own, born = word.cells["own_consent"], world.born[word.source]
    guarded = word.cells.get("guardian")
    known_age = both(is_known(given), is_known(born))
    lived = given.value - born.value
    child, minor = lived < 15 * YEAR, both(lived >= 15 * YEAR, lived < 18 * YEAR)
    no_guardian = is_surely(own) if guarded is None else negate(is_known(guarded))
    alone = both(is_known(own), negate(own.value))
    return both(
        _is_counselled(world, word.source, as_number(CLOSED_SINCE)),
        negate(world.changed[word.source]),
        negate(both(known_age, child, no_guardian)),
        negate(both(known_age, minor, alone)),
    )


def _judge_stated(world: World) -> list[Said]:
    found = []
    for place, word in enumerate(world.stated):
        later = [one for one in world.stated[place + 1 :] if one.source == word.source]
        found += [_judge_granted(world, word, later), _judge_withdrawal(word)]
    return found


def _judge_granted(world: World, word: Word, later: Sequence[Word]) -> Said:
    """A consent by hand: the last one of a day counts; it ends where its occasion did."""
    c = word.cells
    given = c["given_on"]
    corrected = either(
        *(
            both(one.present, _says(one, "granted"), one.cells["given_on"].value == given.value)
            for one in later
        )
    )
    until = c["valid_until"]
    for one in later:
        end = one.cells["valid_until"]
        earlier = both(
            one.present,
            _says(one, "ended"),
            is_known(end),
            either(negate(is_known(until)), end.value < until.value),
        )
        until = Value(both(until.null, negate(earlier)), choose(earlier, end.value, until.value))
    present = both(word.present, _says(word, "granted"), negate(corrected))
    ended = Word(word.source, present, {**c, "valid_until": until}, word.groups, by_hand=True)
    in_order = both(
        present,
        is_known(c["purpose"]),
        negate(is_text(c["purpose"], "")),
        is_surely(c["confidentiality_released"]),
        _is_in_time(world, ended, given.value),
        either(*word.groups.values()),
        _is_ours(world, word, given),
    )
    speaks = both(present, negate(_has_ended(world, ended)))
    return Said(word.source, True, speaks, in_order, given.value, False, NEVER, dict(word.groups))


def _judge_withdrawal(word: Word) -> Said:
    """What was revoked, refused or ended by hand counts against everything up to its day."""
    kinds = ("revoked", "refused", "ended")
    said_no = both(word.present, either(*(_says(word, kind) for kind in kinds)))
    day = word.cells["given_on"].value
    nothing = dict.fromkeys(GROUPS, False)
    return Said(word.source, True, False, False, NEVER, said_no, day, nothing)


def _judge_doubt(word: Word) -> Said:
    """What may have been withdrawn on a day counts like a withdrawal of that day."""
    day = word.cells["said_on"]
    said_no = both(word.present, is_known(day))
    nothing = dict.fromkeys(GROUPS, False)
    return Said(word.source, True, False, False, NEVER, said_no, day.value, nothing, is_doubt=True)


def _says(word: Word, kind: str) -> Formula:
    return is_text(word.cells["kind"], kind)
