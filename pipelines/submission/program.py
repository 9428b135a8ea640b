"""Names the program that makes a package: its version, and one sum over its code and YAML."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "mappings", "pipelines", "warehouse")
_MADE_OF = {".py", ".yaml", ".typ", ".j2"}


@cache
def describe_program() -> dict[str, str]:
    """Name, version and SHA-256 of the program."""
    found = (p for name in PACKAGES for p in (ROOT / name).rglob("*") if p.suffix in _MADE_OF)
    total = hashlib.sha256()
    for path in sorted(found):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return {
        "name": "drehscheibe",
        "version": version("drehscheibe"),
        "sha256": total.hexdigest(),
    }
