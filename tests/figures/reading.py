"""Reads workbook and report back into figures, so that they can be compared with the JSON. No asserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from lxml import html

from connectors.documents.figure_data import Figure
from mappings.catalogue import choose_catalogue

Key = tuple[str, str | None]


def of_unit(figures: Sequence[Figure], unit: Mapping[str, str]) -> dict[Key, int]:
    """The figures of one unit that are not 0, by indicator and label of the category."""
    return {(f.indicator, f.label): f.value for f in figures if f.unit == unit and f.value}


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every sheet, by its name; of formulas the value stored with them."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book
    }


def figures_of_sheet(rows: Sequence[tuple[Any, ...]]) -> dict[Key, int]:
    """The figures of a sheet that are not 0, by indicator and label of the category."""
    codes = {i.label.casefold(): i.indicator for i in choose_catalogue(None).indicators()}
    found: dict[Key, int] = {}
    current = ""
    for label, value, known in (row[:3] for row in rows):
        here = codes.get(str(label).casefold())
        current = here or current
        if value and isinstance(value, int) and known in ("belegt", "Annahme"):
            found[current, None if here else label] = value
    return found


def figures_of_matrix(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str], dict[Key, Any]]:
    """The cells of a matrix that are not 0: name and code of each unit → figure → value or sign."""
    codes = {i.label.casefold(): i.indicator for i in choose_catalogue(None).indicators()}
    at = next(n for n, row in enumerate(rows) if row[1] in ("AGS", "Quelle"))
    bands, keys = "", []
    for band, head in zip(rows[at - 1][2:], rows[at][2:], strict=True):
        bands = band or bands
        label = str(head).removesuffix(f" ({bands})")
        keys.append((codes[bands.casefold()], None if label == bands else label))
    found = {}
    for row in rows[at + 1 :]:
        if not row[1]:
            break
        found[row[0], row[1]] = {k: v for k, v in zip(keys, row[2:], strict=True) if v}
    return found


def checks_of_matrix(rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """The lines below a matrix: label → one value per column."""
    at = next(n for n, row in enumerate(rows) if row[0] == "Summe der Zeilen")
    return {row[0]: row[2:] for row in rows[at:]}


def page(path: Path) -> html.HtmlElement:
    """The report as a tree."""
    tree: html.HtmlElement = html.document_fromstring(path.read_bytes())
    return tree


def text_of(element: html.HtmlElement) -> str:
    """All its text, white space squeezed."""
    return " ".join(" ".join(element.itertext()).split())


def table(tree: html.HtmlElement, caption: str) -> dict[str, list[Any]]:
    """The table of that caption: first cell of each row → the numbers beside it."""
    (found,) = (t for t in tree.iter("table") if text_of(t.find("caption")) == caption)
    rows = [[text_of(cell) for cell in row] for row in found.xpath("./tbody/tr|./tfoot/tr")]
    return {row[0]: [_number(cell) for cell in row[1:]] for row in rows}


def _number(cell: str) -> Any:
    plain = cell.replace(".", "")
    return int(plain) if plain.isdigit() else cell
