"""Generated deliveries as CSV files in the folders of a real configuration, and the mapping that reads them. Nothing is compared here."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from mappings import code_lists
from tests.history.world import CARRIERS, FEEDS, SOURCES, TEAMS, Delivery, Table
from warehouse.schema import ENTITIES

# Entities of which one record has several rows stand in one cell.
_EACH = {e: k.each[0] for e, k in ENTITIES.items() if k.each}
_OWN = {
    "person": [
        "last_name",
        "first_name",
        "birth_date",
        "sex",
        "nationality",
        "entry_date",
        "official_number",
    ],
    "residence_status": ["status"],
    "housing": ["kind", "assigned_on"],
    "municipality_residence": ["municipality"],
    "education_work": ["integration_course"],
    "case": ["begun_on", "ended_on", "municipality", "staff"],
    "household": ["label"],
    "conversation": ["held_on", "minutes", "setting", "kind", "channel", "staff"],
    "plan": ["concluded_on"],
    "goal": ["plan_key", "person_key", "area", "begun_on", "status", "reached_on"],
    "consent": ["basis", "person_key", "recipient", "given_on"],
}
# Whether consents end is tested elsewhere.
_NOT_WRITTEN = ("revoked_on", "revoked_on_unreadable", "valid_until", "valid_until_unreadable")
_REQUIRED = {"held_on"}
_LISTS = {
    name: code_lists.load_code_list(name).labels
    for name in code_lists.list_names()
    if name != "municipality"
}


def mapping(source: str, version: int) -> dict[str, Any]:
    """The mapping of a source; its first version does not know the kinds of conversations."""
    tables = {}
    for kind, entities in FEEDS[source].items():
        feeds: dict[str, Any] = {}
        for entity in entities:
            if entity in _EACH:
                feeds[entity] = {"each": {"column": f"{entity}.{_EACH[entity]}", "split": "|"}}
                continue
            own = _list_own(kind, entity)
            names = [n for n in own if (entity, n, version) != ("conversation", "kind", 0)]
            feeds[entity] = {"fields": {n: _field(kind, entity, n) for n in names}}
            if entity not in (kind, "case"):
                feeds[entity]["when"] = f"{entity}?"
            if entity == kind == "consent":
                feeds[entity]["without"] = dict.fromkeys(_NOT_WRITTEN, "no word of it here")
        tables[kind] = {"files": f"*-{kind}-*.csv", "key": "key", "optional": True, "feeds": feeds}
        # Exports are split as they come.
        tables[kind]["exports"] = f"*-{kind}-*.csv"
        tables[kind]["ignore"] = [] if version or kind != "conversation" else ["conversation.kind"]
    return {
        "system": source,
        "about": "generated",
        "dialect": {"encoding": "utf-8", "delimiter": ";"},
        "tables": tables,
    }


def _list_own(kind: str, entity: str) -> list[str]:
    """The fields of an entity; a release on the person's row names neither recipient nor day."""
    own = _OWN[entity]
    return own[:2] if (kind, entity) == ("case", "consent") else own


def _field(kind: str, entity: str, name: str) -> dict[str, Any]:
    if kind == "case" and entity == "consent":
        return {"basis": {"constant": "release"}, "person_key": {"column": "key"}}.get(
            name, {"column": f"{entity}.{name}"}
        )
    if (entity, name) == ("consent", "basis"):
        return {"constant": "form"}
    return {"column": f"{entity}.{name}", **({"required": True} if name in _REQUIRED else {})}


def write(delivery: Delivery, folder: Path) -> None:
    """The delivery as a source leaves it in its folder, finished long ago, in the place of what lay there of that day."""
    target = folder / delivery.on.isoformat()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for table in delivery.tables:
        (target / table.file).write_text(_text(delivery, table), encoding="utf-8", newline="")
    for path in (*target.iterdir(), target):
        os.utime(path, (1_700_000_000, 1_700_000_000))


def _text(delivery: Delivery, table: Table) -> str:
    columns = ["key"]
    for entity in delivery.feeds(table):
        if entity in _EACH:
            columns.append(f"{entity}.{_EACH[entity]}")
        else:
            columns += [f"{entity}?"] * (entity not in (table.kind, "case")) + [
                f"{entity}.{n}" for n in _list_own(table.kind, entity)
            ]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    # Without its key a table cannot be read.
    writer.writerow(columns if table.readable else ["Schluessel", *columns[1:]])
    rows = [[_cell(key, record, column) for column in columns] for key, record in table.rows]
    writer.writerows(
        rows + rows[:1] * table.repeated + [["", *row[1:]] for row in rows[:1] * table.rejected]
    )
    return out.getvalue()


def _cell(key: str, record: Mapping[str, Any], column: str) -> str:
    if column == "key":
        return key
    entity, _, name = column.partition(".")
    if column.endswith("?"):
        return "x" if record.get(column[:-1]) else ""
    rows = record.get(entity, ())
    if column == "case.ended_on" and any(row.get("ended_on_unreadable") for row in rows):
        return "unlesbar"
    return "|".join(_said(entity, name, row.get(name)) for row in rows)


def _said(entity: str, name: str, value: Any) -> str:
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, bool):
        return "ja" if value else "nein"
    codes = ENTITIES[entity].table.c[name].info["codes"]
    if value is None or codes is None:
        return "" if value is None else str(value)
    return f"G{value}" if codes == "municipality" else _LISTS[codes][value]


def configuration(folder: Path, warehouse: str, versions: Mapping[str, int]) -> Path:
    """A district whose sources deliver such files."""
    for source in SOURCES:
        (folder / source).mkdir(parents=True, exist_ok=True)
        (folder / f"{source}.yaml").write_text(
            json.dumps(mapping(source, versions[source])), encoding="utf-8"
        )
    district = {
        "district": {"ags": "08999", "name": "Musterkreis"},
        "warehouse": warehouse,
        "carriers": {c: {"name": c} for c in set(CARRIERS.values())},
        "municipalities": {
            a: {"name": f"G{a}", **({"team": t} if t else {})} for a, t in TEAMS.items()
        },
        "sources": {
            s: {"mapping": f"{s}.yaml", "folder": s, "carrier": CARRIERS[s], "delivers": "full"}
            for s in SOURCES
        },
    }
    path = folder / "drehscheibe.yaml"
    path.write_text(json.dumps(district), encoding="utf-8")
    return path
