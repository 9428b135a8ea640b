"""JSON as a text table: one object per line, or one array of objects. Values as text, nested names with a dot."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import Header
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import Batch, CannotRead, Notice, TextTable

Record = tuple[int, dict[str, str] | None, str]
Headed = Callable[[tuple[str, ...]], Header]

_COLUMNS_FROM = 10_000


def json_table(
    path: Path, shown: str, name: str, headed: Headed, encoding: str | None, limits: Limits
) -> TextTable:
    """The table of a JSON file; ``headed`` makes the header of the names found. A line that is no object is ragged.

    The columns are those of the first 10,000 rows; a later name is told and its row is ragged. Raises CannotRead.
    """
    text = detect_encoding(path, encoding)
    names: dict[str, None] = {}
    for number, (_, cells, _) in enumerate(_read_records(text, limits)):
        names.update(dict.fromkeys(cells or ()))
        if len(names) > limits.columns:
            raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.")
        if number >= _COLUMNS_FROM:
            break
    if not names:
        raise CannotRead(
            "json_unknown",
            "Die JSON-Datei enthält keine Zeilen mit benannten Feldern. Bitte als JSON-Zeilen exportieren.",
        )
    header = headed(tuple(names))
    notices = text.notices()
    walk = _BatchReader(text, tuple(names), DataRows(header, ()), limits, notices)
    return header.make_table(
        file=shown,
        name=name,
        batches=walk.read_batches(),
        notices=notices,
        title=Path(shown).stem,
        written={"encoding": text.encoding, "delimiter": None, "quote": None, "escape": None},
    )


@dataclass
class _BatchReader:
    text: TextFile
    names: tuple[str, ...]
    data: DataRows
    limits: Limits
    notices: list[Notice]
    late: dict[str, int] = field(default_factory=dict)

    def read_batches(self) -> Iterator[Batch]:
        yield from self.data.batch_rows(self._read_rows(), self.limits.cell_chars)
        for name, row in self.late.items():
            message = f"Das Feld „{name}“ kommt erst ab Zeile {row} vor; Zeilen damit wurden nicht übernommen."
            self.notices.append(Notice("late_field", message, row=row))

    def _read_rows(self) -> Iterator[tuple[int, list[str] | None, str]]:
        known = set(self.names)
        for number, (place, cells, raw) in enumerate(_read_records(self.text, self.limits), 1):
            if number > self.limits.rows:
                raise CannotRead(
                    "too_large", f"Die Tabelle hat mehr als {self.limits.rows} Zeilen."
                )
            new = set(cells or ()) - known
            if cells is None or new:
                for name in new:
                    self.late.setdefault(name, place)
                yield place, None, raw
            else:
                yield place, [cells.get(name, "") for name in self.names], ""


def _read_records(text: TextFile, limits: Limits) -> Iterator[Record]:
    """Objects with their line, or with their position in an array; what is none comes as its text."""
    source = LineBlocks(text.read_blocks(), limits)
    line, first = 0, True
    while block := source.next_block():
        if first and block.lstrip()[:1] == b"[":
            source.put_back(block)
            yield from _of_array(source, limits)
            return
        first = False
        for raw in io.StringIO(block.decode("utf-8"), newline=""):
            line += 1
            if raw.strip():
                value = _parse_object(raw, limits)
                yield line, value, raw.rstrip("\r\n")


def _of_array(source: LineBlocks, limits: Limits) -> Iterator[Record]:
    parts: list[bytes] = []
    size = 0
    while block := source.next_block():
        parts.append(block)
        size += len(block)
        if size > limits.whole_bytes:
            raise CannotRead(
                "too_large",
                "Die JSON-Datei ist zu groß, um sie am Stück zu lesen. Bitte als JSON-Zeilen exportieren.",
            )
    try:
        items = json.loads(b"".join(parts), **_AS_WRITTEN)
    except (ValueError, RecursionError):
        raise CannotRead(
            "broken_file",
            "Die JSON-Datei ist unvollständig oder beschädigt. Bitte neu exportieren.",
        ) from None
    for position, item in enumerate(items if isinstance(items, list) else [items], 1):
        yield position, _flat_object(item, limits), json.dumps(item, ensure_ascii=False)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> Any:
    """An object; with a name that stands there twice it is none, because one of the two would be lost."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else [list(pair) for pair in pairs]


_AS_WRITTEN: dict[str, Any] = {
    "parse_float": str,
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
    if not depth:
        return False
    for name, value in item.items():
        if isinstance(value, dict) and value:
            if not _flatten_object(value, f"{before}{name}.", found, depth - 1):
                return False
        else:
            found[before + name] = _value_text(value)
    return True


def _value_text(value: Any) -> str:
    """A list of plain values is one per line, as in a cell; anything deeper stays JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Wahr" if value else "Falsch"
    if isinstance(value, str):
        return (
            "".join(c if not "\ud800" <= c <= "\udfff" else "\ufffd" for c in value).replace(
                "\0", ""
            )
            if not value.isascii() or "\0" in value
            else value
        )
    if isinstance(value, list) and all(isinstance(v, str) and "\n" not in v for v in value):
        return "\n".join(map(_value_text, value))
    return json.dumps(value, ensure_ascii=False)
