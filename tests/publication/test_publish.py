"""Public tables from the warehouse: true where shown, silent where not, and together with all that is out already."""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.publication import publish, witnessed
from pipelines.publication.layouts import (
    LAYOUTS,
    Layout,
    find_layout,
    group_categories,
    list_rows,
)
from pipelines.publication.ledger import (
    BrokenLedger,
    PrintedCell,
    Publication,
    PublishedMeanwhile,
    read_publications,
    write_publication,
)
from pipelines.publication.public_tables import (
    CannotPublish,
    PublicFigures,
    WrongPeriod,
    build_system,
    find_whole,
    make_tables,
)
from pipelines.publication.publish import (
    audit_publications,
    propose_layouts,
    publish_tables,
)
from pipelines.publication.witnessed import publications_folder
from tests.publication.town import Counts, Town, open_hub
from warehouse.gates.suppression import Pattern, System

pytestmark = pytest.mark.thorough

YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
# All of the year but its last, quiet month.
MOST = FigureRequest(date(2024, 1, 1), date(2024, 11, 30))


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The towns in place of a warehouse, with nothing published."""
    monkeypatch.setattr(publish, "PublicFigures", Town)
    monkeypatch.setattr(witnessed, "read_publication_sums", lambda store: dict(store.sums))
    monkeypatch.setattr(witnessed, "enter_publications", lambda store, new: store.sums.update(new))
    monkeypatch.setattr(witnessed, "lock_ledger", lambda _: 0)
    return open_hub(tmp_path / "data")


def layout(name: str) -> Layout:
    found = find_layout(name)
    assert found
    return found


def read_cells(folder: Path) -> list[dict[str, object]]:
    cells: list[dict[str, object]] = json.loads((folder / "tabellen.json").read_bytes())["cells"]
    return cells


def test_shown_numbers_are_the_figures_and_small_ones_are_not_shown(
    hub: Hub, tmp_path: Path
) -> None:
    publish_tables(hub, YEAR, layout("gemeinde"), tmp_path)
    names = {place.name: ags for ags, place in hub.config.municipalities.items()}
    figures = compute_kennzahlen(hub, YEAR, ("municipality",)).figures
    values = {
        (f.indicator, f.label or "gesamt", f.unit.get("municipality")): f.value for f in figures
    }
    shown = 0
    for cell in read_cells(tmp_path):
        true = values.get((cell["table"], cell["column"], names.get(str(cell["row"]))), 0)  # type: ignore[call-overload]
        if "value" in cell:
            shown += 1
            assert cell["value"] == true and not 0 < true < 5
        else:
            assert cell["sign"] == "·" and true > 0
    assert shown > 200
    check_sheet(tmp_path)


def check_sheet(folder: Path) -> None:
    """The sheet for people holds no more than the JSON."""
    with (folder / "tabellen.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    cells = read_cells(folder)
    printed = [str(cell.get("value", "·")) for cell in cells]
    names = {*(str(cell["row"]) for cell in cells)}
    found = [text for row in rows if row and row[0] in names for text in row[1:]]
    # What no source delivers is in no cell of the system and an x on paper.
    assert [text for text in found if text != "x"] == printed and "x" in found
    assert ["·", "Zahl unterdrückt, damit niemand erkannt wird"] in rows


def test_coarser_layouts_come_first_and_show_more(town: Any) -> None:
    found = propose_layouts(town, YEAR)
    assert [one.layout for one in found] == [one.name for one in LAYOUTS]
    assert found[0].share_shown > found[-1].share_shown > 0.5
    assert all(one.exposed == 0 for one in found)
    assert not publications_folder(town).exists()


def test_a_table_without_any_count_says_0(town: Any, tmp_path: Path) -> None:
    publish_tables(town, YEAR, layout("team"), tmp_path)
    cells = [cell for cell in read_cells(tmp_path) if cell["table"] == "referrals"]
    assert [(cell["row"], cell["column"], cell["value"]) for cell in cells] == [
        (row, "gesamt", 0) for row in ("Nord", "Süd", "Kreis")
    ]


def hidden_in(proposals: list[publish.Proposal]) -> dict[str, int]:
    return {one.layout: one.primary + one.secondary for one in proposals}


def test_what_is_out_counts_for_what_follows(town: Any, tmp_path: Path) -> None:
    alone = hidden_in(propose_layouts(town, YEAR))
    publish_tables(town, MOST, layout("gemeinde"), tmp_path / "most")
    together = hidden_in(propose_layouts(town, YEAR))
    # The last month is nowhere printed, and its small numbers are protected.
    assert together["gemeinde"] > alone["gemeinde"]
    publish_tables(town, YEAR, layout("gemeinde"), tmp_path / "year")
    assert audit_publications(town) == []


def test_tables_protected_one_by_one_are_found_by_the_audit(town: Any, tmp_path: Path) -> None:
    folder = publications_folder(town)
    for asked in (MOST, YEAR):
        publish_tables(town, asked, layout("gemeinde"), tmp_path)
        (folder / "0001.json").rename(tmp_path / f"{asked.last}.json")
        town.store.sums.clear()
    apart = [read_one(tmp_path / f"{asked.last}.json") for asked in (MOST, YEAR)]
    for number, one in enumerate(apart, 1):
        write_publication(folder, Publication(**{**vars(one), "number": number}))
    assert any("can be computed" in sentence for sentence in audit_publications(town))


QUARTERS = {1: 10, 4: 10, 7: 12, 10: 2}


def invent_quarters(_: int) -> dict[int, Counts]:
    """Conversations with single persons, all in one place; the last quarter is a small number."""
    name = "conversations_by_setting"
    return {m: {(name, "einzelperson", "08999001"): n} for m, n in QUARTERS.items()}


def span_months(begin: int, end: int) -> FigureRequest:
    return FigureRequest(date(2024, begin, 1), date(2024, end, monthrange(2024, end)[1]))


# The first days of the year share none with its last quarter, whose number they give away.
CHAINS = [[(4, 6), (4, 9), (7, 12)], [(1, 3), (1, 6), (4, 9), (7, 12)]]


@pytest.mark.parametrize("chain", CHAINS)
def test_what_is_out_counts_over_any_chain_of_periods(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr("tests.publication.town.invent_months", invent_quarters)
    *before, last = (span_months(*months) for months in chain)
    made = [publish_tables(town, asked, layout("kreis"), tmp_path) for asked in before]
    assert all(not one.proposal.primary + one.proposal.secondary for one in made)
    assert hidden_in(propose_layouts(town, last))["kreis"]
    publish_tables(town, last, layout("kreis"), tmp_path)
    assert audit_publications(town) == []


@pytest.mark.parametrize("chain", CHAINS)
def test_a_number_that_a_chain_gives_away_is_found_by_the_audit(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr("tests.publication.town.invent_months", invent_quarters)
    with monkeypatch.context() as careless:
        careless.setattr(
            publish,
            "build_system",
            lambda figures, tables, before: build_system(figures, tables, []),
        )
        for months in chain:
            publish_tables(town, span_months(*months), layout("kreis"), tmp_path)
    (sentence,) = audit_publications(town)
    assert sentence.endswith("from publication " + ", ".join(map(str, range(1, len(chain) + 1))))


def read_one(path: Path) -> Publication:
    """The only publication of a ledger, from its file."""
    alone = path.parent / path.stem
    alone.mkdir()
    path.rename(alone / "0001.json")
    (found,) = read_publications(alone)
    return found


def test_nothing_is_written_where_the_audit_finds_something(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = publish.choose_hidden

    def careless(system: System) -> Pattern:
        return Pattern(chosen(system).primary, frozenset())

    monkeypatch.setattr(publish, "choose_hidden", careless)
    with pytest.raises(CannotPublish, match="small numbers could be computed"):
        publish_tables(town, YEAR, layout("gemeinde"), tmp_path / "out")
    assert not (tmp_path / "out").exists() and not publications_folder(town).exists()


def test_the_same_tables_again_show_the_same(town: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        publish_tables(town, YEAR, layout("team"), tmp_path / name)
    assert read_cells(tmp_path / "a") == read_cells(tmp_path / "b")
    first, second = read_publications(publications_folder(town))
    assert first.cells == second.cells and first.previous == "" and len(second.previous) == 64


@pytest.mark.parametrize("seed", range(3))
def test_any_layouts_of_any_periods_together_give_nothing_away(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(publish, "PublicFigures", partial(Town, seed=seed))
    random = Random(seed)
    for _ in range(4):
        end = random.choice((3, 6, 9, 11, 12))
        begin = random.choice([month for month in (1, 4, 7) if month <= end])
        asked = FigureRequest(date(2024, begin, 1), date(2024, end, monthrange(2024, end)[1]))
        with suppress(CannotPublish):
            publish_tables(town, asked, random.choice(LAYOUTS), tmp_path)
    assert read_publications(publications_folder(town))
    assert audit_publications(town) == []


CELL = PrintedCell("topics", ("kinder",), ("08999001", ""), "2024-01-01", "2024-12-31", 7, True)
MADE = Publication(1, "2025-01-02", "kreis", 8, [CELL])


def test_the_ledger_keeps_what_it_was_told(tmp_path: Path) -> None:
    write_publication(tmp_path, MADE)
    write_publication(tmp_path, Publication(2, "2025-01-03", "team", 9, []))
    first, second = read_publications(tmp_path)
    assert first == MADE and second.previous
    with pytest.raises(PublishedMeanwhile):
        write_publication(tmp_path, MADE)


@pytest.mark.parametrize("change", ["a number", "one is missing", "broken off"])
def test_a_changed_ledger_is_refused(tmp_path: Path, change: str) -> None:
    for number in (1, 2, 3):
        write_publication(tmp_path, Publication(number, "2025-01-02", "kreis", 8, [CELL]))
    if change == "a number":
        path = tmp_path / "0001.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"value": 7', '"value": 8'))
    elif change == "one is missing":
        (tmp_path / "0002.json").unlink()
    else:
        (tmp_path / "0003.json").write_bytes((tmp_path / "0003.json").read_bytes()[:90])
    with pytest.raises(BrokenLedger):
        read_publications(tmp_path)


def test_a_running_or_open_period_is_refused(hub: Hub) -> None:
    for asked in (
        FigureRequest(None, date(2024, 1, 1)),
        FigureRequest(date(2024, 1, 1), date(9999, 1, 1)),
        FigureRequest(date(2024, 1, 1), hub.today),
    ):
        with pytest.raises(WrongPeriod):
            propose_layouts(hub, asked)


def test_the_most_frequent_stay_and_the_others_come_together() -> None:
    totals = {"a": 9, "b": 7, "c": 0, "d": 5, "e": 3, "f": 1, "g": 2, "h": 4}
    labels = {code: code.upper() for code in totals}
    found = group_categories(layout("kreis-top5"), totals, labels)
    # What is small, or just not small, has no column: all that has none is known to be no larger.
    assert found == {"A": ("a",), "B": ("b",), "weitere": ("d", "e", "f", "g", "h")}
    large = {code: 20 + 3 * value for code, value in totals.items() if value}
    found = group_categories(layout("kreis-top5"), dict(reversed(large.items())), labels)
    # The columns keep the order of the codes: that of their size would bound what is hidden.
    assert list(found) == ["H", "E", "D", "B", "A", "weitere"] and found["weitere"] == ("g", "f")
    assert list(group_categories(layout("kreis"), totals, labels)) == list("ABDEFGH")


@pytest.mark.parametrize(
    ("indicator", "whole"),
    [
        ("clients_by_nationality", "clients"),
        ("conversations_by_kind", "conversations"),
        ("topics", None),
        ("clients", None),
        ("nothing_by_sex", None),
    ],
)
def test_categories_add_up_to_their_whole(indicator: str, whole: str | None) -> None:
    assert find_whole(indicator) == whole


def test_the_commands(hub: Hub, config: Path, tmp_path: Path) -> None:
    period = ["--from", "2024-01-01", "--to", "2024-12-31", "-c", str(config)]
    run = CliRunner().invoke(app, ["publish", "layouts", *period, "--json"])
    assert run.exit_code == 0 and len(json.loads(run.stdout)["layouts"]) == len(LAYOUTS)
    made = CliRunner().invoke(
        app, ["publish", "tables", "--layout", "team", *period, "--out", str(tmp_path), "--json"]
    )
    assert json.loads(made.stdout)["number"] == 1
    listed = CliRunner().invoke(app, ["publish", "list", "-c", str(config), "--json"])
    assert json.loads(listed.stdout)["publications"][0]["layout"] == "team"
    checked = CliRunner().invoke(app, ["publish", "check", "-c", str(config), "--json"])
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, {"exposed": []})
    wrong = CliRunner().invoke(app, ["publish", "tables", "--layout", "teem", *period])
    assert wrong.exit_code == 1 and "did you mean 'team'" in str(wrong.exception)


def test_teams_are_those_that_the_figures_are_counted_by(config: Path) -> None:
    """A municipality whose team was changed in the file counts with its former one until a run."""
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("Feldlingen, team: Nord", "Feldlingen, team: Süd"), "utf-8")
    with Hub(load_config(config)) as hub:
        figures = PublicFigures(hub, YEAR)
        tables = make_tables(figures, layout("team"))
        counted = {
            f.unit["team"]: f.value
            for f in figures.now.figures
            if f.indicator == "clients" and set(f.unit) == {"team"}
        }
    (clients,) = (table for table in tables if table.indicator == "clients")
    shown = {row: cell for (row, _), cell in clients.cells.items()}
    assert {row: shown[row].value for row in counted} == counted
    assert shown["Nord"].places == ("08999001", "08999002")


def test_rows_of_one_name_are_told_apart() -> None:
    places = {"08999001": "Neustadt", "08999002": "Neustadt", "08999003": "Altdorf"}
    teams = {"08999001": "Kreis", "08999002": "Nord", "08999003": None}
    rows = list_rows(layout("gemeinde"), places, teams)
    assert [r.label for r in rows] == [
        "Neustadt (08999001)", "Neustadt (08999002)", "Altdorf", "Kreis",
    ]  # fmt: skip
    rows = list_rows(layout("team"), places, teams)
    assert [r.label for r in rows] == ["Regionalteam Kreis", "Nord", "Kreis"]
