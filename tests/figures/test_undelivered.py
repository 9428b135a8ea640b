"""What a source does not deliver is neither 0 nor "ohne Angabe": in JSON, workbook and report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from pipelines.cli.json_answer import to_json
from pipelines.config import load_config
from pipelines.figures.explain import explain_figure
from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen, compute_kennzahlen
from pipelines.figures.report import coordinator_report
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.figures.reading import figures_of_matrix, page, sheets, table, text_of
from warehouse.marts.scope import UNITS, By

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
carriers: {kreis: {name: Landratsamt}, verein: {name: Verein}}
municipalities:
  "08999001": {name: Musterstadt, team: Nord}
  "08999003": {name: Mühlenröth, team: Süd}
  "08999005": {name: Niemandsau, team: West}
sources:
  viel: {mapping: ./viel.yaml, folder: viel, carrier: kreis}
  wenig: {mapping: ./wenig.yaml, folder: wenig, carrier: verein}
  stumm: {mapping: ./wenig.yaml, folder: stumm}
targets:
  - {team: Süd, indicator: plans_concluded, value: 3, until: 2024-12-31}
"""
YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
CASE = {"begun_on": "Von", "ended_on": "Bis", "municipality": "Ort"}
TALK = {"held_on": {"column": "Datum", "required": True}}


def mapping(*, everything: bool) -> str:
    """A mapping of clients and talks; with ``everything`` also what the other source lacks."""
    person = {"when": "Name", "fields": {"last_name": "Name", "first_name": "Vorname"}}
    clients = {
        "files": "K*.csv",
        "key": "Nr",
        "optional_columns": ["Wohnung"],
        "feeds": {
            "person": {"fields": {**person["fields"], "sex": "Geschlecht"}},  # type: ignore[dict-item]
            "housing": {"when": "Wohnung", "fields": {"kind": "Wohnung"}},
            "case": {"fields": {**CASE, "staff": "Wer"}},
        },
    }
    own = {"kind": "Art", "staff": "Wer"} if everything else {}
    talks = {
        "files": "G*.csv",
        "key": "Nr",
        "feeds": {
            "conversation": {"fields": {**TALK, **own}},
            "conversation_participant": {"each": "Klient"},
        },
    }
    plans = {
        "files": "P*.csv",
        "key": "Nr",
        "feeds": {
            "plan": {"fields": {"concluded_on": "Am"}},
            "plan_participant": {"each": "Klient"},
        },
    }
    tables = {"K": clients, "G": talks, **({"P": plans} if everything else {})}
    return yaml.safe_dump({"system": "Probe", "tables": tables}, allow_unicode=True)


