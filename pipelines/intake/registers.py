"""Writes the configuration's registers to the warehouse, and keeps the texts behind each load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, false

from mappings import catalogue, code_lists, consent_terms, day_limits, identity, related_names
from mappings.source_mapping import SourceMapping
from pipelines.config import Config
from pipelines.hub import Hub
from warehouse.ledger.configuration import keep_texts, write_register
from warehouse.schema import carrier, funding, municipality, source_register, staff, team


def write_registers(hub: Hub) -> None:
    """Brings the registers in line with the configuration; valid from the next load on.

    Raises NoRight for an account that may not write them, even where nothing has changed: better
    before a run than in the middle of it.
    """
    with hub.store.transaction() as connection:
        # Deletes nothing, but needs the right to.
        connection.execute(delete(team).where(false()))
        for table, rows in _list_registers(hub.config).items():
            write_register(connection, table, rows)


def keep_configuration(
    connection: Connection, number: int, config: Config, mapping: SourceMapping | None
) -> None:
    """Keeps mapping, code lists and catalogues as they were for this load.

    ``mapping`` None: the load brings nothing.
    """
    read_with = _list_mapping(mapping) if mapping else ()
    keep_texts(connection, number, dict([*read_with, *_list_texts(config)]))


def _list_mapping(mapping: SourceMapping) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("mapping", mapping.name), mapping.text
    if mapping.extended is not None and mapping.file.extends is not None:
        yield ("extended", mapping.file.extends), mapping.extended


def _list_texts(config: Config) -> Iterator[tuple[tuple[str, str], str]]:
    for name, text in code_lists.read_texts().items():
        yield ("codes", name), text
    yield ("codes", "municipality"), _spell_municipalities(config)
    yield ("identity", identity.FILE.stem), identity.read_text()
    yield ("identity", related_names.FILE.stem), related_names.read_text()
    yield ("consents", consent_terms.FILE.stem), consent_terms.read_consent_terms()
    yield ("days", day_limits.FILE.stem), day_limits.read_day_limits()
    if config.days:
        yield ("days", "district"), _write_days(config)
    for name, text in catalogue.read_texts().items():
        yield ("catalogue", name), text


def _spell_municipalities(config: Config) -> str:
    spelled = {ags: [m.name, *m.also] for ags, m in config.municipalities.items()}
    return json.dumps(spelled, ensure_ascii=False, indent=1)


def _write_days(config: Config) -> str:
    own = {name: limits.model_dump(mode="json") for name, limits in config.days.items()}
    return json.dumps(own, ensure_ascii=False, indent=1)


def _list_registers(config: Config) -> dict[Table, list[dict[str, Any]]]:
    return {
        municipality: [
            {"ags": ags, "name": m.name, "team": m.team} for ags, m in config.municipalities.items()
        ],
        team: [{"name": name} for name in config.teams],
        carrier: [{"key": key, "name": c.name} for key, c in config.carriers.items()],
        source_register: [
            {"source": name, "carrier": s.carrier} for name, s in config.sources.items()
        ],
        staff: _list_staff(config),
        funding: _list_funding(config),
    }


def _list_staff(config: Config) -> list[dict[str, Any]]:
    # For someone funded several times the qualification of the last entry counts.
    qualified = {(s.source, s.name): s.qualification for s in config.staff}
    return [
        {"source": source, "name": name, "qualification": qualification}
        for (source, name), qualification in qualified.items()
    ]


def _list_funding(config: Config) -> list[dict[str, Any]]:
    return [
        {
            "source": s.source,
            "name": s.name,
            "funded_from": s.begin,
            "funded_until": s.end,
            "vzae": s.vzae,
            "grant_name": s.grant,
        }
        for s in config.staff
        if s.begin
    ]
