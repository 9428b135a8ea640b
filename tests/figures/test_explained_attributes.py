"""The category of a client is explained by the row that says so, in whichever table and delivery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from pipelines.config import load_config
from pipelines.figures.explain import CountedPerson, explain_figure
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.hub import Hub
from pipelines.intake.run import run_intake

MAPPING = """\
system: Drei Tabellen
tables:
  Personen:
    files: Personen.csv
    key: Nr
    feeds: {person: {fields: {sex: Geschlecht, nationality: Land}}}
  Status:
    files: Status.csv
    key: StNr
    feeds:
      residence_status: {when: Titel, fields: {person_key: Nr, status: Titel, valid_from: Ab}}
  Fälle:
    files: Fälle.csv
    key: FNr
    feeds: {case: {fields: {person_key: Nr, begun_on: Von, municipality: Ort}}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  "08999001": {name: Musterstadt}
sources:
  drei: {mapping: drei.yaml, folder: drei, delivers: full}
"""
FIRST = {
    "Personen.csv": "Nr;Geschlecht;Land\n1;w;Syrien\n2;m;Irak\n",
    "Status.csv": "StNr;Nr;Titel;Ab\na;1;Gestattung;01.02.2023\nb;1;AE;01.06.2024\nc;2;AE;01.03.2023\n",
    "Fälle.csv": "FNr;Nr;Von;Ort\nx;1;01.03.2023;Musterstadt\ny;2;01.04.2023;Musterstadt\n",
}
SECOND = FIRST | {"Personen.csv": "Nr;Geschlecht;Land\n1;w;Syrien\n2;m;Iran\n"}
DAYS = {"2025-01-31": FIRST, "2025-07-31": SECOND}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A district of one source whose persons, status and cases stand in tables of their own."""
    folder = tmp_path_factory.mktemp("explained")
    (folder / "drei.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    for day, files in DAYS.items():
        (folder / "drei" / day).mkdir(parents=True)
        for name, text in files.items():
            (folder / "drei" / day / name).write_text(text, encoding="utf-8")
    with Hub(load_config(folder / "drehscheibe.yaml")) as opened:
        run_intake(opened)
        yield opened


# Indicator, category, last day → the row of the file that says so, and its delivery; beside the case.
SAID = [
    ("clients_by_sex", "w", "2024-12-31", "Personen.csv", 2, "2025-01-31"),
    ("clients_by_nationality", "IRN", "2024-12-31", "Personen.csv", 3, "2025-07-31"),
    ("clients_by_residence_status", "aufenthaltsgestattung", "2024-01-31", "Status.csv", 2, "2025-01-31"),
    ("clients_by_residence_status", "aufenthaltserlaubnis", "2024-01-31", "Status.csv", 4, "2025-01-31"),
]  # fmt: skip


@pytest.mark.parametrize(("indicator", "category", "last", "file", "row", "delivery"), SAID)
def test_the_row_that_says_so_is_named(
    hub: Hub, indicator: str, category: str, last: str, file: str, row: int, delivery: str
) -> None:
    asked = FigureRequest(None, date.fromisoformat(last), purpose="internal")
    found = explain_figure(hub, indicator, asked, category)
    (person,) = found.made_of
    assert isinstance(person, CountedPerson) and found.value == 1
    places = {(r.file, r.row, str(r.delivery_date)) for r in person.records}
    assert (file, row, delivery) in places and len(places) == 2
    assert {r.file for r in person.records} == {file, "Fälle.csv"}
    (said,) = (r for r in person.records if r.file == file)
    assert said.columns[0] == "Nr" and len(said.columns) > 1


def test_a_status_that_is_followed_says_nothing(hub: Hub) -> None:
    asked = FigureRequest(None, date(2024, 12, 31), purpose="internal")
    (first, second) = explain_figure(hub, "clients_by_residence_status", asked).made_of
    assert isinstance(first, CountedPerson) and isinstance(second, CountedPerson)
    rows = {r.row for one in (first, second) for r in one.records if r.file == "Status.csv"}
    assert rows == {3, 4}
