"""The workbook made from the warehouse: every figure as in the JSON, the data behind it, the same bytes again."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.forms.formula_values import store_formula_values
from connectors.forms.package import read_package
from connectors.forms.sheet_index import index_sheet
from pipelines.figures.document_content import PeriodOpen
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.figures.workbook import kennzahlen_workbook
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance
from tests.figures.reading import (
    Key,
    checks_of_matrix,
    figures_of_matrix,
    figures_of_sheet,
    of_unit,
    sheets,
)

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
    book = sheets(tmp_path / "k.xlsx")
    answer = compute_kennzahlen(hub, asked, ("municipality", "staff"))
    assert figures_of_sheet(book["Auswertung Zeitraum"]) == of_unit(answer.figures, {})
    shown: dict[tuple[str, str], dict[Key, Any]] = {}
    for name, rows in book.items():
        if name.endswith((" Gemeinden", " IM")):
            for unit, figures in figures_of_matrix(rows).items():
                shown.setdefault(unit, {}).update(figures)
    lacking = {(g.indicator, tuple(g.unit.items())) for g in answer.not_delivered if g.whole}
    units = {tuple(f.unit.items()): f.unit for f in answer.figures if f.unit}
    assert len(shown) == len(units) > 10
    for key, unit in units.items():
        staff, ags = unit.get("staff"), unit.get("municipality", "")
        name = (staff, unit["source"]) if staff else (hub.config.municipalities[ags].name, ags)
        figures = shown[name]
        assert {k: v for k, v in figures.items() if v != "x"} == of_unit(answer.figures, unit)
        signs = {indicator for (indicator, _), value in figures.items() if value == "x"}
        assert signs == {indicator for indicator, other in lacking if other == key}


def test_check_sums_are_formulas_that_hold(hub: Hub, path: Path) -> None:
    book, formulas = sheets(path), openpyxl.load_workbook(path)
    matrices = [name for name in book if name.endswith((" Gemeinden", " IM"))]
    assert len(matrices) == 16
    for name in matrices:
        checks = checks_of_matrix(book[name])
        below = list(checks)[1]
        for total, rest, whole, difference, verdict in zip(
            *(checks[n] for n in ("Summe der Zeilen", below, "Kreis", "Unterschied", "Prüfung")),
            strict=True,
        ):
            assert difference == whole - total - rest
            assert verdict == ("geht auf" if difference == 0 else "je Einheit")
            assert difference <= 0
        first = formulas[name].max_row - len(checks) + 1
        assert str(formulas[name].cell(first, 3).value).startswith("=SUM(C7:C")
        assert str(formulas[name].cell(first + 3, 3).value).startswith("=C")
    events = checks_of_matrix(book["Gesprächsthemen Gemeinden"])["Prüfung"]
    assert set(events) == {"geht auf"}


def test_every_formula_shows_the_value_that_it_has(path: Path) -> None:
    package = read_package(path.read_bytes())
    before = dict(package.parts)
    found = store_formula_values(package, date(2025, 1, 31))
    assert found.unknown == [] and found.errors == {} and len(found.computed) > 300
    for key, value in found.computed.items():
        part = package.sheets[key[0]]
        cells = index_sheet(before[part]), index_sheet(package.parts[part])
        stored, computed = (cell.value for one in cells if (cell := one.cell(key[1])))
        assert stored == computed or float(stored) == pytest.approx(float(computed)), (key, value)


def test_the_period_before_stands_beside(hub: Hub, path: Path) -> None:
    rows = sheets(path)["Auswertung Zeitraum"]
    before = FigureRequest(date(2023, 1, 1), date(2023, 12, 31))
    figures = {(f.indicator, f.category): f.value for f in compute_kennzahlen(hub, before).figures}
    line = next(row for row in rows if row[0] == "Gespräche gesamt")
    assert line[3] == figures["conversations", None] and line[4] == line[1] - line[3]
    checks = checks_of_matrix(sheets(path)["Integrationspläne Gemeinden"])
    assert checks["Kreis im Vorzeitraum"][0] == figures["plans_concluded", None]


def test_coverage_is_no_zero_where_nobody_delivers_plans(path: Path) -> None:
    rows = {row[0]: row[1:4] for row in sheets(path)["Abdeckung"]}
    assert rows["Kleintannau"] == ("x", 24, "x")
    plans, cases, share = rows["Feldlingen"]
    assert 0 < plans < cases and share == pytest.approx(plans / cases)
    assert rows["Mitte"][0] == "x"


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
    assert (mixed["Schule"], mixed["Kinder"]) == ("Annahme", "belegt")


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
