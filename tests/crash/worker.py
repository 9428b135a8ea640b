"""One worker: disturbs points on one engine and prints each outcome as a line of JSON. Run as a program of its own."""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from pathlib import Path

from tests.crash.ground import Ground
from tests.crash.matrix import STATUS, Matrix, Point, instants, points, surroundings
from tests.crash.zygote import Zygote

SERVER_ONLY = ("server killed", "backend killed", "connection ended")


def chosen(ground: Ground, kills: int, randoms: int, others: int, seed: int) -> list[Point]:
    """The points of one engine: kills at events, kills at random instants, and the other disturbances at events."""
    rng = random.Random(seed)
    found = points(ground.stages, kills, rng) + instants(ground.stages, randoms, rng)
    for do in (*STATUS, *(SERVER_ONLY if ground.server else ())):
        found += points(ground.stages, others, rng, do)
    return found + surroundings(ground.stages, others, rng)


def main() -> None:
    """Command line of the worker."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("engine", choices=["duckdb", "postgresql"])
    for name in ("kills", "randoms", "others", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    zygote = Zygote()
    # Collecting garbage all the time costs a third of a comparison.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    ground = Ground(given.folder, given.engine, zygote)
    try:
        matrix = Matrix(ground)
        for point in chosen(ground, given.kills, given.randoms, given.others, given.seed):
            begun = time.monotonic()
            outcome = matrix.disturb(point)
            print(json.dumps({**outcome.line(), "good": outcome.good, "seconds": round(time.monotonic() - begun, 2)}), flush=True)
    finally:
        ground.close()
        zygote.close()


if __name__ == "__main__":
    main()
