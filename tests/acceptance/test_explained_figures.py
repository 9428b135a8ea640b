"""Every figure of the catalogue is explained by as many things, each with its file and row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

import pytest

from connectors.documents.figure_data import Figure
from mappings.catalogue import choose_catalogue
from pipelines.cli.json_answer import to_json
from pipelines.figures.explain import explain_figure
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from tests.acceptance.district import FIRST, FOLDER, District
from warehouse.as_of import KnownAt
from warehouse.marts.declaration import Counts
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import UNITS, By, Scope

pytestmark = pytest.mark.thorough

NAMES = [indicator.indicator for indicator in choose_catalogue(None).indicators()]
QUESTIONS = [
    FigureRequest(None, None),
    FigureRequest(date(2024, 1, 1), date(2024, 12, 31), FIRST),
]
# These exports have neither plans nor kinds of conversation.
NOT_IN_TAU = ("plans_concluded", "conversations_by_kind")
Counted = dict[tuple[Any, ...], int]


@pytest.fixture(
    scope="module",
    params=[QUESTIONS[0], pytest.param(QUESTIONS[1], marks=pytest.mark.slow)],
    ids=["all", "2024-as-of-first"],
)
def answered(
    musterkreis: District, request: pytest.FixtureRequest
) -> tuple[FigureRequest, list[Figure]]:
    """A question and its answer for the district and all its units."""
    return request.param, compute_kennzahlen(musterkreis.hub, request.param, UNITS).figures


def made_of_figure(
    district: District,
    name: str,
    asked: FigureRequest,
    category: str | None = None,
    by: By | None = None,
) -> list[dict[str, Any]]:
    """What the interface lists as counted by a figure."""
    explained = explain_figure(district.hub, name, asked, category, by)
    return cast("list[dict[str, Any]]", to_json(explained)["made_of"])


def all_records(made_of: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [record for thing in made_of for record in thing.get("records", [thing])]


def cells_of(record: Mapping[str, Any], files: Mapping[str, list[str]]) -> list[str]:
    lines = files[record["file"]][record["row"] - 1 :]
    return [cell.strip('"') for cell in lines[0].split(";")] if lines else []


def by_unit(counted: Iterable[tuple[Mapping[str, str], int]]) -> Counted:
    totals: Counted = {}
    for unit, value in counted:
        if value:
            key = tuple(sorted(unit.items()))
            totals[key] = totals.get(key, 0) + value
    return totals


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("by", [None, *UNITS])
def test_as_many_things_are_listed_as_are_counted(
    musterkreis: District, answered: tuple[FigureRequest, list[Figure]], name: str, by: By | None
) -> None:
    asked, figures = answered
    unit_names = Scope(None, None, KnownAt(0), by).unit_names
    mine = [f for f in figures if f.indicator == name and f.unit.keys() == {*unit_names}]
    # Categories are picked out of the same rows for every unit: the whole shows it.
    categories = {f.category for f in mine} if by is None else set()
    for category in {None, *categories}:
        made_of = made_of_figure(musterkreis, name, asked, category, by)
        wanted = [f for f in mine if category in (None, f.category)]
        listed = by_unit((thing.get("unit", {}), 1) for thing in made_of)
        assert listed == by_unit((f.unit, f.value) for f in wanted)
        assert len(made_of) == sum(f.value for f in wanted)


@pytest.mark.parametrize("name", NAMES)
def test_everything_listed_has_file_and_row(musterkreis: District, name: str) -> None:
    made_of = made_of_figure(musterkreis, name, FigureRequest(None, None))
    assert made_of
    for record in all_records(made_of):
        assert record["record"] and record["file"] and record["table"] and record["row"] >= 1
    if INDICATORS[name].counts is Counts.PERSONS:
        assert all(thing["person"] and thing["records"] for thing in made_of)


@pytest.mark.parametrize("name", NAMES)
def test_the_row_of_the_file_is_that_of_the_record(musterkreis: District, name: str) -> None:
    deliveries = [
        {file.name: file.read_text("cp1252").split("\n") for file in sorted(folder.glob("*.csv"))}
        for folder in (FOLDER / "tau").iterdir()
    ]
    records = all_records(made_of_figure(musterkreis, name, FigureRequest(None, None)))
    from_csv = [r for r in records if r["record"].startswith("tau:")]
    # A row of either delivery: a record keeps the place of the one that brought it.
    wrong = [
        (record["file"], record["row"])
        for record in from_csv
        if not any(record["record"][4:] in cells_of(record, files) for files in deliveries)
    ]
    assert wrong == []
    assert from_csv or name in NOT_IN_TAU


def test_a_person_of_several_records_is_listed_with_each_of_them(musterkreis: District) -> None:
    made_of = made_of_figure(musterkreis, "clients", FigureRequest(None, date(2024, 12, 31)))
    records = made_of_figure(musterkreis, "client_records", FigureRequest(None, date(2024, 12, 31)))
    assert sorted(r["record"] for r in all_records(made_of)) == sorted(r["record"] for r in records)
    assert max(len(thing["records"]) for thing in made_of) > 1
