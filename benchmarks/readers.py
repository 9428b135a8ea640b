"""Our readers against the libraries below them: a large workbook and python-calamine, a large CSV and pyarrow, in one run.

Run: python -m benchmarks.readers [--xlsx-rows 200000] [--csv-rows 5000000]. The last line is JSON; "ratio" is ours over theirs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_COLUMNS = (
    "KlientNr", "Name", "Vorname", "GebDat", "Geschlecht", "Nationalitaet", "Familienstand", "Aufenthaltsstatus",
    "Einreise", "PLZ", "Ort", "Dauer", "Sprache", "Mitarbeiter", "Themen",
)  # fmt: skip
_ROUNDS = 3


def run_benchmark() -> None:
    """Prints seconds and ratios."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--xlsx-rows", type=int, default=200_000)
    asked.add_argument("--csv-rows", type=int, default=5_000_000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="drehscheibe-readers-") as folder:
        book, text = Path(folder, "profile.xlsx"), Path(folder, "klienten.csv")
        _write_workbook(book, options.xlsx_rows)
        _write_csv(text, options.csv_rows)
        _read_ours(_write_small(Path(folder)))
        xlsx, calamine = _fastest_times(lambda: _read_ours(book), lambda: _read_calamine(book))
        csv, arrow = _fastest_times(lambda: _read_ours(text), lambda: _read_arrow(text))
    answer = {
        "ratio": round(max(xlsx / calamine, csv / arrow), 3),
        "xlsx_ratio": round(xlsx / calamine, 3),
        "csv_ratio": round(csv / arrow, 3),
        "xlsx_seconds": round(xlsx, 2),
        "calamine_seconds": round(calamine, 2),
        "csv_seconds": round(csv, 2),
        "pyarrow_seconds": round(arrow, 2),
        "xlsx_rows": options.xlsx_rows,
        "csv_rows": options.csv_rows,
    }
    print(json.dumps(answer))


def _fastest_times(*runs: Callable[[], int]) -> tuple[float, float]:
    """The shortest time of each of two runs, taken in turn so that both meet the same machine."""
    best = [float("inf"), float("inf")]
    for _ in range(_ROUNDS):
        for number, run in enumerate(runs):
            begun = time.perf_counter()
            run()
            best[number] = min(best[number], time.perf_counter() - begun)
    return best[0], best[1]


def _read_ours(path: Path) -> int:
    from connectors.readers.open_file import open_tables
    from connectors.tables.text_table import Dialect, TextTable, Wanted

    columns = {c: (c,) for c in _COLUMNS}
    want = Wanted(
        "tabelle", ("*",), None, columns, frozenset(columns), ("KlientNr",), Dialect(delimiter=";")
    )
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
    import pyarrow.csv as pacsv

    convert = pacsv.ConvertOptions(
        column_types={c: pa.string() for c in _COLUMNS}, strings_can_be_null=False
    )
    parse = pacsv.ParseOptions(delimiter=";", newlines_in_values=True)
    with pacsv.open_csv(str(path), parse_options=parse, convert_options=convert) as reader:
        return sum(batch.num_rows for batch in reader)


def _make_rows(count: int) -> list[tuple[object, ...]]:
    """So many rows, of which the first cell is to be replaced by a number of its own."""
    chance = Random(1)
    day = datetime.date(1990, 1, 1)
    return [
        (
            n, f"Name{chance.randrange(9999)}", f"Vorname{chance.randrange(999)}", day + datetime.timedelta(chance.randrange(9000)),
            chance.choice("mwd"), chance.choice(("Syrien", "Ukraine", "Afghanistan")), "ledig", "§ 24 AufenthG",
            day + datetime.timedelta(9000 + chance.randrange(3000)), str(chance.randrange(70000, 89999)), "Musterstadt",
            chance.randrange(180) / 2, "A1, B1", "Rösler, Anna", "Wohnen, Arbeit",
        )
        for n in range(count)
    ]  # fmt: skip


def _write_workbook(path: Path, count: int) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "default_date_format": "dd.mm.yyyy"}
    ) as book:
        sheet = book.add_worksheet("Profile")
        for number, row in enumerate((_COLUMNS, *_make_rows(count))):
            sheet.write_row(number, 0, row)


def _write_csv(path: Path, count: int) -> None:
    rows = [";".join(map(str, row[1:])) for row in _make_rows(10_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(";".join(_COLUMNS) + "\r\n")
        for start in range(0, count, len(rows)):
            file.writelines(
                f"{n};{rows[n - start]}\r\n" for n in range(start, min(start + len(rows), count))
            )


def _write_small(folder: Path) -> Path:
    path = folder / "klein.xlsx"
    _write_workbook(path, 3)
    return path


if __name__ == "__main__":
    run_benchmark()
