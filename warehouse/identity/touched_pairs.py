"""Compares the records that a load touched with all others, by the district's frozen model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Select, Table, or_, select, union

from warehouse.identity.family_numbers import list_bearers
from warehouse.identity.family_ties import list_moved
from warehouse.identity.kinship import list_former_relatives
from warehouse.identity.known_names import KnownNames
from warehouse.identity.pair_evidence import describe_pairs
from warehouse.identity.pair_judgement import (
    Band,
    JudgedPairs,
    judge_pairs,
    judge_touched,
)
from warehouse.identity.pair_rules import RULES
from warehouse.identity.person_columns import (
    PersonColumns,
    make_columns,
    read_former_columns,
    read_person_columns,
)
from warehouse.identity.record import Key
from warehouse.identity.scored_pairs import Band as KeptBand
from warehouse.identity.scored_pairs import Rescored, ScoredPair
from warehouse.identity.stored_models import StoredModel, read_model, write_model
from warehouse.identity.terms import Terms
from warehouse.identity.weights import Model, train_model
from warehouse.schema import (
    counselling_case,
    identity_pair,
    municipality_residence,
    person,
)

# What a person's pairs depend on, beside the person itself and its household.
_BY_PERSON = (counselling_case, municipality_residence)


@dataclass(frozen=True)
class PairScoring:
    """Compares records; the result is a Scoring of ``refresh_links``.

    ``trains``: the model is made from the records known now and everything compared anew. Else the
    shipped model counts until somebody trains one, and only what the load touched is compared: what
    is linked does not depend on the order in which the sources came.
    """

    terms: Terms
    names: KnownNames
    trains: bool = False

    def __call__(self, connection: Connection, load_number: int) -> Rescored:
        """The records that were compared, with all their pairs."""
        model, is_current = self._find_model(connection)
        touched = _find_touched(connection, load_number) if is_current else set()
        if is_current and not touched:
            return Rescored((), ())
        persons = read_person_columns(connection, self.terms)
        if not is_current:
            model = model or self._make_model(persons)
            write_model(connection, StoredModel(model, self._compared_by), load_number)
            return _describe(model, persons, judge_pairs(persons, self.names, model), None)
        assert model is not None
        rows = self._find_rows(connection, load_number, persons, touched)
        paired = _list_paired(connection, {persons.keys[row] for row in rows.tolist()} | touched)
        affected, judged = judge_touched(
            persons, self.names, model, rows, persons.find_rows(paired)
        )
        return _describe(model, persons, judged, affected)

    def _find_rows(
        self, connection: Connection, load_number: int, persons: PersonColumns, touched: set[Key]
    ) -> np.ndarray:
        """The touched rows, and those of whoever was a relative or carried one number until then."""
        rows = persons.find_rows(touched)
        former = read_former_columns(connection, self.terms, load_number)
        bearers = list_bearers(persons, former, rows, 2 * self.terms.most_persons)
        return np.unique(np.concatenate([rows, list_former_relatives(persons, former), bearers]))

    def _find_model(self, connection: Connection) -> tuple[Model | None, bool]:
        """The model to go by, and whether all pairs were compared as they are today."""
        stored = None if self.trains else read_model(connection)
        if stored is None:
            return None, False
        return stored.model, stored.compared_by == self._compared_by

    @property
    def _compared_by(self) -> str:
        """What tells today's rules and names from those of other days."""
        return f"{RULES}.{self.names.digest}"

    def _make_model(self, persons: PersonColumns) -> Model:
        """The model of these records, or that of a district of which nothing is known yet."""
        known = persons if self.trains else make_columns((), self.terms, {}, {})
        return train_model(known, self.names)


def _describe(
    model: Model, persons: PersonColumns, judged: JudgedPairs, rows: np.ndarray | None
) -> Rescored:
    """The pairs that are kept, of the rows that were compared (None: of all)."""
    kept = judged.take(judged.band != Band.NONE)
    texts = describe_pairs(model, kept)
    pairs = zip(
        kept.a.tolist(),
        kept.b.tolist(),
        kept.weight.tolist(),
        kept.band.tolist(),
        texts,
        strict=True,
    )
    scored = [
        ScoredPair(
            persons.keys[a],
            persons.keys[b],
            round(weight, 1),
            KeptBand[Band(band).name],
            text.because,
            text.against,
        )
        for a, b, weight, band, text in pairs
    ]
    keys = persons.keys if rows is None else [persons.keys[row] for row in rows.tolist()]
    return Rescored(keys, scored)


def _find_touched(connection: Connection, load_number: int) -> set[Key]:
    """The records of which a load changed something that their pairs depend on."""
    changed = [_select_changed(person, "source_key", load_number)]
    changed += [_select_changed(table, "person_key", load_number) for table in _BY_PERSON]
    rows = connection.execute(union(*changed)).mappings()
    touched = {(row["source"], row["record"]) for row in rows}
    return touched | list_moved(connection, load_number)


def _select_changed(table: Table, key: str, load_number: int) -> Select[tuple[str, str]]:
    c = table.c
    of_load = or_(c.known_from == load_number, c.known_to == load_number)
    return select(c.source, c[key].label("record")).where(of_load)


def _list_paired(connection: Connection, touched: set[Key]) -> set[Key]:
    """Both records of the pairs that were kept of these records."""
    c = identity_pair.c
    rows = connection.execute(select(c.a_source, c.a_key, c.b_source, c.b_key))
    pairs = (((row[0], row[1]), (row[2], row[3])) for row in rows)
    return {key for pair in pairs if not touched.isdisjoint(pair) for key in pair}
