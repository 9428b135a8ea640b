"""What later deliveries made of a period is said beside its figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import load_config
from pipelines.figures.explain_command import write_command
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen, open_scope
from pipelines.figures.revised_figures import tell_changes
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.marts.clients import clients

MAPPING = """\
system: Klein
tables:
  Fälle:
    files: Fälle.csv
    key: Nr
    feeds:
      person: {fields: {sex: Geschlecht}}
      case: {fields: {begun_on: Von}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
sources:
  stadt: {mapping: klein.yaml, folder: stadt, delivers: full}
  land: {mapping: klein.yaml, folder: land, delivers: full}
"""
# In the order of the runs: the city's January comes after the country's July.
RUNS = [
    {("land", "2025-01-31"): "1;w", ("land", "2025-07-31"): "1;m"},
    {("stadt", "2025-01-31"): "7;w"},
]
YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Two sources, of which one delivered January after the other's July."""
    folder = tmp_path_factory.mktemp("later")
    (folder / "klein.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    for source in ("stadt", "land"):
        (folder / source).mkdir()
    with Hub(load_config(folder / "drehscheibe.yaml")) as opened:
        for files in RUNS:
            for (source, day), row in files.items():
                place = folder / source / day
                place.mkdir(parents=True)
                text = f"Nr;Geschlecht;Von\n{row};01.03.2023\n"
                (place / "Fälle.csv").write_text(text, encoding="utf-8")
            run_intake(opened)
        yield opened


def tell(hub: Hub, asked: FigureRequest) -> tuple[list[str], list[str]]:
    """What is said of the period, and what is missing of it."""
    told = tell_changes(hub, asked, hub.known_at(asked.as_of), [], [])
    return list(told.sentences), list(told.incomplete)


def test_a_period_that_was_over_is_as_last_delivered(hub: Hub) -> None:
    ((sentence,), incomplete) = tell(hub, YEAR)
    assert "31.07.2025" in sentence and "--as-of 2025-01-31" in sentence and incomplete == []


def test_sources_that_end_within_the_period_are_named(hub: Hub) -> None:
    sentences, incomplete = tell(hub, FigureRequest(date(2025, 1, 1), date(2025, 12, 31)))
    assert sentences == []
    city, country = incomplete
    assert "stadt" in city and "31.01.2025" in city
    assert "land" in country and "31.07.2025" in country


def test_a_state_that_no_number_of_a_load_gives_is_named_by_its_day(hub: Hub) -> None:
    """As of January: the last load (3) without July's (2), which came before it."""
    asked = FigureRequest(YEAR.first, YEAR.last, date(2025, 1, 31))
    known_at = hub.known_at(asked.as_of)
    assert (known_at.load, known_at.late, known_at.moment) == (3, {2}, asked.as_of)
    ((sentence,), _) = tell(hub, asked)
    assert "Ladung 3 ohne die Ladungen 2" in sentence and "--as-of 2025-01-31" in sentence
    command = write_command(open_scope(hub, asked, known_at), clients)
    assert command.endswith("--as-of 2025-01-31")
    sexes = {
        moment: {
            f.category: f.value
            for f in compute_kennzahlen(hub, FigureRequest(YEAR.first, YEAR.last, moment)).figures
            if f.indicator == "clients_by_sex" and f.value
        }
        for moment in (known_at.moment, known_at.load)
    }
    assert sexes == {known_at.moment: {"w": 2}, known_at.load: {"w": 1, "m": 1}}


def test_a_load_is_named_by_its_number(hub: Hub) -> None:
    known_at = hub.known_at(3)
    assert known_at.moment == 3
    assert write_command(open_scope(hub, YEAR, known_at), clients).endswith("--as-of 3")


def test_a_mapping_extended_since_does_not_make_zeros(tmp_path: Path) -> None:
    """What the mapping of the load did not read is not delivered, whatever the file says today."""
    (tmp_path / "klein.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    for source in ("stadt", "land"):
        place = tmp_path / source / "2025-01-31"
        place.mkdir(parents=True)
        text = "Nr;Geschlecht;Von;Wohnung\n1;w;01.03.2023;Privatwohnung\n"
        (place / "Fälle.csv").write_text(text, encoding="utf-8")

    def gaps(moment: int | None) -> set[str]:
        with Hub(load_config(tmp_path / "drehscheibe.yaml")) as opened:
            answer = compute_kennzahlen(opened, FigureRequest(YEAR.first, YEAR.last, moment))
        return {gap.indicator for gap in answer.not_delivered if gap.whole}

    with Hub(load_config(tmp_path / "drehscheibe.yaml")) as opened:
        run_intake(opened)
    assert "clients_by_housing" in gaps(None)
    housing = "      housing: {when: Wohnung, fields: {kind: Wohnung}}\n"
    (tmp_path / "klein.yaml").write_text(MAPPING + housing, encoding="utf-8")
    assert "clients_by_housing" in gaps(None)
    with Hub(load_config(tmp_path / "drehscheibe.yaml")) as opened:
        run_intake(opened)
    assert "clients_by_housing" not in gaps(None)
    assert "clients_by_housing" in gaps(2)
