"""A district with two sources of which the tests deliver what they like: TAU files by date, an empty folder beside. No asserts."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.config import load_config
from pipelines.hub import Hub
from tests.acceptance.district import FOLDER

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  "08999001": {name: Musterstadt, team: Nord}
sources:
  tau: {mapping: tau_office, folder: tau, expect_every_days: 31}
  silent: {mapping: workbook, folder: silent}
"""


def small_hub(folder: Path) -> Hub:
    """A hub whose sources deliver from ``folder``/tau and ``folder``/silent, still empty."""
    for name in ("tau", "silent"):
        (folder / name).mkdir(exist_ok=True)
    path = folder / "drehscheibe.yaml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return Hub(load_config(path))


def deliver(folder: Path, day: str, *, of: str = "2025-01-31") -> Path:
    """Puts a delivery of TAU dated ``day`` into its folder."""
    return shutil.copytree(FOLDER / "tau" / of, folder / "tau" / day)
