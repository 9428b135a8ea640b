"""Which pairs of records are worth comparing: those that agree in two things rare together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.identity.birth_days import exchange_day_and_month, is_stand_in
from warehouse.identity.known_names import KnownNames, find_pairs
from warehouse.identity.name_keys import list_keys
from warehouse.identity.nationalities import list_confused
from warehouse.identity.person_columns import PersonColumns

_TABLES = """
CREATE TABLE person AS SELECT * FROM person_rows;
CREATE TABLE name_key AS SELECT DISTINCT k.row, k.key, p.born, p.exchanged, p.entered
    FROM key_rows k JOIN person p USING (row);
CREATE TABLE name_pair AS SELECT DISTINCT * FROM pair_rows;
"""
# The side that one looks from, so that few records need not be joined with all others twice.
_OURS = """
CREATE OR REPLACE TEMP TABLE ours AS SELECT * FROM person SEMI JOIN wanted USING (row);
CREATE OR REPLACE TEMP TABLE our_key AS SELECT * FROM name_key SEMI JOIN wanted USING (row);
CREATE OR REPLACE TEMP TABLE our_pair AS SELECT * FROM name_pair SEMI JOIN wanted USING (row);
"""
# {order} is < where all records are ours, else <>. Pairs of one source have to be close: a number,
# or the birthday and a name.
_BLOCKS = """
WITH pairs AS (
    -- one official number
    SELECT a.row AS a, b.row AS b, true AS close FROM ours a JOIN person b
        ON a.number = b.number AND a.row {order} b.row
    UNION ALL
    -- one birthday and a name; on a day that stands for an unknown one not two nationalities
    SELECT a.row, b.row, true FROM our_key ka
        JOIN name_key kb ON ka.key = kb.key AND ka.born = kb.born AND ka.row {order} kb.row
        JOIN person a ON a.row = ka.row JOIN person b ON b.row = kb.row
        WHERE NOT a.stand_in OR coalesce(a.nationality = b.nationality, true)
    UNION ALL
    -- day and month exchanged
    SELECT ka.row, kb.row, true FROM our_key ka
        JOIN name_key kb ON ka.key = kb.key AND ka.exchanged = kb.born AND ka.row {order} kb.row
    UNION ALL
    -- both names and nearly the birthday; on one birthday nationalities that are confused, too
    SELECT a.row, b.row, false FROM our_pair pa
        JOIN name_pair pb ON pa.one = pb.one AND pa.other = pb.other AND pa.row {order} pb.row
        JOIN person a ON a.row = pa.row JOIN person b ON b.row = pb.row
        WHERE a.source <> b.source
            AND (coalesce(a.nationality = b.nationality, true)
                OR a.born = b.born AND list_contains(a.nations, b.nationality)) AND coalesce(
            abs(year(a.born) - year(b.born)) <= 1
            OR (day(a.born) = day(b.born) AND month(a.born) = month(b.born) AND NOT a.stand_in),
            true)
    UNION ALL
    -- one day of entry, one sex and a name
    SELECT a.row, b.row, false FROM our_key ka
        JOIN name_key kb ON ka.key = kb.key AND ka.entered = kb.entered AND ka.row {order} kb.row
        JOIN person a ON a.row = ka.row JOIN person b ON b.row = kb.row
        WHERE a.source <> b.source AND coalesce(a.sex = b.sex, true)
            AND coalesce(abs(year(a.born) - year(b.born)) <= 1, true)
)
SELECT DISTINCT least(p.a, p.b) AS a, greatest(p.a, p.b) AS b FROM pairs p
    JOIN person a ON a.row = p.a JOIN person b ON b.row = p.b
    WHERE a.source <> b.source OR close ORDER BY 1, 2
