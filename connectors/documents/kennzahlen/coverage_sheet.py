"""Fills the sheet on what the figures cover: plans per unit, and what sources do not deliver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.documents.figure_data import Gap
from connectors.documents.figure_table import full_label
from connectors.documents.kennzahlen.book import CoverageLine
from connectors.documents.kennzahlen.figure_sheets import Frame
from connectors.documents.kennzahlen.sheet_format import (
    Formula,
    mark_table,
    set_up_page,
    set_widths,
    write_formula,
    write_link,
)
from connectors.documents.signs import NOT_DELIVERED

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

PLAN_HEADS = ("mit Integrationsplan", "offene Fälle", "Anteil")
GAP_HEADS = ("Kennzahl", "Einheit", "nicht geliefert von", "Zeichen")
NO_PLANS = "Keine Quelle liefert Integrationspläne: Es gibt keinen Anteil."
PARTLY = "die Zahl ist ohne diese Quellen"


def fill_coverage(sheet: Worksheet, frame: Frame) -> None:
    """Fills the sheet: coverage by integration plans, then the gaps."""
    look = frame.look
    set_widths(sheet, (50, 34, 40, 34))
    sheet.write_string(0, 0, "Abdeckung", look.title)
    sheet.set_row(0, 28)
    sheet.write_string(1, 0, "Was die Zahlen umfassen und was nicht geliefert wird.", look.fact)
    write_link(sheet, 2, frame.index, "Zum Inhalt", look)
    row = 4
    for kind, parts in frame.book.coverage.items():
        row = _write_plans(sheet, frame, row, kind, parts)
    if not any(frame.book.coverage.values()):
        sheet.write_string(row, 0, NO_PLANS, look.fact)
        row += 2
    _write_gaps(sheet, frame, row)
    sheet.freeze_panes(4, 0)
    set_up_page(sheet, footer=frame.footer, repeat=0, landscape=True)


def _write_plans(
    sheet: Worksheet, frame: Frame, start: int, kind: str, parts: Sequence[CoverageLine]
) -> int:
    """A table of the units of one kind, the district below it; returns the next free row."""
    if not parts:
        return start
    look, units = frame.look, parts[:-1]
    styles = [look.head, *[look.head_number] * 3]
    mark_table(sheet, (start, 0, start + len(units), 3), (kind, *PLAN_HEADS), styles)
    for row, part in enumerate(parts, start + 1):
        sheet.write_string(row, 0, part.unit, look.text if part in units else look.check_label)
        sheet.write_number(row, 2, part.cases, look.item_number)
        if part.with_plan is None:
            sheet.write_string(row, 1, NOT_DELIVERED, look.absent)
            sheet.write_string(row, 3, NOT_DELIVERED, look.absent)
        else:
            sheet.write_number(row, 1, part.with_plan, look.item_number)
            share = Formula("{2}/{3}", part.with_plan / part.cases)
            write_formula(sheet, (row, 3), share, look.share)
    return start + len(parts) + 2


def _write_gaps(sheet: Worksheet, frame: Frame, start: int) -> None:
    look, gaps = frame.look, frame.book.gaps
    if not gaps:
        sheet.write_string(start, 0, "Alle Quellen liefern alle Angaben.", look.fact)
        return
    mark_table(sheet, (start, 0, start + len(gaps), 3), GAP_HEADS, [look.head] * 4)
    labels = {
        one["indicator"]: full_label(group, one)
        for group in frame.catalogue
        for one in group["indicators"]
    }
    for row, gap in enumerate(gaps, start + 1):
        cells = (
            labels.get(gap.indicator, gap.indicator),
            _name_unit(frame, gap),
            ", ".join(gap.sources),
            NOT_DELIVERED if gap.whole else PARTLY,
        )
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, look.text)


def _name_unit(frame: Frame, gap: Gap) -> str:
    names = frame.book.municipalities
    return ", ".join(names.get(part, part) for part in gap.unit.values()) or "Kreis"
