"""Cells as the bytes of a sheet's part, and bytes put in place of others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from connectors.documents.cell_place import Place
from connectors.forms.sheet_index import Row, SheetIndex

Value = int | float | bool | str | date

_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DAY_ZERO, _DAY_ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True)
class Splice:
    """Bytes that take the place of those from ``start`` to ``end``."""

    start: int
    end: int
    content: bytes


def splice_bytes(content: bytes, splices: Iterable[Splice]) -> bytes:
    """The content with all splices; whatever is between them stays byte for byte."""
    pieces, at = [], 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if splice.start < at:
            raise ValueError("two changes of the same bytes")
        pieces += [content[at : splice.start], splice.content]
        at = splice.end
    return b"".join([*pieces, content[at:]])


def day_number(day: date, counts_from_1904: bool) -> int:
    """The number by which a workbook stores a day."""
    return (day - (_DAY_ZERO_1904 if counts_from_1904 else _DAY_ZERO)).days


def replace_cells(sheet: SheetIndex, values: dict[Place, int | float | str]) -> list[Splice]:
    """The changes that put values into cells, in whichever of them, and rows, exist already."""
    splices: list[Splice] = []
    missing: dict[int, list[Place]] = {}
    for place, value in sorted(values.items()):
        cell = sheet.cell(place)
        if cell is None:
            missing.setdefault(place.row, []).append(place)
        else:
            new = _cell_element(sheet.prefix, place, cell.attributes, value)
            splices.append(Splice(cell.start, cell.end, new))
    new_rows: list[Splice] = []
    for number, places in missing.items():
        cells = [_new_cell(sheet, place, values[place]) for place in places]
        row = sheet.rows.get(number)
        if row is not None:
            splices += _insert_cells(sheet, row, dict(zip(places, cells, strict=True)))
        else:
            new_rows.append(_insert_row(sheet, number, b"".join(cells)))
    return splices + _join_rows(sheet, new_rows)


def stored_value(value: int | float | bool | str) -> tuple[str | None, str]:
    """The type and the text by which the value of a formula is stored."""
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, str):
        return "str", value
    return None, number_text(value)


def number_text(value: int | float) -> str:
    """A number as workbooks store it: whole ones without a point."""
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
    return str(int(value)) if whole else repr(value)


def ascii_bytes(text: str) -> bytes:
    """Text as ASCII with references, which is right in whatever encoding the part has."""
    return text.encode("ascii", "xmlcharrefreplace")


def escape_text(text: str) -> str:
    """Text as a part holds it: what XML does not know is written by its code."""
    coded = _LIKE_CODE.sub("_x005F_", text)
    return escape(_NO_XML.sub(lambda sign: f"_x{ord(sign[0]):04X}_", coded))


def value_element(prefix: str, text: str) -> str:
    """The element of a stored value, which has no attributes in the schema."""
    return f"<{prefix}v>{escape_text(text)}</{prefix}v>"


def start_tag(name: str, attributes: dict[str, str]) -> str:
    """A start tag, its attributes in their order."""
    return "<" + " ".join([name, *(f"{key}={quoteattr(v)}" for key, v in attributes.items())])


def _new_cell(sheet: SheetIndex, place: Place, value: int | float | str) -> bytes:
    style = sheet.style_of(place)
    return _cell_element(sheet.prefix, place, {"s": str(style)} if style else {}, value)


def _cell_element(
    prefix: str, place: Place, attributes: dict[str, str], value: int | float | str
) -> bytes:
    """A cell with its style; what belonged to its former value (type, metadata) goes."""
    kept = {key: v for key, v in attributes.items() if key not in ("r", "t", "cm", "vm")}
    kept = {"r": str(place), **kept}
    if isinstance(value, str):
        kept["t"] = "inlineStr"
        space = ' xml:space="preserve"' if value != value.strip() else ""
        inner = f"<{prefix}is><{prefix}t{space}>{escape_text(value)}</{prefix}t></{prefix}is>"
    else:
        inner = value_element(prefix, number_text(value))
    return ascii_bytes(f"{start_tag(f'{prefix}c', kept)}>{inner}</{prefix}c>")


def _insert_cells(sheet: SheetIndex, row: Row, new: dict[Place, bytes]) -> list[Splice]:
    if row.is_empty:
        tag = sheet.content[row.start : row.inside].removesuffix(b"/>").rstrip()
        closing = f"</{sheet.prefix}row>".encode()
        cells = b"".join(new.values())
        return [Splice(row.start, row.inside, tag + b">" + cells + closing)]
    by_place: dict[int, bytes] = {}
    for place, content in new.items():
        behind = [cell.start for column, cell in row.cells.items() if column > place.column]
        at = min(behind, default=row.closing)
        by_place[at] = by_place.get(at, b"") + content
    return [Splice(at, at, content) for at, content in by_place.items()]


def _insert_row(sheet: SheetIndex, number: int, cells: bytes) -> Splice:
    name = f"{sheet.prefix}row"
    row = f'<{name} r="{number}">'.encode() + cells + f"</{name}>".encode()
    behind = [other.start for n, other in sheet.rows.items() if n > number]
    at = min(behind, default=sheet.closing)
    return Splice(at, at, row)


def _join_rows(sheet: SheetIndex, rows: list[Splice]) -> list[Splice]:
    """New rows of one place as one change; opens the rows of a sheet that has none."""
    joined: dict[int, bytes] = {}
    for row in rows:
        joined[row.start] = joined.get(row.start, b"") + row.content
    if sheet.is_empty and joined:
        (content,) = joined.values()
        begin = sheet.content.rindex(b"<", 0, sheet.inside)
        tag = sheet.content[begin : sheet.inside].removesuffix(b"/>").rstrip()
        end = f"</{sheet.prefix}sheetData>".encode()
        return [Splice(begin, sheet.inside, tag + b">" + content + end)]
    return [Splice(at, at, content) for at, content in joined.items()]
