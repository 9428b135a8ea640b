"""The Kennzahlen workbook, read back cell by cell."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.documents.figure_data import Figure
from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.sheet_format import SheetNames
from connectors.documents.kennzahlen.workbook import write_workbook
from connectors.documents.signs import LEGEND
from tests.documents.simulated import (
    AS_OF,
    CATALOGUE,
    CREATED,
    MUNICIPALITIES,
    PERIOD,
    TOTALS,
    all_figures,
    deliveries,
)

BOOK = KennzahlenBook(
    district="Landkreis Musterkreis & Umland",
    period_from=PERIOD[0],
    period_to=PERIOD[1],
    counted_on=PERIOD[1],
    as_of=AS_OF,
    load=7,
    created=CREATED,
    catalogue_version="im-kennzahlen/2017-annahme",
    catalogue=CATALOGUE,
    figures=all_figures(),
    deliveries=deliveries(),
    municipalities=MUNICIPALITIES,
    entity_labels={"conversation": "Gespräch"},
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "kennzahlen.xlsx"
    write_workbook(path, BOOK)
    return path


@pytest.fixture(scope="module")
def workbook(written: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(written)


def matrix(book: openpyxl.Workbook, topic: str, ending: str) -> dict[object, dict[object, object]]:
    """The lines of a matrix by their first cell, the values by the head of their column."""
    named = (n for n in book.sheetnames if n.startswith(topic) and n.endswith(ending))
    found = list(rows(book[next(named)]))
    heads = next(row for row in found if row[1] in ("AGS", "Quelle"))
    return {row[0]: dict(zip(heads, row, strict=True)) for row in found}


def rows(sheet: object) -> list[tuple[object, ...]]:
    return [
        row for row in sheet.iter_rows(values_only=True) if any(value is not None for value in row)
    ]  # type: ignore[attr-defined]


def values(sheet: object) -> dict[object, object]:
    return {row[0]: row[1] for row in rows(sheet)}


# A group is one sheet while its figures fit a page; what begins the next one names it.
TOPICS = [
    "Gespräche",
    "Gesprächsthemen",
    "Weiterleitungen",
    "Integrationspläne",
    "Klientinnen und Klie…",
    "Staatsangehörigkeit",
    "Unterbringung",
]


def test_sheets_are_in_order_and_legal(workbook: openpyxl.Workbook) -> None:
    names = workbook.sheetnames
    assert names[:2] == ["Auswertung Zeitraum", "Inhalt"]
    assert names[2:9] == [f"{topic} Gemeinden" for topic in TOPICS]
    assert names[9:16] == [f"{topic} IM".replace("Klie…", "Klienten") for topic in TOPICS]
    assert names[16:] == ["Abdeckung", "Definitionen", "Datengrundlage"]


def test_every_figure_sheet_says_it_is_not_official(workbook: openpyxl.Workbook) -> None:
    line = "Dies ist nicht das amtliche Muster nach Nr. 6.2 der VwV Integrationsmanagement."
    figures = [n for n in workbook.sheetnames if n.endswith((" IM", " Gemeinden"))]
    assert len(figures) == 2 * len(TOPICS)
    for name in ["Auswertung Zeitraum", *figures]:
        assert workbook[name]["A2"].value == line


def test_front_sheet_holds_the_figures_as_numbers(workbook: openpyxl.Workbook) -> None:
    found = values(workbook["Auswertung Zeitraum"])
    assert found["Gespräche gesamt"] == TOTALS["conversations"]
    assert (found["Anderes Thema"], found["Ausländerbehörde"], found["Syrien"]) == (
        26451,
        1859,
        734,
    )
    assert found["Erzeugt aus Ladung Nr."] == 7
    assert found["Stand des Wissens"] == datetime(2025, 7, 31)
    assert found["Zeitraum"] == "01.01.2024 bis 31.12.2024"


def test_matrices_hold_the_figures_of_their_units(workbook: openpyxl.Workbook) -> None:
    places, staff = (
        matrix(workbook, "Gespräche ", "Gemeinden"),
        matrix(workbook, "Gesprächsth", "IM"),
    )
    assert places["Mühlenröth"]["Gespräche gesamt"] == TOTALS["conversations"] // 4
    assert staff["Rösler, Anna"]["Kinder"] == 9987 // 3
    assert staff["=1+1"]["Quelle"] == "tau"


def test_each_line_says_whether_it_is_known_or_assumed(workbook: openpyxl.Workbook) -> None:
    known = {row[0]: row[2] for row in rows(workbook["Auswertung Zeitraum"])}
    assert (known["Gespräche gesamt"], known["Sprache"]) == ("belegt", "Annahme")
    defined = {(row[0], row[1]): row[4] for row in rows(workbook["Definitionen"])}
    assert defined["Gesprächsthemen", None] == "Annahme"
    assert defined["Weiterleitungen", None] == "belegt"
    assert ("Weiterleitungen", "Ausländerbehörde") not in defined


def test_figures_the_catalogue_does_not_name_are_shown_too(tmp_path: Path) -> None:
    extra = Figure("house_visits", None, None, {}, 17)
    write_workbook(tmp_path / "k.xlsx", replace(BOOK, figures=[*BOOK.figures, extra]))
    found = values(openpyxl.load_workbook(tmp_path / "k.xlsx")["Auswertung Zeitraum"])
    assert found["house_visits"] == 17


def test_what_was_not_computed_for_a_unit_is_not_shown_as_zero(tmp_path: Path) -> None:
    figures = [f for f in BOOK.figures if not (f.indicator == "clients" and "staff" in f.unit)]
    write_workbook(tmp_path / "k.xlsx", replace(BOOK, figures=figures))
    book = openpyxl.load_workbook(tmp_path / "k.xlsx")
    assert (
        matrix(book, "Klient", "IM")["Rösler, Anna"]["Klientinnen und Klienten"]
        == "nicht ausgewiesen"
    )


def test_a_zero_left_out_of_the_answer_is_shown_as_zero(tmp_path: Path) -> None:
    left_out = {"indicator": "topics", "category": "kinder", "municipality": "08999003"}
    figures = [
        f
        for f in BOOK.figures
        if {"indicator": f.indicator, "category": f.category, **f.unit} != left_out
    ]
    assert len(figures) == len(BOOK.figures) - 1
    write_workbook(tmp_path / "k.xlsx", replace(BOOK, figures=figures))
    book = openpyxl.load_workbook(tmp_path / "k.xlsx")
    cell = matrix(book, "Gesprächsth", "Gemeinden")["Mühlenröth"]["Kinder"]
    assert cell == 0 and isinstance(cell, int)


def test_balance_of_the_data_behind(written: Path) -> None:
    found = rows(openpyxl.load_workbook(written, data_only=True)["Datengrundlage"])
    assert found[4][:6] == ("tau", datetime(2025, 1, 31), 3, "geladen", "Kontakte.csv", "Kontakte")
    assert found[4][6:] == (1812, 1805, 2, 1, 4, "Testdatensatz: 4", "geht auf", "9f2c41aa7d3e")
    assert ("tau", "Gespräch", 640, 12, 157, 0) in [(row[0], *row[6:11]) for row in found]


def test_text_that_looks_like_a_formula_stays_text(workbook: openpyxl.Workbook) -> None:
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    ours = re.compile(r"=(SUM\([A-Z]+\d+:[A-Z]+\d+\)|IF\(.*\)|[A-Z]+\d+[-/][A-Z]+\d+(-[A-Z]+\d+)?)")
    assert formulas and [text for text in formulas if not ours.fullmatch(text)] == []
    staff = next(n for n in workbook.sheetnames if n.endswith(" IM"))
    assert [c.data_type for c in workbook[staff]["A"] if c.value == "=1+1"] == ["s"]


def test_matrices_are_tables_with_filters(workbook: openpyxl.Workbook) -> None:
    for name in workbook.sheetnames[2:-3]:
        (table,) = workbook[name].tables.values()
        assert table.autoFilter is not None and table.ref.startswith("A6:")
        heads = [column.name for column in table.tableColumns]
        assert heads == [cell.value for cell in workbook[name][6]] and len(set(heads)) == len(heads)
    assert len(workbook["Datengrundlage"].tables) == 2


def test_a_check_that_fails_says_so(tmp_path: Path) -> None:
    write_workbook(tmp_path / "k.xlsx", BOOK)
    book = openpyxl.load_workbook(tmp_path / "k.xlsx", data_only=True)
    lines = matrix(book, "Gespräche ", "Gemeinden")
    total = sum(TOTALS["conversations"] // n for n in (2, 3, 4))
    assert lines["Summe der Zeilen"]["Gespräche gesamt"] == total
    assert lines["Unterschied"]["Gespräche gesamt"] == TOTALS["conversations"] - total
    # A conversation with people of two municipalities counts in both, but one person held it.
    assert lines["Prüfung"]["Gespräche gesamt"] == "je Einheit"
    by_staff = matrix(book, "Gespräche ", "IM")
    assert by_staff["Unterschied"]["Gespräche gesamt"] != 0
    assert by_staff["Prüfung"]["Gespräche gesamt"] == "geht nicht auf"


def test_signs_are_explained_and_zeros_shown_by_theirs(workbook: openpyxl.Workbook) -> None:
    front = workbook["Auswertung Zeitraum"]
    (legend,) = (row[0] for row in rows(front) if str(row[0]).startswith("Zeichen"))
    assert all(f"{sign} {meaning}" in legend for sign, meaning in LEGEND.items())
    line = next(row for row in front.iter_rows() if row[0].value == "Gespräche gesamt")
    assert line[1].number_format == '[$-407]#,##0;-#,##0;"–"'


def test_index_links_to_every_sheet(workbook: openpyxl.Workbook) -> None:
    links = {
        cell.hyperlink.location
        for row in workbook["Inhalt"].iter_rows()
        for cell in row
        if cell.hyperlink
    }
    assert links == {f"'{name}'!A1" for name in workbook.sheetnames if name != "Inhalt"}


def test_print_set_up(workbook: openpyxl.Workbook) -> None:
    for sheet in workbook:
        assert str(sheet.page_setup.paperSize) in ("8", "9") and sheet.page_setup.fitToWidth in (
            None,
            1,
        )
        assert sheet.print_title_rows
        assert "Musterkreis && Umland" in str(sheet.oddFooter)
        assert sheet.freeze_panes is not None


def test_same_input_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_workbook(tmp_path / "again.xlsx", BOOK)
    assert (tmp_path / "again.xlsx").read_bytes() == written.read_bytes()


def test_properties_name_no_person(written: Path) -> None:
    core = zipfile.ZipFile(written).read("docProps/core.xml").decode()
    assert "<dc:creator>Drehscheibe</dc:creator>" in core
    assert "2025-08-01T06:00:00Z" in core


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=20)), max_size=40))
@example([("", "00000000000000'0")])
def test_sheet_names_are_always_legal_and_unique(wanted: list[tuple[str, str]]) -> None:
    names = SheetNames()
    made = [names.make_legal(stem, suffix) for stem, suffix in wanted]
    assert all(1 <= len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in made)
    assert all(not name.startswith("'") and not name.endswith("'") for name in made)
    assert len({name.casefold() for name in made}) == len(made)