"""


class CandidateSearch:
    """Finds pairs of rows, the smaller row first, in a database in memory."""

    def __init__(self, persons: PersonColumns, known: KnownNames) -> None:
        self._connection = _connect()
        self._count = len(persons)
        keys = _WordKeys(persons.words, known)
        self._connection.register("person_rows", _person_table(persons))
        self._connection.register("key_rows", _key_table(persons, keys))
        self._connection.register("pair_rows", _pair_table(persons, keys))
        self._connection.execute(_TABLES)

    def close(self) -> None:
        """Forgets the records."""
        self._connection.close()

    def find_all(self) -> tuple[np.ndarray, np.ndarray]:
        """All pairs worth comparing."""
        return self._find_pairs(np.arange(self._count), "<")

    def find_touching(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of all pairs that have one of these rows."""
        return self._find_pairs(np.unique(rows), "<>")

    def _find_pairs(self, ours: np.ndarray, order: str) -> tuple[np.ndarray, np.ndarray]:
        self._connection.register("wanted", pa.table({"row": ours}))
        self._connection.execute(_OURS)
        found = self._connection.execute(_BLOCKS.format(order=order)).to_arrow_table()
        return found["a"].to_numpy(), found["b"].to_numpy()


def _connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that writes nothing to the disk and fetches nothing."""
    connection = duckdb.connect(":memory:", config={"temp_directory": "", "threads": 2})
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    return connection


def _person_table(persons: PersonColumns) -> pa.Table:
    return pa.table(
        {
            "row": np.arange(len(persons)),
            "source": persons.source,
            "born": persons.born,
            "exchanged": exchange_day_and_month(persons.born),
            "stand_in": is_stand_in(persons.born),
            "entered": persons.entered,
            "sex": _with_nulls(persons.sex),
            "nationality": _with_nulls(persons.nationality),
            "nations": _list_nations(persons),
            "number": _with_nulls(persons.number),
        }
    )


def _list_nations(persons: PersonColumns) -> pa.Array:
    """The nationality of each record and those that offices take it for; NULL for none."""
    confused = list_confused(persons.nationalities)
    choices = [np.flatnonzero(row).tolist() for row in confused | np.eye(len(confused), dtype=bool)]
    return pa.array([*choices, None], pa.list_(pa.int32())).take(
        pa.array(np.where(persons.nationality < 0, len(choices), persons.nationality))
    )


def _with_nulls(codes: np.ndarray) -> pa.Array:
    return pa.array(codes, mask=codes < 0)


class _WordKeys:
    """The codes of the keys of all words: word w has those from starts[w] to starts[w + 1]."""

    def __init__(self, words: Sequence[str], known: KnownNames) -> None:
        codes: dict[str, int] = {}
        lists = [[codes.setdefault(k, len(codes)) for k in list_keys(w)] for w in words]
        # Nikolai is Mykola, though they share no sound: both have the first key of both.
        for one, other in find_pairs(words, known.related):
            lists[one], lists[other] = (
                [*lists[one], lists[other][0]],
                [*lists[other], lists[one][0]],
            )
        self.starts = np.concatenate([[0], np.cumsum([len(k) for k in lists])]).astype(np.int64)
        self.keys = np.fromiter((k for ks in lists for k in ks), np.int64)

    def expand(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows and keys, one for each key of the word of each row."""
        rows = np.flatnonzero(words >= 0)
        start, end = self.starts[words[rows]], self.starts[words[rows] + 1]
        counts = end - start
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(rows, counts), self.keys[np.repeat(start, counts) + within]


def _key_table(persons: PersonColumns, keys: _WordKeys) -> pa.Table:
    columns = [words for table in (persons.given, persons.family) for words in table.T]
    rows, found = zip(*map(keys.expand, columns), strict=True)
    return pa.table({"row": np.concatenate(rows), "key": np.concatenate(found)})


def _pair_table(persons: PersonColumns, keys: _WordKeys) -> pa.Table:
    """Each key of a given name with each of a family name, the smaller first."""
    rows, one, other = map(np.concatenate, zip(*_pair_parts(persons, keys), strict=True))
    return pa.table({"row": rows, "one": np.minimum(one, other), "other": np.maximum(one, other)})


def _pair_parts(
    persons: PersonColumns, keys: _WordKeys
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for given in (0, 1):
        for family in (0, 1, 3):
            rows, one = keys.expand(persons.given[:, given])
            at, other = keys.expand(persons.family[rows, family])
            yield rows[at], one[at], other
