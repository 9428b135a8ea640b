"""The coordinator report made from the warehouse: its numbers are those of the JSON, its words fit what the data say."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.figures.report import coordinator_report
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance
from pipelines.intake.run import run_intake
from tests.figures.reading import figures_of_sheet, of_unit, page, sheets, table, text_of
from tests.figures.small import deliver, small_hub

YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
RUNNING = FigureRequest(date(2025, 1, 1), date(2025, 12, 31))
CHARTS = {
    "topics": "Gespräche nach Thema",
    "referrals": "Weiterleitungen nach Stelle",
    "clients_by_sex": "Klientinnen und Klienten nach Geschlecht",
    "clients_by_housing": "Klientinnen und Klienten nach Unterbringung",
    "clients_by_residence_status": "Klientinnen und Klienten nach Aufenthaltsstatus",
}
Made = Callable[[FigureRequest], Path]


@pytest.fixture(scope="module")
def made(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Makes the report of a question, once."""
    folders: dict[FigureRequest, Path] = {}

    def make(asked: FigureRequest) -> Path:
        if asked not in folders:
            folders[asked] = tmp_path_factory.mktemp("report")
            coordinator_report(hub, asked, folders[asked])
        return folders[asked] / "koordinationsbericht.html"

    return make


def section(tree: html.HtmlElement, name: str) -> str:
    (found,) = tree.xpath(f"//section[@aria-labelledby='{name}']")
    return text_of(found)


@pytest.mark.parametrize("asked", [YEAR, RUNNING], ids=["2024", "2025"])
@pytest.mark.parametrize("indicator", CHARTS)
def test_charts_hold_the_figures_of_the_json(
    hub: Hub, made: Made, asked: FigureRequest, indicator: str
) -> None:
    answer = of_unit(compute_kennzahlen(hub, asked).figures, {})
    shown = table(page(made(asked)), CHARTS[indicator])
    assert {label: row[0] for label, row in shown.items() if row[0]} == {
        label: value for (code, label), value in answer.items() if code == indicator
    }


def test_nationalities_add_up_to_the_clients(hub: Hub, made: Made) -> None:
    answer = of_unit(compute_kennzahlen(hub, YEAR).figures, {})
    shown = table(page(made(YEAR)), "Klientinnen und Klienten nach Staatsangehörigkeit")
    assert sum(row[0] for row in shown.values()) == answer["clients", None]
    assert shown["Syrien"][0] == answer["clients_by_nationality", "Syrien"]


def test_months_add_up_to_the_conversations(hub: Hub, made: Made) -> None:
    answer = of_unit(compute_kennzahlen(hub, YEAR).figures, {})
    shown = table(page(made(YEAR)), "Gespräche je Monat")
    assert (
        len(shown) == 12 and sum(row[0] for row in shown.values()) == answer["conversations", None]
    )
    may = compute_kennzahlen(hub, FigureRequest(date(2024, 5, 1), date(2024, 5, 31))).figures
    assert shown["Mai 2024"] == [of_unit(may, {})["conversations", None]]


def test_municipalities_hold_the_figures_of_the_json(hub: Hub, made: Made) -> None:
    found = compute_kennzahlen(hub, YEAR, ("municipality",))
    answer = found.figures
    lacking = [(gap.indicator, gap.unit) for gap in found.not_delivered if gap.whole]
    units = {m.name: {"municipality": ags} for ags, m in hub.config.municipalities.items()} | {
        "Kreis gesamt": {}
    }
    codes = ("conversations", "plans_concluded", "goals_reached", "persons_reached", "clients")
    wanted = {
        name: [
            "x" if (code, unit) in lacking else of_unit(answer, unit).get((code, None), 0)
            for code in codes
        ]
        for name, unit in units.items()
    }
    assert table(page(made(YEAR)), "Kennzahlen je Gemeinde") == wanted


