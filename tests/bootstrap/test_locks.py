"""The lock files: complete, in agreement with pyproject.toml and each other, and free of any index's address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import drehscheibe as door

ROOT = Path(door.__file__).parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
GROUPS = {
    "requirements.lock": PYPROJECT["project"]["dependencies"],
    "requirements-tools.lock": PYPROJECT["dependency-groups"]["tools"],
    **{
        f"requirements-{extra}.lock": [*PYPROJECT["project"]["dependencies"], *EXTRAS[extra]]
        for extra in EXTRAS
    },
}


def entries(name: str) -> list[tuple[str, str, int]]:
    """Name, version and number of hashes of each entry; a package may have one entry per Python version."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    parts = [re.match(r"([\w.-]+)(?:\[.*?\])?==(\S+)", line) for line in lines]
    assert all(parts), f"{name} holds something that is no pinned version"
    return [
        (p[1], p[2], line.count("--hash=sha256:"))
        for p, line in zip(parts, lines, strict=True)
        if p
    ]


@pytest.mark.parametrize("name", GROUPS)
def test_every_entry_has_hashes(name: str) -> None:
    assert [package for package, _, hashes in entries(name) if not hashes] == []


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_fulfils_what_is_declared(name: str) -> None:
    locked = {canonicalize_name(package): version for package, version, _ in entries(name)}
    declared = [Requirement(line) for line in GROUPS[name] if not line.startswith("drehscheibe")]
    wrong = [
        str(r)
        for r in declared
        if not r.specifier.contains(locked.get(canonicalize_name(r.name), ""))
    ]
    assert wrong == [], "run `python3 drehscheibe.py lock`"


def test_the_locks_agree() -> None:
    versions: dict[str, dict[str, set[str]]] = {}
    for name in GROUPS:
        for package, version, _ in entries(name):
            versions.setdefault(package, {}).setdefault(name, set()).add(version)
    different = {
        p: by_lock
        for p, by_lock in versions.items()
        if len(set(map(frozenset, by_lock.values()))) > 1
    }
    assert different == {}


@pytest.mark.parametrize("name", GROUPS)
def test_a_lock_names_no_index(name: str) -> None:
    assert not re.search(
        r"://|--index|--find-links|(^|\s)/", (ROOT / name).read_text(encoding="utf-8")
    )


def test_the_door_knows_every_group() -> None:
    assert set(door.EXTRAS) == EXTRAS.keys()
