"""Maintains person_link: one open row per known person record, with the person's lasting id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, exists, func, select, update

from warehouse.as_of import read_newest_load
from warehouse.database import bulk_insert
from warehouse.identity.decisions import (
    Decision,
    Pair,
    find_standing,
    keep_valid,
    list_decisions,
    name_record,
    order_pair,
)
from warehouse.identity.exact_rules import Link
from warehouse.identity.key_owners import KEY_REUSED, KeyOwners, read_owners
from warehouse.identity.link_choice import DECISION, WEIGHT, Evidence, choose_links
from warehouse.identity.person_ids import PersonIds
from warehouse.identity.record import Key, Record
from warehouse.identity.repeated_persons import find_repeated
from warehouse.identity.rows_of_keys import match_records, read_rows
from warehouse.identity.scored_pairs import Rescored, Scoring, read_pairs, replace_pairs
from warehouse.identity.terms import PERSON_COLUMNS, KnownPerson, Terms, without_numbers
from warehouse.identity.verdicts import Verdicts
from warehouse.record_join import match_keys
from warehouse.schema import person, person_link

SINGLE = "single"
_ALONE = "Kein anderer Datensatz gehört sicher zu diesem Menschen."
_REUSED = "Der Schlüssel gehört ab dieser Ladung einem anderen Menschen."
_TEXT_COLUMNS = ("source", "source_key", "person_id", "rule", "linked_to", "explanation")
# Given, not inferred: linked_to may be null in all rows.
_ARROW_SCHEMA = pa.schema(
    [
        *((n, pa.string()) for n in _TEXT_COLUMNS),
        ("known_from", pa.int64()),
        ("known_to", pa.int64()),
    ]
)


@dataclass(frozen=True)
class LinkRow:
    """The values of a person_link row besides key and loads; ``linked_to`` None: a first record."""

    person_id: str
    rule: str
    linked_to: str | None
    explanation: str


@dataclass(frozen=True)
class LinkingResult:
    """How many records, persons and links there are now, and how many rows changed.

    ``dissolved``: links between records that are both still known and are two persons now.
    ``crowded``: source → records whose number too many persons carry. ``repeated``: pairs of records
    of one source that are probably one person.
    """

    records: int
    persons: int
    links: int
    changed: int
    dissolved: int
    crowded: Mapping[str, int]
    repeated: Sequence[tuple[Record, Record]] = ()


def refresh_links(
    connection: Connection,
    load_number: int,
    terms: Terms,
    replaced: Collection[Key] = (),
    score: Scoring | None = None,
) -> LinkingResult:
    """Applies decisions, rules and weights to all known person records, under ``load_number``.

    ``terms`` say what is a number and a name. ``replaced``: records whose key became another human
    being's in this load; they get another person than the key ever had. ``score`` compares the
    records that the load touched; without it, the pairs stay those that were compared before.
    """
    _note_reuse(connection, replaced, load_number)
    owners, (records, crowded) = read_owners(connection), _read_records(connection, terms)
    known = {record.identity for record in records}
    compared = score(connection, load_number) if score else Rescored(replaced, ())
    pairs = replace_pairs(connection, load_number, compared, known)
    verdicts = read_verdicts(connection, owners, load_number)
    evidence = Evidence(records, verdicts, pairs)
    before = read_links(connection)
    ids = PersonIds(connection, owners, load_number, known)
    ids.pass_on({key: row.person_id for key, row in before.items()})
    wanted = _link_rows(*choose_links(evidence), known, ids)
    ids.store_changes()
    changed = _store_links(connection, before, wanted, load_number)
    return LinkingResult(
        records=len(records),
        persons=len({row.person_id for row in wanted.values()}),
        links=sum(row.linked_to is not None for row in wanted.values()),
        changed=changed,
        dissolved=_count_dissolved(before, wanted),
        crowded=crowded,
        repeated=_leave_out_decided(find_repeated(records), verdicts),
    )


def _read_records(connection: Connection, terms: Terms) -> tuple[list[Record], Counter[str]]:
    """The known records, and by source how many of them carry a number that is of too many."""
    as_read = terms.read_records(_read_persons(connection))
    crowded = terms.find_crowded(as_read)
    counted = Counter(record.source for record in as_read if record.number in crowded)
    return without_numbers(as_read, crowded), counted


def read_verdicts(connection: Connection, owners: KeyOwners, load_number: int) -> Verdicts:
    """The decisions that count at a load."""
    standing = find_standing(list_decisions(connection))
    return Verdicts(keep_valid(standing.values(), owners, load_number))


def _leave_out_decided(
    repeated: Iterable[tuple[Record, Record]], verdicts: Verdicts
) -> list[tuple[Record, Record]]:
    """The pairs without those that were decided to be two human beings."""
    return [(a, b) for a, b in repeated if not verdicts.explain_different(a.identity, b.identity)]


def _store_links(
    connection: Connection,
    before: Mapping[Key, LinkRow],
    wanted: Mapping[Key, LinkRow],
    load_number: int,
) -> int:
    """Closes the links that are no more and opens the new ones; returns how many both are."""
    stale = {k for k, row in before.items() if wanted.get(k) != row}
    fresh = [k for k in wanted if k not in before or k in stale]
    _close_links(connection, stale, load_number)
    _open_links(connection, fresh, wanted, load_number)
    bulk_insert.analyze_tables(connection, [person_link])
    return len(stale) + len(fresh)


def _count_dissolved(before: Mapping[Key, LinkRow], wanted: Mapping[Key, LinkRow]) -> int:
    """Counts links whose two records are still known and no longer one person."""
    persons = {":".join(k): row.person_id for k, row in wanted.items()}
    linked = [(":".join(k), row.linked_to) for k, row in before.items() if row.linked_to]
    both_known = [(a, b) for a, b in linked if a in persons and b in persons]
    return sum(persons[a] != persons[b] for a, b in both_known)


def _read_persons(connection: Connection) -> list[KnownPerson]:
    known = select(*(person.c[n] for n in PERSON_COLUMNS)).where(person.c.known_to.is_(None))
    rows = connection.execute(known)
    # Sorted here because databases order keys differently: a group's first record gives the id.
    return sorted((KnownPerson(*row) for row in rows), key=lambda p: (p.source, p.key))


def read_links(connection: Connection) -> dict[Key, LinkRow]:
    """The row of each known record."""
    c = person_link.c
    known = select(*(c[n] for n in _TEXT_COLUMNS)).where(c.known_to.is_(None))
    rows = connection.execute(known)
    return {(source, key): LinkRow(*values) for source, key, *values in rows}


@dataclass(frozen=True)
class ListedLink:
    """Two records, as source:key, that are linked as one person.

    ``by`` names the rule; ``band`` is sure, decided or automatic; ``weight`` that of the comparison,
    if there was one; ``decided_by`` who decided.
    """

    a: str
    b: str
    person: str
    by: str
    score: float | None
    explanation: str
    band: str
    weight: float | None
    decided_by: str | None


def list_links(connection: Connection) -> list[ListedLink]:
    """The known links by source and key; records without a link are not listed."""
    c = person_link.c
    rows = select(person_link).where(c.known_to.is_(None), c.linked_to.is_not(None))
    weights = {pair.pair: pair.weight for pair in read_pairs(connection)}
    owners, load = read_owners(connection), read_newest_load(connection)
    verdicts = read_verdicts(connection, owners, load)
    return [
        _describe_link(row, weights, verdicts)
        for row in connection.execute(rows.order_by(c.source, c.source_key))
    ]


def _describe_link(row: Any, weights: Mapping[Pair, float], verdicts: Verdicts) -> ListedLink:
    source, _, key = row.linked_to.partition(":")
    pair = order_pair((source, key), (row.source, row.source_key))
    band = {DECISION: "decided", WEIGHT: "automatic"}.get(row.rule, "sure")
    weight, chain = weights.get(pair), verdicts.explain_same(*pair)
    return ListedLink(
        a=row.linked_to,
        b=name_record((row.source, row.source_key)),
        person=row.person_id,
        by=f"rule:{row.rule}",
        score=weight if band == "automatic" else None,
        explanation=row.explanation,
        band=band,
        weight=weight,
        decided_by=_name_deciders(chain) if band == "decided" else None,
    )


def _name_deciders(chain: Iterable[Decision]) -> str:
    return ", ".join(dict.fromkeys(one.decided_by for one in chain))


def _note_reuse(connection: Connection, keys: Collection[Key], load_number: int) -> None:
    """Writes a row without duration per key: until here it was its former person's.

    No answer as of a load contains it; it tells which rows before were about somebody else.
    """
    c = person_link.c
    links = select(c.source, c.source_key, c.person_id).where(c.rule != KEY_REUSED)
    # Of a key, the newest link comes last.
    found = read_rows(connection, links.order_by(c.known_from), person_link, keys)
    owners = {(source, key): person_id for source, key, person_id in found}
    rows = {k: LinkRow(person_id, KEY_REUSED, None, _REUSED) for k, person_id in owners.items()}
    _open_links(connection, sorted(rows), rows, load_number, load_number)


def _link_rows(
    groups: Mapping[Key, Sequence[Key]],
    joining: Iterable[Link],
    known: Collection[Key],
    ids: PersonIds,
) -> dict[Key, LinkRow]:
    """The wanted row of each known record."""
    present = [[key for key in members if key in known] for members in groups.values()]
    persons = [members for members in present if members]
    neighbours = _list_neighbours(joining)
    rows: dict[Key, LinkRow] = {}
    for members, person_id in zip(persons, ids.choose_ids(persons), strict=True):
        first = members[0]
        rows[first] = LinkRow(person_id, SINGLE, None, _ALONE)
        if len(members) > 1:
            rows |= _explain_links(first, person_id, neighbours, known)
    return rows


def _list_neighbours(links: Iterable[Link]) -> Mapping[Key, list[tuple[Key, Link]]]:
    """The directly linked records of each record, with their link."""
    neighbours: dict[Key, list[tuple[Key, Link]]] = defaultdict(list)
    for link in links:
        neighbours[link.a].append((link.b, link))
        neighbours[link.b].append((link.a, link))
    return neighbours


def _explain_links(
    first: Key,
    person_id: str,
    neighbours: Mapping[Key, Sequence[tuple[Key, Link]]],
    known: Collection[Key],
) -> dict[Key, LinkRow]:
    """The rows of a group's other records, each linked to the known one before it on the way from
    ``first``."""
    rows: dict[Key, LinkRow] = {}
    # The record that a link of the next one leads to: itself, or the last known before it.
    nearest = {first: first}
    waiting = [first]
    for k in waiting:
        for other, link in neighbours.get(k, ()):
            if other not in nearest:
                nearest[other] = other if other in known else nearest[k]
                waiting.append(other)
                if other in known:
                    linked_to = name_record(nearest[k])
                    rows[other] = LinkRow(person_id, link.rule, linked_to, link.explanation)
    return rows


def _close_links(connection: Connection, keys: Collection[Key], load_number: int) -> None:
    closing = update(person_link).where(person_link.c.known_to.is_(None))
    for condition in match_records(person_link, keys):
        connection.execute(closing.where(condition).values(known_to=load_number))


def _open_links(
    connection: Connection,
    keys: Sequence[Key],
    rows: Mapping[Key, LinkRow],
    load_number: int,
    known_to: int | None = None,
) -> None:
    loads = {"known_from": load_number, "known_to": known_to}
    fresh = [
        {"source": source, "source_key": key, **vars(rows[source, key]), **loads}
        for source, key in keys
    ]
    batch = pa.Table.from_pylist(fresh, schema=_ARROW_SCHEMA)
    bulk_insert.insert_batch(connection, person_link, batch)


def count_unlinked(connection: Connection) -> int:
    """Counts known person records without a person; always 0 after a refresh."""
    linked = exists().where(
        match_keys(person_link, "source_key", person, "source_key"),
        person_link.c.known_to.is_(None),
    )
    unlinked = select(func.count()).select_from(person)
    return connection.execute(unlinked.where(person.c.known_to.is_(None), ~linked)).scalar_one()
