"""Explains: what a figure is made of, and what became of a record, from source cell to person. Only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import select

from pipelines.figures.kennzahlen import FigureRequest, check_catalogue
from pipelines.hub import Hub
from warehouse.marts.declaration import Counts, Indicator
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope
from warehouse.schema import ENTITIES, load, person_link

Row = Mapping[Any, Any]
Thing = dict[str, Any]


def explain_figure(
    hub: Hub,
    indicator: str,
    asked: FigureRequest,
    category: str | None = None,
    by: By | None = None,
) -> dict[str, Any]:
    """What one figure of the district counts, or with ``by`` the figures of its units.

    Each thing comes with the place it was read from, a person with those of its records; ``value``
    is how many there are. ValueError where the indicator is not counted by that unit.
    """
    check_catalogue()
    scope = Scope(asked.first, asked.last, hub.known_at(asked.as_of), by)
    with hub.store.read() as connection:
        rows = connection.execute(INDICATORS[indicator].list_records(scope)).mappings()
        found = [row for row in rows if category in (None, row.get("category"))]
    made_of = _list_things(INDICATORS[indicator], scope, found)
    return {
        "indicator": indicator,
        "category": category,
        "value": len(made_of),
        "load": scope.known_at.load,
        "made_of": made_of,
    }


def explain_record(hub: Hub, name: str) -> dict[str, Any]:
    """Every version of every entity of one source record ("enaio:P-1"): from which cell it came and which loads knew it."""
    source, _, key = name.partition(":")
    versions: list[dict[str, Any]] = []
    with hub.store.read() as connection:
        for entity in ENTITIES.values():
            c = entity.table.c
            columns = (
                c.known_from,
                c.known_to,
                c.source_file,
                c.source_table,
                c.source_row,
                load.c.delivered_on,
            )
            joined = entity.table.outerjoin(load, load.c.number == c.known_from)
            rows = (
                select(*columns)
                .select_from(joined)
                .where(c.source == source, c.record_key == key)
                .order_by(c.known_from)
            )
            versions += [
                {"entity": entity.name, **_plain_values(r._mapping)}
                for r in connection.execute(rows)
            ]
        links = (
            select(person_link)
            .where(person_link.c.source == source, person_link.c.source_key == key)
            .order_by(person_link.c.known_from)
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


def _list_things(indicator: Indicator, scope: Scope, rows: Iterable[Row]) -> list[Thing]:
    """The counted things by unit and name; what counts in several categories is listed as often."""
    things: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(rows, key=itemgetter("record_source", "record", "file", "table", "row")):
        told_apart_by = (*scope.unit_names, "category", *indicator.thing_names)
        things.setdefault(tuple(row.get(name) for name in told_apart_by), []).append(row)
    listed = [_describe_thing(indicator, scope, records) for records in things.values()]
    return sorted(listed, key=lambda thing: (str(thing.get("unit")), _name_thing(thing)))


def _describe_thing(indicator: Indicator, scope: Scope, rows: list[Row]) -> Thing:
    unit = {"unit": {name: rows[0][name] for name in scope.unit_names}} if scope.by else {}
    # Several rows may show one record: the first in the delivery stands for them.
    records: dict[str, Thing] = {}
    for row in rows:
        name = f"{row['record_source']}:{row['record']}"
        place = {part: row[part] for part in ("file", "table", "row")}
        records.setdefault(name, {"record": name, **place})
    if indicator.counts is Counts.PERSONS:
        return {**unit, "person": rows[0]["person"], "records": list(records.values())}
    return {**unit, **next(iter(records.values()))}


def _name_thing(thing: Thing) -> str:
    return str(thing.get("person") or thing["record"])


def _plain_values(row: Any) -> dict[str, Any]:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
