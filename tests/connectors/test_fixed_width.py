"""Files of fixed field widths, described in the mapping or beside the data, and headers in a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import TextTable
from tests.conformance.fault_kinds import holds
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


NAMES = ("Müller", "Groß", "Özdemir Ünal", "Meier", "Brandt")
# Fields of three kinds at the end, and whether blanks at the end of lines are lost.
LAYOUTS = {
    "number at the end": (("Name C(20)", "Ort C(8)", "Nr N(6,0)"), False),
    "day at the end": (("Name C(20)", "Nr N(6,0)", "Tag D(JJJJMMTT)"), False),
    "text at the end": (("Nr N(6,0)", "Name C(20)", "Ort C(8)"), False),
    "texts alone": (("Name C(20)", "Ort C(8)"), False),
    "texts alone, blanks lost": (("Name C(20)", "Ort C(8)"), True),
    "number in the middle, blanks lost": (("Name C(20)", "Nr N(6,0)", "Ort C(8)"), True),
}


def lines_of(fields: tuple[str, ...], trimmed: bool, in_bytes: bool) -> str:
    """A line for each name, its parts filled up to as many bytes or characters."""

    def fill(text: str, width: int) -> str:
        return text + " " * (width - len(text.encode() if in_bytes else text))

    lines = []
    for number, name in enumerate(NAMES):
        values = {"Name": fill(name, 20), "Ort": fill("Köln", 8), "Nr": f"{number:06}"}
        parts = [{**values, "Tag": "20240312"}[field.split()[0]] for field in fields]
        line = "".join(parts)
        lines.append(line.rstrip() if trimmed else line)
    return "\r\n".join(lines) + "\r\n"


@holds(10, "fixed")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_widths_that_count_bytes_are_refused(tmp_path: Path, layout: str) -> None:
    fields, trimmed = LAYOUTS[layout]
    names = [field.split()[0] for field in fields]
    want = wanted(*names, fixed=fields)
    right = write(tmp_path / "right.txt", lines_of(fields, trimmed, in_bytes=False))
    _, rows, ragged = one_table(right, want)
    assert [cells["Name"] for _, cells in rows] == list(NAMES) and ragged == []
    error = refusal(write(tmp_path / "x.txt", lines_of(fields, trimmed, in_bytes=True)), want)
    assert error.rule == "widths_in_bytes" and error.row is not None


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
def test_lines_that_do_not_fit_are_no_sign_of_bytes(tmp_path: Path, encoding: str) -> None:
    text = "000001Müller    \r\n000002Brandt\r\n000003Özdemir   zu lang\r\n000004Groß      \r\n"
    path = write(tmp_path / "person.txt", text.encode(encoding))
    _, rows, ragged = one_table(path, wanted("Nr", "Name", fixed=FIELDS[:2]))
    assert [cells["Name"] for _, cells in rows] == ["Müller", "Brandt", "Groß"]
    assert [row.row for row in ragged] == [3]
