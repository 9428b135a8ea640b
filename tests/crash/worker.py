"""One worker: lets districts live and be disturbed on one engine and prints each outcome as a line of JSON. A program of its own."""

from __future__ import annotations

import argparse
import gc
import json
import random
import signal
import sys
from pathlib import Path

from tests.compiled import share_compiled
from tests.crash.ground import Ground
from tests.crash.matrix import Matrix
from tests.crash.points import SERVER, SIGNALS, Life, at_events, at_instants, by_surroundings, lives
from tests.crash.zygote import Zygote

# More in one life would only disturb what has been disturbed a moment before.
POINTS_IN_A_LIFE = 24


def chosen(ground: Ground, kills: int, randoms: int, others: int, seed: int) -> list[Life]:
    """The lives of one engine: kills at events, kills at random instants, and ``others`` of each other disturbance."""
    rng = random.Random(seed)
    points = at_events(ground.stages, kills, rng) + at_instants(ground.stages, randoms, rng)
    points += [p for do in SIGNALS for p in at_events(ground.stages, others, rng, do)]
    if ground.server:
        # A report has asked for everything before it writes: no server matters to it any more.
        asking = [s for s in ground.stages if s.name != "report"]
        points += [p for do in SERVER for p in at_events(asking, others, rng, do)]
    points += by_surroundings(ground.stages, others, rng)
    return lives(ground.stages, points, -(-len(points) // POINTS_IN_A_LIFE))


def main() -> None:
    """Command line of the worker."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("engine", choices=["duckdb", "postgresql"])
    for name in ("kills", "randoms", "others", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = parser.parse_args()
    zygote = Zygote()
    share_compiled()
    # Whoever started this and ends it early must not leave a server behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    # Collecting garbage all the time costs a third of a comparison.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    ground = Ground(given.folder, given.engine, zygote)
    try:
        matrix = Matrix(ground)
        for life in chosen(ground, given.kills, given.randoms, given.others, given.seed):
            for outcome in matrix.live(life):
                print(json.dumps(outcome.line()), flush=True)
    finally:
        ground.close()
        zygote.close()


if __name__ == "__main__":
    main()
