"""Links hard districts that show one phenomenon alone, and keeps how well that went for the docs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.hard_columns import read_columns, read_known_names, read_terms
from benchmarks.linked_persons import link_persons
from examples.hard.district import make_district
from examples.hard.phenomena import ALL_PHENOMENA, Phenomena
from warehouse.identity.pair_judgement import judge_pairs
from warehouse.identity.person_columns import make_columns
from warehouse.identity.weights import Model, train_model

RESULTS = Path(__file__).with_suffix(".json")
_SHARES = (0.1, 0.3, 0.6)
_PERSONS, _SEED = 1_500, 701
# Who is known where is no difference between systems.
_ALWAYS = ("two_systems", "three_systems", "four_systems", "moved_alone", "households")


def measure_phenomena(persons: int, seed: int) -> Iterator[dict[str, Any]]:
    """One line for all phenomena as often as usual, then each alone with growing shares."""
    model = train_model(make_columns((), read_terms(), {}, {}), read_known_names())
    yield {"phenomenon": "all", "share": None, **_measure(ALL_PHENOMENA, persons, seed, model)}
    for field in fields(Phenomena):
        if field.name not in _ALWAYS:
            for share in _SHARES:
                measured = _measure(_show_alone(field.name, share), persons, seed, model)
                yield {"phenomenon": field.name, "share": share, **measured}


def _show_alone(name: str, share: float) -> Phenomena:
    """One phenomenon; a wrong number needs numbers."""
    delivered = {"number_delivered": 0.4} if name.startswith("number_") else {}
    return Phenomena.only(**{**delivered, name: share})


def _measure(phenomena: Phenomena, persons: int, seed: int, model: Model) -> dict[str, Any]:
    district = make_district(seed, persons, phenomena)
    columns = read_columns(district)
    found = link_persons(district, columns, judge_pairs(columns, read_known_names(), model))
    true, alike = district.list_true_pairs(), district.list_look_alikes()
    return {
        "pairs": len(true),
        "precision": round(len(found.linked & true) / max(len(found.linked), 1), 4),
        "recall": round(len(found.linked & true) / max(len(true), 1), 4),
        "after_review": round(len(found.reviewed & true) / max(len(true), 1), 4),
        "asked": round(found.asked / persons * 1000, 1),
        "look_alikes": len(alike),
        "joined": len(found.linked & alike),
    }


def main() -> None:
    """Writes the results; `drehscheibe docs` makes a page of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("persons", type=int, nargs="?", default=_PERSONS)
    parser.add_argument("--seed", type=int, default=_SEED)
    chosen = parser.parse_args()
    lines = [json.dumps(row) for row in measure_phenomena(chosen.persons, chosen.seed)]
    measured = json.dumps({"persons": chosen.persons, "seed": chosen.seed})
    text = f'{{"measured": {measured}, "rows": [\n' + ",\n".join(lines) + "\n]}\n"
    RESULTS.write_text(text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
