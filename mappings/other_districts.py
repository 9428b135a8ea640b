"""Reads the names of districts and towns whose offices are surely not those of this district."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel

from mappings.yaml_file import read_model

_FILE = Path(__file__).parent / "other_districts.yaml"


class _Districts(BaseModel, extra="forbid"):
    districts: list[str]


@cache
def load_districts() -> tuple[str, ...]:
    """The districts of the state, and words for any other one; the hub's own may be among them."""
    return tuple(read_model(_FILE, _Districts).districts)
