"""Records submissions and their states; rows are added, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from warehouse.ledger.entered_rows import insert_entered
from warehouse.schema import submission, submission_event


class State(StrEnum):
    """What can become of a submission."""

    PREPARED = "prepared"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# Which states may follow a state.
FOLLOWING: dict[State, frozenset[State]] = {
    State.PREPARED: frozenset({State.APPROVED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.HANDED_OVER, State.WITHDRAWN}),
    State.HANDED_OVER: frozenset({State.ACCEPTED, State.REJECTED}),
    State.ACCEPTED: frozenset(),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True)
class Event:
    """A state that a submission came to; ``event_at`` in UTC, ``receipt_sha256`` of a kept file."""

    number: int
    state: State
    event_at: datetime
    made_by: str
    note: str | None = None
    receipt_sha256: str | None = None


@dataclass(frozen=True)
class Submission:
    """A frozen package: what it is about, and everything that is needed to make it again.

    ``units``: kinds of unit its figures are divided by. ``rules``, ``program`` and
    ``open_points`` (what was not settled with the sources) are JSON.
    ``manifest_sha256`` covers every file. ``prepared_at`` in UTC. ``tree_size``: how many entries
    the ledger had, whose root the package carries; None before there was a tree.
    """

    submission_id: str
    product: str
    period_from: date
    period_to: date
    units: str
    load_number: int
    rules: str
    program: str
    open_points: str
    corrects: str | None
    manifest_sha256: str
    prepared_at: datetime
    prepared_by: str
    tree_size: int | None = None
    events: Sequence[Event] = field(default=(), compare=False)

    @property
    def is_with_others(self) -> bool:
        """Whether others have it and rely on it."""
        return self.state in (State.HANDED_OVER, State.ACCEPTED)

    @property
    def state(self) -> State:
        """The newest state."""
        return self.events[-1].state if self.events else State.PREPARED


def record_submission(connection: Connection, made: Submission) -> None:
    """Records a submission."""
    names = [column.name for column in submission.columns]
    insert_entered(connection, submission, [{name: getattr(made, name) for name in names}])


def record_event(connection: Connection, submission_id: str, event: Event) -> None:
    """Records a state; an IntegrityError where another one has taken its number meanwhile."""
    values: dict[str, Any] = {"submission_id": submission_id, **vars(event)}
    values["state"] = event.state.value
    insert_entered(connection, submission_event, [values])


def read_submissions(connection: Connection) -> list[Submission]:
    """All submissions with their events, in the order in which they were prepared."""
    events = _read_events(connection)
    c = submission.c
    rows = select(submission).order_by(c.prepared_at, c.submission_id)
    return [
        Submission(**row, events=events[row["submission_id"]])
        for row in connection.execute(rows).mappings()
    ]


def _read_events(connection: Connection) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    c = submission_event.c
    for row in connection.execute(select(submission_event).order_by(c.number)).mappings():
        values = dict(row)
        own = found[values.pop("submission_id")]
        own.append(Event(**{**values, "state": State(values["state"])}))
    return found
