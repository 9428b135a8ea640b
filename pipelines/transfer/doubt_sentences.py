"""Says in German what puts a refused person in doubt, where it stands, and what decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, Row, select

from warehouse.gates.consent import select_names
from warehouse.gates.question import Gate, Reason
from warehouse.loading.consent_doubts import DoubtKind
from warehouse.schema import consent_doubt, load

Record = tuple[str, str]
_NOTED = (
    "In „{table}“ von {source} steht{day}, dass eine Einwilligung widerrufen ist oder sein kann "
    "(Lieferung vom {delivered:%d.%m.%Y})."
)
_GONE = (
    "In „{table}“ von {source} stand{day} ein Widerruf, der nicht mehr mitkommt "
    "(Lieferung vom {delivered:%d.%m.%Y})."
)
_NEW_CONSENT = (
    " Eine Einwilligung, die die Person nach dem {day:%d.%m.%Y} erteilt, gilt, wenn sie bei {record} "
    "eingetragen ist."
)
_ACCEPT = " Ist es kein Widerruf: drehscheibe accept {id} --person {record} --reason …"


def describe_doubts(
    connection: Connection, gate: Gate, refused: Mapping[Record, Iterable[str]]
) -> dict[Record, list[str]]:
    """By refused record, what is in doubt of it, or of a record that was ever linked with it."""
    doubts = gate.known_at.select_rows(consent_doubt, "told_doubts")
    c = doubts.c
    rows = (
        select(doubts, load.c.delivered_on, load.c.delivery_id)
        .select_from(doubts.join(load, load.c.number == c.known_from))
        .where(c.person_key != "", c.said_in.is_not(None))
        .order_by(c.known_from, c.said_on)
    )
    told: dict[Record, list[str]] = defaultdict(list)
    for row in connection.execute(rows):
        told[row.source, row.person_key].append(_describe_doubt(row))
    if not told:
        return {}
    concerned = [
        record
        for record, reasons in refused.items()
        if not {Reason.DOUBTFUL, Reason.OTHER_RECORD}.isdisjoint(reasons)
    ]
    linked = _find_linked(connection, gate)
    found = {record: list(_collect(record, linked, told)) for record in concerned}
    return {record: list(dict.fromkeys(texts)) for record, texts in found.items() if texts}


def _describe_doubt(row: Row[tuple[object, ...]]) -> str:
    # What has no day of its own was said by that of its delivery.
    has_day = row.said_on is not None and row.said_on < row.delivered_on
    day = f" unter dem {row.said_on:%d.%m.%Y}" if has_day else ""
    sentence = _GONE if row.kind in (DoubtKind.GONE, DoubtKind.LOST) else _NOTED
    told = sentence.format(
        table=row.said_in, source=row.source, day=day, delivered=row.delivered_on
    )
    record = f"{row.source}:{row.person_key}"
    newer = _NEW_CONSENT.format(day=row.said_on, record=record) if row.said_on else ""
    return told + newer + _ACCEPT.format(id=row.delivery_id[:12], record=record)


def _find_linked(connection: Connection, gate: Gate) -> dict[Record, set[Record]]:
    """By record, all that were ever one person with it."""
    by_person: dict[str, set[Record]] = defaultdict(set)
    for row in connection.execute(select_names(gate)):
        by_person[row.person_id].add((row.source, row.person_key))
    found: dict[Record, set[Record]] = defaultdict(set)
    for records in by_person.values():
        for record in records:
            found[record] |= records
    return found


def _collect(
    record: Record, linked: Mapping[Record, set[Record]], told: Mapping[Record, list[str]]
) -> Iterator[str]:
    for other in (record, *sorted(linked.get(record, set()) - {record})):
        yield from told.get(other, ())
