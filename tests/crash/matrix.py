"""The crash matrix: which points are disturbed, what is done to each, and what must hold afterwards."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.run import run
from tests.crash import answers
from tests.crash.answers import State, go_on, hub_of, landing_holds, lost, rows, same_but_registers
from tests.crash.disk import can_lock, full, locked, own_disk, size
from tests.crash.ground import Ground, Stage
from tests.crash.zygote import Ended

KILLED = -9
FULL, LOCKED, CLOCK = "full disk", "read-only folder", "clock jumps"
STATUS = {"SIGTERM": 143, "Ctrl-C": 130}
# The hours in which clocks in Germany go back and forward, and one long after the reruns.
MOMENTS = ("2025-10-26T00:59:30", "2025-03-30T00:59:30", "2031-01-01T00:00:00")


@dataclass(frozen=True)
class Point:
    """One disturbance: ``do`` at event ``at`` of a stage (or ``after`` seconds); ``step`` says where, for people."""

    stage: int
    step: str
    what: str
    do: str = "kill"
    at: int | None = None
    after: float | None = None


@dataclass
class Outcome:
    """What became of it. ``lost`` and ``doubled`` count rows after the rerun; ``stuck`` names what stayed behind or would not go on."""

    engine: str
    do: str
    step: str
    what: str
    stage: str
    counted: bool
    lost: int = 0
    doubled: int = 0
    stuck: list[str] | None = None
    between: bool = True
    equal: bool = True
    clear: bool = True
    note: str = ""

    @property
    def good(self) -> bool:
        """Nothing is wrong with it."""
        return not (self.lost or self.doubled or self.stuck) and self.between and self.equal and self.clear

    def line(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Matrix:
    """Disturbs one point after the other on one engine."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        end = ground.place(len(ground.stages), "end")
        self.at: list[answers.Rows] = []
        for n in range(len(ground.stages) + 1):
            place = ground.place(n, "look")
            with hub_of(place) as hub:
                self.at.append(rows(hub))
            ground.clear(place)
        with hub_of(end) as hub:
            # The reference must be the end already: going on from it changes nothing.
            if set(go_on(hub, end, ground.made)) != {"known"}:
                raise RuntimeError("the undisturbed way did not reach its end")
            self.wanted = answers.state(hub, end, ground.made)
        ground.clear(end)

    def disturb(self, point: Point) -> Outcome:
        """One disturbance, the rerun, the comparison."""
        ground, stage = self.ground, self.ground.stages[point.stage]
        done = Outcome(ground.engine, point.do, point.step, point.what, stage.name, True)
        with own_disk(ground.folder / "point") if point.do in (FULL, LOCKED) else nullcontext():
            place = ground.place(point.stage, "point")
            try:
                self._suffer(point, stage, place, done)
                self._judge(point, place, done)
            finally:
                ground.clear(place)
        return done

    def _ended(self, point: Point, stage: Stage, place: Path) -> Ended:
        order: dict[str, Any] = {"at": point.at, "do": point.do} if point.after is None else {"after": point.after}
        if point.do == CLOCK:
            order = {"clock": point.what.rpartition(" ")[2]}
        if point.do == LOCKED:
            with locked(place):
                return self.ground.suffer(place, stage.words)
        if point.do == FULL:
            before, after = (size(self.ground.folder / f"before{point.stage + n}") for n in (0, 1))
            with full(place, max(after - before, 1 << 16), random.Random(str(point))) as limit:
                return self.ground.suffer(place, stage.words, **limit)
        return self.ground.suffer(place, stage.words, **order)

    def _suffer(self, point: Point, stage: Stage, place: Path, done: Outcome) -> None:
        ended = self._ended(point, stage, place)
        said = self.ground.log(place).read_text(encoding="utf-8")
        if ended.status is None:
            done.stuck = ["the process hung"]
        elif point.do == "kill":
            done.counted = ended.status == KILLED
        elif ended.status:
            # A disturbance that came too late, or a disk that sufficed, is no end to judge; any other has one clear sentence.
            clear = "unexpected" not in said and "drehscheibe: " in said
            done.clear = clear and ended.status == STATUS.get(point.do, 1) and point.do != CLOCK
            done.note = "" if done.clear else f"status {ended.status}: {said[-300:]}"
        elif point.do != CLOCK:
            done.counted = False
        if self.ground.server:
            self.ground.server.revive()

    def _judge(self, point: Point, place: Path, done: Outcome) -> None:
        stuck = list(done.stuck or ())
        done.between = landing_holds(place)
        try:
            with hub_of(place) as hub:
                now = rows(hub)
                done.between &= any(same_but_registers(now, self.at[n]) for n in (point.stage, point.stage + 1))
                states = go_on(hub, place, self.ground.made)
                again = [taken.state for taken in run(hub)]
                got = answers.state(hub, place, self.ground.made)
        except Exception as error:
            done.stuck, done.equal = [*stuck, f"{type(error).__name__}: {str(error)[:200]}"], False
            return
        stuck += [s for s in states if s not in ("loaded", "known")] + [s for s in again if s != "known"]
        done.lost, done.doubled = lost(self.wanted.rows, got.rows), lost(got.rows, self.wanted.rows)
        differ = differing(self.wanted, got)
        done.equal, done.note = not differ, "; ".join(filter(None, [done.note, *differ]))
        done.stuck = [*stuck, *self.ground.left(place)]


