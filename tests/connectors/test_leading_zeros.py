"""Numbers that are shown with leading zeros keep them, whatever else their format shows; other numbers get none."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from connectors.readers.spreadsheet.zero_format import zeros_of
from tests.connectors.reading import one_table, wanted
from tests.connectors.test_workbook import ods, ods_row

AB = wanted("A", "B")


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("00000", 5),
        ("00", 2),
        ('"D-"00000', 5),
        ("00000;@", 5),
        ("00000;-00000;;@", 5),
        ("[$-407]00000", 5),
        ("[$-407]00000;@", 5),
        ("[Red]00000", 5),
        ("00000_ ", 5),
        ("00000_-;_-@", 5),
        ("* 00000", 5),
        ("000 000", 6),
        (r"00\-000", 5),
        ("00-000", 5),
        ('"Nr. 1; "000', 3),
        (r"\;000", 3),
        ("0" * 15, 15),
        ("0" * 16, 0),
        ("0", 0),
        ("", 0),
        ("General", 0),
        ("@", 0),
        ("#,##0", 0),
        ("#00", 0),
        ("?000", 0),
        ("0.00", 0),
        ("00.00", 0),
        ("00,000", 0),
        ("00000,", 0),
        ("00%", 0),
        ("00E+00", 0),
        ("00/00", 0),
        ("00:00", 0),
        ("dd.mm.yyyy", 0),
        ("[h]:mm", 0),
        ("[hh]00", 0),
        ("[<=99999]00000;00000-0000", 0),
        ('"00000"', 0),
        ("@;00000", 0),
        ('"00000', 0),
        ("00\\", 0),
        ('"' * 300, 0),
    ],
)
def test_digits_of_a_format(code: str, digits: int) -> None:
    assert zeros_of(code) == digits


@pytest.mark.parametrize("constant_memory", [False, True])
def test_xlsx(tmp_path: Path, constant_memory: bool) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["A", "B"])
        for row, (value, code) in enumerate(
            [
                (1067, '"D-"00000'),
                (1067, "[$-407]00000;@"),
                (1067, "#,##0"),
                (1.5, "00000"),
                (-7, "000"),
            ],
            1,
        ):
            sheet.write_number(row, 0, value, book.add_format({"num_format": code}))
        sheet.write_boolean(6, 0, True, book.add_format({"num_format": "000"}))
    assert [cells["A"] for _, cells in one_table(path, AB)[1]] == [
        "01067",
        "01067",
        "1067",
        "1.5",
        "-7",
        "Wahr",
    ]


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [
        ("1067", "01067", "01067"),
        ("1067", "D-01067", "01067"),
        ("1067", "01 067", "01067"),
        ("0", "00000", "00000"),
        ("1067.0", "01067", "01067"),
        ("1067", "1067", "1067"),
        ("1067", "1.067", "1067"),
        ("0", "0,00", "0"),
        ("0", "0", "0"),
        ("0", "0E+00", "0"),
        ("0.5", "0,50", "0.5"),
        ("1067.4", "01067", "1067.4"),
        ("-7", "-007", "-7"),
    ],
)
def test_opendocument(value: str, shown: str, text: str, tmp_path: Path) -> None:
    cell = f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'
    path = ods(tmp_path / "t.ods", ods_row("A", "B"), f"<table:table-row>{cell}</table:table-row>")
    assert one_table(path, AB)[1] == [(2, {"A": text, "B": ""})]
