"""A small district whose sources deliver one planted person in every format, beside others. No asserts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake

TODAY = date(2025, 8, 1)
FIRST, SECOND = date(2025, 6, 30), date(2025, 7, 31)
# What must be found nowhere afterwards.
LAST_NAME, FIRST_NAME, NUMBER = "Zürnadžić-Qorbani", "Xhemîle", "AZR-77310042"
REMARK = "wohnt bei Tante Wuxinka"
PHONE = "0176 55500471"
PLANTED = (LAST_NAME, FIRST_NAME, NUMBER, PHONE, "Wuxinka")
COLUMNS = (
    *("Nr", "Nachname", "Vorname", "Geburtsdatum", "Geschlecht", "Staat", "AZR", "Von", "Bis"),
    *("Telefon", "Bemerkung"),
)
TALKS = ("GNr", "Datum", "Wer", "Thema", "Notiz")
MAPPING = """\
system: Planted
DIALECT
tables:
  Klienten:
    files: "Klienten*"
    table: Klienten
    key: Nr
    ignore: [Bemerkung]
    feeds:
      person:
        fields:
          last_name: Nachname
          first_name: Vorname
          birth_date: {column: Geburtsdatum, past: true}
          sex: Geschlecht
          nationality: Staat
          official_number: AZR
          phone: Telefon
      case: {fields: {begun_on: Von, ended_on: Bis}}
  Gespraeche:
    files: "Gespraeche*"
    table: Gespraeche
    key: GNr
    optional: true
    ignore: [Notiz]
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}}}
      conversation_participant: {each: {column: Wer, split: ","}}
      conversation_topic: {each: {column: Thema, split: ","}}
"""
CONFIGURATION = """\
district: {{ags: "08999", name: Musterkreis}}
data: data
warehouse: {warehouse}
municipalities: {{"08999001": {{name: Musterstadt}}}}
sources:
{sources}
recipients:
  jobcenter: {{name: Jobcenter Musterkreis, kind: jobcenter}}
{more}"""
Row = Mapping[str, str]


def person(key: str, last: str, first: str, born: str = "02.03.1990", **cells: str) -> Row:
    """A row of the clients."""
    usual = {"Geschlecht": "w", "Staat": "Syrien", "AZR": "", "Von": "01.01.2024", "Bis": ""}
    named = {"Nr": key, "Nachname": last, "Vorname": first, "Geburtsdatum": born}
    return {**named, **usual, "Telefon": "", "Bemerkung": "", **cells}


def talk(key: str, who: str, day: str = "15.05.2025", note: str = "", topic: str = "Arbeit") -> Row:
    """A row of the conversations."""
    return {"GNr": key, "Datum": day, "Wer": who, "Thema": topic, "Notiz": note}


def planted(key: str, **cells: str) -> Row:
    """The planted person's row."""
    given = {"AZR": NUMBER, "Telefon": PHONE, "Bemerkung": REMARK, **cells}
    return person(key, LAST_NAME, FIRST_NAME, "17.11.1987", **given)


OTHERS = (person("P-200001", "Albrecht", "Berta"), person("P-200002", "Conradi", "Dora"))
CLIENTS = (OTHERS[0], planted("P-100001"), OTHERS[1])
CONVERSATIONS = (
    talk("G-1", "P-200001"),
    talk("G-2", "P-100001", note=f"Gespräch mit {FIRST_NAME} {LAST_NAME}"),
    talk("G-3", "P-100001,P-200002", note="Familie"),
    talk("G-4", "P-200002", note=f"fragt nach {FIRST_NAME} {LAST_NAME}"),
)


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[Row], encoding: str) -> None:
    """Semicolons, every line ended."""
    lines = [";".join(columns), *(";".join(row[c] for c in columns) for row in rows)]
    file.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))


def write_json(file: Path, rows: Iterable[Row]) -> None:
    """An object for each line, other letters than ASCII escaped."""
    file.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), "ascii")


