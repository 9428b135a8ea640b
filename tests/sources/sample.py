"""A source's sample: a folder with a small delivery and what must come of it. Takes it the whole way in; comparing stands with the test.

``delivery/`` holds the files; a workbook may be written down as ``NAME.xlsx.yaml``. ``expected.yaml`` says what is expected;
``mapping.yaml`` beside it replaces the mapping that has the folder's name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from ruamel.yaml import YAML
from sqlalchemy import select

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.loading.findings import ListedFinding, list_findings
from warehouse.schema import ENTITIES, table_balance
from warehouse.schema.columns import HISTORY_NAMES

FOLDER = Path(__file__).parent
CONFIGURATION = """\
district: {{ags: "08999", name: Musterkreis}}
municipalities:
  "08999001": {{name: Musterstadt, also: [Stadt Musterstadt]}}
  "08999003": {{name: Mühlenröth}}
  "08999005": {{name: Kleintannau}}
sources:
"""


def samples() -> list[str]:
    """The folders that hold a sample."""
    return sorted(path.parent.name for path in FOLDER.glob("*/expected.yaml"))


def expected(name: str) -> Any:
    """What must come of a sample."""
    return YAML(typ="safe").load((FOLDER / name / "expected.yaml").read_text(encoding="utf-8"))


def lay_out(name: str, target: Path) -> None:
    """The sample's files as the source would deliver them, long finished."""
    delivered = FOLDER / name / "delivery"
    for path in sorted(p for p in delivered.rglob("*") if p.is_file()):
        place = target / path.relative_to(delivered)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.name.endswith(".xlsx.yaml"):
            place = place.with_suffix("")
            write_workbook(YAML(typ="safe").load(path.read_text(encoding="utf-8")), place)
        else:
            shutil.copyfile(path, place)
        os.utime(place, (1_700_000_000, 1_700_000_000))


def write_workbook(content: Mapping[str, Any], target: Path) -> None:
    """A workbook from its sheets, row by row; a sheet may be ``hidden``."""
    book = Workbook()
    for title, sheet in content["sheets"].items():
        page = book.create_sheet(title)
        page.sheet_state = (
            "hidden" if isinstance(sheet, Mapping) and sheet.get("hidden") else "visible"
        )
        for number, row in enumerate(
            sheet["rows"] if isinstance(sheet, Mapping) else sheet, start=1
        ):
            for place, value in enumerate(row, start=1):
                cell = page.cell(number, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    del book["Sheet"]
    book.save(target)


@contextmanager
def open_hub(folder: Path, *names: str, delivered_on: date) -> Iterator[Hub]:
    """A hub beside whose configuration the samples lie as deliveries of that day, each a source named as its folder."""
    text = CONFIGURATION
    for name in names:
        own = FOLDER / name / "mapping.yaml"
        text += (
            f"  {name}: {{{{mapping: {own if own.exists() else name}, folder: exports/{name}}}}}\n"
        )
        lay_out(name, folder / "exports" / name / delivered_on.isoformat())
    path = folder / "drehscheibe.yaml"
    path.write_text(text.format(), encoding="utf-8")
    with Hub(load_config(path)) as hub:
        yield hub


def outcome(name: str, folder: Path) -> dict[str, Any]:
    """What came of a sample, in the shape of its ``expected.yaml``."""
    day = expected(name)["delivered_on"]
    with open_hub(folder, name, delivered_on=day) as hub:
        (taken,) = run_intake(hub)
        with hub.store.read() as connection:
            counts = connection.execute(
                select(table_balance).order_by(table_balance.c.file, table_balance.c.table_name)
            )
            return {
                "delivered_on": day,
                "state": taken.state,
                "tables": {f"{c.file} {c.table_name}": _counts(c) for c in counts},
                "findings": sorted((_finding(f) for f in list_findings(connection)), key=_place),
                "entities": {
                    entity: rows for entity in ENTITIES if (rows := _rows(connection, entity))
                },
            }


def _counts(row: Any) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("read", "used", "rejected", "repeated")}


def _finding(found: ListedFinding) -> dict[str, Any]:
    names = ("file", "table", "row", "column", "rule", "severity")
    return {name: value for name in names if (value := getattr(found, name)) is not None}


def _place(found: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        found.get("file", ""),
        found.get("table", ""),
        found.get("row", 0),
        found.get("column", ""),
        found["rule"],
    )


def _rows(connection: Any, entity: str) -> list[dict[str, Any]]:
    table = ENTITIES[entity].table
    rows = connection.execute(
        select(table).order_by(table.c.source_file, table.c.source_row, table.c.source_key)
    )
    return [_row(row._mapping) for row in rows]


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    own = {n: v for n, v in values.items() if n not in HISTORY_NAMES and v is not None}
    return {"key": values["source_key"].replace("\x1f", " · "), "row": values["source_row"], **own}
