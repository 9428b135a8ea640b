"""Makes the model of a district's weights from its own records, and says what that changes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.intake.decision_load import record_decision_load
from pipelines.intake.identity_terms import identity_terms, pair_scoring
from pipelines.intake.registers import write_registers
from pipelines.intake.rehearsal import open_rehearsable
from warehouse.as_of import read_newest_load
from warehouse.database.store import NoRight
from warehouse.identity.person_links import refresh_links
from warehouse.identity.scored_pairs import Band, read_pairs
from warehouse.identity.stored_models import find_dropped
from warehouse.identity.waiting_pairs import list_waiting, read_person_ids

# Fewer records say less about names than what is shipped.
LEAST_RECORDS = 500


class NotTrained(Failure):
    """There are too few records to learn anything from."""


@dataclass(frozen=True)
class LinkCounts:
    """How many persons there are, how many pairs are linked by weight and how many wait."""

    persons: int
    automatic: int
    waiting: int


@dataclass(frozen=True)
class Training:
    """What a new model changes; ``load`` None: nobody is another person, or it was a rehearsal."""

    records: int
    before: LinkCounts
    after: LinkCounts
    changed: int
    load: int | None


def describe_dropped(hub: Hub) -> str:
    """Says that the district's own model counts no more; empty where it does or there is none.

    An account that may not read models is told nothing: it cannot train one.
    """
    try:
        with hub.store.read() as connection:
            dropped = find_dropped(connection)
    except NoRight:
        return ""
    if dropped is None:
        return ""
    return (
        f"the model trained at load {dropped.trained_load} from {dropped.records} records is of an "
        "older version of the hub and counts no more; links are made by the shipped one. See what "
        "a new one changes: drehscheibe identity train --dry-run"
    )


def train_identity(hub: Hub, *, rehearse: bool = False) -> Training:
    """Makes the model anew and compares all records by it; ``rehearse``: keeps nothing.

    Raises NotTrained where there are too few records.
    """
    with hub.store.lock_run() as turn:
        write_registers(hub)
        with open_rehearsable(hub, rehearse=rehearse) as connection:
            done = _train(hub, connection, rehearse=rehearse)
            turn.check_held()
    return done


def _train(hub: Hub, connection: Connection, *, rehearse: bool) -> Training:
    records = len(read_person_ids(connection))
    if records < LEAST_RECORDS:
        raise NotTrained(
            f"{records} person records say too little about the names of a district; "
            f"from {LEAST_RECORDS} on, training helps"
        )
    before, number = _count_links(connection), read_newest_load(connection) + 1
    scoring = pair_scoring(trains=True)
    changed = refresh_links(connection, number, identity_terms(), score=scoring).changed
    if changed:
        record_decision_load(hub, connection, number)
    load = number if changed and not rehearse else None
    return Training(records, before, _count_links(connection), changed, load)


def _count_links(connection: Connection) -> LinkCounts:
    automatic = sum(pair.band == Band.AUTOMATIC for pair in read_pairs(connection))
    persons = len(set(read_person_ids(connection).values()))
    return LinkCounts(persons, automatic, len(list_waiting(connection)))
