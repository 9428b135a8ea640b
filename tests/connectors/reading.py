"""What the readers' tests share: files from given bytes, a short way to say what is wanted, a table as plain rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.readers.open_file import open_tables
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import (
    CannotRead,
    Dialect,
    RaggedRow,
    TextTable,
    UnreadableTable,
    Wanted,
)

Rows = list[tuple[int, dict[str, str]]]


def wanted(
    *columns: str,
    key: str | None = None,
    table: str | None = None,
    required: tuple[str, ...] | None = None,
    **dialect: Any,
) -> Wanted:
    """A table of these columns, all required unless said otherwise, the first being the key."""
    needs = columns if required is None else required
    names = {name: (name,) for name in columns}
    return Wanted(
        "tabelle", ("*",), table, names, frozenset(needs), (key or columns[0],), Dialect(**dialect)
    )


def one_table(
    path: Path, want: Wanted, limits: Limits = USUAL_LIMITS
) -> tuple[TextTable, Rows, list[RaggedRow]]:
    """The only table of a file, walked to its end: the table, its rows with their places, its ragged rows."""
    (found,) = list(walked(path, [want], limits))
    if isinstance(found, UnreadableTable):
        raise found.error
    return found


def walked(
    path: Path, wants: list[Wanted], limits: Limits = USUAL_LIMITS
) -> list[tuple[TextTable, Rows, list[RaggedRow]] | UnreadableTable]:
    """Every table of a file, walked in order."""
    return [
        found if isinstance(found, UnreadableTable) else (found, *rows_of(found))
        for found in open_tables(path, path.name, wants, limits)
    ]


def rows_of(table: TextTable) -> tuple[Rows, list[RaggedRow]]:
    """All rows of a table as (place, cells), and the ragged ones."""
    rows: Rows = []
    ragged: list[RaggedRow] = []
    for batch in table.batches:
        rows += zip(batch.row.to_pylist(), batch.cells.to_pylist(), strict=True)
        ragged += batch.ragged
    return rows, ragged


def refusal(path: Path, want: Wanted, limits: Limits = USUAL_LIMITS) -> CannotRead:
    """The refusal of a file or of its only table."""
    with pytest.raises(CannotRead) as caught:
        one_table(path, want, limits)
    return caught.value
