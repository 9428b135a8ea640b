"""How alike names are: transliterations meet, other names do not, and the fast way counts like the plain one."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from benchmarks.hard_columns import read_known_names
from warehouse.identity.comparable_names import shorten_word
from warehouse.identity.graphemes import alignment_costs, encode_name
from warehouse.identity.known_names import KnownNames
from warehouse.identity.name_distance import compare_tokens, encode_tokens
from warehouse.identity.name_keys import list_keys
from warehouse.identity.word_pairs import WordPairs

ALIKE = [
    "khaled chaled",
    "khalil xelil",
    "mohammed muhamad",
    "hussein husayn",
    "youssef jusuf",
    "jamal dschamal",
    "jasem dschassim",
    "qasim kasem",
    "zahra sahra",
    "ghazali gasali",
    "volodymyr wolodymyr",
    "shevchenko schewtschenko",
    "tkachenko tkatschenko",
    "maxamed mahamed",
    "ahmed achmed",
]
UNLIKE = ["hassan samir", "karim omar", "olena oksana", "ali amal", "yasin basim", "maryam samar"]


def compare(pairs: list[str]) -> np.ndarray:
    words = [word for pair in pairs for word in pair.split()]
    rows = np.arange(0, len(words), 2)
    return compare_tokens(encode_tokens(words), rows, rows + 1)


@pytest.mark.parametrize("pair", ALIKE, ids=range(len(ALIKE)))
def test_transliterations_are_alike_and_share_a_key(pair: str) -> None:
    one, other = pair.split()
    assert compare([pair])[0] >= 0.82
    assert set(list_keys(one)) & set(list_keys(other))


@pytest.mark.parametrize("pair", UNLIKE, ids=range(len(UNLIKE)))
def test_other_names_are_not(pair: str) -> None:
    assert compare([pair])[0] < 0.72


def plain_likeness(one: str, other: str) -> float:
    """The same by the textbook: one cell after the other."""
    costs = alignment_costs()
    a, b = encode_name(one), encode_name(other)
    cells = {(0, 0): 0.0}
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            ways = [cells[i, j]] if (i, j) in cells else []
            if i:
                ways.append(cells[i - 1, j] + float(costs.leave_out[a[i - 1]]))
            if j:
                ways.append(cells[i, j - 1] + float(costs.leave_out[b[j - 1]]))
            if i and j:
                ways.append(cells[i - 1, j - 1] + float(costs.swap[a[i - 1], b[j - 1]]))
            if i > 1 and j > 1:
                signs = costs.sign
                crossed = (signs[a[i - 1]], signs[a[i - 2]]) == (signs[b[j - 2]], signs[b[j - 1]])
                ways += [cells[i - 2, j - 2] + 0.6] if crossed else []
            cells[i, j] = min(ways)
    weight = (costs.weight[list(a)].sum() + costs.weight[list(b)].sum()) / 2
    return float(1 - cells[len(a), len(b)] / max(weight, 0.5))


def test_the_fast_way_counts_like_the_plain_one() -> None:
    rng = Random(1)
    letters = "aaaeeiioubdfghjklmnrstwyzж"
    words = ["".join(rng.choices(letters, k=rng.randrange(1, 12))) for _ in range(300)]
    near = [
        w[:at] + w[at + 1 : at + 2] + w[at : at + 1] + w[at + 2 :] for at, w in enumerate(words[:9])
    ]
    pairs = [(rng.choice(words), rng.choice(words)) for _ in range(500)]
    pairs += list(zip(words, near, strict=False))
    found = compare([f"{one} {other}" for one, other in pairs])
    assert found == pytest.approx([plain_likeness(*pair) for pair in pairs], abs=1e-5)


def likeness(known: KnownNames, pair: str, common: bool = False) -> float:
    one, other = map(shorten_word, pair.split())
    words = sorted({one, other})
    pairs = WordPairs(words, known, np.full(len(words), common))
    codes = np.array([words.index(one)]), np.array([words.index(other)])
    return float(pairs.find_best([codes])[0])


@pytest.mark.parametrize(
    ("pair", "common", "is_one"),
    [
        ("jallow diallo", False, True),
        ("mehmet mohammed", False, True),
        ("mykola nikolai", False, True),
        ("hassan hussein", False, False),
        ("amina amira", False, False),
        ("karim karima", False, False),
        ("ольга ольга", False, True),
    ],
    ids=range(7),
)
def test_what_is_known_of_names(pair: str, common: bool, is_one: bool) -> None:
    assert (likeness(read_known_names(), pair, common) >= 0.72) is is_one


def test_two_common_words_are_two_names() -> None:
    none = KnownNames(frozenset(), frozenset())
    assert likeness(none, "amina amira") > 0.6 > likeness(none, "amina amira", common=True)


def test_another_script_is_no_other_name() -> None:
    assert np.isnan(likeness(read_known_names(), "olha ольга"))


def test_no_words_at_all() -> None:
    words = WordPairs([], read_known_names(), np.zeros(0, bool))
    nobody = np.full(3, -1)
    assert np.isnan(words.find_best([(nobody, nobody)])).all()
    assert words.find_beginnings(nobody, nobody).tolist() == [0, 0, 0]
