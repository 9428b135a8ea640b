"""How the files of a delivery are opened: within which limits, with which password, and with which other files at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.tables.limits import USUAL_LIMITS, Limits
from pipelines.config import Config
from pipelines.config.secret import workbook_password


@dataclass(frozen=True)
class ReaderOptions:
    """``password`` opens encrypted workbooks, ``beside`` are the delivery's files by name."""

    limits: Limits = USUAL_LIMITS
    password: str | None = field(default=None, repr=False)
    beside: Mapping[str, Path] = field(default_factory=dict)


def reader_options_of(config: Config, source: str, beside: Mapping[str, Path]) -> ReaderOptions:
    """What the configuration and the secrets say of a source's files."""
    secret = workbook_password(config, source)
    return ReaderOptions(
        Limits(**config.limits.model_dump()), secret.get_secret_value() if secret else None, beside
    )