def write_xlsx(file: Path, sheets: Mapping[str, tuple[Sequence[str], Iterable[Row]]]) -> None:
    """A workbook of texts."""
    with xlsxwriter.Workbook(file) as book:
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            for at, cells in enumerate([columns, *([row[c] for c in columns] for row in rows)]):
                sheet.write_row(at, 0, cells)


def write_html(file: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A page with one table, as programs write it and call it .xls."""
    lines = [[f"<td>{row[c]}</td>" for c in columns] for row in rows]
    head = "".join(f"<th>{c}</th>" for c in columns)
    body = "".join(f"<tr>{''.join(cells)}</tr>\n" for cells in lines)
    page = f"<html><meta charset='utf-8'><table><caption>Klienten</caption><tr>{head}</tr>{body}"
    file.write_text(f"{page}</table></html>", "utf-8")


def write_enaio(file: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """The linear XML of enaio."""
    names = "".join(f'<Column object="K" name="{c}" type="TEXT"/>' for c in columns)
    values = ("".join(f"<Value>{row[c]}</Value>" for c in columns) for row in rows)
    lines = "\n".join(f'<Row id="{n}">{cells}</Row>' for n, cells in enumerate(values, 1))
    kind = f'<ObjectType name="Klienten"><Rowset><Columns>{names}</Columns><Rows>{lines}</Rows>'
    start = '<?xml version="1.0" encoding="UTF-8"?><DMSContent format="LOL"><Archive name="A">'
    file.write_text(f"{start}{kind}</Rowset></ObjectType></Archive></DMSContent>", "utf-8")


def write_source(kind: str, folder: Path, clients: Iterable[Row], talks: Iterable[Row]) -> None:
    """One delivery of a source of this kind."""
    folder.mkdir(parents=True)
    match kind:
        case "csv":
            write_csv(folder / "Klienten.csv", COLUMNS, clients, "utf-8")
            write_csv(folder / "Gespraeche.csv", TALKS, talks, "utf-8")
        case "utf-16":
            write_csv(folder / "Klienten.csv", COLUMNS, clients, "utf-16")
        case "json":
            write_json(folder / "Klienten.jsonl", clients)
        case "xlsx":
            sheets = {"Klienten": (COLUMNS, clients), "Gespraeche": (TALKS, talks)}
            write_xlsx(folder / "Klienten-Gespraeche.xlsx", sheets)
        case "html":
            write_html(folder / "Klienten.xls", COLUMNS, clients)
        case "xml":
            write_enaio(folder / "Klienten.xml", COLUMNS, clients)


KINDS = ("csv", "xlsx", "xml")
ALL_KINDS = ("csv", "utf-16", "json", "xlsx", "html", "xml")


@dataclass
class PlantedDistrict:
    """The district in a folder; one source per kind of file."""

    folder: Path
    warehouse: str = "duckdb"
    kinds: Sequence[str] = KINDS
    more: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "planted.yaml").write_text(MAPPING.replace("DIALECT\n", ""), "utf-8")
        lines = (
            f"  {k}: {{mapping: planted.yaml, folder: exports/{k}, delivers: full}}"
            for k in self.kinds
        )
        text = CONFIGURATION.format(
            warehouse=self.warehouse, sources="\n".join(lines), more=self.more
        )
        (self.folder / "drehscheibe.yaml").write_text(text, "utf-8")
        for kind in self.kinds:
            (self.folder / "exports" / kind).mkdir(parents=True, exist_ok=True)

    def deliver(
        self,
        kind: str,
        day: date = SECOND,
        clients: Iterable[Row] = CLIENTS,
        talks: Iterable[Row] = CONVERSATIONS,
    ) -> Path:
        """Writes a delivery of a source and returns its folder."""
        folder = self.folder / "exports" / kind / day.isoformat()
        write_source(kind, folder, clients, talks)
        return folder

    def open(self) -> Hub:
        """The hub of the district, on its day."""
        return Hub(load_config(self.folder / "drehscheibe.yaml"), day=TODAY)

    def run(self) -> list[str]:
        """Loads what waits; the states."""
        with self.open() as hub:
            return [str(result.state) for result in run_intake(hub)]
