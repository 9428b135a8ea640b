"""Keeps person_link: one open row per known person record, with the lasting id of the human being. Deciding stands in rules.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import pyarrow as pa
from sqlalchemy import Connection, and_, exists, select, tuple_, update

from warehouse.database import bulk_insert
from warehouse.identity.clusters import Key, group_records, identify_record, keep_consistent
from warehouse.identity.exact_rules import Link, Record, sure_links
from warehouse.schema import person, person_link

Row = tuple[str, str, str | None, str]

SINGLE = "single"
_ALONE = "Kein anderer Datensatz gehört sicher zu diesem Menschen."


@dataclass(frozen=True)
class LinkingResult:
    """How many records, persons and links there are now, and how many rows changed."""

    records: int
    persons: int
    links: int
    changed: int


def refresh_links(connection: Connection, load_number: int) -> LinkingResult:
    """Applies the rules to all person records known now and keeps what changed, as learnt with ``load_number``."""
    records = _known_records(connection)
    before = {
        (r.source, r.source_key): r
        for r in connection.execute(select(person_link).where(person_link.c.known_to.is_(None)))
    }
    links = keep_consistent(records, list(sure_links(records)))
    wanted = _person_rows(records, links, {k: r.person_id for k, r in before.items()})
    stale = {
        k
        for k, r in before.items()
        if k not in wanted or wanted[k] != (r.person_id, r.rule, r.linked_to, r.explanation)
    }
    fresh = [k for k in wanted if k not in before or k in stale]
    _close_links(connection, sorted(stale), load_number)
    _open_links(connection, fresh, wanted, load_number)
    bulk_insert.analyze_tables(connection, [person_link])
    return LinkingResult(
        len(records), len({w[0] for w in wanted.values()}), len(links), len(stale) + len(fresh)
    )


@dataclass(frozen=True)
class ListedLink:
    """Two records, as source:key, that are held for one person; ``by`` names the rule."""

    a: str
    b: str
    person: str
    by: str
    score: float | None
    explanation: str


def list_links(connection: Connection) -> list[ListedLink]:
    """The links known now; records that stand alone are not listed."""
    rows = select(person_link).where(
        person_link.c.known_to.is_(None), person_link.c.linked_to.is_not(None)
    )
    return [
        ListedLink(
            r.linked_to,
            f"{r.source}:{r.source_key}",
            r.person_id,
            f"rule:{r.rule}",
            None,
            r.explanation,
        )
        for r in connection.execute(rows.order_by(person_link.c.source, person_link.c.source_key))
    ]


def _known_records(connection: Connection) -> list[Record]:
    c = person.c
    columns = (
        c.source,
        c.source_key,
        c.last_name,
        c.first_name,
        c.birth_date,
        c.sex,
        c.entry_date,
        c.official_number,
    )
    # Sorted here: databases may put the same keys in another order, and the first of a group gives the person its id.
    rows = connection.execute(select(*columns).where(c.known_to.is_(None)))
    return sorted((Record(*row) for row in rows), key=lambda r: (r.source, r.key))


def _person_rows(
    records: Sequence[Record], links: Iterable[Link], ids: Mapping[Key, str]
) -> dict[Key, Row]:
    groups, joining = group_records(records, links)
    united: dict[Key, list[tuple[Key, Link]]] = {}
    for link in joining:
        one, other = identify_record(link.a), identify_record(link.b)
        united.setdefault(one, []).append((other, link))
        united.setdefault(other, []).append((one, link))
    rows: dict[Key, Row] = {}
    kept: set[str] = set()
    used = set(ids.values())
    for first, members in groups.items():
        person_id = _choose_person_id(members, ids, kept, used)
        kept.add(person_id)
        used.add(person_id)
        rows[first] = (person_id, SINGLE, None, _ALONE)
        rows.update((k, (person_id, *why)) for k, why in _explain_links(first, united).items())
    return rows


def _explain_links(
    first: Key, united: Mapping[Key, list[tuple[Key, Link]]]
) -> dict[Key, tuple[str, str, str]]:
    """For every other record of a group: by which rule, to which record and why it is linked, walking outwards from ``first``."""
    why: dict[Key, tuple[str, str, str]] = {}
    waiting = [first]
    for k in waiting:
        for other, link in united.get(k, ()):
            if other != first and other not in why:
                why[other] = (link.rule, f"{k[0]}:{k[1]}", link.explanation)
                waiting.append(other)
    return why


def _choose_person_id(
    members: Sequence[Key], ids: Mapping[Key, str], kept: set[str], used: set[str]
) -> str:
    # The id a record had stays with it; where two were joined the first keeps it, where one was split the first part does.
    for k in members:
        if k in ids and ids[k] not in kept:
            return ids[k]
    names = ("\x1f".join((*members[0], str(n)) if n else members[0]) for n in count())
    fresh = ("p-" + hashlib.sha256(name.encode()).hexdigest()[:20] for name in names)
    return next(person_id for person_id in fresh if person_id not in used)


def _close_links(connection: Connection, keys: Sequence[Key], load_number: int) -> None:
    for start in range(0, len(keys), 1000):
        part = tuple_(person_link.c.source, person_link.c.source_key).in_(
            keys[start : start + 1000]
        )
        connection.execute(
            update(person_link)
            .where(person_link.c.known_to.is_(None), part)
            .values(known_to=load_number)
        )


def _open_links(
    connection: Connection,
    keys: Sequence[Key],
    rows: Mapping[Key, Row],
    load_number: int,
) -> None:
    columns = [[*k, *rows[k], load_number] for k in keys]
    names = ["source", "source_key", "person_id", "rule", "linked_to", "explanation", "known_from"]
    if columns:
        arrays = [pa.array(list(values)) for values in zip(*columns, strict=True)]
        arrays[4] = pa.array([c[4] for c in columns], pa.string())
        bulk_insert.insert_batch(
            connection, person_link, pa.table(dict(zip(names, arrays, strict=True)))
        )


def count_unlinked(connection: Connection) -> int:
    """Known person records without a person; always 0 after a refresh."""
    linked = exists().where(
        and_(
            person_link.c.source == person.c.source,
            person_link.c.source_key == person.c.source_key,
            person_link.c.known_to.is_(None),
        )
    )
    return len(
        connection.execute(
            select(person.c.source_key).where(person.c.known_to.is_(None), ~linked)
        ).all()
    )
