"""What the weights of a district are made of: shipped shares, and what its own records show.

The model is frozen: a pair's weight depends on its two records and on the model, not on whoever
else is known. It holds no name, but keys of sounds and hashes of words with how many bear them;
that is personal data of the warehouse and is protected like the records themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from warehouse.identity.known_names import KnownNames
from warehouse.identity.levels import BirthLevel, NameLevel
from warehouse.identity.match_odds import estimate_prior
from warehouse.identity.name_frequencies import NameFrequencies, count_names
from warehouse.identity.pair_levels import compare_pairs
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.word_pairs import WordPairs

# Counts up whenever the same model would give other weights: recipes of levels, m.
RECIPE = 3
# How often two records of one human being show each level (m), if both values are known. Set by
# hand for refugees' data in German offices and not learnt from a district: learning without
# truth takes namesakes for one person. The first level, missing, is no evidence.
AGREEMENT: Mapping[str, tuple[float, ...]] = {
    "given": (0, 0.58, 0.14, 0.10, 0.04, 0.03, 0.02, 0.03, 0.06, 0.005),
    "family": (0, 0.50, 0.14, 0.10, 0.05, 0.01, 0.02, 0.07, 0.11, 0.01),
    "birth": (0, 0.70, 0.16, 0.012, 0.035, 0.025, 0.012, 0.018, 0.013, 0.025),
    "sex": (0, 0.985, 0, 0.015),
    "nationality": (0, 0.95, 0.03, 0.02),
    "entry": (0, 0.50, 0.11, 0.14, 0.13, 0.12),
    "number": (0, 0.88, 0.06, 0.06, 0.01),
    "municipality": (0, 0.55, 0, 0.45),
}
# How often two unrelated records show each level (u) in an invented district; the less a district
# knows, the more these count.
CHANCE: Mapping[str, tuple[float, ...]] = {
    "given": (1, 0.0035, 0.0021, 0.0032, 0.0009, 0.0010, 0.001, 0.0022, 0.9861, 0.0006),
    "family": (1, 0.0012, 0.0008, 0.001, 0.0007, 0.0001, 0.0009, 0.0010, 0.9943, 0.0008),
    "birth": (1, 5e-5, 4e-4, 2e-5, 0.0045, 0.0022, 0.0094, 0.0053, 0.0525, 0.9256),
    "sex": (1, 0.5, 1e-5, 0.5),
    "nationality": (1, 0.16, 0.12, 0.72),
    "entry": (1, 0.0005, 0.002, 0.04, 0.09, 0.8675),
    "number": (1, 1e-5, 1e-5, 0.99998, 3e-4),
    "municipality": (1, 0.08, 1e-5, 0.92),
}
# A word that so many records bear is no slip of the keyboard.
_COMMON = 3
# So many records tell as much as what is shipped.
_SHIPPED_RECORDS = 500
_RANDOM_PAIRS, _SEED = 200_000, 1
_LEAST_CHANCE = 0.25
# How many of the pairs of one human being agree in both names and a full birthday.
_CLEAN_SHARE = (
    AGREEMENT["birth"][BirthLevel.EQUAL]
    * AGREEMENT["given"][NameLevel.EQUAL]
    * AGREEMENT["family"][NameLevel.EQUAL]
)


@dataclass(frozen=True)
class Model:
    """What the weights of a district are made of.

    ``records``: from how many it was made. ``prior``: log2 of the odds that two records of two
    sources are one human being. ``chance``: per evidence, how often unrelated records show each
    level (u). ``common``: hashes of the words that many bear.
    """

    recipe: int
    records: int
    prior: float
    chance: Mapping[str, Sequence[float]]
    given: NameFrequencies
    family: NameFrequencies
    common: frozenset[str]

    @cached_property
    def version(self) -> str:
        """A short name of exactly this model."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """The model as text; equal models give equal texts."""
        values = {**asdict(self), "common": sorted(self.common)}
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model of a text that to_json made; ValueError for one of another recipe."""
        values = json.loads(text)
        if values["recipe"] != RECIPE:
            raise ValueError(f"a model of recipe {values['recipe']}, not {RECIPE}")
        values["given"] = NameFrequencies(**values["given"])
        values["family"] = NameFrequencies(**values["family"])
        values["chance"] = {name: tuple(shares) for name, shares in values["chance"].items()}
        return cls(**{**values, "common": frozenset(values["common"])})

    def pair_words(self, persons: PersonColumns, known: KnownNames) -> WordPairs:
        """What compares the words of these persons as when the model was made."""
        common = [hash_word(word) in self.common for word in persons.words]
        return WordPairs(persons.words, known, np.array(common, bool))


def hash_word(word: str) -> str:
    """What stands for a word in the model."""
    return hashlib.blake2b(word.encode(), digest_size=8).hexdigest()


def train_model(persons: PersonColumns, known: KnownNames) -> Model:
    """The model of a district's records, however few; the same records give the same model."""
    common = _find_common_words(persons)
    return Model(
        recipe=RECIPE,
        records=len(persons),
        prior=estimate_prior(persons, _CLEAN_SHARE),
        chance=_estimate_chance(persons, WordPairs(persons.words, known, common)),
        given=count_names(persons, persons.given),
        family=count_names(persons, persons.family),
        common=frozenset(
            hash_word(persons.words[word]) for word in np.flatnonzero(common).tolist()
        ),
    )


def _find_common_words(persons: PersonColumns) -> np.ndarray:
    """Whether many records bear each word, in any place."""
    words = np.concatenate([persons.given[:, :3], persons.family[:, :3]])
    return np.bincount(words[words >= 0], minlength=len(persons.words)) >= _COMMON


def _estimate_chance(persons: PersonColumns, words: WordPairs) -> dict[str, tuple[float, ...]]:
    """How often unrelated records show each level, from random pairs of two sources."""
    a, b = _draw_pairs(persons)
    levels = compare_pairs(words, persons, a, b)
    trust = len(persons) / (len(persons) + _SHIPPED_RECORDS)
    return {
        name: _mix_shares(getattr(levels, name), shipped, trust) for name, shipped in CHANCE.items()
    }


def _draw_pairs(persons: PersonColumns) -> tuple[np.ndarray, np.ndarray]:
    """Random pairs of records of two sources, the same ones each time."""
    wanted = _RANDOM_PAIRS if len(persons) else 0
    a, b = np.random.default_rng(_SEED).integers(0, max(len(persons), 1), (2, wanted))
    other = persons.source[a] != persons.source[b]
    return a[other], b[other]


def _mix_shares(levels: np.ndarray, shipped: Sequence[float], trust: float) -> tuple[float, ...]:
    """The share of each known level among pairs, mixed with what is shipped."""
    counts = np.bincount(levels, minlength=len(shipped))[1:]
    theirs = np.array(shipped[1:])
    own = counts / counts.sum() if counts.any() else theirs
    # Random pairs are too few to show what is rare.
    shares = np.maximum(trust * own + (1 - trust) * theirs, theirs * _LEAST_CHANCE)
    return (1.0, *np.round(shares / shares.sum(), 9).tolist())
