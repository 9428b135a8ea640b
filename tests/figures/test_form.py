"""A form filled from the warehouse: the figures of the JSON in its cells, and nothing written where they do not fit."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.figures import form as filler
from pipelines.figures.form import WrongCall, WrongForm, fill_workbook
from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen, compute_kennzahlen
from pipelines.hub import Hub
from tests.forms.anchors import ANCHORS
from tests.forms.official_form import FORM, HEAD, MAIN, changed_form, form_parts, pack

YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
BY_UNIT = """\
name: gemeinden
sheets:
  - sheet: Listen & Werte
    each: municipality
    lines:
      - {column: Gespräche, figure: conversations}
      - {column: [Themen, Kinder], figure: topics.kinder}
      - {column: Pläne, figure: plans_concluded}
  - sheet: Listen & Werte
    column: Gespräche
    lines:
      - {row: Team Nord, figure: conversations, unit: {team: Nord}}
      - {row: Kreis, figure: conversations}
"""


def unit_form(names: list[str]) -> bytes:
    """A form with a row for each of these names."""

    def cell(place: str, text: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'

    heads = cell("C1", "Themen")
    rows = [
        f'<row r="1">{heads}</row><row r="2">{cell("B2", "Gespräche")}{cell("C2", "Kinder")}{cell("D2", "Pläne")}</row>'
    ]
    rows += [f'<row r="{n}">{cell(f"A{n}", name)}</row>' for n, name in enumerate(names, 3)]
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    return pack({**form_parts(), "xl/worksheets/sheet2.xml": sheet.encode()})


@pytest.fixture
def muster(tmp_path: Path) -> Path:
    path = tmp_path / "muster.xlsx"
    path.write_bytes(pack(form_parts()))
    path.with_suffix(".yaml").write_text(ANCHORS, encoding="utf-8")
    return path


def test_the_figures_of_the_json_are_in_the_cells(hub: Hub, muster: Path, tmp_path: Path) -> None:
    answer = fill_workbook(hub, YEAR, muster, tmp_path / "out.xlsx")
    known = {(f.indicator, f.category): f.value for f in compute_kennzahlen(hub, YEAR).figures}
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)[FORM]
    figures = [cell for cell in answer.cells if cell.indicator]
    assert len(figures) == 6
    for cell in figures:
        assert sheet[cell.cell].value == cell.value == known[cell.indicator or "", cell.category]
    assert (sheet["C2"].value, sheet["C18"].value) == (datetime(2024, 1, 1), "Musterkreis")
    parts = [known["conversations_by_setting", name] for name in ("einzelperson", "familie")]
    assert sheet["C9"].value == sum(parts) > 0
    assert (answer.errors, answer.not_computed) == ([], [])
    assert answer.changed_parts == ["xl/workbook.xml", "xl/worksheets/sheet1.xml"]


@pytest.mark.thorough
def test_every_unit_has_its_row(hub: Hub, tmp_path: Path) -> None:
    places = hub.config.municipalities
    # One is written by its AGS, one by another of its names.
    names = [place.name for place in places.values()]
    names = ["08999002" if name == "Feldlingen" else name for name in names]
    names = ["Stadt Musterstadt" if name == "Musterstadt" else name for name in names]
    path, out = tmp_path / "gemeinden.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(unit_form([*names, "Team Nord", "Kreis"]))
    path.with_suffix(".yaml").write_text(BY_UNIT, encoding="utf-8")
    fill_workbook(hub, YEAR, path, out)
    rows = openpyxl.load_workbook(out)["Listen & Werte"].iter_rows(min_row=3, values_only=True)
    found = {row[0]: row[1:4] for row in rows}
    figures = compute_kennzahlen(hub, YEAR, ("municipality", "team")).figures
    values = {(*f.unit.values(), f.indicator, f.category): f.value for f in figures}
    for name, ags in zip(names, places, strict=True):
        assert found[name] == (
            values.get((ags, "conversations", None), 0),
            values.get((ags, "topics", "kinder"), 0),
            "x" if name in ("Kleintannau", "Winkelbronn") else values[ags, "plans_concluded", None],
        )
    assert found["Team Nord"][0] == values["Nord", "conversations", None]
    assert found["Kreis"][0] == values["conversations", None]
    path.write_bytes(unit_form([*names[1:], "Team Nord", "Kreis"]))
    with pytest.raises(WrongForm, match=r"gemeinden.yaml:6: .*no cell has the label 'Musterstadt'"):
        fill_workbook(hub, YEAR, path, out)

    path.write_bytes(
        unit_form([*names[:2], "Summe Nord", "Neuhausen", *names[2:], "Team Nord", "Kreis"])
    )
    summed = BY_UNIT.replace("each: municipality", "each: municipality\n    besides: [Summe Nord]")
    path.with_suffix(".yaml").write_text(summed, encoding="utf-8")
    with pytest.raises(WrongForm) as found:
        fill_workbook(hub, YEAR, path, out)
    assert str(found.value).splitlines()[1:] == [
        "gemeinden.yaml:7: xl/worksheets/sheet2.xml (Listen & Werte!A6): the row 'Neuhausen' is"
        " labelled with no unit of the configuration; add it there as another name ('also'), or"
        " here under 'besides' if it is none"
    ]


@pytest.mark.parametrize(
    ("unit", "wrong"),
    [
        ("{team: Ost}", "the configuration has no such team"),
        ('{municipality: "08999999"}', "the configuration has no such municipality"),
        ("{staff: Niemand, source: enaio}", "no figures of this person"),
        ("{source: enaio, staff: Niemand}", "no figures of this person"),
        ("{source: nirgends}", "the configuration has no such source"),
    ],
)
def test_an_unknown_unit_is_no_zero(hub: Hub, muster: Path, unit: str, wrong: str) -> None:
    text = ANCHORS.replace("plans_concluded}", f"plans_concluded, unit: {unit}}}")
    muster.with_suffix(".yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongCall, match=rf"muster.yaml:13: .*{wrong}"):
        fill_workbook(hub, YEAR, muster, muster.with_name("out.xlsx"))


def test_nothing_is_written_if_a_cell_read_back_differs(
    hub: Hub, muster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def second_time_other(*args: object) -> Kennzahlen:
        answer = compute_kennzahlen(*args)  # type: ignore[arg-type]
        asked.append(1)
        if len(asked) == 2:
            changed = [
                f if f.category != "kinder" else type(f)(**{**vars(f), "value": f.value + 1})
                for f in answer.figures
            ]
            return type(answer)(**{**vars(answer), "figures": changed})
        return answer

    monkeypatch.setattr(filler, "compute_kennzahlen", second_time_other)
    with pytest.raises(
        WrongForm, match=rf"read back, these differ:\n{FORM}!C11: \d+\.0, should be"
    ):
        fill_workbook(hub, YEAR, muster, muster.with_name("out.xlsx"))
    assert not muster.with_name("out.xlsx").exists()


def test_the_command(hub: Hub, muster: Path, tmp_path: Path) -> None:
    config = str(hub.config.data_folder.landing.parent.parent / "drehscheibe.yaml")
    period = ["--from", "2024-01-01", "--to", "2024-12-31", "-c", config]
    call = ["kennzahlen", "workbook", "--template", str(muster), *period]
    run = CliRunner().invoke(app, [*call, "--out", str(tmp_path), "--json"])
    assert run.exit_code == 0, run.output
    answer = json.loads(run.stdout)
    assert answer["file"].endswith("kennzahlen-2024-01-01_2024-12-31.xlsx")
    assert {c["cell"]: c["value"] for c in answer["cells"]}["C2"] == 45292
    plain = CliRunner().invoke(app, ["kennzahlen", *period, "--json"])
    assert json.loads(plain.stdout)["period"] == {"from": "2024-01-01", "to": "2024-12-31"}


def test_a_formula_that_stays_empty_is_red(hub: Hub, muster: Path, tmp_path: Path) -> None:
    muster.write_bytes(changed_form(("C9/C12", "RAND()")))
    config = str(hub.config.data_folder.landing.parent.parent / "drehscheibe.yaml")
    call = ["kennzahlen", "workbook", "--template", str(muster), "--out", str(tmp_path / "o.xlsx")]
    period = ["--from", "2024-01-01", "--to", "2024-12-31", "-c", config]
    run = CliRunner().invoke(app, [*call, *period, "--json"])
    assert run.exit_code == 1 and (tmp_path / "o.xlsx").exists()
    assert f"{FORM}!E12" in json.loads(run.stdout)["not_computed"]


def test_wrong_calls(hub: Hub, muster: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="is the form itself"):
        fill_workbook(hub, YEAR, muster, muster)
    with pytest.raises(WrongCall, match="same ending"):
        fill_workbook(hub, YEAR, muster, tmp_path / "out.xlsm")
    with pytest.raises(WrongCall, match="no file of anchors"):
        fill_workbook(hub, YEAR, muster, tmp_path / "out.xlsx", "unknown")
    with pytest.raises(WrongCall, match="there is no form"):
        fill_workbook(hub, YEAR, tmp_path / "none.xlsx", tmp_path / "out.xlsx")
