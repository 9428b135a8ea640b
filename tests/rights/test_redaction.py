"""Rows go out of files of every format; everybody else's cells stay, and no byte tells of who went."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.readers.open_file import open_tables
from connectors.readers.spreadsheet.row_remarks import STRUCK
from connectors.redaction.redacted_file import redact_file
from connectors.redaction.wanted_rows import CannotRedact, Redaction
from connectors.search.byte_search import search_file
from connectors.search.needles import name_needle, word_needle
from connectors.tables.limits import USUAL_LIMITS
from connectors.tables.text_table import Dialect, TextTable
from tests.connectors.marked_rows import WRITERS as MARKED
from tests.connectors.reading import one_table, wanted
from tests.connectors.test_merged_cells import WRITERS
from tests.rights.planted import (
    ALL_KINDS,
    CLIENTS,
    CONVERSATIONS,
    FIRST_NAME,
    LAST_NAME,
    NUMBER,
    write_source,
)

NEEDLES = [name_needle("Name", LAST_NAME, FIRST_NAME), word_needle("Nummer", NUMBER)]
WANTED = wanted("Nr", "Nachname", "Vorname", "AZR", "Bemerkung", table="Klienten")


def names_row(cells: Sequence[str]) -> bool:
    return LAST_NAME in cells or any(f"{FIRST_NAME} {LAST_NAME}" in cell for cell in cells)


def read(path: Path) -> list[tuple[int, list[str]]]:
    """The rows with a key, with their numbers."""
    found = []
    for table in open_tables(path, path.name, [WANTED]):
        assert isinstance(table, TextTable)
        for batch in table.batches:
            columns = [column.to_pylist() for column in batch.cells.columns]
            rows = zip(batch.row.to_pylist(), map(list, zip(*columns, strict=True)), strict=True)
            found += [(number, cells) for number, cells in rows if any(cells)]
    return found


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_row_goes_and_the_others_stay(kind: str, tmp_path: Path) -> None:
    write_source(kind, tmp_path / "before", CLIENTS, CONVERSATIONS)
    path = next((tmp_path / "before").glob("Klienten*"))
    before = read(path)
    gone = next(number for number, cells in before if LAST_NAME in cells)
    redaction = Redaction(
        {"Klienten": frozenset({gone})},
        frozenset({"P-100001"}),
        names_row,
        lambda cell: f"{FIRST_NAME} {LAST_NAME}" in cell,
    )
    dialects = [Dialect(delimiter=";")] if path.suffix == ".csv" else []
    assert search_file(path, NEEDLES).kinds == {"Name", "Nummer"}
    after = tmp_path / path.name
    after.write_bytes(redact_file(path, path.name, redaction, dialects, USUAL_LIMITS))
    assert [cells for _, cells in read(after)] == [c for n, c in before if n != gone]
    if kind != "xml":
        assert read(after) == [row for row in before if row[0] != gone]
    assert search_file(after, NEEDLES).kinds == set()
    assert LAST_NAME.encode() not in after.read_bytes()


PAGE = """<html><head><meta charset="windows-1250"></head><table><caption>T</caption>
<tr><td>Nr</td><td>Name</td><td>Wer</td></tr>
<tr><form><td>1</td><td><input value="Erdős"></td></form><td>x</td></tr>
<tr><td>2</td><td><s>Erdős</s></td><td>x</td></tr>
<tr><td>3</td><td>Kaya</td><td>P1<br>P2<br>P3</td></tr></table></html>
<html><table><tr><td>4</td><td>Erdős</td></tr></table></html>"""


def test_a_web_page_is_redacted_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(PAGE.encode("cp1250"))
    redaction = Redaction(
        {"T": frozenset({2})}, frozenset({"P2"}), lambda cells: "Erdős" in cells, lambda cell: False
    )
    after = redact_file(path, path.name, redaction, [], USUAL_LIMITS).decode("cp1250")
    assert "Erdős" not in after and "Kaya" in after
    path.write_bytes(after.encode("cp1250"))
    (table,) = open_tables(path, path.name, [wanted("Nr", "Name", "Wer", table="T")])
    assert isinstance(table, TextTable)
    cells = [row for batch in table.batches for row in batch.cells.to_pylist()]
    assert cells == [{"Nr": "3", "Name": "Kaya", "Wer": "P1\nP3"}]


def test_shared_texts_of_a_workbook_lie_in_no_telling_order(tmp_path: Path) -> None:
    write_source("xlsx", tmp_path / "before", CLIENTS, CONVERSATIONS)
    path = next((tmp_path / "before").iterdir())
    redaction = Redaction({}, frozenset({"P-100001"}), names_row, lambda cell: False)
    content = redact_file(path, path.name, redaction, [], USUAL_LIMITS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("xl/sharedStrings.xml").decode()
    assert FIRST_NAME not in text
    book = load_workbook(io.BytesIO(content))
    assert [row[1].value for row in book["Klienten"].iter_rows()] == [
        *("Nachname", "Albrecht", None, "Conradi")
    ]
    assert book["Gespraeche"]["C4"].value == "P-200002"


def test_a_workbook_with_a_password_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    redaction = Redaction({}, frozenset(), names_row, lambda cell: False)
    with pytest.raises(CannotRedact):
        redact_file(path, path.name, redaction, [], USUAL_LIMITS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{FIRST_NAME} {LAST_NAME}", True),
        (f"{LAST_NAME.upper()}, {FIRST_NAME.upper()}", True),
        (f"{LAST_NAME};{FIRST_NAME}", True),
        (f'{{"vorname": "{FIRST_NAME}", "nachname": "{LAST_NAME}"}}', True),
        (f"<v>{FIRST_NAME}</v><nachname>{LAST_NAME}</nachname>", True),
        (f"{LAST_NAME};Amal\nAhmadi;{FIRST_NAME}", False),
        (FIRST_NAME, False),
        (f"AKZ{NUMBER}7", False),
        (f"({NUMBER})", True),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_what_counts_as_a_trace(text: str, found: bool, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(text.encode(encoding))
    assert bool(search_file(path, NEEDLES).kinds) is found


LINES = [
    ["Nr", "Ort", "Bis", "Von"],
    *(["1", "Ulm", "x", "a"], ["", "", "", "b"], ["3", "", "z", "c"], ["4", "", "", "d"]),
]
AREAS = [(1, 0, 2, 0), (1, 1, 4, 1), (1, 2, 4, 2)]
# The rows that go, and what is read of those that stay, where the key of who went is in no cell.
STAYING = {
    (2,): [["", "Ulm", "x", "b"], ["3", "Ulm", "z", "c"], ["4", "Ulm", "x", "d"]],
    (2, 3): [["3", "Ulm", "z", "c"], ["4", "Ulm", "x", "d"]],
    (2, 4): [["", "Ulm", "x", "b"], ["4", "Ulm", "x", "d"]],
    (3, 4): [["", "Ulm", "x", "a"], ["4", "Ulm", "x", "d"]],
    (2, 3, 4): [["4", "Ulm", "x", "d"]],
}


@pytest.mark.parametrize("going", STAYING)
@pytest.mark.parametrize("reader", WRITERS)
def test_merged_cells_keep_their_value_for_the_others(
    reader: str, going: tuple[int, ...], tmp_path: Path
) -> None:
    path = WRITERS[reader](tmp_path / f"t.{reader}", LINES, AREAS, 1)
    redaction = Redaction(
        {"T": frozenset(going)}, frozenset({"1"}), lambda cells: False, lambda cell: False
    )
    path.write_bytes(redact_file(path, path.name, redaction, [], USUAL_LIMITS))
    _, rows, _ = one_table(path, wanted("Nr", "Ort", "Bis", "Von"))
    assert [list(cells.values()) for _, cells in rows] == STAYING[going]


@pytest.mark.parametrize("form", MARKED)
def test_notes_go_with_their_rows_and_others_stay(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{form}"
    lines = [["Nr", "Ort"], *([key, "Ulm"] for key in "1234")]
    notes = {(1, 1): "zieht weg", (2, 1): "widerrufen", (3, 0): "mit Xhe zu Haus"}
    MARKED[form](path, "T", lines, notes, [(4, 0), (4, 1)])
    redaction = Redaction(
        {"T": frozenset({2})}, frozenset({"1"}), lambda cells: False, lambda cell: "Xhe" in cell
    )
    path.write_bytes(redact_file(path, path.name, redaction, [], USUAL_LIMITS))
    table, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert rows == [
        (number, {"Nr": key, "Ort": "Ulm"}) for number, key in ((3, "2"), (4, "3"), (5, "4"))
    ]
    assert table.remarks == {3: ["widerrufen"], 5: [STRUCK]}
    needles = [word_needle("Notiz", "zieht weg"), word_needle("Name", "Xhe")]
    assert search_file(path, needles).kinds == set()


def test_a_text_goes_out_of_a_cell_and_its_note_stays(tmp_path: Path) -> None:
    path = tmp_path / "t.ods"
    MARKED["ods"](path, "T", [["Nr", "Ort"], ["2", "1,9"]], {(1, 1): "1,widerrufen"}, [])
    redaction = Redaction({"T": frozenset()}, frozenset("1"), lambda c: False, lambda c: False)
    path.write_bytes(redact_file(path, path.name, redaction, [], USUAL_LIMITS))
    table, rows, _ = one_table(path, wanted("Nr", "Ort"))
    assert rows == [(2, {"Nr": "2", "Ort": "9"})] and table.remarks == {2: ["widerrufen"]}
