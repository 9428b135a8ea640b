"""Names the program that makes a package: version, one sum over its code and YAML, libraries."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "mappings", "pipelines", "warehouse")
_MADE_OF = {".py", ".yaml", ".typ", ".j2"}
# Those that write the bytes of documents: another version writes others.
LIBRARIES = ("ironcalc", "typst", "xlsxwriter")


@cache
def describe_program() -> dict[str, str]:
    """Name, version and SHA-256 of the program, and the versions of the libraries it writes with."""
    return {
        "name": "drehscheibe",
        "version": version("drehscheibe"),
        "sha256": _sum_sources(),
        **{name: version(name) for name in LIBRARIES},
    }


def _sum_sources() -> str:
    """One SHA-256 of the paths and contents of all that the program is made of."""
    total = hashlib.sha256()
    for path in _list_sources():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _list_sources() -> list[Path]:
    found = (p for name in PACKAGES for p in (ROOT / name).rglob("*") if p.suffix in _MADE_OF)
    return sorted(found)
