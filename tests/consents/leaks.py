"""Takes one condition after the other out of the gate and finds the world in which something then leaks.

`python -m tests.consents.leaks` finds the worlds anew and writes ``leaks.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import z3
from sqlalchemy import CTE, case, cast, func, literal, null, select

from tests.consents.gate_rule import may_release
from tests.consents.gate_world import DAYS, GATE, Pick, World, as_number, list_tables
from tests.consents.symbolic_sql import (
    NUMBERS,
    Formula,
    SymbolicQuery,
    both,
    either,
    negate,
)
from warehouse.gates import consent, known_consents
from warehouse.gates.consent import select_grants
from warehouse.gates.one_consent import ConsentTests
from warehouse.gates.question import Gate, Reason

FILE = Path(__file__).with_name("leaks.json")
Shape = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
# Conditions that are there for the reason they give: without them another one keeps the same in.
REDUNDANT = {"revocation_unreadable", "consent_unreadable"}


def read_gate(world: World) -> dict[tuple[str, str], Formula]:
    """By record and data group: the condition under which the gate's query has its row."""
    rows = SymbolicQuery(list_tables(world)).select(select_grants(GATE))
    found: dict[tuple[str, str], list[Formula]] = {}
    for present, cells in rows:
        key = (str(cells["source"].value), str(cells["data_group"].value))
        found.setdefault(key, []).append(present)
    return {key: either(*presences) for key, presences in found.items()}


def find_difference(world: World, *, only_leaks: bool = False) -> z3.ModelRef | None:
    """A world in which gate and rule differ; ``only_leaks``: in which the gate lets out more."""
    gate = read_gate(world)
    differing = []
    for key, allowed in may_release(world).items():
        released = gate.get(key, False)
        differing.append(both(released, negate(allowed)))
        if not only_leaks:
            differing.append(both(negate(released), allowed))
    solver = z3.SimpleSolver()
    solver.add(*world.domains)
    solver.add(either(*differing))
    return solver.model() if solver.check() == z3.sat else None


def _forget() -> None:
    """The gate keeps the last query it built."""
    consent._judge_together.cache_clear()
    consent._place_words.cache_clear()


@contextmanager
def without(name: str) -> Iterator[None]:
    """The gate without one of its conditions."""
    _forget()
    with REMOVED[name]():
        yield
    _forget()


def _without_objection(*reasons: Reason) -> Callable[[], Any]:
    listed = ConsentTests.list_objections

    def others(self: ConsentTests, has_groups: Any) -> Iterator[Any]:
        yield from (one for one in listed(self, has_groups) if one[1] not in reasons)

    return lambda: patch.object(ConsentTests, "list_objections", others)


def _instead(owner: Any, name: str, answer: Callable[..., Any]) -> Callable[[], Any]:
    return lambda: patch.object(owner, name, answer)


def _never(*_: Any, **__: Any) -> Any:
    return literal(False)


def _without_unreadable() -> Any:
    """The gate to which a cell that cannot be read is an empty one."""
    stack = ExitStack()
    reasons = (Reason.REVOCATION_UNREADABLE, Reason.CONSENT_UNREADABLE)
    stack.enter_context(_without_objection(*reasons)())
    stack.enter_context(patch.object(ConsentTests, "withdrawn_on", _read_withdrawn))
    return stack


def _read_withdrawn(self: ConsentTests) -> Any:
    return case((self._may_concern_recipient(), self.c.revoked_on), else_=null())


def _rank_alike(words: CTE) -> CTE:
    """The words with their last withdrawal, as if none was newer than another."""
    record = (words.c.source, words.c.person_key)
    withdrawn = func.max(words.c.withdrawn_on).over(partition_by=record)
    none = cast(null(), words.c.given_on.type)
    nothing = (none.label(name) for name in ("last_doubted", "last_sound", "last_given"))
    last = (withdrawn.label("last_withdrawn"), *nothing)
    return select(words, *last).cte("ranked")


def _find_no_failing(ranked: CTE) -> CTE:
    return select(ranked, literal(0).label("failing")).cte("checked")


def _grant_own(gate: Gate, judged: CTE) -> CTE:
    """The data groups that a record allows, whatever the other ones say."""
    groups, c = known_consents.select_groups(gate), judged.c
    of_consent = known_consents.match_consent(groups, judged, "consent_key")
    own = select(c.human, c.source, c.person_key, c.is_form, c.words, groups.c.data_group)
    joined = own.select_from(judged.join(groups, of_consent))
    return joined.where(c.reason.is_(None), c.is_listed).distinct().cte("granted")


def _doubt_nothing(gate: Gate) -> Any:
    """The dated doubts, without one."""
    return _DATED_DOUBTS(gate).where(literal(False))


def _doubt_nobody(gate: Gate) -> CTE:
    doubts = consent._select_all_doubts(gate)
    return select(doubts).where(literal(False)).cte()


