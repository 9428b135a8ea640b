"""The crash matrix: a district lives through its stages, is disturbed on the way, and has to end like one that never was."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines.transfer.decision import Record
from tests.crash.answers import (
    Rows,
    State,
    hub_of,
    landing_holds,
    lost,
    released,
    rows,
    same_but_registers,
    state,
)
from tests.crash.disk import full, locked, own_disk, size
from tests.crash.ground import Ground, Stage
from tests.crash.points import CLOCK, FULL, LOCKED, Life, Point
from tests.crash.zygote import Ended

KILLED = -9
STATUS = {"SIGTERM": 143, "Ctrl-C": 130}
_LEAST_ROOM = 1 << 16
# What no sentence was found for; a server that closed "unexpectedly" has one.
_UNEXPECTED = re.compile(r"\bunexpected\b")


@dataclass
class Outcome:
    """What became of a point.

    ``counted``: it did disturb. ``between``: right after it the state was the old one or the new one, and the landing whole.
    ``sealed``: nothing would be handed over then that the delivered files do not allow.
    ``clear``: the command ended with the right status and one sentence. After the stage was run again undisturbed: ``lost`` and
    ``doubled`` rows, and what was ``stuck``. ``equal``: at the end of the life every answer and file is the same.
    """

    engine: str
    do: str
    step: str
    what: str
    stage: str
    counted: bool = True
    lost: int = 0
    doubled: int = 0
    stuck: list[str] = field(default_factory=list)
    between: bool = True
    sealed: bool = True
    equal: bool = True
    clear: bool = True
    note: str = ""

    @property
    def good(self) -> bool:
        """Nothing is wrong with it."""
        return (
            not (self.lost or self.doubled or self.stuck)
            and self.between
            and self.sealed
            and self.equal
            and self.clear
        )

    def line(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "good": self.good}


class Matrix:
    """Lets districts live on one engine; ``at`` holds the rows before each stage, ``wanted`` everything at the end, both undisturbed."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.at: list[Rows] = []
        for number in range(len(ground.stages) + 1):
            place = ground.place(number, "look")
            with hub_of(place) as hub:
                self.at.append(rows(hub))
                if number == len(ground.stages):
                    self.allowed = self._released(place)
                    self.wanted = state(hub, place, ground.made)
            ground.clear(place)

    def live(self, life: Life) -> Iterator[Outcome]:
        """One life: in every stage the disturbances one after the other, then the stage undisturbed; at the end all answers."""
        ground, outcomes = self.ground, list[Outcome]()
        small = any(point.do in (FULL, LOCKED) for points in life for point in points)
        with own_disk(ground.folder / "point") if small else nullcontext():
            place = ground.place(0, "point")
            try:
                for stage, points in zip(ground.stages, life, strict=True):
                    done = [self._disturbed(point, stage, place) for point in points]
                    self._again(stage, place, done)
                    outcomes += done
                self._compared(place, outcomes)
            finally:
                ground.clear(place)
        yield from outcomes

    def _disturbed(self, point: Point, stage: Stage, place: Path) -> Outcome:
        done = Outcome(self.ground.engine, point.do, point.step, point.what, stage.name)
        ended = self._ended(point, stage, place)
        said = self.ground.log(place).read_text(encoding="utf-8")
        if ended.status is None:
            done.stuck.append("the process hung")
        elif point.do == "kill":
            done.counted = ended.status == KILLED
        elif ended.status:
            clear = not _UNEXPECTED.search(said) and "drehscheibe: " in said
            done.clear = clear and ended.status == STATUS.get(point.do, 1) and point.do != CLOCK
            done.note = "" if done.clear else f"status {ended.status}: {said[-300:]}"
        elif point.do != CLOCK:
            # It came too late, or the disk sufficed.
            done.counted = False
        if self.ground.server:
            self.ground.server.revive()
        with hub_of(place) as hub:
            now = rows(hub)
        # All files lie there from the beginning: what the last of them withdraw may not go out.
        done.sealed = all(
            set(groups) <= set(self.allowed.get(record, ()))
            for record, groups in self._released(place).items()
        )
        done.between = landing_holds(place) and any(
            same_but_registers(now, self.at[stage.number + n]) for n in (0, 1)
        )
        return done

    def _released(self, place: Path) -> dict[Record, tuple[str, ...]]:
        with hub_of(place, self.ground.made.transfer_on) as hub:
            return released(hub)

    def _ended(self, point: Point, stage: Stage, place: Path) -> Ended:
        suffer = self.ground.suffer
        if point.do == LOCKED:
            with locked(place):
                return suffer(place, stage.words)
        if point.do == FULL:
            before, after = (size(self.ground.folder / f"before{stage.number + n}") for n in (0, 1))
            with full(place, max(after - before, _LEAST_ROOM), random.Random(str(point))) as limit:
                return suffer(place, stage.words, **limit)
        if point.do == CLOCK:
            return suffer(place, stage.words, clock=point.what)
        if point.after is not None:
            return suffer(place, stage.words, after=point.after)
        return suffer(
            place, stage.words, do=point.do, event=[point.step, point.what], nth=point.nth
        )

    def _again(self, stage: Stage, place: Path, done: list[Outcome]) -> None:
        ended = self.ground.suffer(place, stage.words)
        if not done:
            return
        with hub_of(place) as hub:
            got, wanted = rows(hub), self.at[stage.number + 1]
        stuck = (
            []
            if ended.status == 0
            else [
                f"the rerun ends with {ended.status}: {self.ground.log(place).read_text()[-300:]}"
            ]
        )
        stuck += self.ground.left(place)
        for outcome in done:
            outcome.lost, outcome.doubled = lost(wanted, got), lost(got, wanted)
            outcome.stuck += stuck

    def _compared(self, place: Path, outcomes: list[Outcome]) -> None:
        with hub_of(place) as hub:
            differ = differing(self.wanted, state(hub, place, self.ground.made))
        for outcome in outcomes:
            outcome.equal = not differ
            outcome.note = "; ".join(filter(None, [outcome.note, *differ]))


def differing(wanted: State, got: State) -> list[str]:
    """Names of the answers and files that are not the same, byte for byte."""
    pairs = ((wanted.answers, got.answers), (wanted.files, got.files))
    return [
        name
        for one, other in pairs
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
