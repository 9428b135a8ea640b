"""A district of six small towns, invented month by month, in place of a warehouse."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from connectors.documents.figure_data import Figure
from mappings.catalogue import choose_catalogue
from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen, Period

PLACES = {f"0899900{n}": f"Ort {n}" for n in range(1, 7)}
TEAMS: dict[str, str | None] = {ags: "Nord" if ags < "08999004" else "Süd" for ags in PLACES}
FLOWS = {
    "conversations_by_setting": ("einzelperson", "familie"),
    "topics": ("kinder", "arbeit", "wohnen", "gesundheit", "sprache", "schule", "anderes"),
}
SEXES = ("m", "w", "d")
Counts = dict[tuple[str, str | None, str], int]


def invent_months(seed: int) -> dict[int, Counts]:
    """The counts of each month of 2024; the last one is a quiet one."""
    random = Random(seed)
    months: dict[int, Counts] = {}
    for month in range(1, 13):
        most = 3 if month == 12 else 9
        months[month] = {
            (name, code, ags): random.randint(0, most)
            for name, codes in FLOWS.items()
            for code in codes
            for ags in PLACES
        }
    return months


@dataclass
class Town:
    """Figures as those of a warehouse: by municipality, team and district."""

    hub: Any
    asked: FigureRequest
    seed: int = 1

    @property
    def places(self) -> dict[str, str]:
        return PLACES

    @property
    def teams(self) -> dict[str, str | None]:
        return TEAMS

    @property
    def catalogue(self) -> Any:
        return choose_catalogue(date(2024, 12, 31))

    def values(self, first: date, last: date) -> Counts:
        found: Counts = {}
        for month, counts in invent_months(self.seed).items():
            if first <= date(2024, month, 15) <= last:
                for key, value in counts.items():
                    found[key] = found.get(key, 0) + value
        random = Random(self.seed)
        for ags in PLACES:
            for sex in SEXES:
                found["clients_by_sex", sex, ags] = random.choice((0, 2, 9, 14, 30))
        for name, part in (
            ("clients", "clients_by_sex"),
            ("conversations", "conversations_by_setting"),
        ):
            for ags in PLACES:
                parts = [v for (n, _, a), v in found.items() if n == part and a == ags]
                found[name, None, ags] = sum(parts)
        return found

    @property
    def now(self) -> Kennzahlen:
        assert self.asked.first and self.asked.last
        figures: dict[tuple[str, str | None, tuple[tuple[str, str], ...]], int] = {}
        for (name, code, ags), value in self.values(self.asked.first, self.asked.last).items():
            for unit in ((), (("municipality", ags),), (("team", str(TEAMS[ags])),)):
                figures[name, code, unit] = figures.get((name, code, unit), 0) + value
        listed = [Figure(n, c, c, dict(unit), v) for (n, c, unit), v in figures.items()]
        period = Period(self.asked.first, self.asked.last)
        return Kennzahlen(period, self.asked.last, self.asked.last, 1, "probe", listed)


def open_hub(folder: Path) -> Any:
    """What publishing needs of a hub: a data folder, the day, and what the ledger was told."""
    config = SimpleNamespace(data_folder=SimpleNamespace(path=folder))
    store = SimpleNamespace(sums={})
    store.read = store.transaction = lambda: nullcontext(store)
    return SimpleNamespace(config=config, today=date(2025, 3, 1), store=store)
