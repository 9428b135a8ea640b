"""A small district with a register of staff, posts and grants."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.config import load_config
from pipelines.config.models import Config

DISTRICT = """\
district: {{ags: "{ags}", name: Probekreis}}
data: data
carriers:
  landkreis: {{name: Landkreis Probe}}
  caritas: {{name: Caritasverband Probe}}
municipalities: {{{places}}}
sources:
  enaio: {{mapping: enaio_export, folder: enaio, carrier: landkreis}}
  tau: {{mapping: tau_office, folder: tau, carrier: caritas}}
{more}
"""


@pytest.fixture
def district(tmp_path: Path) -> Callable[..., Config]:
    """Makes the configuration, with a register file of this text and further parts."""

    def make(
        register: str | Path = "", more: str = "", ags: str = "08999", places: int = 4
    ) -> Config:
        for source in ("enaio", "tau"):
            (tmp_path / source).mkdir(exist_ok=True)
        named = ", ".join(f'"{ags}{n:03}": {{name: Ort {n}}}' for n in range(1, places + 1))
        if isinstance(register, Path) or register:
            file = register if isinstance(register, Path) else tmp_path / "register.yaml"
            if isinstance(register, str):
                file.write_text(register, encoding="utf-8")
            more += f"funding: {{register: {file}}}\n"
        path = tmp_path / "drehscheibe.yaml"
        path.write_text(DISTRICT.format(ags=ags, places=named, more=more), encoding="utf-8")
        return load_config(path)

    return make
