"""The writers can be imported by the command line without loading what draws, prints or calculates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import connectors.documents

ROOM = Path(connectors.documents.__file__).parent
HEAVY = (
    "altair",
    "vl_convert",
    "typst",
    "xlsxwriter",
    "jinja2",
    "lxml",
    "pandas",
    "pyarrow",
    "duckdb",
    "dagster",
)


def test_importing_every_writer_loads_no_heavy_library() -> None:
    files = [path for path in ROOM.rglob("*.py") if path.stem != "__init__"]
    names = [path.relative_to(ROOM.parents[1]).with_suffix("").parts for path in files]
    modules = [".".join(name) for name in names]
    assert len(modules) > 10
    code = f"import sys, {', '.join(modules)}; print([name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOM.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"
