"""What a correction says of the money: that of the year it was given for, and where nobody can say."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pypdf
import pytest

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.submission.correction import Correction, correct_submission
from pipelines.submission.correction_notice import print_correction
from pipelines.submission.money_effect import MoneyEffects, find_money_effects
from pipelines.submission.submissions import prepare_kennzahlen
from warehouse.as_of import KnownAt

pytestmark = pytest.mark.thorough

MAPPING = """\
system: Klein
tables:
  Klienten:
    files: Klienten.csv
    key: Nr
    feeds:
      person: {fields: {birth_date: Geburtsdatum, entry_date: Einreise}}
      housing: {fields: {kind: Wohnen, assigned_on: Zuweisung}}
      case: {fields: {begun_on: Von, municipality: Ort}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities: {"08999001": {name: Ort}, "08999002": {name: Au}}
sources: {stadt: {mapping: klein.yaml, folder: stadt, delivers: full}}
"""
HEAD = "Nr;Geburtsdatum;Einreise;Wohnen;Zuweisung;Von;Ort\n"
ROW = "{};02.03.1990;01.01.2016;Anschlussunterbringung;02.05.2021;01.02.2023;{}\n"
PLACES = ("Ort", "Au", "Au", "Au")
DAY_2025 = "stichtag: 2025-01-01, from: 2020-01-01, to: 2022-12-31"
DAY_2018 = "stichtag: 2017-09-15, from: 2015-01-01, to: 2016-02-29"
MARCH_2026 = "stichtag: 2026-03-01, from: 2021-01-01, to: 2023-12-31"
NO_RULE = "no rule is valid on 2017-09-15; there are: vwv-im-2025 (2025-01-01 – …)"


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clients were submitted, then came a fourth in Au."""
    folder = tmp_path_factory.mktemp("money")
    (folder / "klein.yaml").write_text(MAPPING, encoding="utf-8")
    path = folder / "drehscheibe.yaml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    for day, count in (("2025-02-01", 3), ("2025-03-01", 4)):
        (folder / "stadt" / day).mkdir(parents=True)
        rows = [ROW.format(n, place) for n, place in enumerate(PLACES[:count], start=1)]
        (folder / "stadt" / day / "Klienten.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
        with Hub(load_config(path)) as hub:
            run_intake(hub)
            if count == 3:
                prepare_kennzahlen(hub, date(2024, 1, 1), date(2024, 12, 31))
    return path


@pytest.fixture
def hub(configuration: Path, request: pytest.FixtureRequest) -> Iterator[Hub]:
    """The district with these terms of its funding."""
    terms = f"funding: {{{request.param}}}\n"
    configuration.write_text(CONFIGURATION + terms, encoding="utf-8")
    with Hub(load_config(configuration)) as opened:
        yield opened


def amounts(found: MoneyEffects) -> dict[str, list[tuple[str, int, int, str | None, str | None]]]:
    years: dict[str, list[tuple[str, int, int, str | None, str | None]]] = {}
    for e in found.known:
        line = (e.municipality[-1], e.persons_then, e.persons_now, e.amount_then, e.amount_now)
        years.setdefault(e.year, []).append(line)
    return years


PERSONS = [("2", 2, 3, None, None)]
BY_RATE = [("2", 2, 3, "1592.00", "2388.00")]
SHARED = [("1", 1, 1, "300.00", "225.00"), ("2", 2, 3, "600.00", "675.00")]


@pytest.mark.parametrize(
    ("hub", "money", "unknown"),
    [
        (f"amount: 900, {DAY_2025}", {"2025": SHARED, "2026": PERSONS}, {}),
        (f"amount: 900, {MARCH_2026}", {"2025": PERSONS, "2026": SHARED}, {}),
        (f"amount: 900, {DAY_2018}", {"2025": PERSONS, "2026": PERSONS}, {}),
        ("amount: 900", {"2025": PERSONS, "2026": PERSONS}, {}),
        (DAY_2025, {"2025": PERSONS, "2026": PERSONS}, {}),
        (
            f"target_group: [vwv-im-2025], amount: 900, {DAY_2025}",
            {"2025": SHARED, "2026": PERSONS},
            {"2018": NO_RULE},
        ),
    ],
    indirect=["hub"],
    ids=["2025", "a later day of 2026", "of 2018", "no key date", "no amount", "rules from 2025"],
)
def test_money_is_of_the_year_it_was_given_for(
    hub: Hub, money: dict[str, list[tuple[str, int, int, str, str]]], unknown: dict[str, str]
) -> None:
    found = find_money_effects(hub, KnownAt(1), KnownAt(2))
    by_rate = {} if unknown else {"2018": BY_RATE}
    assert amounts(found) == by_rate | money
    assert {one.year: one.because for one in found.unknown} == unknown


def print_notice(correction: Correction) -> str:
    pdf = print_correction(correction, {}, {}, date(2025, 3, 1))
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("hub", ["target_group: [vwv-im-2025]"], indirect=True)
def test_a_correction_comes_also_where_a_year_has_no_rule(hub: Hub) -> None:
    (made,) = (path.name for path in hub.config.data_folder.submission("x").parent.iterdir())
    correction = correct_submission(hub, made)
    assert "clients" in {figure.indicator for figure in correction.changed}
    assert [one.year for one in correction.money_unknown] == ["2018"]
    assert (
        "Was sich im Berechnungsjahr 2018 an Zielgruppe und Geld ändert, ist nicht bekannt: Für den "
        "Stichtag 15.09.2017 ist keine Regel der Zielgruppe anwendbar."
    ) in print_notice(correction)
