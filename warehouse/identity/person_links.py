"""Maintains person_link: one open row per known person record, with the person's lasting id."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import pyarrow as pa
from sqlalchemy import Connection, exists, func, select, tuple_, update

from warehouse.database import bulk_insert
from warehouse.identity.clusters import group_records, keep_consistent
from warehouse.identity.exact_rules import Link, sure_links
from warehouse.identity.record import Key, Record
from warehouse.identity.repeated_persons import find_repeated
from warehouse.identity.terms import PERSON_COLUMNS, KnownPerson, Terms, without_numbers
from warehouse.record_join import match_keys
from warehouse.schema import person, person_link

SINGLE, KEY_REUSED = "single", "key_reused"
_ALONE = "Kein anderer Datensatz gehört sicher zu diesem Menschen."
_REUSED = "Der Schlüssel gehört ab dieser Ladung einem anderen Menschen."
_KEYS_PER_UPDATE = 1000
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
    connection: Connection, load_number: int, terms: Terms, replaced: Collection[Key] = ()
) -> LinkingResult:
    """Applies the rules to all known person records; stores the changes under ``load_number``.

    ``terms`` say what is a number and a name. ``replaced``: records whose key became another human
    being's in this load; they get another person than the key ever had.
    """
    _note_reuse(connection, sorted(replaced), load_number)
    as_read = terms.read_records(_read_persons(connection))
    crowded = terms.find_crowded(as_read)
    records = without_numbers(as_read, crowded)
    before = _read_links(connection)
    links = keep_consistent(records, list(sure_links(records)))
    ids = {k: row.person_id for k, row in before.items() if k not in replaced}
    wanted = _link_rows(records, links, ids, _count_reuses(connection))
    changed = _store_links(connection, before, wanted, load_number)
    persons = {row.person_id for row in wanted.values()}
    return LinkingResult(
        records=len(records),
        persons=len(persons),
        links=len(links),
        changed=changed,
        dissolved=_count_dissolved(before, wanted),
        crowded=Counter(r.source for r in as_read if r.number in crowded),
        repeated=find_repeated(records),
    )


def _store_links(
    connection: Connection,
    before: Mapping[Key, LinkRow],
    wanted: Mapping[Key, LinkRow],
    load_number: int,
) -> int:
    """Closes the links that are no more and opens the new ones; returns how many both are."""
    stale = {k for k, row in before.items() if wanted.get(k) != row}
    fresh = [k for k in wanted if k not in before or k in stale]
    _close_links(connection, sorted(stale), load_number)
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


def _read_links(connection: Connection) -> dict[Key, LinkRow]:
    c = person_link.c
    known = select(*(c[n] for n in _TEXT_COLUMNS)).where(c.known_to.is_(None))
    rows = connection.execute(known)
    return {(source, key): LinkRow(*values) for source, key, *values in rows}


@dataclass(frozen=True)
class ListedLink:
    """Two records, as source:key, that are linked as one person; ``by`` names the rule."""

    a: str
    b: str
    person: str
    by: str
    score: float | None
    explanation: str


def list_links(connection: Connection) -> list[ListedLink]:
    """The known links by source and key; records without a link are not listed."""
    c = person_link.c
    rows = select(person_link).where(c.known_to.is_(None), c.linked_to.is_not(None))
    return [
        ListedLink(
            a=r.linked_to,
            b=f"{r.source}:{r.source_key}",
            person=r.person_id,
            by=f"rule:{r.rule}",
            score=None,
            explanation=r.explanation,
        )
        for r in connection.execute(rows.order_by(c.source, c.source_key))
    ]


def _note_reuse(connection: Connection, keys: Sequence[Key], load_number: int) -> None:
    """Writes a row without duration per key: until here it was its former person's.

    No answer as of a load contains it; it tells which rows before were about somebody else.
    """
    c = person_link.c
    owners: dict[Key, str] = {}
    for start in range(0, len(keys), _KEYS_PER_UPDATE):
        part = tuple_(c.source, c.source_key).in_(keys[start : start + _KEYS_PER_UPDATE])
        links = select(c.source, c.source_key, c.person_id).where(part, c.rule != KEY_REUSED)
        # Of a key, the newest link comes last.
        found = connection.execute(links.order_by(c.known_from))
        owners |= {(source, key): person_id for source, key, person_id in found}
    rows = {k: LinkRow(person_id, KEY_REUSED, None, _REUSED) for k, person_id in owners.items()}
    _open_links(connection, sorted(rows), rows, load_number, load_number)


def _count_reuses(connection: Connection) -> Counter[Key]:
    """How often each key became another human being's."""
    c = person_link.c
    rows = select(c.source, c.source_key).where(c.rule == KEY_REUSED)
    return Counter((source, key) for source, key in connection.execute(rows))


