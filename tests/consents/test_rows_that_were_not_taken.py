"""A row, cell or file that could not be read may be a withdrawal: nothing of whom it may be about goes out."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.consents.office import CONSENT, EARLIER, LAST, Office, form, person

PERSONS = [person(key) for key in ("1", "2", "3")]
FORMS = [form("a", "1"), form("b", "2"), form("c", "3")]
ALL = {"alpha:1", "alpha:2", "alpha:3"}


def text_of(cells: str) -> str:
    return f"{';'.join(CONSENT)}\n{cells}\n"


@pytest.mark.parametrize(
    ("row", "doubtful"),
    [
        pytest.param(";1;Jobcenter Musterkreis;;;;01.07.2025;;", {"alpha:1"}, id="no key"),
        pytest.param("z;01;Jobcenter Musterkreis;;;;01.07.2025;;", {"alpha:1"}, id="zero before"),
        pytest.param("z; 1.0;Jobcenter Musterkreis;;;;01.07.2025;;", {"alpha:1"}, id="as a number"),
        pytest.param("a;1;Jobcenter Musterkreis;;;;01.07.2025;;", {"alpha:1"}, id="the key again"),
        pytest.param("z;1;Jobcenter;Musterkreis;;;;01.07.2025;;x;y", {"alpha:1"}, id="shifted"),
        pytest.param(";;Jobcenter Musterkreis;;;;01.07.2025;;", ALL, id="no person"),
        pytest.param("z;Muster2;Amal;widerruft", {"alpha:2"}, id="by name"),
        pytest.param(";Muster2, Amal;x;;;;01.07.2025;;", {"alpha:2"}, id="a name as key"),
        pytest.param("z;1, 2;Jobcenter;;;;01.07.2025;;", {"alpha:1", "alpha:2"}, id="of two"),
        pytest.param(";01;Jobcenter;;;;01.07.2025;;", {"alpha:1"}, id="no key, zero before"),
        pytest.param("z;PK|3;Jobcenter;;;;01.07.2025;;", ALL, id="a list half known"),
        pytest.param("z;K-1;Jobcenter;;;;01.07.2025;;", ALL, id="of nobody"),
        pytest.param("z;01;Jobcenter;;;;01.07.2025;2;;x", {"alpha:1"}, id="another key beside"),
        pytest.param("1;Jobcenter;Vermittlung;;;01.07.2025;ja", ALL, id="shifted to the left"),
    ],
)
def test_a_rejected_row_counts_against_its_person(
    tmp_path: Path, row: str, doubtful: set[str]
) -> None:
    office = Office(tmp_path)
    folder = office.deliver("alpha", LAST, PERSONS, FORMS)
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    office.run()
    assert ALL - office.released().keys() == doubtful
    assert set(office.reasons()) == doubtful


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


def write_sheet(folder: Path, values: dict[str, object]) -> None:
    """The consents as a workbook; ``values`` replaces cells by their address."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Einwilligungen"
    sheet.append(CONSENT)
    for row in FORMS:
        sheet.append([row[column] for column in CONSENT])
    for address, value in values.items():
        sheet[address] = value
        if isinstance(value, str) and value.startswith("#"):
            sheet[address].data_type = "e"
    book.save(folder / "Einwilligungen.xlsx")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("G2", "#REF!"),
        ("G2", '=IF(TRUE,"01.07.2025","")'),
        ("F2", "#NAME?"),
        ("I2", "=A1"),
        ("C2", "#N/A"),
    ],
)
def test_a_cell_without_a_value_grants_nothing(tmp_path: Path, cell: str, value: str) -> None:
    office = Office(tmp_path)
    folder = office.deliver("alpha", LAST, PERSONS)
    write_sheet(folder, {cell: value})
    office.run()
    assert office.released().keys() == ALL - {"alpha:1"}


def test_a_release_emptied_in_a_partial_delivery_has_ended(tmp_path: Path) -> None:
    office = Office(tmp_path, delivers="partial")
    given = [person("1", Freigabe="Sprache"), person("2", Freigabe="Sprache")]
    office.deliver("beta", EARLIER, given)
    office.deliver("beta", LAST, [person("1")])
    office.run()
    assert office.released() == {"beta:2": ("sprache",)}
    assert office.reasons() == {"beta:1": ("release_withdrawn",)}
