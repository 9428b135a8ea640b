"""Imports follow the arrows of the architecture, and what only one room may know is known there alone."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.house.files import ROOMS, imports, python_files, run_time_imports

ALLOWED: dict[str, tuple[str, ...]] = {
    # The demo shows the simulated district; nothing else of pipelines knows it.
    "pipelines": ("connectors", "mappings", "warehouse", "examples"),
    "mappings": ("warehouse.schema",),
    "connectors": (),
    "warehouse": (),
    "examples": (),
}
ONLY_IN = {
    "dagster": "pipelines",
    "requests": "connectors",
    "paramiko": "connectors",
    "http.client": "connectors",
    "urllib.request": "connectors",
    "smtplib": "connectors",
    "socket": "connectors",
}


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def against_the_arrows(room: str, modules: set[str]) -> list[str]:
    ours = {
        module
        for module in modules
        if within(module, (*ROOMS, "tests", "benchmarks", "drehscheibe"))
    }
    # `from warehouse import schema` names the package too; what is taken from it decides
    parents = {
        m
        for m in ours
        for other in ours
        if other.startswith(m + ".") and within(other, ALLOWED[room])
    }
    return sorted(module for module in ours - parents if not within(module, (room, *ALLOWED[room])))


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_files(path: Path, files: set[str]) -> set[str]:
    """The modules of ours a file imports; `from package import module` imports the module."""
    found = set(run_time_imports(path)) & files
    packages = {name for name in found if any(other.startswith(f"{name}.") for other in found)}
    return found - packages


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of modules that import each other; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_files_import_only_along_the_arrows() -> None:
    found = {
        str(path): against_the_arrows(path.parts[0], set(imports(path)))
        for path in python_files(*ROOMS)
    }
    assert {path: modules for path, modules in found.items() if modules} == {}


def test_no_files_import_each_other_in_a_circle() -> None:
    files = {module_name(path): path for path in python_files(*ROOMS)}
    graph = {name: imported_files(path, set(files)) - {name} for name, path in files.items()}
    assert circle(graph) == []
    assert circle({"a": {"b"}, "b": {"a"}}) == ["a", "b", "a"]


def test_what_one_room_knows_no_other_imports() -> None:
    found = [
        f"{path} imports {module}"
        for path in python_files(*ROOMS)
        for module in imports(path)
        for known, room in ONLY_IN.items()
        if within(module, (known,)) and path.parts[0] != room
    ]
    assert found == []


@pytest.mark.parametrize(
    ("room", "module", "right"),
    [
        ("pipelines", "warehouse.loading.history", True),
        ("mappings", "warehouse.schema.people", True),
        ("mappings", "warehouse.loading.history", False),
        ("mappings", "warehouse", False),
        ("mappings", "connectors.tables.text_table", False),
        ("warehouse", "mappings.codes", False),
        ("connectors", "warehouse.schema", False),
        ("examples", "pipelines.config", False),
        ("warehouse", "tests.house.files", False),
        ("connectors", "connectorsx", True),
    ],
)
def test_the_arrows_themselves(room: str, module: str, right: bool) -> None:
    assert (against_the_arrows(room, {module}) == []) is right
