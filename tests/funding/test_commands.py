"""The commands of the funding, called as people call them: answers, statuses, and nothing personal where none belongs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from examples.generate import simulate_district
from pipelines.cli.app import app
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.registers import write_registers
from pipelines.intake.run import run_intake
from pipelines.operations.doctor import examine_hub
from tests.funding.test_registers import REGISTER

ADULTS = """\
name: nur-erwachsene
title: Volljährige
basis: Beschluss
valid_from: 2020-01-01
groups:
  - name: erwachsene
    title: Volljährige mit begonnenem Fall
    criteria:
      - {fact: birth, at_least_years: 18, known: A}
      - {fact: case_begun, until_stichtag: true, known: A}
"""
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kreis")
    path = Path(simulate_district(folder, seed=5, persons=30).config)
    with path.open("a", encoding="utf-8") as file:
        file.write("funding: {register: verzeichnis.yaml}\n")
    (folder / "verzeichnis.yaml").write_text("grants: []\n", encoding="utf-8")
    (folder / "nur-erwachsene.yaml").write_text(ADULTS, encoding="utf-8")
    with Hub(load_config(path)) as hub:
        run_intake(hub)
    return path


@pytest.fixture
def call(config: Path) -> Call:
    """Calls a command of `funding` and gives its JSON; ``status``: the exit status expected."""

    def run(*words: str, status: int = 0) -> Any:
        done = CliRunner().invoke(app, ["funding", *words, "-c", str(config), "--json"])
        if status:
            assert done.exception is not None
            return str(done.exception)
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout)

    return run


def test_every_client_is_in_out_or_unknown(call: Call) -> None:
    before = call("staff", "--from", "2010-01-01", "--to", "2010-12-31")
    assert before["ratios"]["conversations_per_vzae_month"] is None
    answer = call("clients", "--year", "2025")
    assert sum(answer["counts"].values()) == len(answer["clients"]) > 20
    assert all(c["reasons"] and c["rule"] == "vwv-im-2025" for c in answer["clients"])
    assert {c["person"][:2] for c in answer["clients"]} == {"p-"}
    only = call("clients", "--year", "2025", "--answer", "in")["clients"]
    assert len(only) == answer["counts"]["in"] and {c["answer"] for c in only} == {"in"}
    group = call(
        "target-group", "--stichtag", "2025-01-01", "--from", "2020-01-01", "--to", "2022-12-31"
    )
    persons = {m["municipality"]: m["persons"] for m in group["municipalities"]}
    counted = [c["municipality"] for c in only if c["municipality"]]
    assert persons == {place: counted.count(place) for place in persons}
    assert len(only) - len(counted) == group["unknown"]


def test_internal_figures_are_set_against_posts_and_target_group(call: Call, config: Path) -> None:
    words = ["--from", "2025-01-01", "--to", "2025-12-31", "--by", "municipality", "--internal"]
    run = CliRunner().invoke(app, ["kennzahlen", *words, "-c", str(config), "--json"])
    answer = json.loads(run.stdout)
    of_posts, of_district, *of_places = answer["ratios"]
    staff = call("staff", "--from", "2025-01-01", "--to", "2025-12-31")
    assert of_posts["ratio"] == "conversations_per_vzae_month" and of_posts["reason"] is None
    assert of_posts["value"] == staff["ratios"]["conversations_per_vzae_month"]
    # They are on the list without days, so all twelve months count.
    listed = load_config(config).staff
    assert Decimal(of_posts["of"]) == 12 * sum(one.vzae or Decimal(0) for one in listed) > 0
    funded = call("clients", "--year", "2025", "--answer", "in")["clients"]
    with Hub(load_config(config)) as hub:
        asked = FigureRequest(date(2025, 1, 1), date(2025, 12, 31))
        figures = compute_kennzahlen(hub, asked, ["municipality"]).figures
    reached = {
        f.unit.get("municipality"): f.value for f in figures if f.indicator == "persons_reached"
    }
    assert len(of_places) > 1
    for one in (of_district, *of_places):
        ags = one["unit"].get("municipality")
        of = [c for c in funded if ags in (None, c["municipality"])]
        assert (one["count"], Decimal(one["of"])) == (reached.get(ags, 0), len(of))
        assert abs(Decimal(one["value"]) * len(of) - one["count"]) <= len(of) * Decimal("0.005")
    shown = CliRunner().invoke(app, ["kennzahlen", *words, "-c", str(config)]).stdout
    assert "Verhältnisse" in shown and "kein Wert" not in shown
    unknown = ["--from", "1999-01-01", "--to", "1999-12-31", "--internal"]
    run = CliRunner().invoke(app, ["kennzahlen", *unknown, "-c", str(config), "--json"])
    (without_posts, lacking) = json.loads(run.stdout)["ratios"]
    assert without_posts["value"] is None and "stehen keine Stellen" in without_posts["reason"]
    assert lacking["value"] is None and "keine Zielgruppe für 1999" in lacking["reason"]


def test_a_rule_is_set_beside_that_of_the_district(call: Call, config: Path) -> None:
    own = str(config.parent / "nur-erwachsene.yaml")
    answer = call("distribution", "--year", "2025", "--budget", "1.000.000,00", "--rule", own)
    (other,) = answer["what_if"]
    assert (answer["rules"], other["rules"]) == (["vwv-im-2025"], ["nur-erwachsene"])
    for found in (answer, other):
        assert found["total"] == found["budget"] == "1000000.00"
        assert found["difference"] == "0.00"
        assert sum(s["persons"] for s in found["shares"]) == found["persons"] > 0
        assert "clients" not in found
    assert call("clients", "--stichtag", "2025-01-01", "--rule", own)["counts"]["in"] == (
        other["persons"] + other["without_municipality"]
    )
    listed = call("distribution", "--year", "2025", "--budget", "1", "--clients")
    assert len(listed["clients"]) == sum(
        (listed["out"], listed["unknown"], listed["persons"], listed["without_municipality"])
    )


def test_money_is_shared_by_counted_persons_without_a_warehouse(tmp_path: Path) -> None:
    file = tmp_path / "zahlen.csv"
    file.write_text("Gemeinde;Personen\nTettnang;166\nNeukirch;13\n", encoding="utf-8")
    words = ["funding", "distribution", "--year", "2018", "--counts", str(file), "--json"]
    done = CliRunner().invoke(app, words)
    answer = json.loads(done.stdout)
    assert {s["municipality"]: s["amount"] for s in answer["shares"]} == {
        "Tettnang": "132149.00",
        "Neukirch": "10349.00",
    }
    assert (answer["known"], answer["rate"], answer["total"]) == ("D", "796.08", "142498.00")


def print_words(command: list[str]) -> str:
    """What a command prints, without its line breaks."""
    return " ".join(CliRunner().invoke(app, command).stdout.split())


def test_what_was_given_is_not_said_to_be_known(tmp_path: Path) -> None:
    file = tmp_path / "zahlen.csv"
    file.write_text("Tettnang;2\n", encoding="utf-8")
    words = ["funding", "distribution", "--year", "2018", "--counts", str(file)]
    assert "EUR je Person; abgeleitet)" in print_words(words)
    words += ["--rate", "500", "--stichtag", "2018-01-01"]
    shown = print_words(words)
    assert "(500 EUR je Person; angegeben: Satz, Stichtag)" in shown and "abgeleitet" not in shown
    assert "Grundlage: angegeben: Satz, Stichtag; bekannt ist von 2018: " in shown
    answer = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert (answer["known"], answer["given"]) == (None, ["rate", "stichtag"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["clients"], "--stichtag"),
        (["clients", "--stichtag", "2025-01-01"], "needs a window"),
        (["clients", "--year", "2031"], "nothing is known of the year 2031"),
        (["clients", "--year", "2025", "--rule", "vwv"], "there is no rule 'vwv'"),
        (["clients", "--stichtag", "2016-01-01"], "no rule is valid on 2016-01-01"),
        (["clients", "--year", "2025", "--from", "2020-01-01"], "needs both --from and --to"),
        (["distribution", "--year", "2019"], "the key date of 2019 is not known"),
        (["distribution", "--year", "2025", "--budget", "NaN"], "is no amount"),
        (["distribution", "--year", "2025", "--budget", "1.000"], "thousands or cents"),
        (["distribution", "--year", "2018", "--rate", "-5"], "less than nothing"),
        (["distribution", "--year", "2025", "--budget", "-1.000,00"], "less than nothing"),
        (
            ["staff", "--line", "ukraine"],
            "there is no line of funding 'ukraine'; known: eigenmittel",
        ),
        (["evidence"], "no grant is registered"),
        (["total-evidence", "--year", "2024"], "from 2025 on only"),
    ],
)
def test_a_wrong_call_says_what_would_be_right(words: list[str], says: str, call: Call) -> None:
    assert says in call(*words, status=2)


def test_posts_and_evidence_of_a_register(config: Path, call: Call, tmp_path: Path) -> None:
    places = list(load_config(config).municipalities)
    carriers = list(load_config(config).carriers)
    text = (
        REGISTER.replace("landkreis", carriers[0])
        .replace("Landkreis Probe", carriers[0])
        .replace("caritas", carriers[1])
        .replace('"08999001", Ort 2', f'"{places[0]}"')
        .replace("Ort 3", f'"{places[1]}"')
    )
    (config.parent / "verzeichnis.yaml").write_text(text, encoding="utf-8")
    # Those of the short list are on no post.
    listed = config.read_text(encoding="utf-8")
    config.write_text(re.sub(", vzae: [0-9.]+", "", listed), encoding="utf-8")
    with Hub(load_config(config)) as hub:
        write_registers(hub)
    answer = call("staff", "--from", "2024-02-01", "--to", "2024-06-30")
    assert [m["filled"] for m in answer["months"]] == ["1.25", "1.25", "1.25", "0.50", "0.50"]
    assert answer["months"][0]["approved"] == "2.00" and answer["line"] is None
    assert {s["municipality"]: s["month"] for s in answer["start_months"]} == {
        places[0]: "2024-02",
        places[1]: "2024-02",
    }
    for word in ("ukraine_soforthilfe", "Ukraine-Soforthilfe", "UKRAINE-SOFORTHILFE"):
        of_line = call("staff", "--line", word, "--from", "2024-02-01", "--to", "2024-02-29")
        assert of_line["line"] == "ukraine_soforthilfe"
        assert of_line["months"][0]["approved"] == "0.50"
    written = call("evidence", "--grant", "uk-2024", "--out", str(tmp_path / "aus"))["grants"]
    assert [one["grant"] for one in written] == ["uk-2024"]
    files = [p.name for p in (tmp_path / "aus" / "uk-2024").iterdir()]
    assert sorted(files) == sorted(written[0]["files"])
    assert not any(word in name for name in files for word in ("Petra", "Muster"))
    ratios = answer["ratios"]
    assert (ratios["conversations"], ratios["conversations_per_vzae_month"]) == (0, "0.00")
    assert ratios["conversations_of_others"] > 0
    file = config.parent / "verzeichnis.yaml"
    assert not any("seit dem letzten Lauf" in text for text in answer["doubts"])
    file.write_text(text.replace("vzae: 1.5", "vzae: 2"), encoding="utf-8")
    for stale in (call("staff")["doubts"], written_missing(call, tmp_path)):
        assert any("seit dem letzten Lauf geändert" in text for text in stale)
    assert not any("Lauf geändert" in d for d in call("staff", "--as-of", "2")["doubts"])
    file.write_text(text, encoding="utf-8")
    total = call("total-evidence", "--year", "2025")
    assert total["grants"] == [] and total["file"] is None
    unserved = [text for text in total["missing"] if "Keine Stelle ist für sie eingetragen" in text]
    assert len(unserved) == len(places) - 2
    by_others = [text for text in total["missing"] if "Nur Stellen anderer Förderlinien" in text]
    name = load_config(config).municipalities[places[1]].name
    assert len(by_others) == 1 and by_others[0].startswith(f"Gemeinde {name}:")


def written_missing(call: Call, folder: Path) -> list[str]:
    missing: list[str] = call("evidence", "--out", str(folder / "neu"))["grants"][0]["missing"]
    return missing


def test_the_doctor_tells_of_a_wrong_register_and_a_wrong_rule(config: Path) -> None:
    def said() -> list[tuple[str, str]]:
        with Hub(load_config(config)) as hub:
            return [(c.state, c.message) for c in examine_hub(hub) if c.name == "funding"]

    ((state, text),) = said()
    assert state == "fine" and text.endswith("0 rules")
    register = config.parent / "verzeichnis.yaml"
    before = register.read_text(encoding="utf-8")
    register.write_text("posts: [{key: p, vzae: viel}]\n", encoding="utf-8")
    ((state, text),) = said()
    register.write_text(before, encoding="utf-8")
    assert state == "red" and "verzeichnis.yaml:1: posts.0.vzae" in text
