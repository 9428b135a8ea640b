"""A filled form is the form: nothing is lost, formulas show their values, and only the named cells changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from connectors.documents.cell_place import Place
from connectors.forms.anchors import Entry
from connectors.forms.filled_form import FilledForm, fill_form
from connectors.forms.read_back import compare_cells
from tests.forms.official_form import (
    BOOK_PART,
    FORM,
    FORM_PART,
    changed_form,
    form_parts,
    pack,
    unpack,
)

DAY = date(2025, 1, 31)
BY_LABEL = {
    ("Gespräche mit Einzelpersonen",): 35354,
    ("Gespräche mit Familien",): 7886,
    ("Themen", "Kinder"): 9987,
    ("Themen", "Gesundheit"): 7310,
    ("Weiterleitungen", "Gesundheit"): 1204,
    ("Integrationspläne",): 1326,
}
CELLS = {"C7": 35354, "C8": 7886, "C11": 9987, "C12": 7310, "C15": 1204, "C16": 1326}
BESIDE = {"C2": ("Zeitraum von", date(2018, 2, 1)), "C3": ("bis", date(2021, 2, 28))}
BESIDE |= {"C18": ("Kreis (Name)", "Alb-Donau-Kreis & Ulm <Süd>")}  # type: ignore[dict-item]


def figures(**changed: int | str) -> list[Entry]:
    """The figures of the form; ``changed``: other values by the last word of their label."""
    return [
        Entry(FORM, row, ("Anzahl",), changed.get(row[-1], value))
        for row, value in BY_LABEL.items()
    ]


def all_entries() -> list[Entry]:
    beside = [Entry(FORM, (row,), (), value, cell) for cell, (row, value) in BESIDE.items()]
    return figures() + beside


def formulas(content: bytes) -> dict[str, object]:
    """The values of the form's formulas by cell, and the errors as text."""
    filled = fill_form(content, all_entries(), DAY)
    return {str(place): value for (_, place), value in filled.formulas.computed.items()}


@pytest.fixture(scope="module")
def form() -> bytes:
    return pack(form_parts())


@pytest.fixture(scope="module")
def filled(form: bytes) -> FilledForm:
    return fill_form(form, all_entries(), DAY)


def test_of_27_parts_25_are_equal_byte_for_byte(form: bytes, filled: FilledForm) -> None:
    before, after = unpack(form), unpack(filled.content)
    assert len(before) == 27 and list(before) == list(after)
    changed = [name for name in before if before[name] != after[name]]
    assert changed == list(filled.changed_parts) == [BOOK_PART, FORM_PART]


def test_of_the_sheet_only_cells_change_and_no_formula(filled: FilledForm) -> None:
    before, after = form_parts()[FORM_PART], unpack(filled.content)[FORM_PART]
    rows = re.compile(rb"<sheetData>.*</sheetData>", re.DOTALL)
    assert rows.sub(b"", before) == rows.sub(b"", after)
    formula = re.compile(rb"<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>")
    assert formula.findall(before) == formula.findall(after)
    assert len(formula.findall(after)) == 9


def test_the_main_part_only_asks_to_calculate(filled: FilledForm) -> None:
    asked = b'<calcPr fullCalcOnLoad="1" calcId="191029"/>'
    before = form_parts()[BOOK_PART]
    assert unpack(filled.content)[BOOK_PART] == before.replace(b'<calcPr calcId="191029"/>', asked)


def test_figures_are_numbers_in_the_style_of_the_form(filled: FilledForm) -> None:
    sheet = unpack(filled.content)[FORM_PART].decode()
    for cell, value in CELLS.items():
        assert f'<c r="{cell}" s="2"><v>{value}</v></c>' in sheet
    assert '<c r="C2" s="3"><v>43132</v></c>' in sheet
    assert "<t>Alb-Donau-Kreis &amp; Ulm &lt;S&#252;d&gt;</t>" in sheet


def test_another_program_reads_the_same(filled: FilledForm, tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(filled.content)
    sheet = openpyxl.load_workbook(path, data_only=True)[FORM]
    assert {cell: sheet[cell].value for cell in CELLS} == CELLS
    assert sheet["C2"].value.date() == date(2018, 2, 1)
    assert sheet["C18"].value == "Alb-Donau-Kreis & Ulm <Süd>"


def test_values_of_formulas_are_right_without_a_program_that_calculates(form: bytes) -> None:
    assert formulas(form) == {
        "E3": (date(2021, 2, 28) - date(2018, 2, 1)).days + 1,
        "E7": 35354 * 1.5,
        "E8": 7886 * 1.5,
        "C9": 43240,
        "E9": "gefüllt & gut",
        "E10": 2 * 35354 + 7886,
        "E12": 43240 / 7310,
        "G13": 43240,
        "G14": 35354,
        "G15": 7886,
        "B22": 3,
    }


def test_read_back_finds_nothing_and_everything(form: bytes, filled: FilledForm) -> None:
    wanted = dict(filled.cells)
    assert compare_cells(form, filled.content, wanted, filled.formulas) == []
    wanted[FORM, Place(11, 3)] = 9988
    found = compare_cells(form, filled.content, wanted, filled.formulas)
    assert [str(one) for one in found] == [f"{FORM}!C11: 9987.0, should be 9988"]
    spoiled = changed_form(("<v>3</v></c></row>", "<v>4</v></c></row>"))
    places = {d.cell for d in compare_cells(spoiled, filled.content, filled.cells, filled.formulas)}
    assert places == {"B21"}


def test_equal_bytes_elsewhere(filled: FilledForm, tmp_path: Path) -> None:
    code = (
        "import hashlib, tests.forms.test_filled_form as t;"
        "f = t.fill_form(t.pack(t.form_parts()), t.all_entries(), t.DAY);"
        "print(hashlib.sha256(f.content).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "TZ": zone, "LC_ALL": name, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
        ).stdout
        for zone, name in (("Pacific/Auckland", "C"), ("America/New_York", "de_DE.UTF-8"))
    }
    import hashlib

    assert found == {hashlib.sha256(filled.content).hexdigest().encode() + b"\n"}


