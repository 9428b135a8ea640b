"""Reads the description of fields beside a data file: enaio's fixed widths or a separate header."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path, PurePosixPath

from connectors.readers.text.fixed_field import (
    Field,
    described_fields,
    description_lines,
    fields_of,
)
from connectors.tables.text_table import CannotRead, Dialect


def description_of(
    dialect: Dialect, shown: str, beside: Mapping[str, Path]
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """The fixed fields of a file, or else the columns its header file names.

    Raises CannotRead ``description``.
    """
    if dialect.fixed:
        return fields_of(dialect.fixed), ()
    found = _find_description(dialect.description or "", shown, beside)
    fields = described_fields(found)
    return fields, () if fields else _header_columns(found, dialect)


def _find_description(pattern: str, shown: str, beside: Mapping[str, Path]) -> Path:
    pattern = pattern.replace("*", escape(PurePosixPath(shown).stem)).casefold()
    for name in beside:
        if _matches_name(name, pattern) and name != shown:
            # Looking up a sealed file decrypts it, so only the matching one is looked up.
            return beside[name]
    raise CannotRead(
        "description",
        f"Die Beschreibung „{pattern}“ zu dieser Datei fehlt in der Lieferung. "
        "Bitte mit ausliefern oder die Felder in der Zuordnung angeben.",
    )


def is_description(dialect: Dialect, name: str) -> bool:
    """Whether a file of this name may describe the fields of other files."""
    return dialect.description is not None and _matches_name(name, dialect.description.casefold())


def described_beside(path: Path) -> tuple[Field, ...]:
    """The fields in a description of the same stem in the same folder; () if there is none."""
    stem = path.stem.casefold()
    for other in sorted(path.parent.glob("*")) if path.parent.is_dir() else ():
        is_sibling = other != path and other.stem.casefold() == stem
        if is_sibling and other.is_file() and _is_asimpexp(other):
            return described_fields(other)
    return ()


def _is_asimpexp(path: Path) -> bool:
    with path.open("rb") as file:
        return b"[asimpexp]" in file.read(4096).replace(b"\0", b"").lower()


def _matches_name(name: str, pattern: str) -> bool:
    path = PurePosixPath(name.casefold())
    return fnmatchcase(name.casefold(), pattern) or fnmatchcase(path.name, pattern)


def _header_columns(path: Path, dialect: Dialect) -> tuple[str, ...]:
    lines = [line for line in description_lines(path) if line.strip()]
    if not lines:
        raise CannotRead("description", "Die Datei, die die Spalten benennen soll, ist leer.")
    delimiter = dialect.delimiter or max(";\t|,¦", key=lines[0].count)
    if len(lines) > 1 and delimiter not in lines[0]:
        return tuple(line.strip() for line in lines)
    return tuple(next(csv.reader([lines[0]], delimiter=delimiter[0])))
