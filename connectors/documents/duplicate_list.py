"""Writes the list for a carrier of records that may be one person twice in its system (XLSX)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from connectors.documents.atomic_file import write_atomically
from connectors.documents.german_format import day_text
from connectors.documents.kennzahlen.sheet_format import (
    make_formats,
    set_up_page,
    set_widths,
    write_texts,
)
from connectors.documents.kennzahlen.workbook import OPTIONS

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

TITLE = "Möglicherweise doppelt in Ihrem System"
HEADS = (
    "Nr.",
    "System",
    "1. Datensatz",
    "Fundstelle",
    "2. Datensatz",
    "Fundstelle",
    "Gleich oder ähnlich",
    "Verschieden oder unklar",
    "Ein Mensch? (ja / nein)",
    "Bemerkung",
)
_WIDTHS = (6, 16, 18, 30, 18, 30, 46, 46, 16, 30)
_ANSWERS = ("ja", "nein", "unklar")
_HEAD_ROW = 5
_NOTE = (
    "Diese Datensätze Ihres Systems können denselben Menschen meinen. Die Kennzahlen zählen sie "
    "als zwei Menschen, bis jemand entscheidet. Bitte prüfen Sie jedes Paar in Ihrem System, führen "
    "Sie doppelte Datensätze dort zusammen und tragen Sie die Antwort ein. Die Liste enthält "
    "Schlüssel und Fundstellen Ihrer Datensätze, keine Namen und nichts aus anderen Systemen."
)


@dataclass(frozen=True)
class DuplicatePair:
    """Two records of one system by key, each with where it was delivered; German sentences."""

    system: str
    one: str
    one_place: str
    other: str
    other_place: str
    because: Sequence[str]
    against: Sequence[str]


@dataclass(frozen=True)
class DuplicateList:
    """The pairs of one carrier, as of the day of its newest delivery."""

    carrier: str
    as_of: date
    pairs: Sequence[DuplicatePair]


def write_duplicates(path: Path, listed: DuplicateList) -> None:
    """Writes the list to ``path``, readable for its owner only; the same list, the same bytes."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        created = datetime(listed.as_of.year, listed.as_of.month, listed.as_of.day)
        workbook.set_properties({"title": TITLE, "author": "Drehscheibe", "created": created})
        _fill_sheet(workbook, listed)
    write_atomically(path, buffer.getvalue())


def _fill_sheet(workbook: Workbook, listed: DuplicateList) -> None:
    sheet, look = workbook.add_worksheet("Paare"), make_formats(workbook)
    set_widths(sheet, _WIDTHS)
    last = len(HEADS) - 1
    sheet.write_string(0, 0, TITLE, look.title)
    sheet.write_string(1, 0, f"{listed.carrier}, Stand {day_text(listed.as_of)}", look.subtitle)
    sheet.merge_range(3, 0, 3, last, _NOTE, look.note)
    sheet.set_row(3, 45)
    write_texts(sheet, _HEAD_ROW, HEADS, look.head)
    for number, pair in enumerate(listed.pairs, start=1):
        _write_pair(sheet, look, number, pair)
    bottom = _HEAD_ROW + len(listed.pairs)
    sheet.autofilter(_HEAD_ROW, 0, bottom, last)
    sheet.freeze_panes(_HEAD_ROW + 1, 0)
    choice = {"validate": "list", "source": list(_ANSWERS)}
    sheet.data_validation(_HEAD_ROW + 1, last - 1, bottom, last - 1, choice)
    set_up_page(sheet, footer=f"{TITLE}, {listed.carrier}", repeat=_HEAD_ROW, landscape=True)


def _write_pair(sheet: Worksheet, look: SimpleNamespace, number: int, pair: DuplicatePair) -> None:
    row = _HEAD_ROW + number
    sheet.write_number(row, 0, number, look.integer)
    texts = (
        pair.system,
        pair.one,
        pair.one_place,
        pair.other,
        pair.other_place,
        "\n".join(pair.because),
        "\n".join(pair.against),
        "",
        "",
    )
    for column, text in enumerate(texts, start=1):
        sheet.write_string(row, column, text, look.text)
