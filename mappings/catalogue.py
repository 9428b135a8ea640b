"""The catalogue of Kennzahlen: which indicators are shown, under which label, in which order, and what about them is proven."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mappings import code_lists
from mappings.yaml_file import read_model

FOLDER = Path(__file__).parent / "destinations"
PATTERN = "kennzahlen*.yaml"
Known = Literal["F", "A"]


class Indicator(BaseModel):
    """One indicator. ``assumed`` are categories that no published figure proves; ``open_list``: show only codes that occur."""

    model_config = ConfigDict(extra="forbid")
    indicator: str
    label: str
    known: Known
    codes: str | None = None
    assumed: list[str] = Field(default_factory=list)
    open_list: bool = False

    def labels(self) -> dict[str | None, str | None]:
        """Category → German label in the list's order; one entry without category where there are none."""
        if self.codes is None:
            return {None: None}
        return {code: label for code, label in code_lists.load(self.codes).labels.items()}  # noqa: C416 - the types widen here

    def known_of(self, category: str | None) -> Known:
        """F where proven, A where assumed."""
        return "A" if self.known == "A" or category in self.assumed else "F"


class Group(BaseModel):
    """Indicators under one heading."""

    model_config = ConfigDict(extra="forbid")
    title: str
    indicators: list[Indicator]


class Catalogue(BaseModel):
    """The whole catalogue, valid from a day on because the state changes it."""

    model_config = ConfigDict(extra="forbid")
    name: str
    title: str
    basis: str
    valid_from: date
    valid_to: date | None = None
    gate: Literal["exact"]
    legal_ground: str
    groups: list[Group]

    def indicators(self) -> list[Indicator]:
        """All indicators in order."""
        return [i for g in self.groups for i in g.indicators]


def choose_catalogue(last: date | None) -> Catalogue:
    """The catalogue for a period that ends on ``last`` (None: open): of those valid from that day
    or before the newest, or the first one for an earlier period."""
    known = load_catalogues()
    begun = [c for c in known if last is None or c.valid_from <= last]
    return begun[-1] if begun else known[0]


@cache
def load_catalogues() -> tuple[Catalogue, ...]:
    """All catalogues of mappings/destinations, in the order in which they became valid."""
    found = (read_model(path, Catalogue) for path in FOLDER.glob(PATTERN))
    return tuple(sorted(found, key=lambda c: c.valid_from))


@cache
def read_texts() -> dict[str, str]:
    """Name of the file → text of every catalogue."""
    return {path.stem: path.read_bytes().decode() for path in sorted(FOLDER.glob(PATTERN))}
