"""In which municipalities records of persons were ever known to live or to be counselled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select, union

from warehouse.identity.record import Key
from warehouse.schema import counselling_case, municipality_residence


def read_municipalities(connection: Connection) -> Mapping[Key, Collection[str]]:
    """Record → its municipalities (AGS); ended residences and cases count as well."""
    kinds = [
        select(kind.c.source, kind.c.person_key, kind.c.municipality).where(
            kind.c.known_to.is_(None), kind.c.municipality.is_not(None)
        )
        for kind in (municipality_residence, counselling_case)
    ]
    found: dict[Key, set[str]] = defaultdict(set)
    for source, person, municipality in connection.execute(union(*kinds)):
        found[source, person].add(municipality)
    return found
