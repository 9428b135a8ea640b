"""Charts: what is drawn, what is said of it, and the same numbers as a table."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from connectors.documents.report import charts
from connectors.documents.report.chart_svg import BAR, INK, QUIET, REST, TARGET
from connectors.documents.report.charts import (
    Chart,
    draw_against_target,
    draw_bars,
    draw_by_month,
    draw_shares,
    keep_largest,
)
from tests.documents.simulated import REFERRALS

MONTHS = [(date(2024, month, 1), 1000 * month) for month in range(1, 13)]
CHARTS = [
    draw_by_month("monate", "Gespräche je Monat", MONTHS, "Gespräche"),
    draw_bars(
        "stellen",
        "Weiterleitungen",
        [(label, 1204) for label in REFERRALS.values()],
        "Weiterleitungen",
        "Stelle",
    ),
    draw_shares(
        "plaene",
        "Pläne",
        [("A & B <c>", 120, 300), ("Leer", 0, 0)],
        ("Gemeinde", "mit Plan", "alle", "Anteil"),
    ),
    draw_against_target(
        "ziele",
        "Ziele",
        [("Nord", 501, 1045), ("Süd", 130, 100), ("Mitte", 2, None)],
        "erreicht",
        "Team",
    ),
]


def texts(chart: Chart) -> list[str]:
    return [
        "".join(map(str, element.itertext()))
        for element in etree.fromstring(chart.svg).iter("text")
    ]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_title_and_description_are_tied_to_the_picture(chart: Chart) -> None:
    root = etree.fromstring(chart.svg)
    assert root.get("role") == "img"
    tied = [
        root.find(f".//*[@id='{name}']") for name in (root.get("aria-labelledby") or "").split()
    ]
    assert [element.text for element in tied if element is not None] == [
        chart.title,
        chart.description,
    ]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_the_table_fits_its_head_and_names_every_row(chart: Chart) -> None:
    assert {len(row) for row in chart.rows} == {len(chart.heads)}
    assert all(row[0] for row in chart.rows)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_a_picture_refers_to_nothing_outside(chart: Chart) -> None:
    assert "http" not in chart.svg and "<script" not in chart.svg and "href" not in chart.svg


def test_months_and_numbers_are_german() -> None:
    shown = texts(CHARTS[0])
    assert {"Mrz 24", "Dez 24", "12.000"} <= set(shown)
    assert CHARTS[0].rows[2] == ("März 2024", "3.000")
    assert "Am meisten: Dezember 2024 mit 12.000." in CHARTS[0].description


def test_bars_keep_the_order_given() -> None:
    shown = [text for text in texts(CHARTS[1]) if text in REFERRALS.values()]
    assert shown == list(REFERRALS.values())
    assert "1.204" in texts(CHARTS[1])


def test_shares_name_part_and_whole_and_have_none_where_there_is_nobody() -> None:
    assert "40\u00a0% (120 von 300)" in texts(CHARTS[2])
    assert CHARTS[2].rows[1] == ("Leer", "0", "0", "–")


def test_targets_are_drawn_where_there_is_one() -> None:
    ticks = [
        path
        for path in etree.fromstring(CHARTS[3].svg).iter("path")
        if TARGET in (path.get("fill") or "")
    ]
    assert len(ticks) == 2
    assert {"501 von 1.045", "130 von 100", "2"} <= set(texts(CHARTS[3]))
    assert "Erreicht: 1 von 2 Zielen." in CHARTS[3].description


def test_same_data_give_the_same_picture() -> None:
    assert draw_by_month("monate", "Gespräche je Monat", MONTHS, "Gespräche").svg == CHARTS[0].svg


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([("A", 1), ("B", 9), ("C", 3), ("D", 2)], [("B", 9), ("C", 3), ("Andere (2)", 3)]),
        ([("A", 1), ("B", 9), ("C", 3)], [("B", 9), ("C", 3), ("A", 1)]),
        ([("ohne Angabe", 50), ("B", 9)], [("B", 9), ("ohne Angabe", 50)]),
    ],
    ids=["sum of others", "a single other keeps its name", "set apart comes last"],
)
def test_top(items: list[tuple[str, int]], expected: list[tuple[str, int]]) -> None:
    assert keep_largest(items, 2, ["ohne Angabe"]) == expected


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


PAGE = dict(
    re.findall(
        r"--(\w+): (#\w{6});",
        (Path(charts.__file__).parent / "coordinator_report.html.j2").read_text(),
    )
)


@pytest.mark.parametrize("back", ["#ffffff", PAGE["pale"]], ids=["white", "pale"])
@pytest.mark.parametrize(
    "front", [INK, QUIET, *(PAGE[name] for name in ("ink", "quiet", "accent", "warn", "link"))]
)
def test_text_has_enough_contrast(front: str, back: str) -> None:
    assert contrast(front, back) >= 4.5


@pytest.mark.parametrize(("front", "back"), [(BAR, "#FFFFFF"), (BAR, REST), (TARGET, "#FFFFFF")])
def test_what_is_drawn_has_enough_contrast(front: str, back: str) -> None:
    assert contrast(front, back) >= 3
