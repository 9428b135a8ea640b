"""Links the records of a hard district into persons as the warehouse does, and reviews the rest.

The review is answered by the truth, the strongest pair first; what an earlier answer implies is
not asked again, as on the review page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmarks.hard_columns import read_terms
from examples.hard.district import HardDistrict, Pair
from warehouse.identity.link_choice import Evidence, choose_links
from warehouse.identity.pair_judgement import Band, JudgedPairs
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.record import Record
from warehouse.identity.scored_pairs import TWO_HUMANS, ScoredPair, rank_pair
from warehouse.identity.scored_pairs import Band as KeptBand
from warehouse.identity.terms import KnownPerson, without_numbers
from warehouse.identity.verdicts import Verdicts

_ASKED = (Band.AUTOMATIC, Band.REVIEW)


@dataclass(frozen=True)
class LinkedPersons:
    """Pairs of records of two sources that are one person: before and after the review.

    ``asked`` is how many pairs people had to decide.
    """

    linked: set[Pair]
    reviewed: set[Pair]
    asked: int


def link_persons(
    district: HardDistrict, columns: PersonColumns, judged: JudgedPairs
) -> LinkedPersons:
    """The persons of the judged pairs; rows of columns and records are the same."""
    kept = sorted(_list_kept(columns, judged), key=rank_pair)
    groups, _ = choose_links(Evidence(_read_records(district), Verdicts(), kept))
    rows = {key: row for row, key in enumerate(columns.keys)}
    groups_of: dict[int, set[int]] = {}
    for members in groups.values():
        group = {rows[key] for key in members}
        groups_of |= dict.fromkeys(group, group)
    linked = set(_list_pairs(columns, groups_of))
    asked = _review(district, [(rows[pair.a], rows[pair.b]) for pair in kept], groups_of)
    return LinkedPersons(linked, set(_list_pairs(columns, groups_of)), asked)


def _list_kept(columns: PersonColumns, judged: JudgedPairs) -> Iterator[ScoredPair]:
    kept = judged.take(np.isin(judged.band, _ASKED))
    rows = zip(kept.a.tolist(), kept.b.tolist(), strict=True)
    values = zip(kept.weight.tolist(), kept.band, kept.two_humans, strict=True)
    for (a, b), (weight, band, two_humans) in zip(rows, values, strict=True):
        name = KeptBand[Band(band).name]
        against = (TWO_HUMANS,) if two_humans else ()
        pair = (columns.keys[a], columns.keys[b])
        yield ScoredPair(*pair, round(weight, 1), name, against=against)


def _read_records(district: HardDistrict) -> list[Record]:
    """The records as the exact rules compare them."""
    terms = read_terms()
    known = [
        KnownPerson(*(getattr(record, name) for name in KnownPerson._fields))
        for record in district.records
    ]
    records = terms.read_records(known)
    return without_numbers(records, terms.find_crowded(records))


def _list_pairs(columns: PersonColumns, groups: dict[int, set[int]]) -> Iterator[Pair]:
    for row, group in groups.items():
        if row == min(group):
            for a, b in combinations(sorted(group), 2):
                if columns.source[a] != columns.source[b]:
                    yield a, b


def _review(
    district: HardDistrict, pairs: Sequence[tuple[int, int]], groups: dict[int, set[int]]
) -> int:
    """Asks about pairs that are not one person yet, and joins those that are."""
    apart: set[Pair] = set()
    asked = 0
    for a, b in pairs:
        one, other = groups[a], groups[b]
        answered = ((min(x, y), max(x, y)) in apart for x in one for y in other)
        if one is other or any(answered):
            continue
        asked += 1
        if district.records[a].human == district.records[b].human:
            joined = one | other
            groups |= dict.fromkeys(joined, joined)
        else:
            apart.add((min(a, b), max(a, b)))
    return asked
