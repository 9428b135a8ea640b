"""The ground of the crash tests: a small simulated district, its commands as stages, and a copy of its state before each of them."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from examples.generate import SimulatedDistrict, simulate_district
from tests.crash.server import Server
from tests.crash.steps import Event
from tests.crash.zygote import Ended, Zygote
from warehouse.rights.rights_key import open_rights_key

PERSONS, SEED = 25, 1
# Files younger than ten seconds make a run wait whether they still grow; these are old.
OLD = 1_700_000_000


@dataclass(frozen=True)
class Stage:
    """One command of the way; ``events`` are those of its undisturbed run."""

    number: int
    name: str
    words: tuple[str, ...]
    seconds: float = 0.0
    events: list[Event] = field(default_factory=list)


class Ground:
    """Prepares places where one command is about to run, on one engine."""

    def __init__(self, folder: Path, engine: str, zygote: Zygote) -> None:
        self.folder, self.engine, self.zygote = folder, engine, zygote
        folder.mkdir(parents=True, exist_ok=True)
        self.server = None if engine == "duckdb" else Server(folder / "pg")
        self.made = _simulated(folder / "district")
        self.stages = [self._undisturbed(stage) for stage in self._begin()]

    @property
    def reference(self) -> Path:
        """The place where every stage ran undisturbed."""
        return self.folder / "reference"

    def place(self, stage: int, name: str) -> Path:
        """A folder with the state before a stage (their number: after all of them)."""
        place = self.folder / name
        if self.server:
            self.server.copy(_database(name), f"before{stage}")
        if not os.path.ismount(place):
            shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.folder / f"before{stage}", place, symlinks=True, dirs_exist_ok=True)
        self._configure(place)
        return place

    def clear(self, place: Path) -> None:
        """Takes a place away."""
        if self.server:
            self.server.drop(_database(place.name))
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(self._temporary(place), ignore_errors=True)

    def suffer(self, place: Path, words: tuple[str, ...], **order: Any) -> Ended:
        """Runs a command there in a process of its own, with a disturbance or without."""
        temporary = self._temporary(place)
        temporary.mkdir(exist_ok=True)
        if self.server:
            order |= {
                "postmaster": self.server.postmaster,
                "server": self.server.address(_database(place.name)),
            }
        told = {
            "words": words,
            "folder": str(place),
            "log": str(self.log(place)),
            "temporary": str(temporary),
            "today": str(self.made.transfer_on),
        }
        return self.zygote.victim({**told, **order})

    def log(self, place: Path) -> Path:
        """Where the last command there said what it said."""
        return place.with_name(place.name + ".log")

    def left(self, place: Path) -> list[str]:
        """Files that nobody will ever use again: working files of outputs, landing, engine, and of Python itself."""
        files = [
            p
            for folder in (place, self._temporary(place))
            for p in folder.rglob("*")
            if p.is_file()
        ]
        own = [
            str(p.relative_to(self.folder))
            for p in files
            if p.is_relative_to(self._temporary(place))
        ]
        signs = [
            str(p.relative_to(self.folder))
            for p in files
            if any(part.startswith(".") for part in p.relative_to(place.parent).parts)
        ]
        return sorted(
            {
                *own,
                *signs,
                *(
                    str(p.relative_to(self.folder))
                    for p in files
                    if p.suffix in (".part", ".wal", ".tmp")
                ),
            }
        )

    def close(self) -> None:
        """Stops what was started."""
        if self.server:
            self.server.close()

    def _temporary(self, place: Path) -> Path:
        return place.with_name(place.name + ".temporary")

    def _begin(self) -> list[Stage]:
        start = self.folder / "before0"
        start.mkdir()
        (start / "exports").symlink_to(self.made.exports)
        # Forms are numbered with it, and all places have to number them alike.
        open_rights_key(start / "data" / "rights")
        if self.server:
            self.server.copy("before0")
        runs = [(d.name, s.name) for s in sorted(self.made.exports.iterdir()) for d in s.iterdir()]
        words = [(f"run {s} {d}", ("run", "--source", s, "--until", d)) for d, s in sorted(runs)]
        first, last = self.made.period
        words.append(
            ("report", ("report", "--from", str(first), "--to", str(last), "--out", "out/report"))
        )
        words.append(("transfer", ("transfer", "jobcenter", "--out", "out/parcel")))
        return [Stage(n, name, w) for n, (name, w) in enumerate(words)]

    def _undisturbed(self, stage: Stage) -> Stage:
        place, told = self.place(stage.number, "reference"), self.folder / "events.json"
        ended = self.suffer(place, stage.words, events=str(told))
        if ended.status != 0:
            raise RuntimeError(
                f"{stage.name} ends with {ended.status} undisturbed: {self.log(place).read_text()}"
            )
        if left := self.left(place):
            raise RuntimeError(f"{stage.name} leaves {left} undisturbed")
        after = f"before{stage.number + 1}"
        if self.server:
            self.server.copy(after, _database("reference"))
        shutil.copytree(place, self.folder / after, symlinks=True)
        events = [(step, what) for step, what in json.loads(told.read_text())]
        return Stage(stage.number, stage.name, stage.words, ended.seconds, events)

    def _configure(self, place: Path) -> None:
        # So small a workbook would be held when half of it is gone.
        text = self.made.config.read_text(encoding="utf-8").replace(
            "carrier: verband, delivers: full}", "carrier: verband, max_gone_share: 1}"
        )
        address = (
            self.server.address(_database(place.name), "postgresql+psycopg")
            if self.server
            else "duckdb"
        )
        (place / "drehscheibe.yaml").write_text(
            text.replace("warehouse: duckdb", f"warehouse: {json.dumps(address)}"), encoding="utf-8"
        )


def _simulated(folder: Path) -> SimulatedDistrict:
    made = simulate_district(folder, seed=SEED, persons=PERSONS, deliveries=2)
    for path in made.exports.rglob("*"):
        os.utime(path, (OLD, OLD))
    return made


def _database(name: str) -> str:
    return f"at_{name}"


def periods(made: SimulatedDistrict) -> list[tuple[date, date]]:
    """The periods that are asked for: those of which the simulation knows the figures."""
    return list(made.planned)
