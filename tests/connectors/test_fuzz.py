"""Whatever bytes come: a reader gives tables whose rows are counted, or refuses; it never crashes, hangs or fills the memory."""

from __future__ import annotations

import os
import resource
import time
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.readers.open_file import open_tables
from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable
from tests.connectors.reading import wanted
from tests.connectors.test_enaio_xml import export, object_type, values
from tests.connectors.test_foreign_formats import HOL, PAGE, WORKBOOKS, XML_2003

pytestmark = pytest.mark.thorough

LIMITS = Limits(
    file_bytes=2**20,
    unzipped_bytes=2**24,
    whole_bytes=2**22,
    cells=10**6,
    rows=10**5,
    line_bytes=2**20,
)
SECONDS, MEBIBYTES = 5.0, 512
QUICK, THOROUGH = 300, int(os.environ.get("DREHSCHEIBE_FUZZ") or 1) * 10_000


@cache
def workbook() -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate((["K", "B"], [1, "x"], ["2", 1.5], ["=1+1", True])):
            sheet.write_row(number, 0, row)
    return target.getvalue()


def sheet_of(content: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    target = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(workbook())) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for entry in source.infolist():
            made.writestr(
                entry.filename, content if "sheet1" in entry.filename else source.read(entry)
            )
    return target.getvalue()


def sheet_xml() -> bytes:
    with zipfile.ZipFile(BytesIO(workbook())) as book:
        return book.read("xl/worksheets/sheet1.xml")


Seed = Callable[[], bytes]
SEEDS: dict[str, tuple[Seed, Callable[[bytes], bytes]]] = {
    "csv": (lambda: 'K;B\n1;"a\nb"\n2;x;y\n"3;ü\n\nZ;W;V\n1;2;3\n'.encode(), bytes),
    "utf16": (lambda: "K\tB\r\n1\tx\r\n".encode("utf-16"), bytes),
    "xlsx": (workbook, bytes),
    "sheet": (sheet_xml, sheet_of),
    "xls": (lambda: (WORKBOOKS / "gemeinde.xls").read_bytes(), bytes),
    "ods": (lambda: (WORKBOOKS / "gemeinde.ods").read_bytes(), bytes),
    "lol": (lambda: export(object_type("K", "KB", values("1", "x", ""))).encode(), bytes),
    "hol": (lambda: HOL.encode(), bytes),
    "xml2003": (lambda: XML_2003.encode(), bytes),
    "html": (lambda: PAGE.encode(), bytes),
    "json": (lambda: b'{"K": "1", "B": [1, {"x": null}]}\n{"K": 2}\n', bytes),
    "fixed": (lambda: "0001Müller    20240101\n".encode("cp1252"), bytes),
}
FIXED = wanted("K", "B", fixed=("K N(4,0)", "B C(10)", "D D(JJJJMMTT)"))
PIECES = st.sampled_from(
    [
        b"",
        b"\0",
        b"\n",
        b"\r",
        b'"',
        b"'",
        b";",
        b",",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x81",
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<!DOCTYPE x>",
        b"<Row>",
        b"</Row>",
        b"<Object>",
        b"{",
        b"[" * 50,
        b"A" * 3000,
        b"99999999",
        b'r="XFD1048576"',
        b'r="99999999999"',
        b"\xff" * 4,
        b"\xf0\x9f\x98\x80",
        b"sep=;\n",
    ]
)


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file with some places cut out, doubled, or written over."""
    text = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 40))
        what = draw(st.sampled_from(["put", "cut", "again", "flip", "end"]))
        if what == "put":
            text[at:at] = draw(st.one_of(PIECES, st.binary(max_size=20)))
        elif what == "cut":
            del text[at : at + length]
        elif what == "again":
            text[at:at] = bytes(text[at : at + length]) * draw(st.integers(1, 30))
        elif what == "flip" and at < len(text):
            text[at] ^= 1 << draw(st.integers(0, 7))
        elif what == "end":
            del text[at:]
    return bytes(text)


def survives(path: Path, content: bytes, fixed: bool) -> None:
    path.write_bytes(content)
    begun = time.process_time()  # time spent here, not waiting for a busy machine
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wants = (
        [FIXED]
        if fixed
        else [wanted("K", "B", required=("K",)), wanted("Name", "Nr", required=("Name",))]
    )
    for tables in (
        lambda: open_tables(path, "t.dat", wants, LIMITS),
        lambda: profile_file(path, limits=LIMITS),
    ):
        try:
            for table in tables():
                counted(table) if isinstance(table, TextTable) else None
        except CannotRead as refused:
            assert refused.message.endswith((".", ")"))
    assert time.process_time() - begun < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024


def counted(table: TextTable) -> None:
    """Each row has a place of its own and as many cells as there are columns."""
    places: list[int] = []
    try:
        for batch in table.batches:
            assert batch.cells.num_columns == len(table.header) and batch.cells.num_rows == len(
                batch.row
            )
            places += [*batch.row.to_pylist(), *(r.row for r in batch.ragged)]
    finally:
        assert len(places) == len(set(places)) and all(place > 0 for place in places)


def fuzz(kind: str, folder: Path, examples: int) -> None:
    seed, wrap = SEEDS[kind]
    path = folder / "t.dat"

    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(mutated(seed()))
    def run(content: bytes) -> None:
        survives(path, wrap(content), kind == "fixed")

    run()


@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_files(kind: str, tmp_path: Path) -> None:
    fuzz(kind, tmp_path, QUICK)


@pytest.mark.slow
@pytest.mark.skipif(
    "DREHSCHEIBE_FUZZ" not in os.environ,
    reason="takes half an hour; set DREHSCHEIBE_FUZZ=1, or to how many times 10,000",
)
@pytest.mark.parametrize("kind", SEEDS)
def test_many_mutated_files(kind: str, tmp_path: Path) -> None:
    fuzz(kind, tmp_path, THOROUGH)
