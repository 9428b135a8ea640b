"""Writes the empty workbook in which a district keeps its staff, posts and grants."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from connectors.documents.atomic_file import write_atomically
from connectors.documents.kennzahlen.sheet_format import make_formats, set_up_page, write_texts
from connectors.documents.kennzahlen.workbook import OPTIONS

_WIDTH = 24
_CREATED = datetime(2025, 1, 1)


def write_template(path: Path, sheets: Mapping[str, Sequence[str]]) -> None:
    """Writes a workbook with these sheets and headings; the same ones give the same bytes."""
    import xlsxwriter  # type: ignore[import-untyped]

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        workbook.set_properties({"title": "Personal, Stellen und Zuwendungen", "created": _CREATED})
        look = make_formats(workbook)
        for title, headings in sheets.items():
            sheet = workbook.add_worksheet(title)
            sheet.set_column(0, len(headings) - 1, _WIDTH)
            write_texts(sheet, 0, headings, look.head)
            sheet.freeze_panes(1, 0)
            set_up_page(sheet, footer=title, repeat=0, landscape=True)
    write_atomically(path, buffer.getvalue())
