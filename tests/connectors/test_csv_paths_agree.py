"""The fast and the careful way through a CSV give the same table, whatever the text and wherever blocks are cut."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.readers.csv import blocks
from connectors.readers.csv.cell_limit import next_record
from connectors.readers.csv.table import TextFile, csv_table
from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, RaggedRow, Wanted
from tests.connectors.reading import Rows, rows_of, wanted

WANT = wanted("K", "B", required=("K",), delimiter=";")
# A table that may have titles: its rows tell something in the second column.
TITLED = replace(WANT, telling=frozenset("B"), above=frozenset({"Ort"}))
# A table that may hold consents: its footers say nothing else.
STRICT = replace(WANT, dialect=replace(WANT.dialect, footer_words=frozenset({"x"})))
LIMITS = Limits(record_lines=6, cell_chars=40)

# Pieces that make quoting, line ends, blanks, headers and footers meet in every order.
PIECES = st.sampled_from(
    [
        *";;;\n\n\r",
        *'""',
        "\r\n",
        '""',
        '";"',
        *"KBx",
        "K;B\n",
        "B;K\n",
        "\nB;K;\n",
        "Summe",
        "Neue Fälle",
        "Seite 2",
        "Ort:x",
        *"ä€ ",
        *"\u00a0\ufeff\u2028\x0b\x1c",
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)
CELLS = st.sampled_from(
    [
        "",
        " ",
        "1",
        "Summe",
        "K",
        'sagt "ja"',
        "a;b",
        "a\nb",
        "a\r\nb",
        "\n",
        "Müller",
        '"',
        "x" * 30,
    ]
)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=25)


WHOLE = TextFile.read_blocks


@contextmanager
def cut(block: int, careful: bool) -> Iterator[None]:
    """Files are cut into blocks of so many bytes, and all or none are too small for the fast path."""
    with (
        patch.object(TextFile, "read_blocks", lambda self, size=0: WHOLE(self, block)),
        patch.object(blocks, "SMALL_BYTES", 2**60 if careful else 0),
    ):
        yield


def table(
    path: Path, careful: bool, block: int, want: Wanted = WANT
) -> tuple[Rows, list[RaggedRow], list[str]]:
    with cut(block, careful):
        found = csv_table(DeliveredFile(path, path.name, LIMITS), want)
        try:
            rows, ragged = rows_of(found)
        except CannotRead as error:
            # Of a table that breaks off no row counts.
            return [], [], [error.message]
    return rows, sorted(ragged, key=lambda r: r.row), [n.message for n in found.notices]


def written(rows: list[list[str]], line_end: str) -> str:
    lines = (
        ";".join(f'"{c.replace(chr(34), chr(34) * 2)}"' if set(c) & set(';"\r\n') else c for c in r)
        for r in rows
    )
    return "".join(line + line_end for line in lines)


@settings(max_examples=250, deadline=None)
@example(body="x" * 45, block=8, want=TITLED)
@given(body=TEXTS, block=st.integers(8, 90), want=st.sampled_from([WANT, TITLED]))
def test_any_text(tmp_path_factory, body: str, block: int, want: Wanted) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(b"K;B\n" + body.encode())
    fast = table(path, careful=False, block=block, want=want)
    assert fast == table(path, careful=True, block=block, want=want)
    assert fast == table(path, careful=False, block=2**20, want=want)


@settings(max_examples=150, deadline=None)
@given(
    rows=TABLES,
    line_end=st.sampled_from(["\n", "\r\n"]),
    block=st.integers(8, 200),
    strict=st.booleans(),
)
def test_well_written_tables(
    tmp_path_factory, rows: list[list[str]], line_end: str, block: int, strict: bool
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes((f"K;B{line_end}" + written(rows, line_end)).encode())
    want = STRICT if strict else WANT
    fast = table(path, careful=False, block=block, want=want)
    assert fast == table(path, careful=True, block=block, want=want)
    got = sorted(
        [(row, [c["K"], c["B"]]) for row, c in fast[0]] + [(r.row, list(r.cells)) for r in fast[1]]
    )
    assert [cells for _, cells in got] == [r for r in rows if is_data(r, strict)], (
        "no row is lost, none is invented"
    )


def is_data(row: list[str], strict: bool) -> bool:
    """The rule in other words: not blank, no "Summe" alone or, unless strict, with a number."""
    filled = [c for c in row if c.strip()]
    return bool(filled) and filled != ["Summe"] and (strict or row != ["Summe", "1"])


@pytest.mark.parametrize(("length", "stops"), [(64, False), (65, True)])
@pytest.mark.parametrize("block", [3, 16, 40, 64])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_is_too_long_wherever_blocks_end(
    length: int, stops: bool, block: int, end: str
) -> None:
    text = f"a;b{end}" + "x" * length + f"{end}c;d{end}"
    pieces = iter([text.encode()[at : at + block] for at in range(0, len(text), block)])
    source = LineBlocks(pieces, Limits(line_bytes=64))
    if stops:
        with pytest.raises(CannotRead, match="too_large"):
            list(iter(source.next_block, b""))
    else:
        assert b"".join(iter(source.next_block, b"")).decode() == text


def test_two_threads_borrow_the_bound_one_after_the_other() -> None:
    cells = ["x" * 200_000] * 60

    def read(bound: int) -> list[int]:
        reader = csv.reader(f'"{cell}"\n' for cell in cells)
        return [len(next_record(reader, bound + n)[0]) for n in range(len(cells))]

    before = csv.field_size_limit()
    with ThreadPoolExecutor(2) as pool:
        assert [list(set(lengths)) for lengths in pool.map(read, [10**6, 2 * 10**6] * 4)] == [
            [200_000]
        ] * 8
    assert csv.field_size_limit() == before


def test_the_bound_of_a_cell_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"K;B\n1;" + b"x" * 50 + b"\n2;y\n")
    before = csv.field_size_limit()
    rows, ragged, _ = table(path, careful=True, block=2**20)
    assert ([row for row, _ in rows], [r.row for r in ragged]) == ([3], [2])
    assert csv.field_size_limit() == before
