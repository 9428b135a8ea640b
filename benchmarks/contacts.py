"""The contacts file that the benchmarks read, and how our reader must read it.

Run as a program, it writes one.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

from connectors.tables.text_table import Dialect, Wanted
from examples.big_csv import COLUMNS, write_big_csv
from examples.district import MUNICIPALITIES
from mappings import code_lists
from mappings.code_lists import CodeList

MAPPING = Path(__file__).with_name("contacts.yaml")
WANTED = Wanted(
    "Kontakte",
    ("*.csv",),
    None,
    {column: (column,) for column in COLUMNS},
    frozenset(COLUMNS),
    ("KontaktNr",),
    Dialect("utf-8", ";"),
)
_ODD = 1000


def municipality_list() -> CodeList:
    """The municipalities of the simulated district as a code list."""
    return code_lists.list_municipalities(
        {place.ags: (place.name, place.also) for place in MUNICIPALITIES.values()}
    )


def write_contacts(path: Path, rows: int, kind: str) -> None:
    """Writes a file of ``rows`` contacts.

    In an ``odd`` one the last thousandth repeat a row, lack their key or have two topics.
    """
    odd = rows // _ODD if kind == "odd" else 0
    write_big_csv(path, rows - odd)
    with path.open("rb") as file:
        lines = list(islice(file, 1, 1 + odd))
    with path.open("ab") as file:
        file.writelines(_make_odd(line, number % 3) for number, line in enumerate(lines))


def _make_odd(line: bytes, kind: int) -> bytes:
    cells = line.split(b";")
    if kind == 1:
        cells[0] = b'""'
    elif kind == 2:
        cells[0] = b'"z' + cells[0][1:]
        cells[6] = b'"Sprache, Wohnen"'
    return b";".join(cells)


if __name__ == "__main__":
    write_contacts(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
