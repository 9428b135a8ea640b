"""Writes figures, balance and definitions as open data: CSV and JSON with datapackage.json."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from connectors.documents.figure_data import (
    Delivery,
    Figure,
    FigureName,
    Gap,
    Group,
    TableBalance,
    name_figure,
)
from connectors.documents.signs import REVISED
from pipelines.workbench.profile import mark_formula
from warehouse.marts.scope import UNITS

FIGURE_COLUMNS = ("indicator", "category", "label", *UNITS, "value", "mark", "sources_missing")
BALANCE_COLUMNS = (
    "source",
    "delivered_on",
    "load",
    "state",
    "file",
    "table",
    "read",
    "used",
    "rejected",
    "repeated",
    "left_out",
)
_INTEGERS = {"value", "load", "read", "used", "rejected", "repeated", "left_out"}
_DAYS = {"delivered_on"}


def write_figures(
    figures: Iterable[Figure],
    gaps: Mapping[Any, Sequence[str]],
    revised: Collection[FigureName] = frozenset(),
    signs: Mapping[Any, str | None] = MappingProxyType({}),
) -> bytes:
    """The figures as CSV; ``gaps``: the sources that do not deliver an indicator of a unit.

    ``revised`` as in FigureDocument: their mark is r. ``signs``: the marks of gaps by their names.
    A line without a value is a figure that no source of the unit delivers.
    """
    rows = [
        _figure_row(figure, gaps.get(name_line(figure), ()), name_figure(figure) in revised)
        for figure in figures
    ]
    counted = {name_line(figure) for figure in figures}
    rows += [
        {**_gap_row(line, sources), "mark": signs.get(line) or ""}
        for line, sources in gaps.items()
        if line not in counted
    ]
    return _write_csv(FIGURE_COLUMNS, rows)


def _gap_row(line: Any, sources: Sequence[str]) -> dict[str, Any]:
    indicator, unit = line
    return {**dict(unit), "indicator": indicator, "sources_missing": " ".join(sources)}


def list_fallen(
    then: Iterable[Figure], figures: Sequence[Figure], gaps: Iterable[Gap]
) -> list[Figure]:
    """What counted something then and has no line now, as 0, but for what is not delivered now."""
    there = {name_figure(figure) for figure in figures}
    absent = {name_line(gap) for gap in gaps if gap.whole}
    gone = (f for f in then if f.value and name_figure(f) not in there)
    return [replace(figure, value=0) for figure in gone if name_line(figure) not in absent]


def name_line(line: Any) -> tuple[str, frozenset[tuple[str, str]]]:
    """The indicator and unit of a figure or gap."""
    return line.indicator, frozenset(line.unit.items())


def _figure_row(figure: Figure, missing: Sequence[str], revised: bool) -> dict[str, Any]:
    return {
        "indicator": figure.indicator,
        "category": figure.category,
        "label": figure.label,
        **figure.unit,
        "value": figure.value,
        "mark": REVISED if revised else "",
        "sources_missing": " ".join(missing),
    }


def write_balance(deliveries: Iterable[Delivery]) -> bytes:
    """The rows of every table of the deliveries behind the figures, as CSV."""
    rows = [_balance_row(delivery, table) for delivery in deliveries for table in delivery.tables]
    return _write_csv(BALANCE_COLUMNS, rows)


def _balance_row(delivery: Delivery, table: TableBalance) -> dict[str, Any]:
    return {
        "source": delivery.source,
        "delivered_on": delivery.delivered_on.isoformat(),
        "load": delivery.load,
        "state": str(delivery.state),
        **{name: getattr(table, name) for name in BALANCE_COLUMNS[4:]},
    }


def write_definitions(groups: Iterable[Group], basis: Mapping[str, str]) -> bytes:
    """What each indicator counts, where that is known from, and which version of the rules."""
    return write_json({"rules": basis, "groups": list(groups)})


def describe_tables(title: str, tables: Mapping[str, tuple[Sequence[str], bytes]]) -> bytes:
    """The datapackage.json of CSV files; ``tables``: columns and content by file name."""
    return write_json(
        {
            "profile": "tabular-data-package",
            "name": "kennzahlen",
            "title": title,
            "resources": [_describe_table(name, *table) for name, table in tables.items()],
        }
    )


def _describe_table(name: str, columns: Sequence[str], content: bytes) -> dict[str, Any]:
    return {
        "name": name.removesuffix(".csv"),
        "path": name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": _describe_columns(columns),
    }


def _describe_columns(columns: Sequence[str]) -> dict[str, Any]:
    return {"fields": [_describe_column(c) for c in columns]}


def _describe_column(name: str) -> dict[str, str]:
    kind = "integer" if name in _INTEGERS else "date" if name in _DAYS else "string"
    return {"name": name, "type": kind}


def write_json(content: Any) -> bytes:
    """The content as JSON text, in the order it has."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_write_cell(row.get(name)) for name in columns])
    return text.getvalue().encode()


def _write_cell(value: Any) -> Any:
    return mark_formula(value) if isinstance(value, str) else value
