"""What the mappings' tests share: a mapping from a few lines of YAML, rows through it, and what came of them as plain Python."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pyarrow as pa

from mappings import code_lists, source_mapping
from mappings.compile import Compiler
from mappings.engine.findings import MappedBatch
from mappings.engine.plan import TablePlan
from mappings.engine.table import TableMapper

MUNICIPALITIES = code_lists.list_municipalities(
    {"08999001": ("Musterstadt",), "08999003": ("Mühlenröth",)}
)
DAY = date(2025, 1, 31)
TABLE = "Tabelle"


def load(text: str) -> source_mapping.SourceMapping:
    """A mapping from its YAML."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "probe.yaml")
        path.write_text(dedent(text), encoding="utf-8")
        return source_mapping.load_mapping(path)


def plan(table: str, *, head: str = "", preamble: Mapping[str, str] | None = None) -> TablePlan:
    """The plan of one table whose key, feeds and so on are given as YAML."""
    text = f"system: Probe\n{head}\ntables:\n  {TABLE}:\n    files: '*.csv'\n{indent(dedent(table), '    ')}"
    return Compiler(load(text), MUNICIPALITIES, DAY).compile_table(TABLE, preamble or {})


def run(
    plan: TablePlan,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    ragged: Sequence[int] = (),
) -> MappedBatch:
    """All rows through the plan in one batch; the first stands in row 2, below the header."""
    rows = list(rows)
    return TableMapper(plan).map_batch(
        batch(header, rows), pa.array(range(2, 2 + len(rows)), pa.int64()), ragged
    )


def batch(header: Sequence[str], rows: Sequence[Sequence[str]]) -> pa.RecordBatch:
    """Rows of text as the readers hand them over."""
    return pa.RecordBatch.from_pydict(
        {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(header)}
    )


def rows_of(mapped: MappedBatch, entity: str) -> list[dict[str, Any]]:
    """An entity's rows: their own fields that hold something, with ``key`` and ``row``."""
    if entity not in mapped.entities:
        return []
    own = [
        n
        for n in mapped.entities[entity].schema.names
        if n not in ("source_key", "record_key", "row_hash", "source_row")
    ]
    return [
        {
            "key": r["source_key"].replace("\x1f", " · "),
            "row": r["source_row"],
            **{n: r[n] for n in own if r[n] is not None},
        }
        for r in mapped.entities[entity].to_pylist()
    ]


def hashes(mapped: MappedBatch, entity: str) -> dict[str, int]:
    """Key → row hash."""
    return {r["source_key"]: r["row_hash"] for r in mapped.entities[entity].to_pylist()}


def findings(mapped: MappedBatch) -> list[tuple[int, str | None, str, str]]:
    """(row, column, rule, severity), in order of rows."""
    rows = mapped.findings.to_pylist()
    return sorted(((f["row"], f["column"], f["rule"], f["severity"]) for f in rows), key=str)


def counts(mapped: MappedBatch) -> tuple[int, int, int, int]:
    """read, used, rejected, repeated"""
    return mapped.read, mapped.used, mapped.rejected, mapped.repeated
