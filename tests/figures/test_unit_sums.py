"""A form whose own total is not the district's figure: the answer says so, by what belongs to several units or to none."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.config import load_config
from pipelines.figures.form import fill_workbook
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.figures.test_form import unit_form

MAPPING = """\
system: Klein
tables:
  Faelle:
    files: Faelle.csv
    key: Fall
    feeds:
      case: {fields: {person_key: Person, begun_on: Von, municipality: Ort}}
  Gespraeche:
    files: Gespraeche.csv
    key: G
    feeds:
      conversation: {fields: {held_on: Tag}}
      conversation_participant: {each: {column: Teiln, split: ","}}
      conversation_topic: {each: {column: Thema, split: ","}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  "08999001": {name: Astadt}
  "08999002": {name: Bdorf}
sources:
  stadt: {mapping: klein.yaml, folder: stadt, delivers: full}
"""
CASES = "Fall;Person;Von;Ort\nF1;a;01.02.2023;Astadt\nF2;b;01.02.2023;Bdorf\nF3;c;01.02.2023;\n"
TALKS = "G;Tag;Teiln;Thema\n"
# A family counts in both municipalities, one person in none.
ALONE, FAMILY, NOWHERE = (
    "G1;03.06.2024;a;Kinder\n",
    "G2;04.06.2024;a,b;Kinder\n",
    "G3;05.06.2024;c;Wohnen\n",
)
ANCHORS = """\
name: gemeinden
sheets:
  - sheet: Listen & Werte
    each: municipality
    besides: [Kreis]
    lines:
      - {column: Gespräche, figure: conversations}
      - {column: [Themen, Kinder], figure: topics.kinder}
  - sheet: Listen & Werte
    column: Gespräche
    lines:
      - {row: Kreis, figure: conversations}
"""
ONCE = "wer oder was zu mehreren Einheiten gehört, zählt in jeder einmal und im Kreis einmal"
TALKS_LEFT = "ohne Gemeinde, im Kreis mitgezählt: Gespräche gesamt 1"
TALKS_TWICE = "je Gemeinde zusammen {}, im Kreis {}: Gespräche gesamt; " + ONCE
TOPIC_TWICE = "je Gemeinde zusammen 3, im Kreis 2: Gesprächsthemen (Mehrfachnennung) Kinder; "
NOTES = {
    ALONE: [],
    ALONE + NOWHERE: [TALKS_LEFT],
    ALONE + FAMILY: [TALKS_TWICE.format(3, 2), TOPIC_TWICE + ONCE],
    ALONE + FAMILY + NOWHERE: [
        TALKS_LEFT,
        TALKS_TWICE.format("3 und ohne Gemeinde 1", 3),
        TOPIC_TWICE + ONCE,
    ],
}
PERIOD = ["--from", "2024-01-01", "--to", "2024-12-31"]


def make_district(folder: Path, talks: str) -> Hub:
    """A district with two municipalities and a form with a row for each, loaded."""
    delivery = folder / "stadt" / "2025-02-01"
    delivery.mkdir(parents=True)
    (delivery / "Faelle.csv").write_text(CASES, encoding="utf-8")
    (delivery / "Gespraeche.csv").write_text(TALKS + talks, encoding="utf-8")
    (folder / "klein.yaml").write_text(MAPPING, encoding="utf-8")
    (folder / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (folder / "form.xlsx").write_bytes(unit_form(["Astadt", "Bdorf", "Kreis"]))
    (folder / "form.yaml").write_text(ANCHORS, encoding="utf-8")
    hub = Hub(load_config(folder / "drehscheibe.yaml"))
    run_intake(hub)
    return hub


@pytest.mark.parametrize("talks", NOTES, ids=["alone", "none", "several", "both"])
def test_what_a_sum_over_units_is_not_is_told(tmp_path: Path, talks: str) -> None:
    asked = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
    with make_district(tmp_path, talks) as hub:
        answer = fill_workbook(hub, asked, tmp_path / "form.xlsx", tmp_path / "out.xlsx")
    assert list(answer.notes) == NOTES[talks]


@pytest.mark.parametrize("command", ["kennzahlen workbook", "submit kennzahlen"])
def test_the_commands_say_it(tmp_path: Path, command: str) -> None:
    talks = ALONE + FAMILY + NOWHERE
    make_district(tmp_path, talks).close()
    call = [*command.split(), "--template", str(tmp_path / "form.xlsx"), *PERIOD]
    call += ["-c", str(tmp_path / "drehscheibe.yaml")]
    call += ["--out", str(tmp_path / "out.xlsx")] if command.startswith("kennzahlen") else []
    told = CliRunner().invoke(app, [*call, "--json"])
    assert (told.exit_code, json.loads(told.stdout)["notes"]) == (0, NOTES[talks])
    # What was prepared before is said again.
    assert set(NOTES[talks]) <= set(CliRunner().invoke(app, call).stdout.splitlines())
