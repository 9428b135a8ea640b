"""Keeps what people decided about two records; the newest decision on a pair that stands counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from warehouse.identity.key_owners import KeyOwners
from warehouse.identity.record import Key
from warehouse.schema import identity_decision

# Two records, the smaller key first.
Pair = tuple[Key, Key]
# The columns that hold them.
SIDES = ("a_source", "a_key", "b_source", "b_key")


class Verdict(StrEnum):
    """What was decided: one human being, two, not to be told; or an earlier decision taken back."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    UNDONE = "undone"


@dataclass(frozen=True)
class Decision:
    """A decision on a pair, made on what was known at ``known_load``; ``decided_at`` in UTC.

    ``undoes``: the decision that this one takes back. ``seen``: band, weight and sentences that
    were shown, as JSON.
    """

    number: int
    a: Key
    b: Key
    verdict: Verdict
    undoes: int | None
    reason: str
    decided_by: str
    decided_at: datetime
    known_load: int
    seen: str | None = None

    @property
    def pair(self) -> Pair:
        """The two records."""
        return self.a, self.b


def order_pair(one: Key, other: Key) -> Pair:
    """The pair of two records."""
    return (one, other) if one < other else (other, one)


def name_record(key: Key) -> str:
    """The name of a record in answers: "enaio:P-1"."""
    return ":".join(key)


def describe_chain(start: Key, chain: Iterable[Decision]) -> str:
    """Decisions that lead from one record to another, each with who made it and when."""
    told, at = [], start
    for one in chain:
        other = one.b if one.a == at else one.a
        sign = {Verdict.SAME: "=", Verdict.DIFFERENT: "≠"}[one.verdict]
        who = f"{one.decided_by}, {one.decided_at:%d.%m.%Y}"
        told.append(f"{name_record(at)} {sign} {name_record(other)} ({who})")
        at = other
    return ", ".join(told)


def list_decisions(connection: Connection) -> list[Decision]:
    """All decisions, in order, those taken back and those that take back included."""
    rows = select(identity_decision).order_by(identity_decision.c.number)
    return [_read_row(row) for row in connection.execute(rows)]


def _read_row(row: Row[Any]) -> Decision:
    own = {name: value for name, value in row._mapping.items() if name not in SIDES}
    a, b = read_pair(row)
    return Decision(a=a, b=b, **{**own, "verdict": Verdict(row.verdict)})


def read_pair(row: Row[Any]) -> Pair:
    """The two records of a row of a table of pairs."""
    return (row.a_source, row.a_key), (row.b_source, row.b_key)


def name_sides(pair: Pair) -> dict[str, str]:
    """The two records as the columns of a table of pairs."""
    return dict(zip(SIDES, (*pair[0], *pair[1]), strict=True))


def write_decision(connection: Connection, made: Decision) -> None:
    """Adds a decision; none is ever changed or deleted."""
    own = {name: value for name, value in vars(made).items() if name not in ("a", "b")}
    connection.execute(insert(identity_decision).values({**own, **name_sides(made.pair)}))


def find_standing(decisions: Sequence[Decision]) -> dict[Pair, Decision]:
    """The newest decision on each pair that was not taken back."""
    undone = {one.undoes for one in decisions}
    said = (one for one in decisions if one.verdict is not Verdict.UNDONE)
    return {one.pair: one for one in said if one.number not in undone}


def keep_valid(standing: Iterable[Decision], owners: KeyOwners, number: int) -> list[Decision]:
    """Those of the decisions whose keys still mean, at a load, the human beings decided about."""
    return [
        one
        for one in standing
        if all(owners.are_same(key, one.known_load, number) for key in one.pair)
    ]