@pytest.mark.parametrize("kind", ["municipality", "team"])
def test_coverage_is_of_all_open_cases(hub: Hub, made: Made, kind: str) -> None:
    answer = compute_kennzahlen(hub, YEAR, (kind,)).figures  # type: ignore[arg-type]
    german = "Gemeinde" if kind == "municipality" else "Regionalteam"
    shown = table(page(made(YEAR)), f"Anteil mit abgeschlossenem Integrationsplan je {german}")
    whole = shown.pop("Kreis gesamt")
    titles = {ags: m.name for ags, m in hub.config.municipalities.items()}
    cases = {f.unit[kind]: f.value for f in answer if f.indicator == "client_records" and f.unit}
    assert {name: row[1] for name, row in shown.items()} == {
        titles.get(unit, unit): n for unit, n in cases.items()
    }
    assert whole[1] == of_unit(answer, {})["client_records", None] and 0 < whole[0] < whole[1]
    assert sum(row[0] for row in shown.values()) == whole[0]
    assert "Ohne Integrationspläne liefern: Diakonieverband" in section(page(made(YEAR)), "plaene")


def test_milestones_stand_against_their_targets(hub: Hub, made: Made) -> None:
    tree = page(made(YEAR))
    by_team = {
        f.unit.get("team"): f.value
        for f in compute_kennzahlen(hub, YEAR, ("team",)).figures
        if f.indicator == "conversations"
    }
    shown = table(tree, "Gespräche gesamt, 01.01.2024 bis 31.12.2024 je Regionalteam")
    assert {team: row[:2] for team, row in shown.items()} == {
        "Mitte": [by_team["Mitte"], "–"],
        "Nord": [by_team["Nord"], 900],
        "Süd": [by_team["Süd"], 300],
    }
    later = page(made(RUNNING))
    long = FigureRequest(date(2023, 1, 1), date(2025, 3, 31))
    answer = compute_kennzahlen(hub, long, ("team",)).figures
    clearing = table(later, "Clearinggespräch, 01.01.2023 bis 31.03.2025 je Regionalteam")
    assert clearing["Nord"][:2] == [
        of_unit(answer, {"team": "Nord"})["conversations_by_kind", "Clearinggespräch"],
        30,
    ]
    half = FigureRequest(date(2023, 7, 1), date(2024, 6, 30))
    work = of_unit(compute_kennzahlen(hub, half).figures, {})["topics", "Arbeit"]
    of_district = table(tree, "Arbeit, 01.07.2023 bis 30.06.2024 im Kreis")
    assert of_district["Kreis gesamt"][:2] == [work, 200]
    text = section(tree, "meilensteine")
    assert "01.01.2023 bis 31.03.2025 (gezählt bis 31.12.2024) je Regionalteam" in text
    assert "Integrationspläne" not in text
    assert "Kennzahl „house_visits“" in section(tree, "definitionen")


def test_overview_compares_with_the_period_before(hub: Hub, made: Made) -> None:
    now, then = (
        of_unit(compute_kennzahlen(hub, FigureRequest(date(y, 1, 1), date(y, 12, 31))).figures, {})
        for y in (2024, 2023)
    )
    change = now["conversations", None] - then["conversations", None]
    text = section(page(made(YEAR)), "ueberblick")
    assert (
        f"{now['conversations', None]} Gespräche +{change} gegenüber dem Zeitraum davor ({then['conversations', None]})"
        in text
    )
    assert "Zeitraum davor: 01.01.2023 bis 31.12.2023." in text and "nicht vollständig" not in text


def test_a_running_period_says_so_and_is_compared_with_as_long_a_one(made: Made) -> None:
    tree = page(made(RUNNING))
    text = section(tree, "ueberblick")
    assert "Von allen Quellen ist die letzte Lieferung vom 31. Juli 2025." in text
    assert "Zeitraum davor: 01.06.2024 bis 31.12.2024." in text
    assert list(table(tree, "Gespräche je Monat"))[-1] == "Juli 2025"


def test_without_data_of_the_period_before_nothing_is_compared(made: Made) -> None:
    assert "Zeitraum davor" not in section(
        page(made(FigureRequest(date(2005, 1, 1), date(2024, 12, 31)))), "ueberblick"
    )


