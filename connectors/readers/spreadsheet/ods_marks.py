"""What calamine does not tell of an OpenDocument sheet: hidden rows, errors, flags, numbers shown with leading zeros."""

from __future__ import annotations

import re
import zipfile

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.readers.spreadsheet.size_check import TABLE, VALUE_TYPE, repeat_count

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
# Digits and what a format puts beside them, but no decimals, thousands or powers of ten.
_WHOLE = re.compile(r"(?!.*\d[Ee][+-]?\d)[^.,]*\d[^.,]*")
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|Err:\d+|#NV")
_FLAGS = {"TRUE": "Wahr", "FALSE": "Falsch", "WAHR": "Wahr", "FALSCH": "Falsch"}
_REPEATED_ROWS = 10_000


def ods_marks(archive: zipfile.ZipFile, sheet: str, marks: SheetMarks) -> SheetMarks:
    """The marks of one sheet; its content is known to be whole and bounded."""
    with archive.open("content.xml") as part:
        events = etree.iterparse(
            part,
            events=("start", "end"),
            tag=(f"{TABLE}table", f"{TABLE}table-row"),
            resolve_entities=False,
            no_network=True,
        )
        mine, row = False, 0
        for event, element in events:
            if element.tag == f"{TABLE}table":
                mine, row = event == "start" and element.get(f"{TABLE}name") == sheet, 0
            elif event == "end":
                count = repeat_count(element, "rows")
                if mine:
                    _mark_row(element, row + 1, min(count, _REPEATED_ROWS), marks)
                row += count
                element.clear()
    return marks


def _mark_row(row: etree._Element, number: int, count: int, marks: SheetMarks) -> None:
    cells = [cell for cell in row if isinstance(cell.tag, str)]
    if row.get(f"{TABLE}visibility") in ("collapse", "filter") and any(
        c.get(VALUE_TYPE) for c in cells
    ):
        marks.hidden_rows += range(number, number + count)
    column = 0
    for cell in cells:
        width = repeat_count(cell, "columns")
        text = _shown_text(cell)
        places = (
            [(r, c) for r in range(number, number + count) for c in range(column, column + width)]
            if text is not None
            else ()
        )
        for r, c in places:
            if text is not None and _ERROR.fullmatch(text):
                marks.errors.append((r, c))
            else:
                marks.texts.setdefault(c, {})[r] = text or ""
        column += width


def _shown_text(cell: etree._Element) -> str | None:
    """What the cell shows, if that says more than its value: a flag, an error, a number with leading zeros."""
    kind = cell.get(VALUE_TYPE)
    if kind == "boolean":
        return "Wahr" if cell.get(f"{_OFFICE}boolean-value") == "true" else "Falsch"
    if kind not in ("float", "string"):
        return None
    shown = "".join(
        "".join(map(str, p.itertext()))
        for p in cell
        if isinstance(p.tag, str) and p.tag.endswith("}p")
    )
    if kind == "float" and (padded := _padded_digits(shown, cell.get(f"{_OFFICE}value", ""))):
        return padded
    if kind == "float" and shown in _FLAGS:
        return _FLAGS[shown]
    has_formula = cell.get(f"{TABLE}formula") is not None
    return shown if has_formula and _ERROR.fullmatch(shown) else None


def _padded_digits(shown: str, value: str) -> str | None:
    """The digits of a whole number that is shown with zeros before it, as "D-01067"; None if it is not."""
    digits = (
        "".join(filter(str.isdecimal, shown)) if "0" in shown and _WHOLE.fullmatch(shown) else ""
    )
    whole = value.partition(".")[0] if value.endswith(".0") else value
    return (
        digits
        if len(digits) > len(whole)
        and whole.isdecimal()
        and digits.startswith("0")
        and int(digits) == int(whole)
        else None
    )
