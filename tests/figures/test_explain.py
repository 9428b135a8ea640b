"""`explain` agrees with `identity links`, follows persons to records, and takes labels."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.figures.explain import CountedRecord, explain_figure
from pipelines.figures.explain_record import explain_person, explain_record
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.figures.small import deliver, small_hub
from warehouse.identity.person_links import list_links


@pytest.mark.thorough
@holds(11)
def test_both_ends_of_a_link_name_each_other(hub: Hub) -> None:
    with hub.store.read() as connection:
        links = list_links(connection)
    assert links
    for link in links:
        ends = {name: explain_record(hub, name).persons[-1] for name in (link.a, link.b)}
        assert ends[link.b].linked_to == link.a and link.b in ends[link.a].records
        end = ends[link.b]
        assert (f"rule:{end.rule}", end.explanation) == (link.by, link.explanation)
        for end in ends.values():
            assert (end.person, end.known_to) == (link.person, None)
        records = {r.record: r for r in explain_person(hub, link.person).records}
        assert {link.a, link.b} <= records.keys()
        assert records[link.a].linked_to is not None


def test_a_record_alone_is_said_to_be_alone(hub: Hub) -> None:
    with hub.store.read() as connection:
        linked = {name for link in list_links(connection) for name in (link.a, link.b)}
    cases = explain_figure(hub, "client_records", FigureRequest(None, date(2024, 12, 31))).made_of
    alone = next(c.record for c in cases if isinstance(c, CountedRecord) and c.record not in linked)
    (person,) = explain_record(hub, alone).persons
    assert (person.rule, person.records) == ("single", [])


def test_a_topic_and_a_referral_are_named_by_their_own_rows(tmp_path: Path) -> None:
    folder = deliver(tmp_path, "2025-01-31")
    lines = (folder / "Kontakte.csv").read_text("cp1252").splitlines()
    with small_hub(tmp_path) as hub:
        run_intake(hub)
        for indicator, category, word in (
            ("topics", "kinder", "Kinder"),
            ("topics", "gesundheit", "Gesundheit"),
            ("referrals", "jobcenter", "Jobcenter"),
        ):
            found = explain_figure(hub, indicator, FigureRequest(None, None), category).made_of
            rows = [one.row for one in found if isinstance(one, CountedRecord)]
            assert rows and all(word in lines[row - 1] for row in rows), category


CALLS: dict[str, tuple[list[str], int]] = {
    "code": (["topics", "--category", "kinder"], 0),
    "label": (["topics", "--category", "Kinder"], 0),
    "label in other letters": (["referrals", "--category", "agentur für  arbeit/JOBCENTER"], 0),
    "label of an open list": (["clients_by_nationality", "--category", "Syrien"], 0),
    "not delivered": (["clients_by_housing", "--category", "nicht geliefert"], 0),
    "of the report alone": (["clients_with_plan"], 0),
    "unknown word": (["topics", "--category", "Kindr"], 2),
    "none has": (["conversations", "--category", "Kinder"], 2),
    "unknown record": (["enaio:nobody"], 1),
    "unknown person": (["p-00000000000000000000"], 1),
    "unknown indicator": (["house_visits"], 2),
    "a month": (["conversations_per_month", "--category", "2024-03"], 0),
    "a month as it is counted": (["conversations_per_month", "--category", "202403"], 0),
    "no month": (["conversations_per_month", "--category", "2024-13"], 2),
    "rows of a ratio": (["reached_per_funded", "--csv", "rows.csv"], 2),
    "a ratio by unit": (["reached_per_funded", "--by", "municipality"], 2),
    "a municipality": (["conversations", "--by", "municipality", "--unit", "08999001"], 0),
    "unknown municipality": (["conversations", "--by", "municipality", "--unit", "08998003"], 2),
    "beginning of one": (["conversations", "--by", "municipality", "--unit", "08999"], 2),
    "a team": (["clients", "--by", "team", "--unit", "nord"], 0),
    "unknown team": (["clients", "--by", "team", "--unit", "Nrod"], 2),
    "a source": (["topics", "--by", "source", "--unit", "enaio"], 0),
    "unknown source": (["topics", "--by", "source", "--unit", "enajo"], 2),
    "unknown carrier": (["topics", "--by", "carrier", "--unit", "niemand"], 2),
    "a folder that is not there": (["topics", "--csv", "nirgends/rows.csv"], 2),
    "unknown staff": (["topics", "--by", "staff", "--unit", "Niemand, Nina"], 2),
}


@holds(11)
@pytest.mark.parametrize(("call", "status"), CALLS.values(), ids=CALLS.keys())
def test_what_is_not_there_is_refused(
    hub: Hub, call: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipelines.cli.errors import guarded

    hub.close()
    config = ["-c", str(hub.config.path), "--json", "--from", "2024-01-01", "--to", "2024-12-31"]
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: app(["explain", *call, *config]))
    assert ended.value.code in (status, None if status == 0 else status)
    first = json.JSONDecoder().raw_decode(capsys.readouterr().out)[0]
    assert status != 0 or first["value"] == len(first["made_of"]) > 0


def test_the_months_together_are_all_conversations(hub: Hub) -> None:
    year = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
    months = [f"2024-{month:02}" for month in range(1, 13)]
    found = [explain_figure(hub, "conversations_per_month", year, month).value for month in months]
    assert sum(found) == explain_figure(hub, "conversations", year).value and min(found) > 0


# Of each ratio what its two parts are explained by.
QUARTER = "--from 2025-01-01 --to 2025-03-31"
RATIO_PARTS = {
    "conversations_per_vzae_month": (
        f"explain conversations --by staff {QUARTER}",
        f"funding staff {QUARTER}",
    ),
    "reached_per_funded": (f"explain persons_reached {QUARTER}", "funding clients --year 2025"),
}


@pytest.mark.parametrize("ratio", RATIO_PARTS)
def test_a_ratio_is_explained_by_its_parts(hub: Hub, ratio: str) -> None:
    config = ["-c", str(hub.config.path), *QUARTER.split()]
    answer = json.loads(CliRunner().invoke(app, ["explain", ratio, *config, "--json"]).stdout)
    commands = [part["command"] for part in answer["parts"]]
    as_of = f" --as-of {answer['load']}"
    assert commands == [f"drehscheibe {part}{as_of}" for part in RATIO_PARTS[ratio]]
    shown = CliRunner().invoke(app, ["explain", ratio, *config])
    assert shown.exit_code == 0 and shown.stdout.startswith(answer["label"])
    for command in commands:
        assert command in shown.stdout
        walked = CliRunner().invoke(app, [*command.split()[1:], *config[:2], "--json"])
        assert (walked.exit_code, walked.stderr) == (0, "")


def test_the_rows_are_a_file_that_excel_opens(hub: Hub, tmp_path: Path) -> None:
    config = ["-c", str(hub.config.path), "--from", "2024-01-01", "--to", "2024-12-31"]
    path = tmp_path / "rows.csv"
    CliRunner().invoke(
        app, ["explain", "topics", "--category", "kinder", *config, "--csv", str(path)]
    )
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfrecord;file;table;row;columns;")
    assert content.count(b"\n") == content.count(b"\r\n") > 1
