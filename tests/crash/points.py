"""Which points are disturbed: every kind of event of every step, spread over the stages; and several of them make one life."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.crash.disk import can_lock
from tests.crash.ground import Stage
from tests.crash.steps import Event

FULL, LOCKED, CLOCK = "full disk", "read-only folder", "clock jumps"
SIGNALS = ("SIGTERM", "Ctrl-C")
SERVER = ("server killed", "backend killed", "connection ended")
# The hours in which clocks in Germany go back and forward, and one long after the reruns.
MOMENTS = ("2025-10-26T00:59:30", "2025-03-30T00:59:30", "2031-01-01T00:00:00")


@dataclass(frozen=True)
class Point:
    """One disturbance: ``do`` at the ``nth`` event ``what`` of a step in a stage, or ``after`` seconds, or by its surroundings."""

    stage: int
    step: str
    what: str
    do: str = "kill"
    nth: int | None = None
    after: float | None = None


Life = list[list[Point]]


def at_events(
    stages: Sequence[Stage], count: int, rng: random.Random, do: str = "kill"
) -> list[Point]:
    """``count`` points at events; a kind of event of each step comes before a second one of any, and stages take turns."""
    kinds: dict[Event, list[Point]] = defaultdict(list)
    for stage in stages:
        seen = Counter[Event]()
        for event in stage.events:
            seen[event] += 1
            kinds[event].append(Point(stage.number, *event, do, seen[event]))
    order = sorted(kinds)
    rng.shuffle(order)
    ranks = Counter[str]()
    ranked: list[tuple[int, Event]] = []
    for kind in order:
        ranked.append((ranks[kind[0]], kind))
        ranks[kind[0]] += 1
    ranked.sort(key=lambda pair: pair[0])
    chosen: list[Point] = []
    load = Counter[int]()
    while len(chosen) < count and any(kinds.values()):
        for _, kind in ranked:
            if len(chosen) < count and kinds[kind]:
                least = min(load[p.stage] for p in kinds[kind])
                point = rng.choice([p for p in kinds[kind] if load[p.stage] == least])
                kinds[kind].remove(point)
                load[point.stage] += 1
                chosen.append(point)
    return chosen


def at_instants(stages: Sequence[Stage], count: int, rng: random.Random) -> list[Point]:
    """``count`` random instants within the stages, each as likely as it takes time."""
    chosen = rng.choices(stages, [s.seconds for s in stages], k=count)
    return [
        Point(s.number, _any(s), "a random instant", after=rng.uniform(0.02, 0.9) * s.seconds)
        for s in chosen
    ]


def by_surroundings(stages: Sequence[Stage], count: int, rng: random.Random) -> list[Point]:
    """``count`` stages each with a full disk, a read-only folder (where that can be made) and a clock that jumps."""
    kinds = [FULL, CLOCK, *([LOCKED] if can_lock() else [])]
    chosen = [(do, n, rng.choice(stages)) for do in kinds for n in range(count)]
    return [
        Point(s.number, _any(s), MOMENTS[n % len(MOMENTS)] if do == CLOCK else f"{do} {n}", do)
        for do, n, s in chosen
    ]


def lives(stages: Sequence[Stage], points: Sequence[Point], count: int) -> list[Life]:
    """The points dealt out to ``count`` lives; within a stage of a life they come in the order given."""
    made: list[Life] = [[[] for _ in stages] for _ in range(count)]
    for stage in stages:
        for n, point in enumerate(p for p in points if p.stage == stage.number):
            made[n % count][stage.number].append(point)
    return made


def _any(stage: Stage) -> str:
    return f"any ({stage.name.split()[0]})"
