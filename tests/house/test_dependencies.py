"""What is declared is used, and what is used is declared: the groups of pyproject.toml against the imports."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.house.files import ROOMS, ROOT, imports, python_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_IMPORTED = {
    "dagster-webserver": "a program",
    "duckdb-sqlalchemy": "SQLAlchemy finds it by name",
    "duckdb": "SQLAlchemy's dialect imports it",
    "pytz": "DuckDB imports it to fetch times with a zone",
    "psycopg": "SQLAlchemy finds it by name",
}


def names(group: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", requirement)[0].casefold() for requirement in group}


def imported_distributions() -> dict[str, str]:
    """Each distribution the rooms import, with one file that does."""
    known = packages_distributions()
    found: dict[str, str] = {}
    for path in python_files(*ROOMS):
        for top in (
            {module.split(".")[0] for module in imports(path)}
            - set(sys.stdlib_module_names)
            - set(ROOMS)
        ):
            for distribution in known.get(top, [top]):
                found.setdefault(distribution.casefold().replace("_", "-"), str(path))
    return found


def test_what_the_base_declares_is_used() -> None:
    assert (
        sorted(
            names(PROJECT["dependencies"]) - imported_distributions().keys() - NOT_IMPORTED.keys()
        )
        == []
    )


def test_what_is_imported_is_declared() -> None:
    extras = [
        names(group) for key, group in PROJECT["optional-dependencies"].items() if key != "dev"
    ]
    declared = names(PROJECT["dependencies"]).union(*extras)
    # these are parts of a declared one and never come without it
    parts = {
        "pydantic-core",
        "adbc-driver-manager",
        "dagster-shared",
        "psycopg-binary",
        "click",
        "starlette",
        "uvicorn",
    }
    assert {
        name: path
        for name, path in imported_distributions().items()
        if name not in declared | parts
    } == {}
