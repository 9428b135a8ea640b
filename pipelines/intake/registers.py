"""Brings the registers of the warehouse in line with the configuration, and keeps with each load the
texts it was made with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, false

from mappings import catalogue, code_lists
from mappings.source_mapping import SourceMapping
from pipelines.config import Config
from pipelines.hub import Hub
from warehouse.ledger.configuration import keep_texts, write_register
from warehouse.schema import carrier, funding, municipality, source_register, staff, team


def write_registers(hub: Hub) -> None:
    """Makes the registers say what the configuration says; it holds from the next load on.

    NoRight for an account that may not, whether or not there is something to write: before a run,
    that is better known early.
    """
    with hub.store.transaction() as connection:
        connection.execute(delete(team).where(false()))
        for table, rows in _list_registers(hub.config).items():
            write_register(connection, table, rows)


def keep_configuration(
    connection: Connection, number: int, config: Config, mapping: SourceMapping
) -> None:
    """Keeps mapping, code lists and catalogues as they were for this load."""
    keep_texts(connection, number, dict(_list_texts(config, mapping)))


def _list_texts(config: Config, mapping: SourceMapping) -> Iterator[tuple[tuple[str, str], str]]:
    yield ("mapping", mapping.name), mapping.text
    if mapping.extended is not None and mapping.file.extends is not None:
        yield ("extended", mapping.file.extends), mapping.extended
    for name, text in code_lists.read_texts().items():
        yield ("codes", name), text
    spelled = {ags: [m.name, *m.also] for ags, m in config.municipalities.items()}
    yield ("codes", "municipality"), json.dumps(spelled, ensure_ascii=False, indent=1)
    for name, text in catalogue.read_texts().items():
        yield ("catalogue", name), text


def _list_registers(config: Config) -> dict[Table, list[dict[str, Any]]]:
    # Of someone funded several times the last entry says the qualification.
    qualified = {(s.source, s.name): s.qualification for s in config.staff}
    return {
        municipality: [
            {"ags": ags, "name": m.name, "team": m.team} for ags, m in config.municipalities.items()
        ],
        team: [{"name": name} for name in config.teams],
        carrier: [{"key": key, "name": c.name} for key, c in config.carriers.items()],
        source_register: [
            {"source": name, "carrier": s.carrier} for name, s in config.sources.items()
        ],
        staff: [
            {"source": source, "name": name, "qualification": qualification}
            for (source, name), qualification in qualified.items()
        ],
        funding: [
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
        ],
    }
