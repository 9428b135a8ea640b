"""A day that a field cannot hold is told with its place, in whatever file it stands, and counts in no figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from sqlalchemy import select

from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.loading.findings import list_findings
from warehouse.schema import ENTITIES

DAY = date(2025, 1, 31)
HEADER = ["Nr", "Geboren", "Von", "Bis", "Datum"]
ROWS = [
    ["1", "04.05.1990", "03.01.2024", "", "12.03.2024"],
    ["2", "14.02.1363", "03.01.2024", "31.12.2204", "12.03.2024"],
    ["3", "04.05.1990", "03.01.2024", "02.01.2024", "12.03.2024"],
    ["4", "14.02.0985", "03.01.2042", "", "12.03.2024"],
    ["5", "04.05.1990", "03.01.2024", "", "12.03.2204"],
    ["6", "04.05.1990", "03.01.2024", "", "12.03.0204"],
    ["7", "04.05.1990", "03.01.2024", "", "12.03.1403"],
    ["8", "04.05.1990", "03.01.2024", "", "01.02.2025"],
]
# Row of the table (counted from 1), column, rule.
TOLD = {
    (2, "Geboren", "other_calendar"),
    (2, "Bis", "date_too_late"),
    (2, "Bis", "case_end_unreadable"),
    (3, "Bis", "end_before_begin"),
    (3, "Bis", "case_end_unreadable"),
    (4, "Geboren", "date_too_early"),
    (4, "Von", "future_date"),
    *((row, "Datum", "required_date_implausible") for row in (5, 6, 7, 8)),
}
MAPPING = """\
system: Probe
{days}
tables:
  Klienten:
    files: "*.*"
    table: Klienten
    key: Nr
    feeds:
      person: {{fields: {{birth_date: Geboren}}}}
      case: {{fields: {{begun_on: Von, ended_on: Bis}}}}
      conversation: {{fields: {{held_on: Datum}}}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Musterstadt}}
days: {conversation.held_on: {latest: 1 year}}
sources:
"""


def write_csv(path: Path) -> None:
    lines = (";".join(row) for row in (HEADER, *ROWS))
    path.with_suffix(".csv").write_text("\n".join(lines), "utf-8")


def write_json(path: Path) -> None:
    lines = (json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS)
    path.with_suffix(".jsonl").write_text("\n".join(lines), "utf-8")


def write_workbook(path: Path) -> None:
    """Days are cells with a date, where a workbook has them: none before 1900."""
    with xlsxwriter.Workbook(str(path.with_suffix(".xlsx"))) as book:
        sheet, form = book.add_worksheet("Klienten"), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(ROWS, start=1):
            sheet.write(number, 0, row[0])
            for place, text in enumerate(row[1:], start=1):
                if text and int(text[-4:]) > 1900:
                    day = datetime.strptime(text, "%d.%m.%Y")
                    sheet.write_datetime(number, place, day, form)
                else:
                    sheet.write_string(number, place, text)


def write_markup(path: Path) -> None:
    cells = "".join(
        f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in (HEADER, *ROWS)
    )
    path.with_suffix(".html").write_text(f"<html><table>{cells}</table></html>", "utf-8")


WRITERS: dict[str, Callable[[Path], None]] = {
    "csv": write_csv,
    "json": write_json,
    "xlsx": write_workbook,
    "html": write_markup,
}


def test_each_format_tells_the_same(tmp_path: Path) -> None:
    lines = [CONFIGURATION]
    for name, write in WRITERS.items():
        folder = tmp_path / name / DAY.isoformat()
        folder.mkdir(parents=True)
        write(folder / "Klienten")
        lines.append(f"  {name}: {{mapping: {name}.yaml, folder: {name}}}\n")
        # The mapping's own limit goes before that of the district.
        own = "days: {conversation.held_on: {latest: delivery}}"
        (tmp_path / f"{name}.yaml").write_text(MAPPING.format(days=own), "utf-8")
    (tmp_path / "drehscheibe.yaml").write_text("".join(lines), "utf-8")
    with Hub(load_config(tmp_path / "drehscheibe.yaml"), day=DAY) as hub:
        assert {r.state for r in run_intake(hub)} == {"loaded"}
        first = {"csv": 1, "json": 0, "xlsx": 1, "html": 1}
        with hub.store.read() as connection:
            found = list_findings(connection)
            cases = connection.execute(select(ENTITIES["case"].table)).all()
        for name in WRITERS:
            rows = {(f.row - first[name], f.column, f.rule) for f in found if f.source == name}
            assert rows == TOLD, name
            doubtful = {c.source_key for c in cases if c.source == name and c.ended_on_unreadable}
            assert doubtful == {"2", "3"}
        asked = FigureRequest(date(2024, 1, 1), date(2024, 12, 31), None)
        counted = {
            (f.indicator, f.unit.get("source")): f.value
            for f in compute_kennzahlen(hub, asked, ("source",)).figures
        }
    for name in WRITERS:
        # Rejected rows are in no figure; a case with an unreadable end counts.
        assert counted["conversations", name] == 4
        assert counted["clients", name] == 3
