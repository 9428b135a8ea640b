"""A small district whose person records come and go as a test says, with whatever pairs a comparison would find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.identity_decisions import MadeDecision, decide_pair, undo_decision
from pipelines.intake.identity_terms import identity_terms
from warehouse.as_of import KnownAt, read_newest_load
from warehouse.database.store import Store
from warehouse.identity.decisions import Verdict
from warehouse.identity.person_links import refresh_links
from warehouse.identity.record import Key
from warehouse.identity.scored_pairs import Band, Rescored, ScoredPair
from warehouse.loading.loader import IncomingDelivery, record_delivery, record_load
from warehouse.loading.restoration import Restoration, restore_source
from warehouse.schema import metadata, person, person_link

# Weight and band of a pair of two records that bear one mark.
MARKS: Mapping[str, tuple[float, Band]] = {
    "a": (12.5, Band.AUTOMATIC),
    "b": (9.25, Band.AUTOMATIC),
    "c": (4.0, Band.REVIEW),
}
START = date(2025, 1, 1)


class Facts(NamedTuple):
    """What a source says of a person: who it is, an official number, and a mark that others may share."""

    human: int
    number: str | None = None
    mark: str | None = None


def find_pairs(known: Mapping[Key, Facts], among: set[Key]) -> list[ScoredPair]:
    """The pairs of which one record is among these."""
    keys = sorted(known)
    return [
        _score(a, b, known[a].mark or "")
        for n, a in enumerate(keys)
        for b in keys[n + 1 :]
        if {a, b} & among and known[a].mark is not None and known[a].mark == known[b].mark
    ]


def _score(a: Key, b: Key, mark: str) -> ScoredPair:
    weight, band = MARKS[mark]
    band = Band.WITHIN_SOURCE if a[0] == b[0] else band
    return ScoredPair(a, b, weight, band, ("Gleich: Name.",), ("Nicht bekannt: Einreise.",))


@dataclass
class Town:
    """One engine; ``told``: what the sources say now, ``said``: what they said after each load."""

    store: Store
    config: Path
    told: dict[str, dict[str, Facts]] = field(default_factory=dict)
    said: list[dict[str, dict[str, Facts]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hub = Hub(load_config(self.config))
        self.hub.__dict__["store"] = self.store
        self.reset()

    def reset(self) -> None:
        """Forgets everything."""
        with self.store.transaction() as connection:
            for table in metadata.sorted_tables:
                connection.execute(delete(table))
        self.told, self.said = {}, [{}]

    @property
    def newest(self) -> int:
        return self.store.last_load()

    def known(self) -> dict[Key, Facts]:
        """What is said of each record now."""
        return {(s, key): facts for s, rows in self.told.items() for key, facts in rows.items()}

    def deliver(self, source: str, rows: Mapping[str, Facts]) -> int:
        """Loads all that a source knows now; a key that names another human being is one that changed hands."""
        with self.store.transaction() as connection:
            number = read_newest_load(connection) + 1
            replaced = {
                (source, key)
                for key, facts in rows.items()
                if (last := self._find_last(source, key)) and last.human != facts.human
            }
            self._write_versions(connection, source, dict(rows), number)
            arrival = IncomingDelivery(
                f"{source}-{number}", source, START + timedelta(days=number), "full", "m"
            )
            record_delivery(connection, arrival, "loaded", None, number)
            record_load(connection, number, arrival.delivery_id, source, arrival.delivered_on, "m")
            self._link(connection, number, source, rows, replaced)
        return number

    def return_to(self, source: str, base: int) -> int:
        """Returns a source to what it said after an earlier load."""
        rows = self.said[base].get(source, {})
        with self.store.transaction() as connection:
            number = read_newest_load(connection) + 1
            made = Restoration(number, source, base, f"{source}-1", START, "m", "x")
            restore_source(connection, made)
            self._link(connection, number, source, rows, set())
        return number

    def decide(
        self, a: str, b: str, verdict: str, reason: str = "geprüft", by: str = "M."
    ) -> MadeDecision:
        made = decide_pair(self.hub, a, b, Verdict(verdict), reason, by)
        self._note_load()
        return made

    def undo(self, *names: str) -> MadeDecision:
        made = undo_decision(self.hub, names, "zurück", "N.")
        self._note_load()
        return made

    def persons(self, load: int | None = None) -> dict[str, str]:
        """The person of each record, now or as known at a load."""
        rows = KnownAt(self.newest if load is None else load).select_rows(person_link)
        with self.store.read() as connection:
            found = connection.execute(select(rows)).all()
        assert len({(row.source, row.source_key) for row in found}) == len(found)
        return {f"{row.source}:{row.source_key}": row.person_id for row in found}

    def groups(self) -> set[frozenset[str]]:
        """The records that are one person, where there are several."""
        persons = self.persons()
        every = {
            frozenset(name for name, person_id in persons.items() if person_id == one)
            for one in persons.values()
        }
        return {group for group in every if len(group) > 1}

    def content(self, table: Any) -> list[tuple[Any, ...]]:
        """The rows of a table."""
        with self.store.read() as connection:
            return sorted(map(tuple, connection.execute(select(table))), key=str)

    def _link(
        self,
        connection: Connection,
        number: int,
        source: str,
        rows: Mapping[str, Facts],
        replaced: set[Key],
    ) -> None:
        """Links persons, and compares those records alone that are others than before."""
        before = self.told.get(source, {})
        keys = {key for key in {*rows, *before} if rows.get(key) != before.get(key)}
        self.told = {**self.told, source: dict(rows)}
        touched = {(source, key) for key in keys}
        compared = Rescored(touched, find_pairs(self.known(), touched))
        refresh_links(connection, number, identity_terms(), replaced, lambda *_: compared)
        self.said.append(self.told)

    def _note_load(self) -> None:
        if self.newest >= len(self.said):
            self.said.append(self.told)

    def _find_last(self, source: str, key: str) -> Facts | None:
        """What the source said of a key last, also where it was gone since."""
        known = (said[source] for said in reversed(self.said) if key in said.get(source, ()))
        return next((rows[key] for rows in known), None)

    def _write_versions(
        self, connection: Connection, source: str, rows: dict[str, Facts], number: int
    ) -> None:
        before, c = self.told.get(source, {}), person.c
        ended = [key for key, facts in before.items() if rows.get(key) != facts]
        mine = (c.source == source, c.source_key.in_(ended), c.known_to.is_(None))
        connection.execute(update(person).where(*mine).values(known_to=number))
        fresh = [
            {
                **{"source": source, "source_key": key, "record_key": key, "known_from": number},
                **{"source_file": "f", "source_table": "t", "source_row": 1},
                "row_hash": hash(facts) % 2**31,
                **describe_facts(facts),
            }
            for key, facts in rows.items()
            if before.get(key) != facts
        ]
        if fresh:
            connection.execute(insert(person), fresh)


def describe_facts(facts: Facts) -> dict[str, Any]:
    """Only the number links: nobody knows a birthday."""
    return {
        "last_name": "Beispiel",
        "first_name": "Amal",
        "birth_date": date(1990, 1, 1),
        "official_number": facts.number,
    }
