"""The data files of a submission: every revised figure and every sign is in them."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

from connectors.documents.figure_data import Figure, Gap, name_figure
from mappings.catalogue import choose_catalogue
from pipelines.figures.figure_rules import FigureRules
from pipelines.submission.figure_files import list_fallen, name_line, write_figures

ORT, AU = {"municipality": "08999001"}, {"municipality": "08999002"}
REACHED = Figure("goals_reached", None, None, ORT, 1)
HELD = Figure("conversations", None, None, ORT, 5)
PLANS = Gap("plans_concluded", ORT, ["tau"], True, "x")


def test_a_figure_that_fell_to_0_keeps_its_line() -> None:
    then = [REACHED, HELD, Figure("plans_concluded", None, None, ORT, 2), replace(REACHED, unit=AU)]
    now = [replace(HELD, value=4), Figure("goals_reached", None, None, AU, 0)]
    assert list_fallen(then, now, [PLANS]) == [replace(REACHED, value=0)]


def test_signs_stand_in_the_table() -> None:
    part = Gap("goals_reached", AU, ["tau"], False)
    gaps = {name_line(gap): gap.sources for gap in (PLANS, part)}
    signs = {name_line(gap): gap.sign for gap in (PLANS, part)}
    content = write_figures([replace(REACHED, value=0)], gaps, {name_figure(REACHED)}, signs)
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert [(row["indicator"], row["value"], row["mark"]) for row in rows] == [
        ("goals_reached", "0", "r"),
        ("plans_concluded", "", "x"),
        ("goals_reached", "", ""),
    ]


def test_rules_of_packages_made_before_are_of_the_first_edition() -> None:
    catalogue = choose_catalogue(date(2024, 12, 31)).with_labels()
    rules = FigureRules(catalogue, "Probekreis", date(2025, 1, 31), frozenset())
    text = rules.to_json()
    assert FigureRules.from_json(text) == rules and rules.edition == 2
    assert FigureRules.from_json(text.replace(' "edition": 2,\n', "")).edition == 1
