"""What the readers see in one file when no mapping is known, told in plain data; and the clean CSV of each table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.readers.look import look
from connectors.text_table import CannotRead, Notice, TextTable, UnreadableTable

_SAMPLE = 10


def seen(path: Path, dialect: dict[str, Any], out: Path | None) -> dict[str, Any]:
    """All tables of the file: header, count of rows, the first rows with their places, ragged rows, notices; nothing is typed."""
    told: dict[str, Any] = {"file": str(path), "tables": [], "error": None}
    try:
        for item in look(path, **dialect):
            told["tables"].append(_unread(item) if isinstance(item, UnreadableTable) else _table(item, path, out))
    except CannotRead as error:
        told["error"] = _error(error)
    return told


def _table(table: TextTable, path: Path, out: Path | None) -> dict[str, Any]:
    rows, error = 0, None
    sample: list[dict[str, Any]] = []
    ragged: list[dict[str, Any]] = []
    with _writer(table, path, out) as (write, written):
        try:
            for batch in table.batches:
                columns = [c.to_pylist() for c in batch.cells.columns]
                numbers = batch.row.to_pylist()
                rows += len(numbers) + len(batch.ragged)
                ragged += [{"row": r.row, "cells": list(r.cells)} for r in batch.ragged]
                for at in range(min(len(numbers), _SAMPLE - len(sample))):
                    sample.append({"row": numbers[at], "cells": [c[at] for c in columns]})
                write(zip(*columns, strict=True))
        except CannotRead as broken:
            error = _error(broken)
    return {
        "table": table.title or table.name,
        "sheet": table.sheet,
        "header": list(table.header),
        "preamble": dict(table.preamble),
        "rows": rows,
        "sample": sample,
        "ragged": ragged,
        "notices": [_notice(n) for n in table.notices],
        "error": error,
        "written": str(written) if written else None,
    }


@contextmanager
def _writer(table: TextTable, path: Path, out: Path | None) -> Iterator[Any]:
    if out is None:
        yield (lambda rows: None), None
        return
    out.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "_", f"{path.stem}-{table.title or table.name}" if table.sheet else path.stem)
    target = out / f"{name}.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.header)
        yield writer.writerows, target


def _unread(item: UnreadableTable) -> dict[str, Any]:
    empty = {"header": [], "preamble": {}, "rows": 0, "sample": [], "ragged": [], "notices": [], "written": None}
    return {"table": item.name, "sheet": item.sheet, **empty, "error": _error(item.error)}


def _error(error: CannotRead) -> dict[str, Any]:
    return {"rule": error.rule, "message": error.message, "row": error.row, "column": error.column}


def _notice(notice: Notice) -> dict[str, Any]:
    return {"rule": notice.rule, "message": notice.message, "row": notice.row, "column": notice.column, "severity": notice.severity}
