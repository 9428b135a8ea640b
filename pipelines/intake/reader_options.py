"""The options the files of a delivery are opened with: limits, password, files beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.tables.limits import USUAL_LIMITS, Limits
from pipelines.config import Config
from pipelines.config.secret import workbook_password
from pipelines.intake.copied_files import CopiedFiles


@dataclass(frozen=True)
class ReaderOptions:
    """``password`` opens encrypted workbooks, ``beside`` are the delivery's files by name.

    ``copied`` tells which of them look like copies of others.
    """

    limits: Limits = USUAL_LIMITS
    password: str | None = field(default=None, repr=False)
    beside: Mapping[str, Path] = field(default_factory=dict)
    copied: CopiedFiles = field(default_factory=CopiedFiles)


def reader_options_of(
    config: Config, source: str, beside: Mapping[str, Path], copied: CopiedFiles
) -> ReaderOptions:
    """The options of a source's files, from the configuration and the secrets."""
    secret = workbook_password(config, source)
    password = secret.get_secret_value() if secret else None
    return ReaderOptions(Limits(**config.limits.model_dump()), password, beside, copied)
