"""Reads JSON as a text table: one object per line, or one array of objects.

Values become text; names of nested objects are joined with a dot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.data_rows import SourceRow, rows_table
from connectors.readers.rows.header import Header
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import LineBlocks, open_blocks
from connectors.tables.cell_text import number_as_written
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, Notice, TextTable

Record = tuple[int, dict[str, str] | None, str]
Headed = Callable[[tuple[str, ...]], Header]

_COLUMNS_FROM = 10_000
# No store takes them.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def json_table(file: DeliveredFile, name: str, headed: Headed, encoding: str | None) -> TextTable:
    """The table of a JSON file; ``headed`` makes the header from the names found.

    The columns are those of the first 10,000 rows. A row with a name that first appears later is
    ragged and causes a notice; a line that is no object, or names a field twice, is ragged.
    Raises CannotRead.
    """
    text = detect_encoding(file, encoding)
    names, nested = _find_names(text)
    header = _make_header(headed, names)
    late: dict[str, int] = {}
    table = rows_table(
        file,
        name,
        file.stem,
        header,
        _read_rows(text, names, late),
        text.notices(),
        at_end=lambda: _late_notices(late),
        written=text.written_as(),
    )
    inside = {column: outer for column in header.unknown if (outer := outer_field(column))}
    return replace(table, nested=nested, inside=inside)


def outer_field(name: str) -> str | None:
    """The field of the object in which a field lies, None for one that lies in no other.

    Where names of fields are values of persons, as the children by their names, it is the one that
    may be shown.
    """
    outer, dot, _ = name.partition(".")
    return outer if outer and dot else None


def _make_header(headed: Headed, names: tuple[str, ...]) -> Header:
    """The header of these names; raises CannotRead, without names of fields within others."""
    try:
        return headed(names)
    except CannotRead as error:
        for name in names:
            if outer := outer_field(name):
                error.message = error.message.replace(f"„{name}“", f"„{outer}“")
                error.column = outer if error.column == name else error.column
        raise


def _find_names(text: TextFile) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names of the fields, and those that hold lists of objects."""
    names: dict[str, None] = {}
    nested: set[str] = set()
    for _, cells, _ in islice(_read_records(text), _COLUMNS_FROM + 1):
        names.update(dict.fromkeys(cells or ()))
        nested.update(name for name, value in (cells or {}).items() if value[:2] == "[{")
        text.file.limits.check_columns(len(names))
    if not names:
        raise CannotRead(
            "json_unknown",
            "Die JSON-Datei enthält keine Zeilen mit benannten Feldern. "
            "Bitte als JSON-Zeilen exportieren.",
        )
    return tuple(names), frozenset(nested)


def _read_rows(text: TextFile, names: Sequence[str], late: dict[str, int]) -> Iterator[SourceRow]:
    """The rows; notes in ``late`` where a name that is none of ``names`` first appears."""
    known = set(names)
    for number, (place, cells, raw) in enumerate(_read_records(text), 1):
        text.file.limits.check_rows(number)
        strange = [name for name in cells or () if name not in known]
        for name in strange:
            late.setdefault(name, place)
        if cells is None or strange:
            yield place, None, raw
        else:
            yield place, [cells.get(name, "") for name in names], ""


def _late_notices(late: Mapping[str, int]) -> Iterator[Notice]:
    """One notice for each field, and for all that lie within the same one."""
    first: dict[str, int] = {}
    for name, row in late.items():
        first.setdefault(outer_field(name) or name, row)
    for name, row in first.items():
        yield Notice(
            "late_field",
            f"Das Feld „{name}“ kommt erst ab Zeile {row} vor; "
            "Zeilen damit wurden nicht übernommen.",
            row=row,
        )


def _read_records(text: TextFile) -> Iterator[Record]:
    """The objects with their line, or with their position in an array, and their text.

    What is no object comes as None and its text.
    """
    source = open_blocks(text)
    start = source.next_block()
    source.put_back(start)
    read = _read_array if start.lstrip().startswith(b"[") else _read_lines
    return read(source, text.file.limits)


def _read_lines(source: LineBlocks, limits: Limits) -> Iterator[Record]:
    for number, raw in enumerate(source.read_lines(), 1):
        if raw.strip():
            yield number, _parse_object(raw, limits), raw.rstrip("\r\n")


def _read_array(source: LineBlocks, limits: Limits) -> Iterator[Record]:
    try:
        items = json.loads(_join_blocks(source, limits), **_AS_WRITTEN)
    except (ValueError, RecursionError):
        raise CannotRead(
            "broken_file",
            "Die JSON-Datei ist unvollständig oder beschädigt. Bitte neu exportieren.",
        ) from None
    for position, item in enumerate(items if isinstance(items, list) else [items], 1):
        yield (
            position,
            _flat_object(item, limits),
            _clean_text(json.dumps(item, ensure_ascii=False)),
        )


def _join_blocks(source: LineBlocks, limits: Limits) -> bytearray:
    whole = bytearray()
    while block := source.next_block():
        whole += block
        if len(whole) > limits.whole_bytes:
            raise CannotRead(
                "too_large",
                "Die JSON-Datei ist zu groß, um sie am Stück zu lesen. "
                "Bitte als JSON-Zeilen exportieren.",
            )
    return whole


def _unique_pairs(pairs: list[tuple[str, Any]]) -> Any:
    """An object; with a repeated name a list, because a dict would lose one of the values."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else [list(pair) for pair in pairs]


_AS_WRITTEN: dict[str, Any] = {
    "parse_float": number_as_written,
    "parse_int": str,
    "parse_constant": str,
    "object_pairs_hook": _unique_pairs,
}


def _parse_object(raw: str, limits: Limits) -> dict[str, str] | None:
    try:
        return _flat_object(json.loads(raw, **_AS_WRITTEN), limits)
    except (ValueError, RecursionError):
        return None


def _flat_object(item: Any, limits: Limits) -> dict[str, str] | None:
    if not isinstance(item, dict):
        return None
    found: dict[str, str] = {}
    return found if _flatten_object(item, "", found, limits.nesting) else None


def _flatten_object(item: dict[str, Any], before: str, found: dict[str, str], depth: int) -> bool:
    """Adds the fields by their whole names; False if it is too deep or names a field twice."""
    if not depth:
        return False
    for name, value in item.items():
        if isinstance(value, dict) and value:
            if not _flatten_object(value, f"{before}{name}.", found, depth - 1):
                return False
        elif (whole := _clean_text(before + name)) in found:
            return False
        else:
            found[whole] = _value_text(value)
    return True


def _value_text(value: Any) -> str:
    """A value as text: a list of plain values has one per line, anything deeper stays JSON.

    PHP writes an empty list as an object; what is null in a list is none of its values.
    """
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "Wahr" if value else "Falsch"
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _clean_text(value)
    if isinstance(value, list):
        value = [one for one in value if one is not None and one != {}]
        if all(isinstance(one, str) and "\n" not in one for one in value):
            return "\n".join(map(_value_text, value))
    return _clean_text(json.dumps(value, ensure_ascii=False))


def _clean_text(text: str) -> str:
    """The text with a mark in place of NULs and lone surrogates."""
    return _NO_TEXT.sub("\ufffd", text)
