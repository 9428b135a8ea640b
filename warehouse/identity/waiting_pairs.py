"""Lists the compared pairs that a person has yet to decide on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from warehouse.as_of import read_newest_load
from warehouse.identity.key_owners import read_owners
from warehouse.identity.person_links import read_links, read_verdicts
from warehouse.identity.record import Key
from warehouse.identity.scored_pairs import Band, ScoredPair, read_pairs
from warehouse.identity.unsure_pairs import find_unchanged

_SKIPPED = (
    "Nicht verknüpft: Ein Mensch hätte sonst zwei Datensätze einer Quelle oder Angaben, die sich "
    "widersprechen, oder es ist für diese oder andere Datensätze der beiden anders entschieden."
)


def list_waiting(connection: Connection, *, within_source: bool = False) -> list[ScoredPair]:
    """The pairs that wait for a decision, the strongest first.

    Left out are pairs that are one person already, that were decided, also by way of other records,
    and that nobody could decide while they are what they were. ``within_source``: those of two
    records of one source, which its carrier is told of, instead of all others.
    """
    return list(_find_waiting(connection, within_source))


def _find_waiting(connection: Connection, within_source: bool) -> Iterator[ScoredPair]:
    verdicts = read_verdicts(connection, read_owners(connection), read_newest_load(connection))
    unsure, persons = find_unchanged(connection, verdicts), read_person_ids(connection)
    for found in read_pairs(connection):
        a, b = found.pair
        if (
            (found.band == Band.WITHIN_SOURCE) is within_source
            and persons.get(a) != persons.get(b)
            and found.pair not in unsure
            and not verdicts.explain_different(a, b)
        ):
            skipped = (_SKIPPED,) if found.band == Band.AUTOMATIC else ()
            yield replace(found, against=(*found.against, *skipped))


def read_person_ids(connection: Connection) -> dict[Key, str]:
    """The person of each known record."""
    return {key: row.person_id for key, row in read_links(connection).items()}
