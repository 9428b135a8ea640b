"""Looking at files without a mapping: tables, guessed headers and delimiters, places."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from connectors.readers.profiling.profile_file import profile_file
from connectors.tables.text_table import CannotRead, TextTable
from tests.connectors.reading import rows_of


def seen(path: Path, **stated: object) -> list[tuple[TextTable, list[tuple[int, list[str]]]]]:
    found = []
    for table in profile_file(path, **stated):  # type: ignore[arg-type]
        assert isinstance(table, TextTable)
        found.append((table, [(row, list(cells.values())) for row, cells in rows_of(table)[0]]))
    return found


@pytest.mark.parametrize(
    ("content", "header", "rows"),
    [
        pytest.param(
            "Nr;Name\n1;x\n2;y\n",
            ("Nr", "Name"),
            [(2, ["1", "x"]), (3, ["2", "y"])],
            id="semicolon",
        ),
        pytest.param(
            "Nr,Name\n1,x;y\n2,z\n",
            ("Nr", "Name"),
            [(2, ["1", "x;y"]), (3, ["2", "z"])],
            id="comma",
        ),
        pytest.param(
            "Nr|Name|Nr\n1|x|2\n", ("Nr", "Name", "Nr#2"), [(2, ["1", "x", "2"])], id="name-twice"
        ),
        pytest.param(
            "Bericht\n\nNr\tName\n1\tx\n", ("Nr", "Name"), [(4, ["1", "x"])], id="title-above"
        ),
        pytest.param(
            "1;2\n3;4\n",
            ("Spalte 1", "Spalte 2"),
            [(1, ["1", "2"]), (2, ["3", "4"])],
            id="no-header",
        ),
    ],
)
def test_text_files(
    tmp_path: Path, content: str, header: tuple[str, ...], rows: list[tuple[int, list[str]]]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)
    ((table, got),) = seen(path)
    assert (table.header, got) == (header, rows)
    assert [n.rule for n in table.notices] == ["delimiter_assumed", "header_assumed"]


def test_what_is_stated_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("x\nNr:'Wört:er'\n1:2\n".encode("cp850"))
    ((table, rows),) = seen(path, encoding="cp850", delimiter=":", quote="'", header_row=2)
    assert (table.header, rows, table.notices) == (("Nr", "Wört:er"), [(3, ["1", "2"])], [])


def test_workbook_shows_every_visible_sheet_and_a_hidden_one_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as file:
        for title in ("Eins", "Leer", "Zwei"):
            sheet = file.add_worksheet(title)
            if title != "Leer":
                sheet.write_row(1, 0, ["Nr", "Name"])
                sheet.write_row(2, 0, [1, title, "daneben"])
        sheet.hide()
    ((table, rows),) = seen(path)
    assert (table.sheet, table.header, rows) == (
        "Eins",
        ("Nr", "Name", "Spalte 3"),
        [(3, ["1", "Eins", "daneben"])],
    )
    assert "„Zwei“" in table.notices[0].message
    assert [t.sheet for t, _ in seen(path, sheet="zwei")] == ["Zwei"]
    with pytest.raises(CannotRead, match="sheet_missing"):
        seen(path, sheet="Drei")


def test_object_types_of_an_export(tmp_path: Path) -> None:
    path = tmp_path / "t.xml"
    path.write_text(
        '<DMSContent format="LOL"><Archive><ObjectType name="P"><Rowset><Columns><Column name="A"/></Columns>'
        "<Rows><Row><Value>1</Value></Row></Rows></Rowset></ObjectType></Archive></DMSContent>"
    )
    ((table, rows),) = seen(path)
    assert (table.title, table.header, rows) == ("P", ("A",), [(1, ["1"])])
