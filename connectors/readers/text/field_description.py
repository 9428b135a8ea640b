"""What a file beside the data says of its fields: enaio's description of fixed widths, or a header in a file of its own."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path, PurePosixPath

from connectors.readers.text.fixed_width import (
    Field,
    described_fields,
    description_lines,
    fields_of,
)
from connectors.tables.text_table import CannotRead, Dialect


def description_of(
    dialect: Dialect, shown: str, beside: Mapping[str, Path]
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """The fixed fields of a file, or else the columns its header file names; raises CannotRead ``description``."""
    if dialect.fixed:
        return fields_of(dialect.fixed), ()
    pattern = (dialect.description or "").replace("*", escape(PurePosixPath(shown).stem)).casefold()
    # Only the one looked for is asked for: a sealed file is unsealed by that.
    name = next((name for name in beside if _matches_name(name, pattern) and name != shown), None)
    found = None if name is None else beside[name]
    if found is None:
        message = (
            f"Die Beschreibung „{pattern}“ zu dieser Datei fehlt in der Lieferung. "
            "Bitte mit ausliefern oder die Felder in der Zuordnung angeben."
        )
        raise CannotRead("description", message)
    fields = described_fields(found)
    return fields, () if fields else _header_columns(found, dialect)


def is_description(dialect: Dialect, name: str) -> bool:
    """Whether a file of this name may be what describes the fields of others."""
    return dialect.description is not None and _matches_name(name, dialect.description.casefold())


def described_beside(path: Path) -> tuple[Field, ...]:
    """The fields that a description of the same stem in the same folder names; none if there is none."""
    for other in sorted(path.parent.glob("*")) if path.parent.is_dir() else ():
        if (
            other != path
            and other.stem.casefold() == path.stem.casefold()
            and other.is_file()
            and _is_asimpexp(other)
        ):
            return described_fields(other)
    return ()


def _is_asimpexp(path: Path) -> bool:
    with path.open("rb") as file:
        return b"[asimpexp]" in file.read(4096).replace(b"\0", b"").lower()


def _matches_name(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern) or fnmatchcase(
        PurePosixPath(name).name.casefold(), pattern
    )


def _header_columns(path: Path, dialect: Dialect) -> tuple[str, ...]:
    lines = [line for line in description_lines(path) if line.strip()]
    if not lines:
        raise CannotRead("description", "Die Datei, die die Spalten benennen soll, ist leer.")
    delimiter = dialect.delimiter or max(";\t|,¦", key=lines[0].count)
    if len(lines) > 1 and delimiter not in lines[0]:
        return tuple(line.strip() for line in lines)
    return tuple(next(csv.reader([lines[0]], delimiter=delimiter[0])))
