"""The workbook made from the warehouse: every figure as in the JSON, the data behind it, the same bytes again."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from pipelines.figures.document_content import PeriodOpen
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.figures.workbook import kennzahlen_workbook
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance
from tests.figures.reading import figures_of_sheet, of_unit, sheets

YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
EARLY = FigureRequest(YEAR.first, YEAR.last, date(2025, 1, 31))


@pytest.fixture(scope="module")
def path(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("workbook") / "kennzahlen.xlsx"
    kennzahlen_workbook(hub, YEAR, made)
    return made


@pytest.mark.parametrize("asked", [YEAR, EARLY], ids=["newest", "as of January"])
def test_every_figure_is_that_of_the_json(hub: Hub, tmp_path: Path, asked: FigureRequest) -> None:
    kennzahlen_workbook(hub, asked, tmp_path / "k.xlsx")
    book, answer = (
        sheets(tmp_path / "k.xlsx"),
        compute_kennzahlen(hub, asked, ("municipality", "staff")).figures,
    )
    assert figures_of_sheet(book["Auswertung Zeitraum"]) == of_unit(answer, {})
    units = {tuple(sorted(f.unit.items())): f.unit for f in answer if f.unit}
    titles = {
        rows[0][0]: rows for name, rows in book.items() if name.startswith(("IM ", "Gemeinde "))
    }
    assert len(titles) == len(units) > 10
    for unit in units.values():
        if "staff" in unit:
            title = f"Integrationsmanager/in: {unit['staff']} (Quelle: {unit['source']})"
        else:
            title = f"Gemeinde: {hub.config.municipalities[unit['municipality']].name}"
        assert figures_of_sheet(titles[title]) == of_unit(answer, unit)


def test_the_data_behind_is_the_balance(hub: Hub, path: Path) -> None:
    rows = [row for row in sheets(path)["Datengrundlage"] if row[12] == "geht auf"]
    assert [(row[0], row[1], row[2], row[3], *row[4:11]) for row in rows] == [
        (
            d.source,
            datetime.combine(d.delivered_on, time.min),
            d.load,
            "geladen",
            *(
                getattr(t, n)
                for n in ("file", "table", "read", "used", "rejected", "repeated", "left_out")
            ),
        )
        for d in answer_balance(hub).deliveries
        for t in d.tables
    ]


def test_as_of_an_earlier_day_only_the_deliveries_until_then_stand_behind(
    hub: Hub, tmp_path: Path
) -> None:
    kennzahlen_workbook(hub, EARLY, tmp_path / "k.xlsx")
    book = sheets(tmp_path / "k.xlsx")
    assert {row[1] for row in book["Datengrundlage"] if isinstance(row[1], datetime)} == {
        datetime(2025, 1, 31)
    }
    assert ("Erzeugt aus Ladung Nr.", 4) in [row[:2] for row in book["Auswertung Zeitraum"]]


def test_definitions_come_from_the_indicators(path: Path) -> None:
    defined = {row[0]: row for row in sheets(path)["Definitionen"] if row[2] and row[3]}
    _, _, meaning, source, known = defined["Gespräche gesamt"]
    assert (
        meaning.startswith("Gespräche im Zeitraum")
        and "Alb-Donau-Kreis 2021" in source
        and known == "belegt"
    )
    assert defined["Klientinnen und Klienten am letzten Tag nach Aufenthaltsstatus"][4] == "Annahme"
    mixed = {
        row[1]: row[4]
        for row in sheets(path)["Definitionen"]
        if row[0] == "Gesprächsthemen (Mehrfachnennung)"
    }
    assert (mixed["Sprache"], mixed["Kinder"]) == ("Annahme", "belegt")


def test_of_an_open_list_only_what_occurs_is_shown_most_frequent_first(
    hub: Hub, path: Path
) -> None:
    rows = [row[0] for row in sheets(path)["Auswertung Zeitraum"]]
    shown = rows[rows.index("nach Staatsangehörigkeit") + 1 : rows.index("nach Unterbringung")]
    answer = compute_kennzahlen(hub, YEAR, ("municipality", "staff")).figures
    counted = {
        f.label: f.value for f in answer if f.indicator == "clients_by_nationality" and not f.unit
    }
    assert set(counted) <= set(shown) and shown[-1] == "ohne Angabe"
    values = [counted.get(label, 0) for label in shown[:-1]]
    assert values == sorted(values, reverse=True)


def test_the_same_question_gives_the_same_bytes(hub: Hub, path: Path, tmp_path: Path) -> None:
    kennzahlen_workbook(hub, YEAR, tmp_path / "k.xlsx")
    assert (tmp_path / "k.xlsx").read_bytes() == path.read_bytes()


def test_an_open_period_is_refused(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(PeriodOpen):
        kennzahlen_workbook(hub, FigureRequest(None, date(2024, 12, 31)), tmp_path / "k.xlsx")
