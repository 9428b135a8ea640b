"""Reads the lists and tables of the simulated district, which are YAML files beside the modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from ruamel.yaml import YAML


def read_data(name: str, shape: Any) -> Any:
    """The file of that name as values of the type `shape`; ValidationError where it is no such."""
    text = Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    return TypeAdapter(shape).validate_python(YAML(typ="safe", pure=True).load(text))