def _link_rows(
    records: Sequence[Record],
    links: Iterable[Link],
    ids: Mapping[Key, str],
    reuses: Mapping[Key, int],
) -> dict[Key, LinkRow]:
    """The wanted row of each record; ``ids`` are the ids the records had before."""
    groups, joining = group_records(records, links)
    neighbours = _list_neighbours(joining)
    rows: dict[Key, LinkRow] = {}
    kept: set[str] = set()
    used = set(ids.values())
    for first, members in groups.items():
        person_id = _choose_person_id(members, ids, kept, used, reuses)
        kept.add(person_id)
        used.add(person_id)
        rows[first] = LinkRow(person_id, SINGLE, None, _ALONE)
        rows |= _explain_links(first, person_id, neighbours)
    return rows


def _list_neighbours(links: Iterable[Link]) -> Mapping[Key, list[tuple[Record, Link]]]:
    """The directly linked records of each record, with their link."""
    neighbours: dict[Key, list[tuple[Record, Link]]] = defaultdict(list)
    for link in links:
        neighbours[link.a.identity].append((link.b, link))
        neighbours[link.b.identity].append((link.a, link))
    return neighbours


def _explain_links(
    first: Key, person_id: str, neighbours: Mapping[Key, list[tuple[Record, Link]]]
) -> dict[Key, LinkRow]:
    """The rows of a group's other records, each linked to the one before it on the way from
    ``first``."""
    rows: dict[Key, LinkRow] = {}
    waiting = [first]
    for k in waiting:
        for other, link in neighbours.get(k, ()):
            key = other.identity
            if key != first and key not in rows:
                rows[key] = LinkRow(person_id, link.rule, ":".join(k), link.explanation)
                waiting.append(key)
    return rows


def _choose_person_id(
    members: Sequence[Key],
    ids: Mapping[Key, str],
    kept: set[str],
    used: set[str],
    reuses: Mapping[Key, int],
) -> str:
    """The first id a member had that no earlier group kept, else a new one.

    A record keeps its id; of joined groups the first keeps its own, of a split one the first part.
    """
    for k in members:
        if k in ids and ids[k] not in kept:
            return ids[k]
    return _make_person_id(members[0], used, reuses.get(members[0], 0))


def _make_person_id(first: Key, used: set[str], reuses: int) -> str:
    owner = (*first, f"reused {reuses}") if reuses else first
    names = ("\x1f".join((*owner, str(n)) if n else owner) for n in count())
    fresh = ("p-" + hashlib.sha256(name.encode()).hexdigest()[:20] for name in names)
    return next(person_id for person_id in fresh if person_id not in used)


def _close_links(connection: Connection, keys: Sequence[Key], load_number: int) -> None:
    c = person_link.c
    closing = update(person_link).where(c.known_to.is_(None)).values(known_to=load_number)
    for start in range(0, len(keys), _KEYS_PER_UPDATE):
        part = keys[start : start + _KEYS_PER_UPDATE]
        connection.execute(closing.where(tuple_(c.source, c.source_key).in_(part)))


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