FILES = {
    "viel/2025-01-31/K.csv": "Nr;Name;Vorname;Geschlecht;Von;Bis;Ort;Wer;Wohnung\n"
    "1;Ah;A;w;01.02.2024;;Musterstadt;Anna;privat\n2;Be;B;;01.02.2024;;Musterstadt;Anna;\n",
    "viel/2025-01-31/G.csv": "Nr;Datum;Klient;Art;Wer\n1;01.03.2024;1;Beratung;Anna\n",
    "viel/2025-01-31/P.csv": "Nr;Am;Klient\n",
    "wenig/2025-01-31/K.csv": "Nr;Name;Vorname;Geschlecht;Von;Bis;Ort;Wer\n"
    "7;Ze;C;m;01.02.2024;;Mühlenröth;Carl\n8;De;D;m;01.02.2024;;Nirgendwo;Carl\n",
    "wenig/2025-01-31/G.csv": "Nr;Datum;Klient\n1;01.04.2024;7\n2;02.04.2024;8\n3;03.04.2024;99\n",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Path]]:
    folder = tmp_path_factory.mktemp("undelivered")
    (folder / "stumm").mkdir()
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / "viel.yaml").write_text(mapping(everything=True), encoding="utf-8")
    (folder / "wenig.yaml").write_text(mapping(everything=False), encoding="utf-8")
    (folder / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    with Hub(load_config(folder / "drehscheibe.yaml")) as hub:
        assert [r.state for r in run_intake(hub)] == ["loaded", "loaded"]
        yield hub, folder


@pytest.fixture(scope="module")
def answer(world: tuple[Hub, Path]) -> Kennzahlen:
    return compute_kennzahlen(world[0], YEAR, UNITS)


WHOLE, PART, ALL = "nobody", "some", "all"
NORTH, SOUTH = {"municipality": "08999001"}, {"municipality": "08999003"}
CARL = {"staff": "Carl", "source": "wenig"}


@holds(11)
@pytest.mark.parametrize(
    ("indicator", "unit", "delivered"),
    [
        ("conversations", {}, PART),
        ("conversations", NORTH, ALL),
        ("conversations", SOUTH, ALL),
        ("conversations", {"source": "stumm"}, WHOLE),
        ("conversations", CARL, WHOLE),
        ("conversations", {"staff": "Anna", "source": "viel"}, ALL),
        ("clients", CARL, ALL),
        ("conversations_by_kind", {}, PART),
        ("conversations_by_kind", SOUTH, WHOLE),
        ("conversations_by_kind", {"carrier": "verein"}, WHOLE),
        ("plans_concluded", {"source": "viel"}, ALL),
        ("plans_concluded", {"source": "wenig"}, WHOLE),
        ("plans_concluded", {"team": "Süd"}, WHOLE),
        ("goals_reached", {}, WHOLE),
        ("goals_reached", {"municipality": "08999005"}, WHOLE),
        ("goals_reached", {"team": "West"}, WHOLE),
        # Counted, and nobody is there.
        ("conversations", {"municipality": "08999005"}, ALL),
        ("clients_by_sex", SOUTH, ALL),
        ("clients_by_housing", SOUTH, WHOLE),
        ("clients_by_nationality", NORTH, WHOLE),
    ],
)
def test_what_is_not_delivered_is_said(
    answer: Kennzahlen, indicator: str, unit: dict[str, str], delivered: str
) -> None:
    found = [
        WHOLE if gap.whole else PART
        for gap in answer.not_delivered
        if gap.indicator == indicator and gap.unit == unit
    ]
    assert found == ([] if delivered == ALL else [delivered])
    zeros = [
        f for f in answer.figures if f.indicator == indicator and f.unit == unit and not f.value
    ]
    assert delivered != WHOLE or not zeros


@pytest.mark.parametrize(
    ("indicator", "unit", "expected"),
    [
        ("clients_by_housing", {}, {"privat": 1, "ohne_angabe": 1, "nicht_geliefert": 2}),
        ("clients_by_housing", NORTH, {"privat": 1, "ohne_angabe": 1}),
        ("clients_by_housing", {"source": "wenig"}, {"nicht_geliefert": 2}),
        ("clients_by_sex", {}, {"w": 1, "m": 2, "ohne_angabe": 1}),
    ],
)
def test_persons_of_silent_sources_are_a_category_of_their_own(
    answer: Kennzahlen, indicator: str, unit: dict[str, str], expected: dict[str, int]
) -> None:
    assert {
        f.category: f.value
        for f in answer.figures
        if f.indicator == indicator and f.unit == unit and f.value
    } == expected


@holds(11)
@pytest.mark.parametrize(
    ("indicator", "by", "value"),
    [
        ("conversations", "municipality", 2),
        ("clients", "municipality", 1),
        ("persons_reached", "municipality", 1),
        ("conversations", "staff", 3),
        ("clients", "staff", 0),
    ],
)
def test_what_belongs_to_no_unit_is_counted(
    answer: Kennzahlen, indicator: str, by: str, value: int
) -> None:
    left = [o.value for o in answer.without_unit if (o.indicator, o.by) == (indicator, by)]
    assert left == ([value] if value else [])


def test_documents_say_it_too(world: tuple[Hub, Path]) -> None:
    hub, folder = world
    report, book = coordinator_report(hub, YEAR, folder / "out")
    tree = page(report)
    shown = table(tree, "Kennzahlen je Gemeinde")
    assert shown["Mühlenröth"] == [1, "x", "x", 1, 1]
    assert shown["Musterstadt"] == [1, 0, "x", 1, 2]
    assert shown["ohne Gemeinde"] == [2, 0, "x", 1, 1]
    text = text_of(tree)
    assert "Gespräche nach Art: nicht geliefert von stumm" in text.replace("Probe, Quelle ", "")
    assert "je Regionalteam, Süd: nicht geliefert (Ziel 3)." in text
    rows = sheets(book)
    staff = figures_of_matrix(rows["Gespräche gesamt IM"])
    assert staff["Carl", "wenig"]["conversations", None] == "x"
    clients = next(of for name, of in rows.items() if name.startswith("Klient") and " IM" in name)
    assert figures_of_matrix(clients)["Carl", "wenig"]["clients", None] == 2
    places = figures_of_matrix(rows["Gespräche gesamt Gemeinden"])
    assert places["Musterstadt", "08999001"]["conversations", None] == 1
    front = {row[0]: (row[1], row[5]) for row in rows["Auswertung Zeitraum"]}
    assert front["Gespräche gesamt"][0] == 4


@pytest.mark.parametrize(
    ("indicator", "unit", "sign"),
    [
        ("goals_reached", None, "x"),
        ("plans_concluded", None, None),
        ("plans_concluded", "Mühlenröth", "x"),
        ("conversations", "Niemandsau", None),
    ],
)
def test_explain_says_so(
    world: tuple[Hub, Path], indicator: str, unit: str | None, sign: str | None
) -> None:
    by: By | None = "municipality" if unit else None
    found = explain_figure(world[0], indicator, YEAR, by=by, unit=unit)
    assert (found.value, found.sign) == (0, sign)


def test_what_belongs_to_no_municipality_is_explained(
    world: tuple[Hub, Path], answer: Kennzahlen
) -> None:
    left = {(one.indicator, one.by): one.value for one in answer.without_unit if not one.category}
    assert left["conversations", "municipality"] == 2
    for (indicator, by), value in left.items():
        word = {"municipality": "ohne gemeinde", "staff": "ohne Integrationsmanager/in"}.get(by)
        if word:
            kind = next(unit for unit in UNITS if unit == by)
            found = explain_figure(world[0], indicator, YEAR, by=kind, unit=word)
            assert found.value == value, (indicator, by)


def test_what_nobody_delivers_has_its_sign_in_the_json(answer: Kennzahlen) -> None:
    listed = to_json(answer)["not_delivered"]
    assert {gap.get("sign") for gap in listed if gap["whole"]} == {"x"}
    assert all("sign" not in gap for gap in listed if not gap["whole"])


@holds(11)
@pytest.mark.parametrize(
    ("first", "last", "conversations", "clients"),
    [
        # The records begin on 1 February 2024, the newest delivery is of 31 January 2025.
        ("2023-01-01", "2023-12-31", WHOLE, WHOLE),
        ("2023-01-01", "2024-01-31", WHOLE, WHOLE),
        ("2023-01-01", "2024-02-01", PART, PART),
        ("2024-05-01", "2024-12-31", PART, PART),
        ("2025-01-31", "2025-02-28", PART, PART),
        # What stands on a day after the newest delivery is what was known last.
        ("2025-02-01", "2025-12-31", WHOLE, PART),
    ],
)
def test_a_period_of_which_nothing_can_be_known_has_no_figures(
    world: tuple[Hub, Path], first: str, last: str, conversations: str, clients: str
) -> None:
    asked = FigureRequest(date.fromisoformat(first), date.fromisoformat(last))
    answer = compute_kennzahlen(world[0], asked)
    for indicator, wanted in {"conversations": conversations, "clients": clients}.items():
        gaps = [gap for gap in answer.not_delivered if gap.indicator == indicator]
        assert [WHOLE if gap.whole else PART for gap in gaps] == [wanted]
        lines = [figure for figure in answer.figures if figure.indicator == indicator]
        assert bool(lines) == (wanted == PART)
