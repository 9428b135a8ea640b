"""Reads exports with plain libraries and counts them again, knowing the layouts but nothing of how they were made."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import openpyxl
from lxml import etree

from examples.labels import LISTS

Cell = str | int | float | date | None
TOPIC_HEADS = (
    "Sprache",
    "Schule",
    "Ausbildung/Studium",
    "Arbeit",
    "Wohnen",
    "Gesundheit",
    "Teilhabe",
    "Kinder",
    "Sonstiges",
)


DATES = (
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4})( 00:00:00)?", (3, 2, 1)),
    (r"(\d{4})-(\d\d)-(\d\d)", (1, 2, 3)),
)


@dataclass
class Table:
    """Rows that are usable, as dictionaries by header, and what was not."""

    rows: list[dict[str, str]] = field(default_factory=list)
    total: int = 0
    repeated: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


def clean(cell: Cell | datetime) -> str:
    """The cell without what is only spelling; dates as ISO."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    text = unicodedata.normalize("NFC", str(cell if cell is not None else ""))
    return text.replace("\xad", "").replace("\xa0", " ").replace("\0", "").strip()


@cache
def day(text: str) -> date | None:
    """A real day, None for what is none or a placeholder."""
    if re.fullmatch(r"\d{5}", text):
        return date(1899, 12, 30) + timedelta(days=int(text))
    for pattern, order in (
        (r"(\d{1,2})\.(\d{1,2})\.(\d{4})( 00:00:00)?", (3, 2, 1)),
        (r"(\d{4})-(\d\d)-(\d\d)", (1, 2, 3)),
    ):
        if found := re.fullmatch(pattern, text):
            try:
                parsed = date(*(int(found[at]) for at in order))
            except ValueError:
                return None
            return parsed if 1900 < parsed.year < 9999 else None
    return None


@cache
def code(kind: str, text: str) -> str | None:
    """Our code for a spelling, None for an unknown one."""
    for label, (name, synonyms) in LISTS[kind].items():
        if text in (label, *synonyms):
            return name
    return None


def sift(header: list[str], rows: list[list[Cell]], key: str, required: str | None = None) -> Table:
    """Sorts rows into usable, repeated and rejected."""
    table, seen = Table(total=len(rows)), set[tuple[Cell, ...]]()
    for row in rows:
        if tuple(row) in seen:
            table.repeated += 1
            continue
        seen.add(tuple(row))
        cells = dict(zip(header, map(clean, row), strict=False))
        if len(row) != len(header):
            table.rejected["ragged_row"] += 1
        elif not cells[key]:
            table.rejected["key_missing"] += 1
        elif required and day(cells[required]) is None:
            table.rejected["required_date_unreadable"] += 1
        else:
            table.rows.append(cells)
    return table


def xml(path: Path, key: str, required: str | None = None) -> Table:
    """One object type of enaio."""
    root = etree.fromstring(path.read_bytes().decode("utf-8").split("?>", 1)[1].encode("utf-8"))
    header = ["id", *(column.get("name") for column in root.iter("Column"))]
    rows: list[list[Cell]] = [
        [row.get("id"), *(value.text for value in row)] for row in root.iter("Row")
    ]
    return sift(header, rows, key, required)


def sheet(
    path: Path, name: str, key: str, required: str | None = None, header_row: int = 1
) -> Table:
    """One sheet; below `Summe` there is nothing."""
    book = openpyxl.load_workbook(path, read_only=True)
    rows: list[list[Cell]] = [
        [*row] for row in book[name].iter_rows(min_row=header_row, values_only=True)
    ]
    book.close()
    body = [row for row in rows[1:] if row[0] != "Summe"]
    return sift([str(cell) for cell in rows[0]], body, key, required)


def text_file(path: Path, key: str, required: str | None = None) -> Table:
    """One CSV of TAU."""
    content = path.read_bytes().decode("cp1252")
    header, *rows = csv.reader(io.StringIO(content, newline=""), delimiter=";")
    return sift(header, [[*row] for row in rows], key, required)


@dataclass
class Recount:
    """Running totals in the form of the planned figures."""

    first: date
    last: date
    count: Counter[str] = field(default_factory=Counter)
    records: set[tuple[str, str]] = field(default_factory=set)

    def within(self, text: str) -> bool:
        """Whether the text is a day of the period."""
        parsed = day(text)
        return parsed is not None and self.first <= parsed <= self.last

    def talk(
        self,
        source: str,
        when: str,
        setting: str,
        topics: list[str],
        referrals: list[str],
        keys: list[str],
    ) -> None:
        """One conversation."""
        if not self.within(when):
            return
        self.count["conversations"] += 1
        self.count[f"conversations_by_setting:{setting}"] += 1
        self.count.update(f"topics:{name}" for topic in topics if (name := code("topic", topic)))
        self.count.update(
            f"referrals:{name}" for word in referrals if (name := code("referral", word))
        )
        self.records.update((source, key) for key in keys)

    def case(self, begin: str, end: str) -> bool:
        """Whether the case is open on the last day."""
        begun, ended = day(begin), day(end)
        open_then = (
            begun is not None and begun <= self.last and (ended is None or ended >= self.last)
        )
        self.count["client_records"] += open_then
        return open_then

    def finished(self) -> dict[str, int]:
        """The totals."""
        self.count["records_reached"] = len(self.records)
        return dict(self.count)


def split(text: str) -> list[str]:
    """Values of a Jobkraftwerk cell: by line or comma."""
    return [part.strip() for part in re.split(r"\n|, ", text) if part.strip()]
