"""The coordinator report: structure, numbers, what it says of the data, and a real browser's view of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from connectors.documents.report.coordinator_report import render_report, write_report
from connectors.documents.report.report_data import SourceQuality
from tests.documents.simulated_documents import report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-logging=stderr"
)


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(report())


@pytest.fixture(scope="module")
def tree(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def text_of(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def section(tree: html.HtmlElement, name: str) -> html.HtmlElement:
    found: html.HtmlElement
    (found,) = tree.xpath(f"//section[@aria-labelledby='{name}']")
    return found


def test_headings_are_in_order(tree: html.HtmlElement) -> None:
    levels = [int(element.tag[1]) for element in tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_every_table_has_a_caption_and_scoped_heads(tree: html.HtmlElement) -> None:
    tables = tree.xpath("//table")
    assert len(tables) > 10
    assert all(text_of(table.find("caption")) for table in tables)
    assert all(head.get("scope") in ("col", "row") for head in tree.xpath("//th"))


def test_every_chart_has_title_description_and_its_numbers(tree: html.HtmlElement) -> None:
    figures = tree.xpath("//figure")
    assert len(figures) == 11
    for figure in figures:
        (drawn,) = figure.xpath("./svg")
        assert (
            drawn.get("role") == "img"
            and drawn.xpath("./title")[0].text
            and drawn.xpath("./desc")[0].text
        )
        assert figure.xpath("./details/summary") and figure.xpath("./details/table/tbody/tr")


def test_ids_are_unique_and_every_inner_link_has_its_target(tree: html.HtmlElement) -> None:
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = {link.removeprefix("#") for link in tree.xpath("//a/@href")}
    assert targets <= set(ids) and {"inhalt", "themen", "datenqualitaet"} <= targets
    assert set(" ".join(tree.xpath("//@aria-labelledby")).split()) <= set(ids)


def test_nothing_is_loaded_from_outside(page: str, tree: html.HtmlElement) -> None:
    assert not re.search(r"https?:|//[a-z]|@import|<script|<link|<iframe|url\((?!#)", page)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert tree.get("lang") == "de"


def test_overview_shows_key_figures_with_their_change(tree: html.HtmlElement) -> None:
    text = text_of(section(tree, "ueberblick"))
    assert "43.240 Gespräche +21.620 gegenüber dem Zeitraum davor" in text
    assert "Zeitraum davor: 01.01.2023 bis 31.12.2023." in text
    assert "bis zum 31. Juli 2025" in text


def test_without_an_earlier_period_no_change_is_claimed() -> None:
    assert "Zeitraum davor" not in render_report(replace(report(), before=None))


def test_a_month_without_conversations_is_shown_as_zero(tree: html.HtmlElement) -> None:
    rows = [text_of(row) for row in section(tree, "gespraeche").xpath(".//tbody/tr")]
    assert len(rows) == 12 and rows[11] == "Dezember 2024 0"


def test_topics_are_said_to_be_multiple_answers(tree: html.HtmlElement) -> None:
    assert "Mehrfachnennungen" in text_of(section(tree, "themen"))
    assert "Anderes Thema 26.451" in [
        text_of(row) for row in section(tree, "themen").xpath(".//tbody/tr")
    ]


def test_municipalities_stand_above_the_district(tree: html.HtmlElement) -> None:
    (table,) = section(tree, "gemeinden").xpath(".//table")
    assert [text_of(head) for head in table.xpath("./tbody/tr/th")] == [
        "Feldlingen",
        "Mühlenröth",
        "Musterstadt",
    ]
    assert text_of(table.find("tfoot")) == "Kreis gesamt 43.240 1.326 812 1.702 1.548"


def test_data_quality_says_what_was_found_and_what_to_do(tree: html.HtmlElement) -> None:
    text = text_of(section(tree, "datenqualitaet"))
    assert (
        "Letzte Lieferung: 31. Januar 2025, 181 Tage vor dem Stand dieses Berichts. Überfällig:"
        in text
    )
    assert (
        "Im Quellsystem die Kennung ergänzen. Träger" in text and "Abgebrochen. In Zeile 7." in text
    )
    assert "Es liegt noch keine Lieferung vor." in text
    assert "geht nicht auf" not in text
    heads = [
        text_of(row.find("th"))
        for row in section(tree, "datenqualitaet").xpath(".//tr[th[@scope='row']]")
    ]
    assert heads[:2] == ["Schlüssel fehlt", "Datei beschädigt"]


def test_text_from_outside_is_never_markup(page: str) -> None:
    assert "<b>" not in page
    assert "Ein &lt;b&gt;Sonderfall&lt;/b&gt; ist aufgefallen." in page


def test_an_open_balance_is_named() -> None:
    source = SourceQuality("x", "Quelle X", "Träger", report().as_of, 10, 8, 1, 0, 0)
    assert "Die Bilanz der Zeilen geht nicht auf." in render_report(
        replace(report(), sources=[source])
    )


def test_assumptions_are_listed(tree: html.HtmlElement) -> None:
    text = text_of(section(tree, "definitionen"))
    assert "Gesprächsthemen: Die Kennzahl ist angenommen samt ihren Kategorien." in text
    assert "Ein Familiengespräch zählt einmal." in text
    assert "nicht dem amtlichen Muster" in text


def test_a_report_without_anything_still_stands() -> None:
    bare = replace(
        report(),
        figures=[],
        months={},
        sources=[],
        coverage_by_municipality=[],
        coverage_by_team=[],
        milestones=[],
    )
    tree = html.document_fromstring(render_report(replace(bare, before=None)))
    assert text_of(section(tree, "themen")).endswith(
        "Für diesen Abschnitt liegen keine Angaben vor."
    )


def test_same_report_gives_the_same_bytes(page: str) -> None:
    assert render_report(report()) == page


def test_a_browser_shows_it_without_a_complaint(tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(BROWSERS)} is installed")
    write_report(tmp_path / "bericht.html", report())
    address = (tmp_path / "bericht.html").as_uri()
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    run = subprocess.run(
        [browser, *BROWSER_FLAGS.split(), profile, "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = html.document_fromstring(run.stdout)
    assert (
        shown.findtext(".//title")
        == "Bericht Integrationsmanagement, Landkreis Musterkreis, 01.01.2024 bis 31.12.2024"
    )
    assert shown.xpath("count(//figure/svg)") == 11
    assert not [line for line in run.stderr.splitlines() if "CONSOLE" in line or "Refused" in line]
