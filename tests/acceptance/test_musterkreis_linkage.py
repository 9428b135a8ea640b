"""The Musterkreis, one human being in several systems: who is linked without asking, and who stays apart."""

from __future__ import annotations

import pytest

from benchmarks.hard_columns import read_known_names
from pipelines.intake.identity_terms import identity_terms
from tests.acceptance.district import District
from warehouse.identity.pair_judgement import Band, judge_pairs
from warehouse.identity.person_columns import read_person_columns
from warehouse.identity.weights import train_model

Pairs = set[frozenset[str]]


@pytest.fixture(scope="module")
def linked(musterkreis: District) -> Pairs:
    """The pairs of records that are one person without asking anybody."""
    with musterkreis.hub.store.read() as connection:
        persons = read_person_columns(connection, identity_terms())
    known = read_known_names()
    judged = judge_pairs(persons, known, train_model(persons, known))
    keys = [":".join(key) for key in persons.keys]
    automatic = judged.take(judged.band == Band.AUTOMATIC)
    return {frozenset((keys[a], keys[b])) for a, b in zip(automatic.a, automatic.b, strict=True)}


def pairs(musterkreis: District, kind: str) -> Pairs:
    return {frozenset((p["a"], p["b"])) for p in musterkreis.answers["identity"][kind]}


def test_nobody_is_linked_with_another(musterkreis: District, linked: Pairs) -> None:
    assert linked - pairs(musterkreis, "same_person") == set()
    assert len(pairs(musterkreis, "different_persons")) > 5
    assert linked & pairs(musterkreis, "different_persons") == set()


def test_nearly_everybody_is_found(musterkreis: District, linked: Pairs) -> None:
    same = pairs(musterkreis, "same_person")
    assert len(linked & same) >= 0.97 * len(same) > 40
