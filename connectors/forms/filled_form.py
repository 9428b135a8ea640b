"""Fills a copy of a form and checks that it is the form, with the values and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connectors.documents.cell_place import Place
from connectors.documents.german_format import day_text
from connectors.documents.packed_parts import pack_parts
from connectors.forms.anchors import Anchors, Entry
from connectors.forms.cell_bytes import Splice, day_number, replace_cells, splice_bytes
from connectors.forms.form_book import FormBook, read_form
from connectors.forms.formula_values import FormulaValues, store_formula_values
from connectors.forms.package import Package
from connectors.forms.sheet_index import list_children
from connectors.forms.template_problem import TemplateChanged, TemplateProblem
from connectors.readers.spreadsheet.size_check import incomplete_error

# What stands before the settings of the calculation in the main part.
_BEFORE = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets"),
    *("functionGroups", "externalReferences", "definedNames"),
)
_ON_LOAD = re.compile(rb"\s+fullCalcOnLoad\s*=\s*(\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True)
class FilledForm:
    """The bytes of a filled form, the cells that were filled, and its formulas."""

    content: bytes
    cells: dict[tuple[str, Place], int | float | str]
    formulas: FormulaValues
    changed_parts: Sequence[str] = field(default_factory=list)


def fill_form(content: bytes, entries: Sequence[Entry], day: date) -> FilledForm:
    """Fills a copy of the form ``content``; ``day`` is what its formulas take for today.

    Raises TemplateChanged with every reason why an entry has no cell; CannotRead.
    """
    form = read_form(content)
    cells = _locate_entries(form, entries)
    package = Package(dict(form.package.parts), form.package.book, form.package.sheets)
    for name, sheet in form.sheets.items():
        values = {place: value for (other, place), value in cells.items() if other == name}
        if values:
            filled = splice_bytes(sheet.content, replace_cells(sheet, values))
            package.parts[package.sheets[name]] = filled
    formulas = store_formula_values(package, day)
    package.parts[package.book] = _calculate_on_load(package.parts[package.book])
    changed = [n for n, part in package.parts.items() if part != form.package.parts[n]]
    return FilledForm(pack_parts(package.parts), cells, formulas, changed)


def is_form(path: Path) -> bool:
    """Whether the name of a file is that of a workbook that can be filled."""
    return path.suffix.lower() in (".xlsx", ".xlsm", ".xltx", ".xltm")


def _locate_entries(
    form: FormBook, entries: Sequence[Entry]
) -> dict[tuple[str, Place], int | float | str]:
    anchors = Anchors(form)
    cells: dict[tuple[str, Place], int | float | str] = {}
    problems: list[TemplateProblem] = []
    for entry in entries:
        found = anchors.locate_entry(entry)
        if isinstance(found, TemplateProblem):
            problems.append(found)
        elif found in cells:
            sheet, place = found
            what = "two entries of the mapping mean this cell"
            part = form.package.sheets[sheet]
            problems.append(TemplateProblem(part, sheet, str(place), what, None, entry.where))
        else:
            cells[found] = _plain_value(form, entry.value, *found)
    problems += anchors.list_unknown_rows()
    if problems:
        raise TemplateChanged(problems)
    return cells


def _plain_value(
    form: FormBook, value: int | float | str | date, sheet: str, place: Place
) -> int | float | str:
    """Days as numbers where the cell shows them as days, as German text elsewhere."""
    if not isinstance(value, date):
        return value
    if form.style_at(sheet, place).is_date:
        return day_number(value, form.counts_from_1904)
    return day_text(value)


def _calculate_on_load(book: bytes) -> bytes:
    """The main part, asking the program that opens it to calculate everything anew."""
    prefix, children = list_children(book)
    for name, start, end in children:
        if name == "calcPr":
            tag = _ON_LOAD.sub(b"", book[start:end])
            at = len(f"<{prefix}calcPr")
            new = tag[:at] + b' fullCalcOnLoad="1"' + tag[at:]
            return splice_bytes(book, [Splice(start, end, new)])
    at = max((end for name, _, end in children if name in _BEFORE), default=0)
    if not at:
        raise incomplete_error()
    new = f'<{prefix}calcPr fullCalcOnLoad="1"/>'.encode()
    return splice_bytes(book, [Splice(at, at, new)])
