"""The steps of the whole way and where in the code each begins and ends; watched from outside, so that the product knows no test."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# step → the functions that are it; every begin and every end of them is an event
STEPS = {
    "schema": ("warehouse.migrations:upgrade_schema",),
    "registers": ("pipelines.intake.registers:write_registers",),
    "landing": (
        "warehouse.landing.landing:Landing.land_delivery",
        "warehouse.landing.landing:Landing._keep_file",
    ),
    "manifest": ("warehouse.landing.landing:Landing._write_manifest",),
    "mapping": ("mappings.engine.table:TableMapper.map_batch",),
    "staging": (
        "warehouse.loading.staging:Staging.open_tables",
        "warehouse.loading.staging:Staging.add",
        "warehouse.loading.staging:Staging.resolve_duplicates",
    ),
    "comparing": ("warehouse.loading.history:compare_with_history",),
    "history": ("warehouse.loading.history:take_in",),
    "balance": ("warehouse.loading.loader:write_balance",),
    "ledger": (
        "warehouse.loading.loader:Loader._write_ledger",
        "warehouse.loading.loader:record_delivery",
    ),
    "findings": ("warehouse.loading.findings:write_findings",),
    "identity": ("warehouse.identity.person_links:refresh_links",),
    "commit": (
        "duckdb_sqlalchemy:Dialect.do_commit",
        "sqlalchemy.dialects.postgresql.psycopg:PGDialect_psycopg.do_commit",
    ),
    "report": (
        "pipelines.figures.report:coordinator_report",
        "connectors.documents.report.coordinator_report:write_report",
    ),
    "workbook": ("connectors.documents.kennzahlen.workbook:write_workbook",),
    "forms": ("connectors.documents.jobcenter.form:render_form",),
    "parcel": (
        "connectors.documents.jobcenter.parcel:write_package",
        "connectors.documents.jobcenter.parcel:_add_file",
    ),
    "transmissions": (
        "pipelines.transfer.hand_over:write_transmissions",
        "warehouse.ledger.entered_rows:append_entries",
    ),
}
# what happens within a step: an event before it (and after it, where a name is put in place or taken away)
WITHIN = (
    "warehouse.database.bulk_insert:insert_batch",
    "duckdb_sqlalchemy:Dialect.do_execute",
    "duckdb_sqlalchemy:Dialect.do_executemany",
    "sqlalchemy.dialects.postgresql.psycopg:PGDialect_psycopg.do_execute",
    "sqlalchemy.dialects.postgresql.psycopg:PGDialect_psycopg.do_executemany",
)
FILES = ("os:replace", "os:unlink", "os:fsync", "os:open", "pathlib:Path.chmod", "shutil:rmtree")
PRELOADED = (
    "pipelines.cli.app",
    "pipelines.intake.run",
    "pipelines.transfer.hand_over",
    "pipelines.figures.report",
    "pipelines.figures.workbook",
)
# what commands import when they need it, and every victim would import anew
LIBRARIES = (
    "altair",
    "vl_convert",
    "jinja2",
    "jsonschema",
    "typst",
    "xlsxwriter",
    "rich.console",
    "rich.table",
    "psycopg",
)

Event = tuple[str, str]
Told = Callable[[Event], None]


def preload() -> None:
    """Imports all that a command may need, and starts nothing."""
    for name in (
        *PRELOADED,
        *LIBRARIES,
        *(f.split(":")[0] for fs in STEPS.values() for f in fs),
        *(f.split(":")[0] for f in WITHIN),
    ):
        importlib.import_module(name)


def watch(told: Told) -> None:
    """From now on ``told`` hears every event as (step, what)."""
    inside = ["start"]
    for step, functions in STEPS.items():
        for function in functions:
            _wrap(
                function,
                functools.partial(
                    _step, step, function.rpartition(".")[2].rpartition(":")[2], inside, told
                ),
            )
    for function in WITHIN:
        _wrap(
            function,
            functools.partial(
                _part, function.rpartition(".")[2].rpartition(":")[2], inside, told, False
            ),
        )
    for function in FILES:
        _wrap(
            function,
            functools.partial(
                _part, function.rpartition(".")[2].rpartition(":")[2], inside, told, True
            ),
        )


def _step(
    step: str, name: str, inside: list[str], told: Told, original: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def wrapped(*args: Any, **words: Any) -> Any:
        inside.append(step)
        told((step, f"before {name}"))
        try:
            done = original(*args, **words)
            told((step, f"after {name}"))
            return done
        finally:
            inside.pop()

    return wrapped


def _part(
    name: str, inside: list[str], told: Told, both: bool, original: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def wrapped(*args: Any, **words: Any) -> Any:
        # Outside every step Python itself opens and removes files.
        if inside[-1] == "start":
            return original(*args, **words)
        told((inside[-1], f"before {name}"))
        done = original(*args, **words)
        if both:
            told((inside[-1], f"after {name}"))
        return done

    return wrapped


def _wrap(function: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    module, _, path = function.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for part in classes:
        owner = getattr(owner, part)
    original = getattr(owner, name)
    wrapped = wrapper(original)
    setattr(owner, name, wrapped)
    if classes:
        return
    # `from x import y` gave others the function itself.
    for other in list(sys.modules.values()):
        for key, value in list(vars(other).items()) if other is not None else ():
            if value is original and other.__name__.split(".")[0] in (
                "warehouse",
                "pipelines",
                "connectors",
                "mappings",
            ):
                setattr(other, key, wrapped)


def under(folder: Path) -> list[str]:
    """All files below a folder, relative."""
    return sorted(
        str(Path(root, name).relative_to(folder))
        for root, _, names in os.walk(folder)
        for name in names
    )