def differing(wanted: State, got: State) -> list[str]:
    """Names of the answers and files that are not the same, byte for byte."""
    answers_ = [name for name in sorted(wanted.answers.keys() | got.answers.keys()) if wanted.answers.get(name) != got.answers.get(name)]
    return answers_ + [name for name in sorted(wanted.files.keys() | got.files.keys()) if wanted.files.get(name) != got.files.get(name)]


def points(stages: list[Stage], count: int, rng: random.Random, do: str = "kill") -> list[Point]:
    """``count`` events of all stages, spread so that every kind of event comes before any comes twice."""
    kinds: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for stage in stages:
        for at, (step, what) in enumerate(stage.events):
            kinds[step, what].append(Point(stage.number, step, what, do, at))
    for found in kinds.values():
        rng.shuffle(found)
    order = sorted(kinds)
    rng.shuffle(order)
    ranks = Counter[str]()
    ranked = []
    for kind in order:
        ranked.append((ranks[kind[0]], kind))
        ranks[kind[0]] += 1
    # One kind of every step comes before the second of any.
    return list(_in_turn([kinds[kind] for _, kind in sorted(ranked, key=lambda r: r[0])], count))


def instants(stages: list[Stage], count: int, rng: random.Random) -> list[Point]:
    """``count`` random instants within the stages, each as likely as it takes time."""
    chosen = rng.choices(stages, [s.seconds for s in stages], k=count)
    return [Point(s.number, _coarse(s), "at a random instant", after=rng.uniform(0.02, 0.95) * s.seconds) for s in chosen]


def surroundings(stages: list[Stage], count: int, rng: random.Random) -> list[Point]:
    """``count`` stages each with a full disk, a read-only folder (where that can be made) and a clock that jumps."""
    kinds = [FULL, CLOCK, *([LOCKED] if can_lock() else [])]
    chosen = [(do, n, rng.choice(stages)) for do in kinds for n in range(count)]
    return [Point(s.number, _coarse(s), f"{do} {n} {MOMENTS[n % len(MOMENTS)]}", do) for do, n, s in chosen]


def _coarse(stage: Stage) -> str:
    return "any (" + stage.name.split()[0] + ")"


def _in_turn(kinds: list[list[Point]], count: int) -> Iterator[Point]:
    turn = 0
    while count and any(len(k) > turn for k in kinds):
        for kind in kinds:
            if count and len(kind) > turn:
                count -= 1
                yield kind[turn]
        turn += 1
