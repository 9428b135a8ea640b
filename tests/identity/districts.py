"""What the tests of the linkage share: records in a line each, and hard districts with their judged pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from benchmarks.hard_columns import read_columns, read_known_names, read_terms
from examples.hard.district import HardDistrict, make_district
from examples.hard.phenomena import ALL_PHENOMENA, Phenomena
from warehouse.identity.pair_judgement import Band, JudgedPairs, judge_pairs
from warehouse.identity.person_columns import DeliveredPerson, PersonColumns, make_columns
from warehouse.identity.record import Key
from warehouse.identity.weights import Model, train_model


@dataclass(frozen=True)
class Linked:
    """A hard district and what became of its pairs."""

    district: HardDistrict
    persons: PersonColumns
    model: Model
    judged: JudgedPairs

    def list_pairs(self, band: Band) -> set[tuple[int, int]]:
        rows = np.flatnonzero(self.judged.band == band)
        return set(zip(self.judged.a[rows].tolist(), self.judged.b[rows].tolist(), strict=True))


@cache
def link_district(seed: int, size: int, phenomena: Phenomena = ALL_PHENOMENA) -> Linked:
    district = make_district(seed, size, phenomena)
    persons = read_columns(district)
    model = train_model(persons, read_known_names())
    return Linked(district, persons, model, judge_pairs(persons, read_known_names(), model))


def read_lines(
    lines: Sequence[str],
    households: Mapping[Key, str] | None = None,
    lived_in: Mapping[Key, Sequence[str]] | None = None,
) -> PersonColumns:
    """Records of "source key, first, last, birth, sex, nationality, entry, number"; "" is not delivered."""
    persons = [_read_line(line) for line in lines]
    return make_columns(persons, read_terms(), households or {}, lived_in or {})


def _read_line(line: str) -> DeliveredPerson:
    key, first, last, born, sex, nationality, entered, number = (
        part.strip() for part in line.split(",")
    )
    source, _, name = key.partition(" ")
    return DeliveredPerson(
        source,
        name,
        last or None,
        first or None,
        date.fromisoformat(born) if born else None,
        sex or None,
        nationality or None,
        date.fromisoformat(entered) if entered else None,
        number or None,
    )
