"""Compares our readers with the libraries below them.

These are python-calamine on a large workbook and pyarrow on a large CSV.

Run: python -m benchmarks.readers [--xlsx-rows 200000] [--csv-rows 5000000]. The last line is JSON;
"ratio" is ours over theirs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from random import Random

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_COLUMNS = (
    "KlientNr",
    "Name",
    "Vorname",
    "GebDat",
    "Geschlecht",
    "Nationalitaet",
    "Familienstand",
    "Aufenthaltsstatus",
    "Einreise",
    "PLZ",
    "Ort",
    "Dauer",
    "Sprache",
    "Mitarbeiter",
    "Themen",
)
_ROUNDS = 3


def run_benchmark() -> None:
    """Prints seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xlsx-rows", type=int, default=200_000)
    parser.add_argument("--csv-rows", type=int, default=5_000_000)
    rows = vars(parser.parse_args())
    with tempfile.TemporaryDirectory(prefix="drehscheibe-readers-") as folder:
        seconds = _measure_readers(Path(folder), **rows)
    xlsx, calamine, csv, arrow = seconds.values()
    ratios = {"xlsx_ratio": xlsx / calamine, "csv_ratio": csv / arrow}
    answer = {"ratio": max(ratios.values()), **ratios}
    answer = {name: round(value, 3) for name, value in answer.items()}
    answer |= {name: round(value, 2) for name, value in seconds.items()}
    print(json.dumps(answer | rows))


def _measure_readers(folder: Path, xlsx_rows: int, csv_rows: int) -> dict[str, float]:
    """The shortest seconds of each reader."""
    book, text = folder / "profile.xlsx", folder / "klienten.csv"
    _write_workbook(book, xlsx_rows)
    _write_csv(text, csv_rows)
    _read_ours(_write_small(folder))
    xlsx, calamine = _fastest_times(lambda: _read_ours(book), lambda: _read_calamine(book))
    csv, arrow = _fastest_times(lambda: _read_ours(text), lambda: _read_arrow(text))
    names = ("xlsx_seconds", "calamine_seconds", "csv_seconds", "pyarrow_seconds")
    return dict(zip(names, (xlsx, calamine, csv, arrow), strict=True))


def _fastest_times(*runs: Callable[[], int]) -> list[float]:
    """The shortest time of each run, taken in turn so that all meet the same machine."""
    rounds = [[_time_run(run) for run in runs] for _ in range(_ROUNDS)]
    return list(map(min, *rounds))


def _time_run(run: Callable[[], int]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _read_ours(path: Path) -> int:
    from connectors.readers.open_file import open_tables
    from connectors.tables.text_table import Dialect, TextTable, Wanted

    columns, dialect = {name: (name,) for name in _COLUMNS}, Dialect(delimiter=";")
    want = Wanted("tabelle", ("*",), None, columns, frozenset(columns), ("KlientNr",), dialect)
    (table,) = open_tables(path, path.name, [want])
    assert isinstance(table, TextTable)
    return sum(len(batch.row) for batch in table.batches)


def _read_calamine(path: Path) -> int:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    return sum(1 for _ in sheet.iter_rows())


def _read_arrow(path: Path) -> int:
    """pyarrow's streaming read of the same text columns, as our reader must make them."""
    import pyarrow as pa
    from pyarrow import csv

    texts = dict.fromkeys(_COLUMNS, pa.string())
    convert = csv.ConvertOptions(column_types=texts, strings_can_be_null=False)
    parse = csv.ParseOptions(delimiter=";", newlines_in_values=True)
    with csv.open_csv(str(path), parse_options=parse, convert_options=convert) as reader:
        return sum(batch.num_rows for batch in reader)


def _make_rows(count: int) -> list[tuple[object, ...]]:
    """So many rows; the first cell is their number."""
    chance = Random(1)
    return [(number, *_make_cells(chance)) for number in range(count)]


def _make_cells(chance: Random) -> tuple[object, ...]:
    day = datetime.date(1990, 1, 1)
    return (
        f"Name{chance.randrange(9999)}",
        f"Vorname{chance.randrange(999)}",
        day + datetime.timedelta(chance.randrange(9000)),
        chance.choice("mwd"),
        chance.choice(("Syrien", "Ukraine", "Afghanistan")),
        "ledig",
        "§ 24 AufenthG",
        day + datetime.timedelta(9000 + chance.randrange(3000)),
        str(chance.randrange(70000, 89999)),
        "Musterstadt",
        chance.randrange(180) / 2,
        "A1, B1",
        "Rösler, Anna",
        "Wohnen, Arbeit",
    )


def _write_workbook(path: Path, count: int) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "default_date_format": "dd.mm.yyyy"}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("Profile")
        for number, row in enumerate((_COLUMNS, *_make_rows(count))):
            sheet.write_row(number, 0, row)


def _write_csv(path: Path, count: int) -> None:
    """Writes `count` rows with numbers of their own; the other cells repeat."""
    rows = cycle(";".join(map(str, row[1:])) for row in _make_rows(10_000))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(";".join(_COLUMNS) + "\r\n")
        file.writelines(f"{n};{row}\r\n" for n, row in zip(range(count), rows, strict=False))


def _write_small(folder: Path) -> Path:
    path = folder / "klein.xlsx"
    _write_workbook(path, 3)
    return path


if __name__ == "__main__":
    run_benchmark()
