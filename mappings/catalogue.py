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


@cache
def load(name: str = "kennzahlen") -> Catalogue:
    """The catalogue of that name in mappings/destinations."""
    return read_model(FOLDER / f"{name}.yaml", Catalogue)
