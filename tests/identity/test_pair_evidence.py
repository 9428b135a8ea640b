"""What is said of a pair: one German sentence a level, no value, the weightiest first."""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np

from tests.identity.districts import link_district
from warehouse.identity.pair_evidence import describe_pairs
from warehouse.identity.pair_weights import list_level_weights

LINKED = link_district(3, 600)
JUDGED = LINKED.judged
# Words of the sentences that are names, too.
_OF_SENTENCES = {"jahr", "tag", "monat", "einmal", "eins", "system", "nur"}
EVIDENCE = describe_pairs(LINKED.model, JUDGED)


def test_every_pair_is_described_without_a_value() -> None:
    assert len(EVIDENCE) == len(JUDGED.a) > 100
    said = {text.casefold() for e in EVIDENCE for text in (*e.because, *e.against)}
    assert len(said) > 25
    assert [text for text in said if re.search(r"[0-9]{4}", text)] == []
    words = {word for text in said for word in re.findall(r"\w+", text)}
    assert words & set(LINKED.persons.words) <= _OF_SENTENCES


def test_agreement_speaks_for_and_difference_against() -> None:
    for row, evidence in enumerate(EVIDENCE):
        levels = {f.name: getattr(JUDGED.levels, f.name)[row] for f in fields(JUDGED.levels)}
        assert ("Geburtsdatum gleich" in evidence.because) is bool(levels["birth"] == 1)
        assert ("Geschlecht verschieden" in evidence.against) is bool(levels["sex"] == 3)
        assert ("Vor- und Nachname vertauscht" in evidence.because) is bool(levels["swapped"])
        assert not set(evidence.because) & set(evidence.against)


def test_the_weightiest_comes_first() -> None:
    weights = list_level_weights(LINKED.model)
    row = int(np.flatnonzero((JUDGED.levels.number == 1) & (JUDGED.levels.sex == 1))[0])
    said = EVIDENCE[row].because
    assert weights["number"][1] > weights["sex"][1]
    assert said.index("amtliche Nummer gleich") < said.index("Geschlecht gleich")
