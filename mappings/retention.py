"""How long what is kept, from which event on, on which ground, and who sees to it; as data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "retention.yaml"
PERSONS = "persons"


class RetentionTerm(BaseModel, extra="forbid"):
    """One term; all texts are German. ``then`` emptied: the hub does it when asked to."""

    name: str
    label: str
    begins: str
    years: int = Field(ge=1, le=100)
    then: Literal["emptied", "organisation"]
    known: Literal["F", "A"]
    ground: str


class _TermsFile(BaseModel, extra="forbid"):
    terms: list[RetentionTerm]


def load_terms() -> Sequence[RetentionTerm]:
    """The terms in the order of the file."""
    return read_model(FILE, _TermsFile).terms


def person_years() -> int:
    """After how many years without counselling a person's data are emptied."""
    return next(term.years for term in load_terms() if term.name == PERSONS)
