"""Links a hard district with Splink and with recordlinkage, where they are installed, beside ours."""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.hard_columns import read_columns, read_known_names
from benchmarks.linkage import list_pairs
from examples.hard.district import HardDistrict, Pair, make_district
from warehouse.identity.names import search_form
from warehouse.identity.pair_judgement import Band, judge_pairs
from warehouse.identity.weights import train_model

_PRECISION = 0.995
_WEIGHT = 6.0
_LEAST_CHANCE = 1e-12
# The weight of each pair of rows.
Scores = Mapping[Pair, float]


def list_rows(district: HardDistrict) -> list[dict[str, Any]]:
    """The records as the others get them: names in search form, days as text."""
    return [
        {
            "unique_id": row,
            "source": r.source,
            "first_name": search_form(r.first_name) or None,
            "last_name": search_form(r.last_name) or None,
            "birth_date": r.birth_date and r.birth_date.isoformat(),
            "birth_year": r.birth_date and str(r.birth_date.year),
            "sex": r.sex,
            "nationality": r.nationality,
            "entry_date": r.entry_date and r.entry_date.isoformat(),
            "official_number": r.official_number,
        }
        for row, r in enumerate(district.records)
    ]


def score_with_splink(district: HardDistrict) -> Scores:
    """Splink as its documentation advises: Jaro-Winkler, frequencies of names, trained by EM."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rules = _block_with_splink()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=_compare_with_splink(),
        blocking_rules_to_generate_predictions=rules,
    )
    database = DuckDBAPI()
    linker = Linker([database.register(_as_arrow(district))], settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("first_name", "last_name", "birth_date")], recall=0.25
    )
    training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for rule in (block_on("first_name", "last_name"), block_on("birth_date", "sex")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_weight=0).as_duckdbpyrelation()
    return _read_scores(district, found.select("unique_id_l, unique_id_r, match_weight").fetchall())


def _as_arrow(district: HardDistrict) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist(list_rows(district))


def _compare_with_splink() -> list[Any]:
    import splink.comparison_library as cl

    names = [cl.JaroWinklerAtThresholds(name, [0.92, 0.8]) for name in ("first_name", "last_name")]
    days = cl.DateOfBirthComparison("birth_date", input_is_string=True)
    exact = ("sex", "nationality", "entry_date", "official_number")
    return [
        *(name.configure(term_frequency_adjustments=True) for name in names),
        days,
        *(cl.ExactMatch(name) for name in exact),
    ]


def _block_with_splink() -> list[Any]:
    from splink import block_on

    return [
        block_on("birth_date"),
        block_on("official_number"),
        block_on("first_name", "last_name"),
        block_on("last_name", "birth_year"),
        block_on("first_name", "entry_date"),
    ]


def score_with_recordlinkage(district: HardDistrict) -> Scores:
    """recordlinkage: blocks, Jaro-Winkler, and its own unsupervised classifier."""
    import pandas as pd
    import recordlinkage

    frame = pd.DataFrame(list_rows(district)).set_index("unique_id")
    index = recordlinkage.Index()
    for block in (["birth_date"], ["official_number"], ["first_name", "last_name"]):
        index.block(block)
    compare = recordlinkage.Compare()
    for name in ("first_name", "last_name"):
        compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    for name in ("birth_date", "sex", "nationality", "entry_date", "official_number"):
        compare.exact(name, name, label=name)
    features = compare.compute(index.index(frame), frame)
    classifier = recordlinkage.ECMClassifier(init="jaro")
    classifier.fit(features)
    chances = classifier.prob(features).clip(_LEAST_CHANCE, 1 - _LEAST_CHANCE)
    odds = np.log2(chances / (1 - chances))
    return _read_scores(district, [(*pair, weight) for pair, weight in odds.items()])


def _read_scores(district: HardDistrict, found: list[tuple[int, int, float]]) -> Scores:
    sources = [record.source for record in district.records]
    return {
        (min(a, b), max(a, b)): float(weight) for a, b, weight in found if sources[a] != sources[b]
    }


def rate_scores(scores: Scores, true: set[Pair], alike: set[Pair]) -> dict[str, float]:
    """Precision and recall from a weight of 6 on, and the best recall at a precision of 0.995.

    The second is more than anybody can have who does not know the truth.
    """
    linked = {pair for pair, weight in scores.items() if weight >= _WEIGHT}
    ordered = sorted(scores, key=lambda pair: (-scores[pair], pair))
    right = np.cumsum([pair in true for pair in ordered])
    good = right / np.arange(1, len(ordered) + 1) >= _PRECISION
    best = int(right[good][-1]) if good.any() else 0
    return {**_rate(linked, true, alike), "best_recall": round(best / len(true), 4)}


def _rate(linked: set[Pair], true: set[Pair], alike: set[Pair]) -> dict[str, float]:
    right = len(linked & true)
    return {
        "precision": round(right / max(len(linked), 1), 4),
        "recall": round(right / len(true), 4),
        "joined": len(linked & alike),
    }


def measure_ours(district: HardDistrict, true: set[Pair], alike: set[Pair]) -> dict[str, float]:
    """The same figures of what we link without asking, and recall after review."""
    columns, known = read_columns(district), read_known_names()
    judged = judge_pairs(columns, known, train_model(columns, known))
    linked = set(list_pairs(judged, Band.AUTOMATIC))
    review = set(list_pairs(judged, Band.REVIEW))
    reviewed = round(len((linked | review) & true) / len(true), 4)
    return {**_rate(linked, true, alike), "after_review": reviewed}


_RIVALS: Mapping[str, Callable[[HardDistrict], Scores]] = {
    "splink": score_with_splink,
    "recordlinkage": score_with_recordlinkage,
}


def main() -> None:
    """Prints one line for each that is installed, and all as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("persons", type=int, nargs="?", default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    district = make_district(chosen.seed, chosen.persons)
    true, alike = district.list_true_pairs(), district.list_look_alikes()
    found = {"ours": measure_ours(district, true, alike)}
    for name, score in _RIVALS.items():
        if find_spec(name):
            begun = time.perf_counter()
            found[name] = rate_scores(score(district), true, alike)
            found[name]["seconds"] = round(time.perf_counter() - begun, 1)
    for name, figures in found.items():
        print(name, *(f"{figure}: {value}" for figure, value in figures.items()), sep="  ")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
