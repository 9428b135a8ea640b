"""The benchmark file has the rows, columns and kinds of values the benchmark says it measures."""

from __future__ import annotations

import csv
from pathlib import Path

from examples.big_csv import BAD_DATES, COLUMNS, write_big_csv


def test_rows_columns_and_mistakes(tmp_path: Path) -> None:
    write_big_csv(tmp_path / "a.csv", 300_000, seed=3)
    write_big_csv(tmp_path / "b.csv", 300_000, seed=3)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    assert tuple(header) == COLUMNS
    assert len(rows) == 300_000
    assert {len(row) for row in rows} == {15}
    assert len({row[0] for row in rows}) == 300_000
    bad = sum(row[2] in BAD_DATES for row in rows)
    assert 50 < bad < 400
    assert {"Fernschreiber", "Telefon", "persönlich"} <= {row[4] for row in rows}
