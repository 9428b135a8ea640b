"""Small sources, each with what is true of it, and how they deliver it twice: as CSV, XLSX or JSON lines."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from tests.consents.office import CONSENT, FORMS_TABLE, JOBCENTER

EARLIER, LAST = date(2025, 6, 30), date(2025, 7, 31)
TODAY = date(2025, 8, 1)
MUNICIPALITY = "08999001"
CLIENTS, TALKS, FORMS = "Klienten", "Gespräche", "Einwilligungen"
COLUMNS = {
    CLIENTS: ["Nr", "Nachname", "Vorname", "Geburtsdatum", "Geschlecht", "Staatsang", "Einreise",
              "Zuweisung", "Von", "Bis"],
    TALKS: ["GNr", "Nr", "Datum", "Dauer"],
    FORMS: list(CONSENT),
}  # fmt: skip
MAPPING = (
    """\
system: Mini
tables:
  Klienten:
    files: ["Klienten*", "*Klienten.*"]
    table: Klienten
    key: Nr
    optional_columns: [Zuweisung]
    feeds:
      person:
        fields:
          last_name: Nachname
          first_name: Vorname
          birth_date: {column: Geburtsdatum, past: true}
          sex: Geschlecht
          nationality: Staatsang
          entry_date: Einreise
      housing: {when: Zuweisung, fields: {assigned_on: Zuweisung}}
      case: {fields: {begun_on: Von, ended_on: BisPREAMBLE}}
  Gespräche:
    files: ["Gespräche*", "*Gespräche.*"]
    table: Gespräche
    key: GNr
    optional: true
    feeds:
      conversation: {fields: {held_on: {column: Datum, required: true}, minutes: Dauer}}
      conversation_participant: {each: {column: Nr, split: ","}}
"""
    + FORMS_TABLE
)
PREAMBLE = ", municipality: {preamble: Gemeinde}"
LAST_NAMES = ("Müller", "Özdemir", "Jäger", "Şahin", "Größe", "Löffler", "Süßkind", "Al-Masri")
FIRST_NAMES = ("Amal", "Jürgen", "Zoë", "Björn", "Fatima", "Käthe", "Omar", "Lena")

Cells = dict[str, str]


@dataclass
class Talk:
    """A conversation as it took place."""

    held_on: date
    persons: set[str]


@dataclass
class Truth:
    """What is true of a source on the day of a delivery, in the terms of the warehouse.

    ``releases``: the data groups each person has released to the Jobcenter.
    """

    persons: dict[str, dict[str, object]]
    talks: dict[str, Talk]
    releases: dict[str, set[str]]
    assigned: set[str]


@dataclass
class Table:
    """A table of a delivery before it is written; rows are cells in the order of the columns.

    ``encoding`` is that of CSV, ``bytes_of`` may write single lines otherwise.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
    preamble: list[str] = field(default_factory=list)
    encoding: str = "utf-8"
    declare: Callable[[list[str]], bytes] | None = None
    more_sheets: dict[str, list[list[str]]] = field(default_factory=dict)
    numbers: bool = False

    def lines(self) -> list[list[str]]:
        """All lines as they stand in a sheet or text file."""
        above = [[line] for line in self.preamble]
        return [*above, self.columns, *self.rows]

    def visible_row(self, index: int, form: str) -> int:
        """The number of the row as a person counts it."""
        return index + 1 if form == "jsonl" else index + 2 + len(self.preamble)


@dataclass
class Delivery:
    """The files of a delivery by name, and what lies beside it in the source's folder."""

    files: dict[str, Table]

    def write(self, folder: Path, form: str) -> None:
        folder.mkdir(parents=True)
        for name, table in self.files.items():
            target = folder / f"{name}.{form}"
            target.parent.mkdir(parents=True, exist_ok=True)
            _WRITERS[form](target, table)


def _write_csv(target: Path, table: Table) -> None:
    lines = []
    for cells in table.lines():
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(cells)
        lines.append(text.getvalue())
    encode = table.declare or (lambda texts: "".join(texts).encode(table.encoding))
    target.write_bytes(encode(lines))


def _write_xlsx(target: Path, table: Table) -> None:
    with xlsxwriter.Workbook(target) as book:
        for title, lines in {table.title: table.lines(), **table.more_sheets}.items():
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    if table.numbers and cell.isdigit() and column == 0:
                        sheet.write_number(row, column, float(cell))
                    elif cell:
                        sheet.write_string(row, column, cell)


def _write_json_lines(target: Path, table: Table) -> None:
    rows = (dict(zip(table.columns, cells, strict=False)) for cells in table.rows)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    target.write_text(text, "utf-8")


_WRITERS = {"csv": _write_csv, "xlsx": _write_xlsx, "jsonl": _write_json_lines}


