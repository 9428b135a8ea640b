"""Links the records of hard districts and measures how well and how fast."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.hard_columns import read_columns, read_known_names, read_terms
from benchmarks.linked_persons import LinkedPersons, link_persons
from examples.hard.district import HardDistrict, Pair, make_district
from warehouse.identity.pair_judgement import Band, JudgedPairs, judge_pairs, judge_touched
from warehouse.identity.person_columns import PersonColumns, make_columns
from warehouse.identity.weights import train_model

_SIZES = (4_000, 40_000, 160_000)
_SEED = 1
_HUNDREDTH = 100


@dataclass(frozen=True)
class Measured:
    """How well a district was linked.

    ``after_review``: the recall once people have answered all that is to be reviewed;
    ``reviewed`` is that per 1,000 persons; ``joined``: look-alikes made one person; ``touched``: the
    seconds for the pairs of a hundredth of the records, as a load compares them.
    """

    persons: int
    records: int
    precision: float
    recall: float
    after_review: float
    reviewed: float
    look_alikes: int
    joined: int
    seconds: float
    touched: float
    peak_mib: int


def measure_district(seed: int, persons: int, *, trained: bool = True) -> Measured:
    """Makes a district and links its records; only model and pairs are timed.

    Without training, the model is that which is shipped.
    """
    district = make_district(seed, persons)
    columns, known = read_columns(district), read_known_names()
    begun = time.perf_counter()
    model = train_model(columns if trained else _know_nobody(), known)
    judged = judge_pairs(columns, known, model)
    judged_at = time.perf_counter()
    some = np.arange(0, len(columns), _HUNDREDTH)
    judge_touched(columns, known, model, some, some[:0])
    seconds = judged_at - begun, time.perf_counter() - judged_at
    return _rate(district, link_persons(district, columns, judged), *seconds)


def _rate(district: HardDistrict, found: LinkedPersons, seconds: float, touched: float) -> Measured:
    true, alike = district.list_true_pairs(), district.list_look_alikes()
    persons = len(district.humans)
    return Measured(
        persons=persons,
        records=len(district.records),
        precision=round(len(found.linked & true) / max(len(found.linked), 1), 4),
        recall=round(len(found.linked & true) / max(len(true), 1), 4),
        after_review=round(len(found.reviewed & true) / max(len(true), 1), 4),
        reviewed=round(found.asked / persons * 1000, 1),
        look_alikes=len(alike),
        joined=len(found.linked & alike),
        seconds=round(seconds, 2),
        touched=round(touched, 2),
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def _know_nobody() -> PersonColumns:
    """A district of which nothing is known yet."""
    return make_columns((), read_terms(), {}, {})


def list_pairs(judged: JudgedPairs, band: Band) -> Iterator[Pair]:
    """The pairs of a band."""
    rows = np.flatnonzero(judged.band == band)
    return zip(judged.a[rows].tolist(), judged.b[rows].tolist(), strict=True)


def _print_row(measured: Measured) -> None:
    cells = asdict(measured)
    print("| " + " | ".join(f"{value:,}" for value in cells.values()) + " |", flush=True)


def _measure_apart(seed: int, persons: int, trained: bool) -> Measured:
    """Measures in a process of its own, whose peak of memory is that of this district."""
    command = [sys.executable, "-m", "benchmarks.linkage", "--one", str(persons), str(seed)]
    command += [] if trained else ["--shipped"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Measured(**json.loads(done.stdout))


def main() -> None:
    """Prints a table, and the same as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=_SIZES, help="persons")
    parser.add_argument("--seed", type=int, nargs="+", default=[_SEED], help="one or more")
    parser.add_argument("--shipped", action="store_true", help="by the model that is shipped")
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        persons, seed = chosen.one
        print(json.dumps(asdict(measure_district(seed, persons, trained=not chosen.shipped))))
        return
    found = [
        _measure_apart(seed, persons, not chosen.shipped)
        for persons in chosen.sizes
        for seed in chosen.seed
    ]
    print("| " + " | ".join(Measured.__dataclass_fields__) + " |")
    for measured in found:
        _print_row(measured)
    print(json.dumps([asdict(measured) for measured in found]))
    sys.exit(any(measured.precision < 0.995 or measured.joined for measured in found))


if __name__ == "__main__":
    main()
