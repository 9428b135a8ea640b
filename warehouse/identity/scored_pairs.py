"""Keeps the compared pairs of records that are linked by their weight or wait for a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Row, delete, select, tuple_

from warehouse.database import bulk_insert
from warehouse.identity.decisions import SIDES, Pair, name_sides, order_pair, read_pair
from warehouse.identity.record import Key
from warehouse.schema import identity_pair

# Among what speaks against a pair: no weight outweighs it, nor does a third record.
TWO_HUMANS = "Die Angaben widersprechen sich: ohne Entscheidung bleiben es zwei Menschen"
_PAIRS_PER_STATEMENT = 500
_ARROW_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*SIDES, "band")),
        ("weight", pa.float64()),
        ("because", pa.string()),
        ("against", pa.string()),
        ("known_from", pa.int64()),
    ]
)


class Band(StrEnum):
    """What becomes of a pair: it is linked, a person decides, or its carrier is told."""

    AUTOMATIC = "automatic"
    REVIEW = "review"
    WITHIN_SOURCE = "within_source"


@dataclass(frozen=True)
class ScoredPair:
    """Two records that may be one human being; ``because`` and ``against`` are German sentences.

    They hold no values of the records.
    """

    a: Key
    b: Key
    weight: float
    band: str
    because: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def pair(self) -> Pair:
        """The two records, the smaller key first."""
        return order_pair(self.a, self.b)

    @property
    def are_two_humans(self) -> bool:
        """Whether the records cannot be one person unless somebody decides so."""
        return TWO_HUMANS in self.against

    def as_seen(self) -> dict[str, Any]:
        """Band, weight and sentences, for what is kept of a decision."""
        names = ("band", "weight", "because", "against")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Rescored:
    """Records that were compared anew with all others, and all pairs found of them."""

    records: Collection[Key]
    pairs: Sequence[ScoredPair]


# Compares the records that a load touched; given the connection and the number of the load.
Scoring = Callable[[Connection, int], Rescored]


def read_pairs(connection: Connection) -> list[ScoredPair]:
    """All pairs, the strongest first."""
    pairs = [_read_row(row) for row in connection.execute(select(identity_pair))]
    return sorted(pairs, key=rank_pair)


def find_pair(connection: Connection, pair: Pair) -> ScoredPair | None:
    """The pair of two records; None where it was not kept."""
    rows = select(identity_pair).filter_by(**name_sides(pair))
    row = connection.execute(rows).first()
    return None if row is None else _read_row(row)


def rank_pair(pair: ScoredPair) -> tuple[float, Pair]:
    """The place of a pair among others: the strongest first, equals by their keys."""
    return -pair.weight, pair.pair


def _read_row(row: Row[Any]) -> ScoredPair:
    because, against = (tuple(json.loads(text)) for text in (row.because, row.against))
    return ScoredPair(*read_pair(row), row.weight, row.band, because, against)


def replace_pairs(
    connection: Connection, load_number: int, found: Rescored, known: Collection[Key]
) -> list[ScoredPair]:
    """Replaces the pairs of the compared records, drops those of records no longer known.

    A pair that stays what it was keeps its row. Returns all pairs, the strongest first.
    """
    before = {pair.pair: pair for pair in read_pairs(connection)}
    compared = set(found.records)
    kept = [pair for keys, pair in before.items() if compared.isdisjoint(keys)]
    fresh = map(_order_sides, found.pairs)
    wanted = {pair.pair: pair for pair in (*kept, *fresh) if all(k in known for k in pair.pair)}
    _store_pairs(connection, before, wanted, load_number)
    return sorted(wanted.values(), key=rank_pair)


def _store_pairs(
    connection: Connection,
    before: Mapping[Pair, ScoredPair],
    wanted: Mapping[Pair, ScoredPair],
    load_number: int,
) -> None:
    stale = [keys for keys, pair in before.items() if wanted.get(keys) != pair]
    fresh = [pair for keys, pair in wanted.items() if before.get(keys) != pair]
    if stale or fresh:
        _delete_pairs(connection, stale)
        _insert_pairs(connection, fresh, load_number)
        bulk_insert.analyze_tables(connection, [identity_pair])


def _order_sides(pair: ScoredPair) -> ScoredPair:
    a, b = pair.pair
    return ScoredPair(a, b, float(pair.weight), str(pair.band), pair.because, pair.against)


def _delete_pairs(connection: Connection, pairs: Sequence[Pair]) -> None:
    sides = tuple_(*(identity_pair.c[name] for name in SIDES))
    for start in range(0, len(pairs), _PAIRS_PER_STATEMENT):
        some = [(*a, *b) for a, b in pairs[start : start + _PAIRS_PER_STATEMENT]]
        connection.execute(delete(identity_pair).where(sides.in_(some)))


def _insert_pairs(connection: Connection, pairs: Iterable[ScoredPair], load_number: int) -> None:
    rows = [
        {
            **name_sides(pair.pair),
            "band": pair.band,
            "weight": pair.weight,
            "because": json.dumps(pair.because, ensure_ascii=False),
            "against": json.dumps(pair.against, ensure_ascii=False),
            "known_from": load_number,
        }
        for pair in pairs
    ]
    batch = pa.Table.from_pylist(rows, schema=_ARROW_SCHEMA)
    bulk_insert.insert_batch(connection, identity_pair, batch)
