"""What all parts of the configuration share: strictness, paths, and access to their plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    return Path(info.context["folder"], value).resolve() if info.context else value


Place = Annotated[Path, AfterValidator(_beside_the_file)]
"""A path relative to the configuration file, absolute once read."""

FilePlace = Annotated[Path, AfterValidator(_beside_the_file), "file"]
"""The same of a file that must exist."""


class Part(BaseModel):
    """A part of the configuration; unknown keys are mistakes, and it never changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def part_at(data: Any, key: str) -> dict[str, Any]:
    """The keys and values under a key of plain data; empty where there are none."""
    part = data.get(key) if isinstance(data, dict) else None
    return part if isinstance(part, dict) else {}
