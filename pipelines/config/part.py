"""What every part of the configuration has in common: its strictness and how a path in it is meant. No part stands here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    return Path(info.context["folder"], value).resolve() if info.context else value


Place = Annotated[Path, AfterValidator(_beside_the_file)]
"""A path relative to the configuration file, absolute once read."""

FilePlace = Annotated[Path, AfterValidator(_beside_the_file), "file"]
"""The same of a file that must be there."""


class Part(BaseModel):
    """Keys that are not known are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
