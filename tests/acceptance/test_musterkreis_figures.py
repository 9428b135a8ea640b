"""The Musterkreis, figures: every printed figure for the district, each municipality and each counsellor, as known on both dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.documents.figure_data import Figure
from mappings.target_group_verdict import Question
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.funding.target_group import count_by_municipality, decide_clients, open_rules
from pipelines.intake.run import run_intake
from tests.acceptance.answers import by_unit, differences, flow, stock, without_zeros
from tests.acceptance.district import District, answers
from warehouse.marts.funding import Window, split_amount, target_group

PERIODS = [(known, period) for known, periods in answers()["figures"].items() for period in periods]
DAYS = [(known, day) for known, days in answers()["clients"].items() for day in days]
DISTRICT = ("district", "")
# Beyond the sure rules: a person whom the rules leave as two records counts twice, and so in each attribute.
NEEDS_MORE_IDENTITY = (
    "/persons_reached:",
    "/total:",
    "/by_sex/",
    "/by_nationality/",
    "/by_housing/",
)


def day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def asked(
    musterkreis: District, known: str, first: str, last: str
) -> Mapping[tuple[str, str], list[Figure]]:
    period = FigureRequest(day_of(first), day_of(last), day_of(known))
    return by_unit(compute_kennzahlen(musterkreis.hub, period, ("municipality", "staff")).figures)


def units(expected: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """The expected answer unit by unit, without its zeros."""
    yield DISTRICT, without_zeros(expected["district"])
    for kind, group in (("municipality", "municipalities"), ("staff", "counsellors")):
        for name, answer in expected[group].items():
            yield (kind, name), without_zeros(answer)


def not_below(got: Any, wanted: Any, path: str = "") -> list[str]:
    """Every expected figure that is more than what was found."""
    if isinstance(wanted, Mapping):
        return [d for k, w in wanted.items() for d in not_below(got.get(k, 0), w, f"{path}/{k}")]
    return [] if got >= wanted else [f"{path}: got {got}, expected at least {wanted}"]


@pytest.mark.parametrize(("known", "period"), PERIODS)
def test_figures_of_a_period(musterkreis: District, known: str, period: str) -> None:
    first, _, last = ("", "", "") if period == "all" else period.partition("..")
    got = asked(musterkreis, known, first, last)
    found: dict[tuple[str, str], list[str]] = {}
    for unit, wanted in units(musterkreis.answers["figures"][known][period]):
        answer = flow(got.get(unit, []))
        found[unit] = differences(answer, wanted)
        assert not_below(answer, wanted) == []
    of_district = [d for d in found.pop(DISTRICT) if not d.startswith("/persons_reached:")]
    assert of_district == []
    assert {unit: wrong for unit, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(("known", "day"), DAYS)
def test_clients_on_a_day(musterkreis: District, known: str, day: str) -> None:
    got = asked(musterkreis, known, "", day)
    found: dict[tuple[str, str], list[str]] = {}
    for unit, wanted in units(musterkreis.answers["clients"][known][day]):
        answer = {name: value for name, value in stock(got.get(unit, [])).items() if name in wanted}
        found[unit] = differences(answer, wanted)
        assert not_below(answer, wanted) == []
    of_district = [d for d in found.pop(DISTRICT) if not d.startswith(NEEDS_MORE_IDENTITY)]
    assert of_district == []
    assert {unit: wrong for unit, wrong in found.items() if wrong} == {}


def test_the_linked_persons_are_fewer_than_the_records(musterkreis: District) -> None:
    for known, day in DAYS:
        figures = asked(musterkreis, known, "", day)[DISTRICT]
        value = {f.indicator: f.value for f in figures if f.category is None}
        assert value["clients"] < value["client_records"]


def _window(wanted: Mapping[str, str]) -> Window:
    return Window(
        *(date.fromisoformat(wanted[name]) for name in ("on", "assigned_from", "assigned_to"))
    )


def test_target_group(musterkreis: District) -> None:
    wanted = musterkreis.answers["funding"]
    window = _window(wanted)
    known_at = musterkreis.hub.known_at(date.fromisoformat(wanted["as_known_after"]))
    with musterkreis.hub.store.read() as connection:
        rows = connection.execute(target_group(window, known_at)).all()
    got = {row.municipality: row.persons for row in rows if row.municipality}
    assert got.keys() == wanted["target_group"].keys()
    assert not_below(got, wanted["target_group"]) == []


def test_the_shipped_rule_counts_the_same_target_group(musterkreis: District) -> None:
    wanted = musterkreis.answers["funding"]
    window = _window(wanted)
    asked = Question(window.stichtag, window.first, window.last)
    hub = musterkreis.hub
    known_at = hub.known_at(date.fromisoformat(wanted["as_known_after"]))
    found = decide_clients(hub, asked, known_at, open_rules(hub.config, asked.stichtag))
    with hub.store.read() as connection:
        rows = connection.execute(target_group(window, known_at)).all()
    assert count_by_municipality(found) == {row.municipality: row.persons for row in rows}


def test_split_of_the_amount(musterkreis: District) -> None:
    wanted = musterkreis.answers["funding"]
    shares = split_amount(Decimal(wanted["amount"]), wanted["target_group"])
    assert {ags: str(share) for ags, share in shares.items()} == wanted["split"]


def test_a_run_over_known_deliveries_changes_no_figure(musterkreis: District) -> None:
    last = musterkreis.hub.store.last_load()
    before = asked(musterkreis, "2025-07-31", "2024-01-01", "2024-12-31")
    assert {t.state for t in run_intake(musterkreis.hub)} == {"known"}
    assert musterkreis.hub.store.last_load() == last
    assert asked(musterkreis, "2025-07-31", "2024-01-01", "2024-12-31") == before
