"""Makes for each carrier the list of its records that may be one person twice in its system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from connectors.documents.duplicate_list import DuplicateList, DuplicatePair, write_duplicates
from pipelines.hub import Hub
from warehouse.identity.repeated_persons import PersonPlace, list_person_places
from warehouse.identity.scored_pairs import ScoredPair
from warehouse.identity.waiting_pairs import list_waiting
from warehouse.ledger.effective_loads import list_effective
from warehouse.rights.record_marks import read_restricted


def write_duplicate_lists(hub: Hub, out: Path) -> list[Path]:
    """Writes a workbook per carrier that has such pairs; a source without a carrier has its own.

    Pairs with a person whose data are restricted (Art. 18 DSGVO) stay out.
    """
    with hub.store.read() as connection:
        waiting = list_waiting(connection, within_source=True)
        restricted = read_restricted(connection)
        listed = [pair for pair in waiting if restricted.isdisjoint(pair.pair)]
        found = _list_by_carrier(hub, listed)
        lists = {key: _describe_list(hub, connection, *item) for key, item in found.items()}
    return [_write_list(out, key, one) for key, one in sorted(lists.items())]


def _write_list(out: Path, key: str, listed: DuplicateList) -> Path:
    path = out / f"moeglicherweise-doppelt-{key}.xlsx"
    write_duplicates(path, listed)
    return path


def _list_by_carrier(
    hub: Hub, pairs: Sequence[ScoredPair]
) -> dict[str, tuple[str, list[ScoredPair]]]:
    """The carrier's name and its pairs, by what stands for it in a file's name."""
    found: dict[str, tuple[str, list[ScoredPair]]] = {}
    for pair in pairs:
        source = pair.a[0]
        settings = hub.config.sources.get(source)
        carrier = settings.carrier if settings else None
        name = hub.config.carriers[carrier].name if carrier else f"System {source}"
        found.setdefault(carrier or f"system-{source}", (name, []))[1].append(pair)
    return found


def _describe_list(
    hub: Hub, connection: Connection, carrier: str, pairs: Sequence[ScoredPair]
) -> DuplicateList:
    keys: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        keys[pair.a[0]].update((pair.a[1], pair.b[1]))
    places = {s: list_person_places(connection, s, wanted) for s, wanted in keys.items()}
    days = (_find_newest(connection, source) for source in keys)
    as_of = max((day for day in days if day), default=hub.today)
    return DuplicateList(carrier, as_of, list(_describe_pairs(pairs, places)))


def _find_newest(connection: Connection, source: str) -> date | None:
    return max((load.delivered_on for load in list_effective(connection, source)), default=None)


def _describe_pairs(
    pairs: Sequence[ScoredPair], places: Mapping[str, Mapping[str, PersonPlace]]
) -> Iterator[DuplicatePair]:
    for pair in pairs:
        (source, one), (_, other) = pair.pair
        known = places[source]
        yield DuplicatePair(
            source,
            one,
            _name_place(known.get(one)),
            other,
            _name_place(known.get(other)),
            pair.because,
            pair.against,
        )


def _name_place(place: PersonPlace | None) -> str:
    """File, table and row of a record; the table only where it is not the file's name."""
    if place is None:
        return ""
    table = "" if place.table in place.file else f", {place.table}"
    return f"{place.file}{table}, Zeile {place.row}"