_DATED_DOUBTS = consent._select_dated_doubts
_NOT_IN_A_WORLD = {
    # These are no tests of one consent.
    *(Reason.RELEASE_WITHDRAWN, Reason.REVOKED_SINCE, Reason.NEWER_FORM, Reason.DOUBTFUL),
    *(Reason.OTHER_RECORD, Reason.NOTHING_IN_COMMON, Reason.SOURCE_NOT_CURRENT, Reason.REFUSED),
    *(Reason.RELEASE_UNGROUNDED, Reason.FORM_NOT_SET, Reason.RESTRICTED, Reason.PERSON_NOT_NAMED),
}
REMOVED: dict[str, Callable[[], Any]] = {
    **{
        str(reason): _without_objection(reason)
        for reason in Reason
        if reason not in _NOT_IN_A_WORLD
    },
    "an unreadable withdrawal is one": _without_unreadable,
    "a withdrawal counts in its record": _instead(
        ConsentTests, "withdrawn_on", lambda self: null()
    ),
    "only the newest form counts": _instead(consent, "_rank_words", _rank_alike),
    "forms of a day are in order": _instead(consent, "_find_failing", _find_no_failing),
    "every record has to allow": _instead(consent, "_select_granted", _grant_own),
    "other records count": _instead(consent, "_is_related", _never),
    "an unreadable day is any day": _instead(ConsentTests, "_is_implausible", _never),
    "a release is counted for one recipient": _instead(ConsentTests, "_is_for_another", _never),
    "withdrawals by hand count": _instead(
        known_consents,
        "REVOKED",
        "nothing of the kind",
    ),
    "an ended occasion ends a consent by hand": _instead(
        known_consents, "ENDED", "nothing of the kind"
    ),
    "what was revoked by the day": _instead(ConsentTests, "_is_revoked", _never),
    "a doubt with a day counts up to it": _instead(consent, "_select_dated_doubts", _doubt_nothing),
    "a doubt without a day keeps all in": _instead(consent, "_select_doubts", _doubt_nobody),
}
# Where to look: small worlds first.
SHAPES: Sequence[Shape] = (
    ((1, 0), (0, 0), (0, 0)),
    ((0, 1), (0, 0), (0, 0)),
    ((1, 0), (0, 0), (1, 0)),
    ((2, 0), (0, 0), (0, 0)),
    ((1, 1), (0, 0), (0, 0)),
    ((0, 0), (2, 0), (0, 0)),
    ((1, 0), (1, 0), (0, 0)),
    ((0, 1), (1, 0), (0, 0)),
)


def find_leak(name: str) -> dict[str, Any] | None:
    """The smallest world in which something leaks without a condition; None: in none of these."""
    for shape in SHAPES:
        world = _make_shape(shape)
        world.domains += [_is_one_of(name, domain) for name, domain in _list_days(world)]
        with without(name):
            model = find_difference(world, only_leaks=True)
        if model is not None:
            cells = _read_cells(shape, model)
            doubted = {"doubted": shape[2]} if any(shape[2]) else {}
            return {"spread": shape[0], "by_hand": shape[1], **doubted, "cells": cells}
    return None


def _make_shape(shape: Shape, pick: Pick = None) -> World:
    spread, by_hand, doubted = shape
    return World(spread, by_hand, pick, doubted)


def _list_days(world: World) -> Iterator[tuple[str, Formula]]:
    for word in (*world.words, *world.stated, *world.doubts):
        for name, cell in word.cells.items():
            if name in ("given_on", "valid_until", "revoked_on", "said_on"):
                yield name, cell.value
    for source, born in world.born.items():
        yield "born", born.value
        yield "ended", world.cases[source][1].value


def _is_one_of(name: str, value: Formula) -> Formula:
    return z3.Or([value == as_number(day) for day in DAYS])


def _read_cells(shape: Shape, model: z3.ModelRef) -> dict[str, Any]:
    """The cells of a world as they are in a model, by name."""
    texts = {number: text for text, number in NUMBERS.items()}
    found: dict[str, Any] = {}

    def pick(name: str, options: Sequence[Any]) -> Any:
        found[name] = _read_cell(model, name, options, texts)
        return found[name]

    _make_shape(shape, pick)
    return found


def _read_cell(model: z3.ModelRef, name: str, options: Sequence[Any], texts: dict[int, str]) -> Any:
    if None in options and z3.is_true(model.eval(z3.Bool(f"{name}?"), model_completion=True)):
        return None
    if True in options:
        return z3.is_true(model.eval(z3.Bool(name), model_completion=True))
    number = model.eval(z3.Int(name), model_completion=True).as_long()
    if any(isinstance(option, date) for option in options):
        return date(number // 10_000, number // 100 % 100, number % 100)
    return texts[number]


def read_leaks() -> dict[str, World]:
    """The worlds of ``leaks.json`` by the condition without which they leak."""
    listed = json.loads(FILE.read_text("utf-8"))
    return {name: _make_world(leak) for name, leak in listed.items()}


def _make_world(leak: dict[str, Any]) -> World:
    def pick(name: str, options: Sequence[Any]) -> Any:
        value = leak["cells"][name]
        has_days = any(isinstance(option, date) for option in options)
        return date.fromisoformat(value) if has_days and value else value

    spread, by_hand = tuple(leak["spread"]), tuple(leak["by_hand"])
    return World(spread, by_hand, pick, tuple(leak.get("doubted", (0, 0))))


def write_leaks() -> None:
    """Finds the worlds anew, which takes about a minute."""
    found = {name: find_leak(name) for name in REMOVED if name not in REDUNDANT}
    FILE.write_text(json.dumps(found, indent=1, default=str, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write_leaks()
