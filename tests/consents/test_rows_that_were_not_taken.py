"""A row, cell or file that could not be read may be a withdrawal: nothing of whom it may be about goes out."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.consents.office import (
    CONSENT,
    EARLIER,
    LAST,
    Office,
    Shared,
    Situation,
    form,
    person,
    share_district,
)

PERSONS = [person(key) for key in ("1", "2", "3")]
FORMS = [form("a", "1"), form("b", "2"), form("c", "3")]
ALL = {"alpha:1", "alpha:2", "alpha:3"}
EVERYBODY = {"1", "2", "3"}


def text_of(cells: str) -> str:
    return f"{';'.join(CONSENT)}\n{cells}\n"


def test_the_doubt_ends_with_a_delivery_that_is_read(tmp_path: Path) -> None:
    office = Office(tmp_path)
    folder = office.deliver("alpha", EARLIER, PERSONS, FORMS)
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.write(";1;;;;;01.07.2025;;\n;;x;;;;y;;\n")
    office.run()
    assert office.released(EARLIER) == {}
    office.deliver("alpha", LAST, PERSONS, FORMS)
    office.run()
    assert office.released().keys() == ALL


def write_sheet(values: dict[str, str]) -> Situation:
    """The consents as a workbook; ``values`` replaces cells by their address."""
    return lambda folder: _write_sheet(folder, values)


def _write_sheet(folder: Path, values: dict[str, str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Einwilligungen"
    sheet.append(CONSENT)
    for row in FORMS:
        sheet.append([row[column] for column in CONSENT])
    for address, value in values.items():
        sheet[address] = value
        if value.startswith("#"):
            sheet[address].data_type = "e"
    book.save(folder / "Einwilligungen.xlsx")
    (folder / "Einwilligungen.csv").unlink()


# A row below those that are in order, and whose it may be.
ROWS: dict[str, tuple[str, set[str]]] = {
    "no key": (";1;Jobcenter Musterkreis;;;;01.07.2025;;", {"1"}),
    "zero before": ("z;01;Jobcenter Musterkreis;;;;01.07.2025;;", {"1"}),
    "as a number": ("z; 1.0;Jobcenter Musterkreis;;;;01.07.2025;;", {"1"}),
    "the key again": ("a;1;Jobcenter Musterkreis;;;;01.07.2025;;", {"1"}),
    "shifted": ("z;1;Jobcenter;Musterkreis;;;;01.07.2025;;x;y", {"1"}),
    "no person": (";;Jobcenter Musterkreis;;;;01.07.2025;;", EVERYBODY),
    "by name": ("z;Muster2;Amal;widerruft", {"2"}),
    "a name as key": (";Muster2, Amal;x;;;;01.07.2025;;", {"2"}),
    "of two": ("z;1, 2;Jobcenter;;;;01.07.2025;;", {"1", "2"}),
    "no key, zero before": (";01;Jobcenter;;;;01.07.2025;;", {"1"}),
    "a list half known": ("z;PK|3;Jobcenter;;;;01.07.2025;;", EVERYBODY),
    "of nobody": ("z;K-1;Jobcenter;;;;01.07.2025;;", EVERYBODY),
    "another key beside": ("z;01;Jobcenter;;;;01.07.2025;2;;x", {"1"}),
    "shifted to the left": ("1;Jobcenter;Vermittlung;;;01.07.2025;ja", EVERYBODY),
}
CELLS = {
    "an error": ("G2", "#REF!"),
    "a formula": ("G2", '=IF(TRUE,"01.07.2025","")'),
    "an error in the end": ("F2", "#NAME?"),
    "a formula in the groups": ("I2", "=A1"),
    "an error in the recipient": ("C2", "#N/A"),
}


def append_row(row: str) -> Situation:
    def append(folder: Path) -> None:
        with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
            file.write(row + "\n")

    return append


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What became of all rows and cells, each in a source of its own."""
    rows = {title: append_row(row) for title, (row, _) in ROWS.items()}
    cells = {title: write_sheet({address: value}) for title, (address, value) in CELLS.items()}
    return share_district(tmp_path_factory.mktemp("shared"), {**rows, **cells}, PERSONS, FORMS)


@pytest.mark.parametrize("title", ROWS)
def test_a_rejected_row_counts_against_its_person(shared: Shared, title: str) -> None:
    assert EVERYBODY - shared.released[title] == ROWS[title][1]


@pytest.mark.parametrize("title", CELLS)
def test_a_cell_without_a_value_grants_nothing(shared: Shared, title: str) -> None:
    assert shared.released[title] == {"2", "3"}


def test_who_may_be_meant_is_told_why(tmp_path: Path) -> None:
    office = Office(tmp_path)
    append_row("z;1, 2;Jobcenter;;;;01.07.2025;;")(office.deliver("alpha", LAST, PERSONS, FORMS))
    office.run()
    assert set(office.reasons()) == {"alpha:1", "alpha:2"}


def test_a_release_emptied_in_a_partial_delivery_has_ended(tmp_path: Path) -> None:
    office = Office(tmp_path, delivers="partial")
    given = [person("1", Freigabe="Sprache"), person("2", Freigabe="Sprache")]
    office.deliver("beta", EARLIER, given)
    office.deliver("beta", LAST, [person("1")])
    office.run()
    assert office.released() == {"beta:2": ("sprache",)}
    assert office.reasons() == {"beta:1": ("release_withdrawn",)}
