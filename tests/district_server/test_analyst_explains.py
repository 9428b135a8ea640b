"""What an analyst's account gets behind the figures: every row of what it may count, and nobody's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.sql.visitors import iterate

from pipelines.cli.json_answer import to_json
from pipelines.figures.explain import explain_figure
from pipelines.figures.explain_record import explain_person, explain_record
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen, open_scope
from pipelines.figures.report_evidence import ReportEvidence
from pipelines.figures.withheld import Withheld
from pipelines.hub import Hub
from tests.district_server.districts import Accounts, Exports
from tests.district_server.test_db_commands import call
from warehouse.as_of import KnownAt
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope
from warehouse.schema import person

BY_AGE = Withheld("clients_by_age", ["person.birth_date"])


@pytest.fixture
def loader(first_both: Accounts, exports: dict[str, Exports], tmp_path: Path) -> Iterator[Hub]:
    """The district opened by the account that loads."""
    with exports["a"].hub(tmp_path / "loader", first_both.url("kreis_a_loader")) as hub:
        yield hub


@pytest.fixture
def analyst(first_both: Accounts, exports: dict[str, Exports], tmp_path: Path) -> Iterator[Hub]:
    """The district opened by the account that counts."""
    with exports["a"].hub(tmp_path / "analyst", first_both.url("kreis_a_analyst")) as hub:
        yield hub


def name_everybody(loader: Hub) -> set[str]:
    """Whatever identifies somebody, as the warehouse has it."""
    columns = [c for c in person.c if c.info["protection"] == "identifying"]
    with loader.store.read() as connection:
        rows = connection.execute(select(*columns)).all()
    return {str(value) for row in rows for value in row if value is not None}


def find_words(answer: Any) -> set[str]:
    """All texts of an answer, and their words."""
    text = json.dumps(to_json(answer), ensure_ascii=False)
    whole = set(text.split('"'))
    return whole | {word.strip(",.;") for part in whole for word in part.split()}


@pytest.mark.thorough
def test_every_row_behind_a_figure_and_nobodys_name(
    loader: Hub, analyst: Hub, exports: dict[str, Exports]
) -> None:
    asked, named = FigureRequest(*exports["a"].period), name_everybody(loader)
    assert len(named) > 50
    for name in INDICATORS.keys() - {BY_AGE.indicator}:
        found = explain_figure(analyst, name, asked)
        assert found == explain_figure(loader, name, asked)
        assert not find_words(found) & named
    (one, *_) = explain_figure(analyst, "clients", asked).made_of
    told = [explain_person(analyst, one.person), explain_record(analyst, one.records[0].record)]
    assert told[0].records and told[1].versions and not find_words(told) & named


def test_all_own_figures_but_those_of_a_birth_date(
    loader: Hub, analyst: Hub, exports: dict[str, Exports]
) -> None:
    asked = FigureRequest(*exports["a"].period, purpose="internal")
    whole = compute_kennzahlen(loader, asked, ("municipality",))
    own = compute_kennzahlen(analyst, asked, ("municipality",))
    assert whole.withheld == [] and own.withheld == [BY_AGE]
    figures = [f for f in whole.figures if f.indicator != BY_AGE.indicator]
    left = [one for one in whole.without_unit if one.indicator != BY_AGE.indicator]
    assert own == replace(whole, figures=figures, without_unit=left, withheld=[BY_AGE])
    assert len(figures) < len(whole.figures)


def test_the_commands_name_the_missing_right(
    first_both: Accounts,
    exports: dict[str, Exports],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = str(exports["a"].written(tmp_path, first_both.url("kreis_a_analyst")))
    status, out, _ = call(capsys, "kennzahlen", "--internal", "-c", config)
    assert status == 0
    assert "nicht gezählt; das Datenbankkonto darf person.birth_date nicht lesen" in out
    status, out, _ = call(capsys, "kennzahlen", "--internal", "-c", config, "--json")
    assert json.loads(out)["withheld"] == [to_json(BY_AGE)]
    status, _, err = call(capsys, "explain", "clients_by_age", "-c", config)
    assert status == 1
    assert "counted from person.birth_date, which this database account may not read" in err


def test_the_report_tells_the_same_of_its_figures(
    loader: Hub, analyst: Hub, exports: dict[str, Exports]
) -> None:
    told = []
    for hub in (loader, analyst):
        scope = open_scope(hub, FigureRequest(*exports["a"].period), hub.known_at(None))
        with hub.store.read() as connection:
            behind = ReportEvidence(hub, connection, scope, {})
        told.append((behind.list_evidence(), behind.list_delivered()))
    assert told[0] == told[1] and told[0][0]


@pytest.mark.parametrize("name", INDICATORS)
def test_what_reads_an_identifying_column_says_so(name: str) -> None:
    """Otherwise the command fails for an analyst, and nobody knows why."""
    declared = INDICATORS[name]
    statement = declared(Scope(None, None, KnownAt(1)))
    read = [
        column
        for column in iterate(statement)
        if isinstance(getattr(column, "table", None), Table)
        and getattr(column, "info", {}).get("protection") == "identifying"
    ]
    assert bool(read) == bool(declared.identifying)
