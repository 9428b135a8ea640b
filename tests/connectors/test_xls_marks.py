"""Old workbooks tell of leading zeros, hidden rows, errors and formulas without result what new ones do; written record by record."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.readers.spreadsheet.xls_marks import xls_marks
from tests.connectors.reading import one_table, wanted
from tests.connectors.test_foreign_formats import CLIENTS, WORKBOOKS
from tests.connectors.test_workbook import compound_file

KB = wanted("K", "B", table="S")
XLS = (WORKBOOKS / "gemeinde.xls").read_bytes()
# Styles of these workbooks, by number: as it is, with zeros, with thousands.
PLAIN, PADDED, THOUSANDS = 0, 1, 2
# The workbook library takes each D in a format of Excel 5 for a day.
FORMATS = {True: ('"D-"00000', "#,##0"), False: ("00000_ ;@", "#,##0")}
END = struct.pack("<HH", 0x0A, 0)


def record(kind: int, layout: str, *values: int | float | bytes) -> bytes:
    data = struct.pack("<" + layout, *values)
    return struct.pack("<HH", kind, len(data)) + data


def text(row: int, column: int, value: str, is_biff8: bool) -> bytes:
    wide = b"\0" if is_biff8 else b""
    return record(
        0x204,
        f"4H{len(wide) + len(value)}s",
        row,
        column,
        PLAIN,
        len(value),
        wide + value.encode("latin-1"),
    )


def number(row: int, column: int, style: int, value: float) -> bytes:
    return record(0x203, "3Hd", row, column, style, value)


def small(value: int) -> int:
    return value << 2 | 2


def formula(
    row: int, column: int, style: int, result: bytes, flags: int = 0, note: int = 0
) -> bytes:
    return record(0x06, "3H8sHIH3s", row, column, style, result, flags, note, 3, b"\x1e\x01\x00")


def hidden(row: int, flags: int = 0x20) -> bytes:
    return record(0x208, "6HI", row, 0, 3, 300, 0, 0, flags | 0x0F0100)


def result(kind: int, value: int = 0) -> bytes:
    return bytes((kind, 0, value, 0, 0, 0, 0xFF, 0xFF))


def old_workbook(cells: bytes, is_biff8: bool = True, before: bytes = b"") -> bytes:
    """A workbook with a sheet "Vorher" of these records and then one "S" of a header and these records."""
    begin = (
        record(0x809, "4H8s", 0x600, 5, 0xDBB, 0x7CC, bytes(8))
        if is_biff8
        else record(0x809, "4H", 0x500, 5, 0xDBB, 0x7CC)
    )
    start = begin.replace(
        struct.pack("<HH", 0x600 if is_biff8 else 0x500, 5),
        struct.pack("<HH", 0x600 if is_biff8 else 0x500, 16),
    )
    whole = begin + record(0x42, "H", 1200 if is_biff8 else 1252)
    for nth, code in enumerate(FORMATS[is_biff8]):
        named = (
            struct.pack("<HB" if is_biff8 else "<B", len(code), *([0] if is_biff8 else []))
            + code.encode()
        )
        whole += record(0x41E, f"H{len(named)}s", 164 + nth, named)
    for form in (0, 164, 165):
        whole += record(
            0xE0, f"HHH{14 if is_biff8 else 10}s", 0, form, 1, bytes(14 if is_biff8 else 10)
        )
    names = [b"Vorher", b"S"]
    titles = [bytes((len(n), *([0] if is_biff8 else []))) + n for n in names]
    first = len(whole) + sum(len(t) + 10 for t in titles) + len(END)
    sheets = [
        start + before + END,
        start + text(0, 0, "K", is_biff8) + text(0, 1, "B", is_biff8) + cells + END,
    ]
    for place, title in zip((first, first + len(sheets[0])), titles, strict=True):
        whole += record(0x85, f"IH{len(title)}s", place, 0, title)
    whole += END + b"".join(sheets)
    name = "Workbook" if is_biff8 else "Book"
    assert len(whole) <= 4096
    return compound_file(name)[:-4096] + whole.ljust(4096, b"\0")


def texts(
    folder: Path, content: bytes
) -> tuple[list[list[str]], list[tuple[str, int | None, str | None]]]:
    path = folder / "t.xls"
    path.write_bytes(content)
    table, rows, _ = one_table(path, KB)
    return [list(cells.values()) for _, cells in rows], [
        (n.rule, n.row, n.column) for n in table.notices
    ]


@pytest.mark.parametrize("is_biff8", [True, False])
@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (number(1, 0, PADDED, 1067.0), ["01067", ""]),
        (number(1, 0, PLAIN, 1067.0), ["1067", ""]),
        (number(1, 0, THOUSANDS, 1067.0), ["1067", ""]),
        (number(1, 0, PADDED, 10.5), ["10.5", ""]),
        (number(1, 0, 99, 1067.0), ["1067", ""]),
        (record(0x27E, "3HI", 1, 0, PADDED, small(1067)), ["01067", ""]),
        (record(0xBD, "HHHIHIH", 1, 0, PADDED, small(7), PLAIN, small(8), 1), ["00007", "8"]),
        (record(0xBD, "HHHIHIH", 1, 0, PLAIN, small(7), PADDED, small(8), 1), ["7", "00008"]),
        (formula(1, 0, PADDED, struct.pack("<d", 1067.0)), ["01067", ""]),
    ],
    ids=[
        "number",
        "plain",
        "thousands",
        "decimals",
        "no such style",
        "short",
        "several 1",
        "several 2",
        "formula",
    ],
)
def test_numbers_shown_with_zeros(
    is_biff8: bool, cells: bytes, row: list[str], tmp_path: Path
) -> None:
    assert texts(tmp_path, old_workbook(cells, is_biff8)) == ([row], [])


FILLED = number(1, 0, PLAIN, 1) + number(2, 0, PLAIN, 2)
GIVEN = formula(2, 1, PLAIN, struct.pack("<d", 5.0))
STRING = record(0x207, "HB1s", 1, 0, b"x")
SHARED = record(0x4BC, "HHBBHH", 1, 2, 1, 1, 0, 0)
UNSTORED = [("formula_without_value", 2, "B")]


@pytest.mark.parametrize(
    ("cells", "notices"),
    [
        (hidden(1) + FILLED, [("hidden_rows", 2, None)]),
        (hidden(1, 0x10) + hidden(2, 0x40) + FILLED, []),
        (FILLED + record(0x205, "3HBB", 1, 1, PLAIN, 0x2A, 1), [("error_value", 2, "B")]),
        (FILLED + record(0x205, "3HBB", 1, 1, PLAIN, 1, 0), []),
        (FILLED + formula(1, 1, PLAIN, result(2, 0x17)), [("error_value", 2, "B")]),
        (FILLED + formula(1, 1, PLAIN, result(1, 1)), []),
        (FILLED + formula(1, 1, PLAIN, result(3)), UNSTORED),
        (FILLED + formula(1, 1, PLAIN, result(3)) + GIVEN, []),
        (FILLED + formula(1, 1, PLAIN, result(3), flags=1) + GIVEN, UNSTORED),
        (FILLED + formula(1, 1, PLAIN, result(3), flags=2) + GIVEN, UNSTORED),
        (FILLED + formula(1, 1, PLAIN, result(3), note=0xFCE0), []),
        (FILLED + formula(1, 1, PLAIN, result(0), flags=1) + STRING, []),
        (FILLED + formula(1, 1, PLAIN, result(0), flags=1) + SHARED + STRING, []),
        (FILLED + formula(1, 1, PLAIN, result(0), flags=1) + GIVEN, UNSTORED),
        (FILLED + formula(1, 1, PLAIN, result(0), flags=1), UNSTORED),
    ],
    ids=[
        "hidden row", "grouped row", "error", "flag", "formula that fails", "formula of a flag", "no formula has a result",
        "an empty result",
        "to be calculated", "to be calculated when opened", "a program that stores results", "text", "text behind a shared formula",
        "text that is not there", "text that is not there in the end",
    ],
)  # fmt: skip
def test_rows_and_cells_that_a_person_must_know_of(
    cells: bytes, notices: list[tuple[str, int, str]], tmp_path: Path
) -> None:
    _, told = texts(tmp_path, old_workbook(cells))
    assert told == notices


def test_another_sheet_is_not_looked_at(tmp_path: Path) -> None:
    before = hidden(1) + number(1, 0, PADDED, 5) + record(0x205, "3HBB", 1, 1, PLAIN, 0x2A, 1)
    assert texts(tmp_path, old_workbook(FILLED, before=before)) == ([["1", ""], ["2", ""]], [])


def test_a_workbook_of_a_spreadsheet_program() -> None:
    table, rows, _ = one_table(WORKBOOKS / "gemeinde.xls", CLIENTS)
    assert [cells["PLZ"] for _, cells in rows][:2] == ["01067", "89073"]
    assert {(n.rule, n.row) for n in table.notices} == {
        ("hidden_sheet", None),
        ("hidden_rows", 6),
        ("error_value", 5),
        ("footer", 7),
    }


RECORDS = st.tuples(
    st.sampled_from(
        [0x06, 0x0A, 0x85, 0xBD, 0xE0, 0x203, 0x205, 0x207, 0x208, 0x27E, 0x41E, 0x4BC, 0x809]
    ),
    st.binary(max_size=26),
)


@settings(max_examples=300, deadline=None)
@given(records=st.lists(RECORDS, max_size=20), at=st.integers(0, 2), cut=st.integers(0, 4096))
def test_records_of_any_content_raise_nothing(
    records: list[tuple[int, bytes]], at: int, cut: int
) -> None:
    cells = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)
    whole = old_workbook(b"", before=cells)
    xls_marks(BytesIO(whole), at)
    stream = len(whole) - 4096
    xls_marks(
        BytesIO(
            whole[:stream] + cells + whole[stream : stream + cut].ljust(4096 - len(cells), b"\0")
        ),
        at,
    )