@dataclass
class Town:
    """A source: its form, what was and is true of it, and its two deliveries."""

    name: str
    form: str
    before: Truth
    now: Truth
    first: Delivery
    second: Delivery
    mapping: str

    def index_of(self, table: str, key: str) -> int:
        """The index of a row of the second delivery by its key."""
        return next(i for i, row in enumerate(self.second.files[table].rows) if row[0] == key)

    def cell(self, table: str, key: str, column: str) -> str:
        return self.second.files[table].rows[self.index_of(table, key)][_place(table, column)]

    def set_cell(self, table: str, key: str, column: str, text: str) -> int:
        """Writes into a cell of the second delivery; the visible number of its row."""
        index = self.index_of(table, key)
        self.second.files[table].rows[index][_place(table, column)] = text
        return self.second.files[table].visible_row(index, self.form)


def _place(table: str, column: str) -> int:
    return COLUMNS[table].index(column)


def german(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def draw_town(rng: random.Random, number: int) -> Town:
    """A town of eight to eleven persons; at the second delivery some things have moved on."""
    form = rng.choice(("csv", "csv", "xlsx", "xlsx", "jsonl"))
    count = rng.randrange(8, 12)
    keys = [str(number * 100 + 1000 + n) for n in range(count)]
    persons = {key: _draw_person(rng, number, n) for n, key in enumerate(keys)}
    talks = {
        f"G{number}-{n}": Talk(
            date(2025, 1, 2) + timedelta(days=rng.randrange(170)), {rng.choice(keys)}
        )
        for n in range(14)
    }
    granting = rng.sample(keys, 4)
    before = Truth(persons, talks, {k: {"sprache", "beruf"} for k in granting}, set(keys[::2]))
    more = {
        f"G{number}-{n}": Talk(date(2025, 7, 2 + n % 20), {rng.choice(keys)}) for n in range(14, 18)
    }
    now = Truth(persons, talks | more, before.releases, before.assigned)
    mapping = MAPPING.replace("PREAMBLE", "" if form == "jsonl" else PREAMBLE)
    return Town(
        f"stadt{number}", form, before, now, _deliver(before, form), _deliver(now, form), mapping
    )


def _draw_person(rng: random.Random, town: int, n: int) -> dict[str, object]:
    return {
        "last_name": f"{rng.choice(LAST_NAMES)}-{_letters(town)}",
        "first_name": FIRST_NAMES[n % len(FIRST_NAMES)],
        "birth_date": date(1960, 1, 2) + timedelta(days=rng.randrange(15000)),
        "sex": rng.choice("mw"),
        "nationality": rng.choice(("SYR", "AFG", "UKR")),
        "entry_date": date(2016, 1, 2) + timedelta(days=rng.randrange(2500)),
    }


def _letters(number: int) -> str:
    """A number as letters, so that no two towns share a name."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).capitalize()


_WORDS = {"m": "männlich", "w": "weiblich", "SYR": "Syrien", "AFG": "Afghanistan", "UKR": "Ukraine"}


def client_row(key: str, person: dict[str, object], assigned: bool) -> list[str]:
    """The cells of a person's row."""
    born, entered = person["birth_date"], person["entry_date"]
    assert isinstance(born, date) and isinstance(entered, date)
    return [
        key, str(person["last_name"]), str(person["first_name"]), german(born),
        _WORDS[str(person["sex"])], _WORDS[str(person["nationality"])], german(entered),
        "01.03.2024" if assigned else "", "01.02.2024", "",
    ]  # fmt: skip


def talk_row(key: str, talk: Talk) -> list[str]:
    return [key, ",".join(sorted(talk.persons)), german(talk.held_on), "45"]


def _deliver(truth: Truth, form: str) -> Delivery:
    clients = [client_row(k, p, k in truth.assigned) for k, p in truth.persons.items()]
    talks = [talk_row(k, t) for k, t in truth.talks.items()]
    forms = [
        [f"E{k}", k, JOBCENTER, "Vermittlung", "15.01.2025", "", "", "ja", "Sprache,Beruf"]
        for k in truth.releases
    ]
    above = [] if form == "jsonl" else ["Gemeinde: Musterstadt", ""]
    tables = {CLIENTS: clients, TALKS: talks, FORMS: forms}
    return Delivery(
        {
            name: Table(name, list(COLUMNS[name]), rows, list(above) if name == CLIENTS else [])
            for name, rows in tables.items()
        }
    )


def write_towns(folder: Path, towns: Sequence[Town], warehouse: str) -> None:
    """Writes the configuration, the mappings and both deliveries of all towns."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for town in towns:
        (folder / f"{town.name}.yaml").write_text(town.mapping, "utf-8")
        town.first.write(folder / town.name / EARLIER.isoformat(), town.form)
        lines.append(
            f"  {town.name}: {{mapping: {town.name}.yaml, folder: {town.name}, delivers: full}}"
        )
    (folder / "drehscheibe.yaml").write_text(
        f"""\
district: {{ags: "08999", name: Musterkreis}}
warehouse: {warehouse}
municipalities: {{"{MUNICIPALITY}": {{name: Musterstadt}}}}
recipients: {{jobcenter: {{name: {JOBCENTER}, kind: jobcenter}}}}
sources:
"""
        + "\n".join(lines)
        + "\n",
        "utf-8",
    )
