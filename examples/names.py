"""Names for people.py by origin, each with its spellings in German offices, from names.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator

from examples.yaml_data import read_data

# The first spelling is the usual one.
Spellings = tuple[str, ...]


def _split_names(text: str) -> list[list[str]]:
    return [name.split("/") for name in text.split()]


Names = Annotated[tuple[Spellings, ...], BeforeValidator(_split_names)]


@dataclass(frozen=True, slots=True)
class Origin:
    """What people of some nationalities are called and speak; men are a share of those alone."""

    nationalities: tuple[str, ...]
    language: str
    share_of_men: float
    last: Names
    men: Names
    women: Names


_ORIGINS: Final[dict[str, Origin]] = read_data("names", dict[str, Origin])
ORIGIN: Final = {name: origin for origin in _ORIGINS.values() for name in origin.nationalities}
