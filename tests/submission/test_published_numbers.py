"""Which published numbers are others today: of the same period, of one that overlaps, of a day in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.documents.figure_data import Figure
from pipelines.publication.ledger import PrintedCell, Publication
from pipelines.submission import published_numbers
from pipelines.submission.published_numbers import AlsoPublished, list_published

PLACES = {"08999001": "Ort", "08999002": "Au"}
ALL = (*PLACES, "")
# Talks of each half of 2024 in both places, as they are today.
TODAY = {"2024-03": (10, 20), "2024-09": (30, 44)}
CLIENTS = 70


def count(first: date, last: date) -> list[Figure]:
    halves = [n for day, n in TODAY.items() if f"{first:%Y-%m}" <= day <= f"{last:%Y-%m}"]
    ort, au = (sum(part) for part in zip(*halves, strict=True)) if halves else (0, 0)
    units: list[tuple[dict[str, str], int]] = [
        ({}, ort + au),
        ({"municipality": "08999001"}, ort),
        ({"municipality": "08999002"}, au),
        ({"team": "Nord"}, ort + au),
    ]
    talks = [Figure("conversations", None, None, unit, value) for unit, value in units]
    topics = [Figure("topics", code, code, {}, n) for code, n in (("kinder", 3), ("arbeit", 4))]
    return [*talks, *topics, Figure("clients", None, None, {}, CLIENTS)]


@pytest.fixture(autouse=True)
def warehouse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The towns in place of a warehouse."""

    def compute(_hub: Any, asked: Any, _units: Any) -> Any:
        return SimpleNamespace(figures=count(asked.first, asked.last))

    monkeypatch.setattr(published_numbers, "compute_kennzahlen", compute)
    monkeypatch.setattr(published_numbers, "read_municipalities", lambda *_: PLACES)
    teams = dict.fromkeys(PLACES, "Nord")
    monkeypatch.setattr(published_numbers, "read_teams_by_municipality", lambda *_: teams)
    yield


YEAR, FIRST_HALF, SECOND_HALF = (
    ("2024-01-01", "2024-12-31"),
    ("2024-01-01", "2024-06-30"),
    ("2024-07-01", "2024-12-31"),
)


def cell(
    value: int,
    days: tuple[str | None, str] = YEAR,
    places: tuple[str, ...] = ALL,
    what: str = "conversations",
    codes: tuple[str, ...] | None = None,
    *,
    shown: bool = True,
) -> PrintedCell:
    return PrintedCell(what, codes, places, *days, value, shown)


# Layout, its cells → how many are others today, and how many of them of the submission's period.
PUBLISHED: dict[str, tuple[str, list[PrintedCell], tuple[int, int]]] = {
    "of the period, as today": ("kreis", [cell(104)], (0, 0)),
    "of the period": ("kreis", [cell(103)], (1, 1)),
    "of its second half": ("kreis", [cell(73, SECOND_HALF)], (1, 0)),
    "of its first half, unchanged": ("kreis", [cell(30, FIRST_HALF)], (0, 0)),
    "of a longer time": ("kreis", [cell(100, ("2023-01-01", "2025-06-30"))], (1, 0)),
    "of the year before": ("kreis", [cell(1, ("2023-01-01", "2023-12-31"))], (0, 0)),
    "of the year after": ("kreis", [cell(1, ("2025-01-01", "2025-12-31"))], (0, 0)),
    "one of two towns": (
        "gemeinde",
        [cell(40, places=("08999001",)), cell(63, places=("08999002",))],
        (1, 1),
    ),
    "of a team": ("team", [cell(100, places=("08999001", "08999002"))], (1, 1)),
    "hidden": ("kreis", [cell(103, shown=False)], (0, 0)),
    "others together": ("kreis-top5", [cell(8, what="topics", codes=("kinder", "arbeit"))], (1, 1)),
    "others together, as today": (
        "kreis-top5",
        [cell(7, what="topics", codes=("kinder", "arbeit"))],
        (0, 0),
    ),
    "of its last day": ("kreis", [cell(69, (None, "2024-12-31"), what="clients")], (1, 1)),
    "of a day in it": ("kreis", [cell(69, (None, "2024-06-30"), what="clients")], (1, 0)),
    "of a later day": ("kreis", [cell(69, (None, "2025-06-30"), what="clients")], (0, 0)),
    "a unit that is no more": ("gemeinde", [cell(9, places=("08999003",))], (1, 1)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers_are_compared_with_those_of_today(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, cells, (changed, shared) = PUBLISHED[name]
    out = [Publication(1, "2025-02-01", layout, 1, cells)]
    monkeypatch.setattr(published_numbers, "read_witnessed", lambda _: out)
    # Its file has other teams by now, of which no run knows.
    towns = {ags: SimpleNamespace(team=name) for ags, name in PLACES.items()}
    store = SimpleNamespace(read=lambda: nullcontext(None))
    hub: Any = SimpleNamespace(config=SimpleNamespace(municipalities=towns), store=store)
    made: Any = SimpleNamespace(period_from=date(2024, 1, 1), period_to=date(2024, 12, 31))
    found: list[AlsoPublished] = list(list_published(hub, made, 9))
    assert [(one.cells, one.shared) for one in found] == ([(changed, shared)] if changed else [])
