"""Explains: what a figure is made of, and what became of a record, from source cell to person. Only reads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from pipelines.figures import Asked
from pipelines.hub import Hub
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope
from warehouse.schema import ENTITIES, conversation, counselling_case, goal, load, person_link, plan

_RECORDS = {"plans_concluded": plan, "goals_reached": goal, "client_records": counselling_case}


def figure(hub: Hub, indicator: str, asked: Asked, category: str | None = None) -> dict[str, Any]:
    """The records (or persons) that one figure of the district counts, each with the place it came from."""
    scope = Scope(asked.first, asked.last, hub.known_at(asked.as_of), listing=True)
    with hub.store.read() as connection:
        rows = connection.execute(INDICATORS[indicator](scope))
        found = [dict(r._mapping) for r in rows]
        if category is not None:
            found = [r for r in found if r.get("category") == category]
        places = _places(connection, _RECORDS.get(indicator, conversation), scope) if found and "event" in found[0] else {}
    made_of = [_told(r, places) for r in found]
    made_of.sort(key=lambda r: str(r.get("record") or r.get("person")))
    return {"indicator": indicator, "category": category, "value": len(made_of), "load": scope.known_at.load, "made_of": made_of}


def record(hub: Hub, name: str) -> dict[str, Any]:
    """Every version of every entity of one source record ("enaio:P-1"): from which cell it came and which loads knew it."""
    source, _, key = name.partition(":")
    versions: list[dict[str, Any]] = []
    with hub.store.read() as connection:
        for entity in ENTITIES.values():
            c = entity.table.c
            columns = (c.known_from, c.known_to, c.source_file, c.source_table, c.source_row, load.c.delivered_on)
            joined = entity.table.outerjoin(load, load.c.number == c.known_from)
            rows = select(*columns).select_from(joined).where(c.source == source, c.record_key == key).order_by(c.known_from)
            versions += [{"entity": entity.name, **_plain(r._mapping)} for r in connection.execute(rows)]
        links = (
            select(person_link).where(person_link.c.source == source, person_link.c.source_key == key).order_by(person_link.c.known_from)
        )
        persons = [
            {
                "person": r.person_id,
                "rule": r.rule,
                "linked_to": r.linked_to,
                "explanation": r.explanation,
                "known_from": r.known_from,
                "known_to": r.known_to,
            }
            for r in connection.execute(links)
        ]
    return {"record": name, "versions": versions, "persons": persons}


def _places(connection: Connection, table: Any, scope: Scope) -> dict[tuple[str, str], dict[str, Any]]:
    known = scope.known(table)
    c = known.c
    rows = connection.execute(select(c.source, c.source_key, c.source_file, c.source_table, c.source_row))
    return {(r.source, r.source_key): {"file": r.source_file, "table": r.source_table, "row": r.source_row} for r in rows}


def _told(row: dict[str, Any], places: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    if "event" in row:
        return {"record": f"{row['event_source']}:{row['event']}", **places.get((row["event_source"], row["event"]), {})}
    if "record" in row:
        return {"record": f"{row['record_source']}:{row['record']}"}
    return {"person": row["person"]}


def _plain(row: Any) -> dict[str, Any]:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