def test_data_quality_is_that_of_the_last_delivery(hub: Hub, made: Made) -> None:
    tree = page(made(YEAR))
    newest = {d.source: d for d in answer_balance(hub).deliveries}
    for source, title in (("enaio", "enaio"), ("tau", "TAU Office, Quelle tau")):
        counts = [
            sum(getattr(t, n) for t in newest[source].tables)
            for n in ("read", "used", "rejected", "repeated", "left_out")
        ]
        (row,) = (
            t.xpath("./tbody/tr")[0]
            for t in tree.iter("table")
            if text_of(t.find("caption")) == f"{title}: Zeilen der letzten Lieferung"
        )
        assert [int(text_of(cell).replace(".", "")) for cell in row] == counts
    text = section(tree, "datenqualitaet")
    assert "Diakonieverband Musterkreis (TAU Office, Quelle tau)" in text
    assert "Kontakte › Datum (2)" in text and "Sonstige Auffälligkeit" not in text


def test_as_of_an_earlier_day_the_source_is_as_it_was(made: Made) -> None:
    text = section(
        page(made(FigureRequest(YEAR.first, YEAR.last, date(2025, 1, 31)))), "datenqualitaet"
    )
    assert "31. Januar 2025" in text and "31. Juli 2025" not in text


def test_the_workbook_beside_shows_the_same(hub: Hub, made: Made) -> None:
    rows = sheets(made(YEAR).with_name("kennzahlen.xlsx"))["Auswertung Zeitraum"]
    assert figures_of_sheet(rows) == of_unit(compute_kennzahlen(hub, YEAR).figures, {})


def test_the_same_question_gives_the_same_bytes(hub: Hub, made: Made, tmp_path: Path) -> None:
    first, second = coordinator_report(hub, YEAR, tmp_path)
    assert first.read_bytes() == made(YEAR).read_bytes()
    assert second.read_bytes() == made(YEAR).with_name("kennzahlen.xlsx").read_bytes()


def test_what_went_wrong_or_waits_is_said(tmp_path: Path) -> None:
    deliver(tmp_path, "2025-01-31")
    with small_hub(tmp_path) as hub:
        run_intake(hub)
        (deliver(tmp_path, "2025-02-28") / "Ziele.csv").write_bytes(b"")
        run_intake(hub)
        deliver(tmp_path, "2025-03-31")
        path, _ = coordinator_report(hub, YEAR, tmp_path / "out")
    text = section(page(path), "datenqualitaet")
    assert "Die Lieferung vom 28.02.2025 wurde nur zum Teil übernommen." in text
    assert "Die Lieferung vom 31.03.2025 wartet noch im Ordner." in text
    meaning = "Die Datei hat keinen Inhalt, meist weil der Export abgebrochen ist."
    assert f"Leere Datei 1 Abgelehnt Ziele {meaning}" in text
    assert "Die Datei ist leer. Bitte den Export wiederholen. Den Export wiederholen und" in text
    assert "Es liegt noch keine Lieferung vor." in text


def test_nothing_is_loaded_from_outside(made: Made) -> None:
    assert not re.search(
        r"https?:|//[a-z]|@import|<script|<link|<iframe|url\((?!#)",
        made(YEAR).read_text(encoding="utf-8"),
    )


def test_a_browser_shows_it_without_a_complaint(made: Made, tmp_path: Path) -> None:
    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser is None:
        pytest.skip("no browser on this machine")
    flags = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path}",
    )
    shown = subprocess.run(
        [browser, *flags, "--dump-dom", made(YEAR).as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    tree = html.document_fromstring(shown.stdout)
    assert (
        tree.findtext(".//title")
        == "Bericht Integrationsmanagement, Musterkreis, 01.01.2024 bis 31.12.2024"
    )
    assert tree.xpath("count(//figure)") == tree.xpath("count(//figure/svg)") == 12
    assert not [
        line for line in shown.stderr.splitlines() if "CONSOLE" in line or "Refused" in line
    ]
