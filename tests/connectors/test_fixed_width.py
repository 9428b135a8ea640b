"""Files of fixed field widths, described in the mapping or beside the data, and headers in a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import TextTable
from tests.connectors.reading import one_table, refusal, rows_of, wanted
from tests.connectors.test_foreign_formats import looked, write

FIELDS = ("Nr N(6,0)", "Name C(10)", "Datum D(JJJJMMTT)", "Ort C(5)")


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("000017Müller    20210203Ulm  ", ["17", "Müller", "2021-02-03", "Ulm"]),
        ("000000Groß      00000000", ["0", "Groß", "", ""]),
        ("00-012x         99991231Ulm", ["00-012", "x", "9999-12-31", "Ulm"]),
        ("              \t 2021xx03     ", ["", "", "2021xx03", ""]),
    ],
)
def test_fixed_widths(tmp_path: Path, line: str, cells: list[str]) -> None:
    path = write(tmp_path / "person.txt", line.encode("cp1252") + b"\r\n")
    _, rows, ragged = one_table(
        path, wanted("Nr", "Name", "Datum", "Ort", fixed=FIELDS, encoding="cp1252")
    )
    assert [list(c.values()) for _, c in rows] == [cells] and ragged == []


def test_fixed_width_lines_that_do_not_fit_are_kept(tmp_path: Path) -> None:
    good = "000017Müller    20210203Ulm  "
    path = write(tmp_path / "person.txt", f"{good}\n\n000018kurz\n{good}zu lang\n{good}\n")
    _, rows, ragged = one_table(path, wanted("Nr", "Name", fixed=FIELDS))
    assert [row for row, _ in rows] == [1, 5]
    assert [(r.row, r.cells) for r in ragged] == [(3, ("000018kurz",)), (4, (f"{good}zu lang",))]


def test_description_beside_the_data(tmp_path: Path) -> None:
    path = write(tmp_path / "person.txt", "000017Müller    20210203\n")
    beside = write(
        tmp_path / "person.dsc",
        "[ASIMPEXP]\r\nFELD00=Nr N(6,0)\r\nFELD01=Name C(10)\r\nFELD02=Am Tag D(JJJJMMTT)\r\n[X]\r\n",
    )
    want = wanted("Nr", "Am Tag", description="*.dsc")
    (table,) = open_tables(
        path, "person.txt", [want], beside={"person.dsc": beside, "person.txt": path}
    )
    assert isinstance(table, TextTable)
    assert rows_of(table)[0] == [(1, {"Nr": "17", "Name": "Müller", "Am Tag": "2021-02-03"})]
    assert looked(path)["person"] == [
        (0, ["Nr", "Name", "Am Tag"]),
        (1, ["17", "Müller", "2021-02-03"]),
    ]
    assert refusal(path, want).rule == "description"
    assert refusal(path, wanted("Nr", fixed=("Nr X(3)",))).rule == "description"


def test_a_description_is_found_whatever_the_name(tmp_path: Path) -> None:
    path = write(tmp_path / "Person[1].txt", "000017\n")
    beside = write(tmp_path / "Person[1].ini", "[ASIMPEXP]\r\nFELD00=Nr N(6,0)\r\n")
    (table,) = open_tables(
        path, path.name, [wanted("Nr", description="*.ini")], beside={beside.name: beside}
    )
    assert isinstance(table, TextTable) and rows_of(table)[0] == [(1, {"Nr": "17"})]


def test_header_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "person.txt", "1¦Müller\n2¦a¦b\n")
    header = write(tmp_path / "kopf.txt", "Nr¦Name\n")
    want = wanted("Nr", "Name", description="kopf.txt", delimiter="¦", quote=None)
    (table,) = open_tables(path, "person.txt", [want], beside={"kopf.txt": header})
    assert isinstance(table, TextTable)
    rows, ragged = rows_of(table)
    assert rows == [(1, {"Nr": "1", "Name": "Müller"})] and [(r.row, r.cells) for r in ragged] == [
        (2, ("2", "a", "b"))
    ]
