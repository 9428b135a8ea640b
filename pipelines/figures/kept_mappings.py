"""Reads the mappings that loads were made with."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection

from mappings.problems import YamlProblems
from mappings.source_mapping import SourceMapping, read_kept_mapping
from warehouse.as_of import KnownAt
from warehouse.ledger.configuration import read_texts
from warehouse.ledger.effective_loads import read_loads


def read_load_mapping(connection: Connection, number: int) -> SourceMapping | None:
    """The mapping of a load; None where it was not kept or cannot be read any more."""
    kept = {kind: (name, text) for (kind, name), text in read_texts(connection, number).items()}
    if "mapping" not in kept:
        return None
    _, extended = kept.get("extended", ("", None))
    return _parse_mapping(*kept["mapping"], extended)


# Each answer asks for the rules anew, and most loads have one text.
@lru_cache(maxsize=64)
def _parse_mapping(name: str, text: str, extended: str | None) -> SourceMapping | None:
    try:
        return read_kept_mapping(name, text, extended)
    except YamlProblems:
        return None


def read_newest_mappings(
    connection: Connection, known_at: KnownAt
) -> dict[str, SourceMapping | None]:
    """Source → the mapping of the newest load that counts, None as in ``read_load_mapping``."""
    newest = {
        row.source: row.number for row in read_loads(connection, None, known_at) if row.counts
    }
    return {source: read_load_mapping(connection, number) for source, number in newest.items()}
