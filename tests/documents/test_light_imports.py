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
    modules = [
        f"connectors.documents.{path.stem}" for path in ROOM.glob("*.py") if path.stem != "__init__"
    ]
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
