"""Explains a ratio by its two parts: what they count, and the command that shows what is behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.figures.document_content import PeriodOpen
from pipelines.figures.explain_command import join_words, write_command
from pipelines.figures.kennzahlen import open_scope
from pipelines.figures.ratios import RATIOS
from warehouse.marts.conversations import conversations, persons_reached

if TYPE_CHECKING:
    from datetime import date

    from pipelines.figures.kennzahlen import FigureRequest
    from pipelines.hub import Hub
    from warehouse.marts.scope import Scope


@dataclass(frozen=True)
class RatioPart:
    """One of the two numbers of a ratio, in German, and the command that explains it."""

    what: str
    command: str


@dataclass(frozen=True)
class ExplainedRatio:
    """``parts``: what is divided, then what it is divided by."""

    ratio: str
    label: str
    load: int
    parts: Sequence[RatioPart]


def explain_ratio(hub: Hub, ratio: str, asked: FigureRequest) -> ExplainedRatio:
    """The parts of one of RATIOS, as counted in a period.

    Raises PeriodOpen where the period has no first or no last day.
    """
    if asked.first is None or asked.last is None:
        raise PeriodOpen("a ratio needs a first and a last day")
    scope = open_scope(hub, asked, hub.known_at(asked.as_of))
    is_reach = ratio == "reached_per_funded"
    parts = _split_reach(scope, asked.last) if is_reach else _split_work(scope)
    return ExplainedRatio(ratio, RATIOS[ratio], scope.known_at.load, parts)


def _split_work(scope: Scope) -> list[RatioPart]:
    until_today = replace(scope, by="staff", last=scope.counted_on)
    days = ("--from", str(scope.first), "--to", str(scope.counted_on))
    held = "Gespräche der Namen, die an ihrem Tag im Verzeichnis eine Stelle innehatten"
    return [
        RatioPart(held, write_command(until_today, conversations)),
        RatioPart(
            "VZÄ dieser Stellen mal Monate",
            join_words("funding", "staff", *days, "--as-of", str(scope.known_at.moment)),
        ),
    ]


def _split_reach(scope: Scope, last: date) -> list[RatioPart]:
    year = ("--year", str(last.year), "--as-of", str(scope.known_at.moment))
    return [
        RatioPart("erreichte Personen", write_command(scope, persons_reached)),
        RatioPart(
            f"Personen der Zielgruppe des Jahres {last.year}",
            join_words("funding", "clients", *year),
        ),
    ]
