"""Looks at the headers of a file that no mapping reads: they may be those of consents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.text_table import CannotRead, TextTable
from pipelines.intake.reader_options import ReaderOptions

_ARCHIVES = frozenset({".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"})


def is_archive(name: str) -> bool:
    """Whether a file holds other files, which nobody has looked at."""
    return PurePosixPath(name.casefold()).suffix in _ARCHIVES


def list_headers(name: str, path: Path, opening: ReaderOptions) -> Iterator[str]:
    """The names of the columns of all its tables, and what stands above them.

    Empty for what is no table.
    """
    try:
        for table in profile_file(
            path, shown_as=name, password=opening.password, limits=opening.limits
        ):
            if isinstance(table, TextTable):
                yield from table.header
                yield from (cell for row in table.above for cell in row.cells)
    except CannotRead:
        return
