"""Reads the cases of released records: whom to ask, and which record speaks before another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from pipelines.transfer.decision import Decision, Record
from warehouse.schema import counselling_case


@dataclass(frozen=True)
class CaseFacts:
    """A record's case: whether it runs on the day, since when, and the counsellor as recorded."""

    is_open: bool = False
    begun_on: date | None = None
    staff: str = ""


def read_cases(connection: Connection, decision: Decision) -> dict[Record, CaseFacts]:
    """The case of each record released, as known; a record without one is missing."""
    cases, on = decision.gate.known_at.select_rows(counselling_case, "cases"), decision.gate.on
    c = cases.c
    rows = select(c.source, c.person_key, c.begun_on, c.ended_on, c.staff)
    return {
        (row.source, row.person_key): _describe_case(row, on)
        for row in connection.execute(rows)
        if (row.source, row.person_key) in decision.released
    }


def _describe_case(row: Any, on: date) -> CaseFacts:
    is_open = row.ended_on is None or row.ended_on >= on
    return CaseFacts(is_open, row.begun_on, (row.staff or "").strip())


def rank_records(records: Iterable[Record], cases: dict[Record, CaseFacts]) -> list[Record]:
    """The records of a human being in the order in which they speak.

    As of all attributes of a person: an open case first, then the case begun last.
    """

    def rank(record: Record) -> tuple[bool, int, Record]:
        facts = cases.get(record, CaseFacts())
        begun = facts.begun_on.toordinal() if facts.begun_on else 0
        return not facts.is_open, -begun, record

    return sorted(records, key=rank)