def test_macros_are_kept() -> None:
    parts = form_parts()
    types = parts["[Content_Types].xml"].decode()
    types = types.replace(
        "openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main"
    )
    macros = {
        "[Content_Types].xml": types.encode(),
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 module",
    }
    after = unpack(fill_form(pack({**parts, **macros}), figures(), DAY).content)
    assert {name: after[name] for name in macros} == macros


def test_what_is_not_delivered_is_a_sign_and_no_zero(form: bytes) -> None:
    filled = fill_form(form, figures(Familien="x", **{"Gespräche mit Familien": "x"}), DAY)
    sheet = unpack(filled.content)[FORM_PART].decode()
    assert '<c r="C8" s="2" t="inlineStr"><is><t>x</t></is></c>' in sheet
    values = {str(place): v for (_, place), v in filled.formulas.computed.items()}
    # A sum passes over it; what calculates with it says so.
    assert (values["C9"], values["E8"]) == (35354, "#VALUE!")
    assert filled.formulas.new_errors == [(FORM, Place(8, 5)), (FORM, Place(10, 5))]
    assert '<c r="E8" t="e"><f t="shared" si="0"/><v>#VALUE!</v></c>' in sheet


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("TODAY()", (DAY - date(1899, 12, 30)).days),
        ("YEAR(NOW())", 2025),
        ('IF(TRUE,"TODAY()","")', "TODAY()"),
        ("satz*2", 3),
        ('SUM(C7:C8)&amp;" Gespräche"', "43240 Gespräche"),
        ("C7&gt;C8", True),
        ("NA()", "#N/A"),
        ("1/3", 1 / 3),
        ("RAND()", None),
        # As Excel gives them in German, which is what the form is made for.
        ('TEXT(C2,"TT.MM.JJJJ")', "01.02.2018"),
        ('"Stand "&amp;TEXT(TODAY(),"TT.MM.JJJJ")', "Stand 31.01.2025"),
        ('TEXT(SUM(C7,C8)/2,"#.##0,00")', "21.620,00"),
        ('TEXT(C2,"MMMM")', "Februar"),
        ('TEXT(C2,"[$-407]MMMM")', None),
        ("TEXT(C2,A1)", None),
        ('DATEVALUE("31.12.2024")', None),
        ('VALUE("1.234,5")', None),
        ('1/2&amp;" Stellen"', None),
        ('IFERROR(DATEVALUE("31.12.2024"),0)', None),
        ('C7&amp;""', "35354"),
        ('"TEXT("&amp;C7', "TEXT(35354"),
        ("NOSUCHFUNCTION(1)", None),
        ("SUM('Listen &amp; Werte'!A1:A2)+0", 0),
        # Excel orders ä beside a and ü beside u; the calculator has them behind z.
        ('"ä"&lt;"b"', None),
        ('IF("Öhringen"&gt;="P","P bis Z","A bis O")', None),
        ('C18&lt;"Alb-Donau-Kreis &amp; Ulm &lt;Sz"', None),
        ('COUNTIF(C18:C19,"&lt;Alb-Donau-Kreis &amp; Ulm &lt;Sz")', None),
        ('IFERROR(IF("Å"&lt;"B",1,2),0)', None),
        ('COUNTIF(C18:C19,"&lt;Alb")', 0),
        ('COUNTIF(C18:C19,"*süd*")', 1),
        ('IF("Ä"="ä",C7&gt;C8,"größer")', True),
        ('IF(C7&lt;C8,"kleiner",UPPER("größer"))', "GRÖSSER"),
        ('"Öhringen"&lt;&gt;"Ohringen"', True),
    ],
)
def test_a_value_depends_on_no_moment_chance_or_language(formula: str, value: object) -> None:
    assert formulas(changed_form(("C9/C12", formula)))["E12"] == value


def test_what_follows_from_the_order_of_letters_is_not_computed_either() -> None:
    form = changed_form(("C9/C12", '"ä"&lt;"b"'), ("C3-C2+1", "IF(E12,1,2)"))
    filled = fill_form(form, all_entries(), DAY)
    assert [str(place) for _, place in filled.formulas.unknown] == ["E3", "E12"]


def test_a_formula_that_nobody_can_compute_shows_no_old_value() -> None:
    filled = fill_form(changed_form(("<f>C3-C2+1</f>", "<f>NOSUCHFUNCTION(1)</f>")), figures(), DAY)
    assert filled.formulas.unknown == [(FORM, Place(3, 5))]
    assert '<c r="E3"><f>NOSUCHFUNCTION(1)</f></c>' in unpack(filled.content)[FORM_PART].decode()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same(filled: FilledForm, tmp_path: Path) -> None:
    # It keeps stored values on load, so they are taken out first.
    parts = unpack(filled.content)
    stored = re.compile(rb"(<f\b[^>]*/>|</f>)<v>[^<]*</v>")
    parts[FORM_PART] = stored.sub(rb"\1", parts[FORM_PART])
    (tmp_path / "f.xlsx").write_bytes(pack(parts))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    call = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run([*call, "--outdir", tmp_path / "o", tmp_path / "f.xlsx"], check=True)
    sheet = openpyxl.load_workbook(tmp_path / "o" / "f.xlsx", data_only=True)[FORM]
    ours = {str(p): v for (_, p), v in filled.formulas.computed.items() if p.column != 7}
    assert {cell: sheet[cell].value for cell in ours} == pytest.approx(ours)
