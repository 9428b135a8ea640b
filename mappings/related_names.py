"""Names that are related or only sound alike, as mappings/names.yaml lists them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "names.yaml"


class NamesFile(BaseModel):
    """Words of one line of ``related`` are one name; sides of a line of ``distinct`` are several."""

    model_config = ConfigDict(extra="forbid")
    title: str
    source: str
    related: list[str]
    distinct: list[str]


@cache
def load_names() -> NamesFile:
    """The names of mappings/names.yaml; YamlProblems where it is wrong."""
    return read_model(FILE, NamesFile)


def read_text() -> str:
    """The text of mappings/names.yaml."""
    return FILE.read_bytes().decode()
