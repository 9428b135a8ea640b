"""What is behind a figure of the report: what `explain` counts, by delivery and table, without names and within bounds."""

from __future__ import annotations

import shlex
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select

from pipelines.figures.explain import CountedPerson, CountedRecord, ExplainedFigure, explain_figure
from pipelines.figures.explain_command import write_command
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.figures.report import coordinator_report
from pipelines.figures.report_evidence import Place, choose_places
from pipelines.hub import Hub
from tests.figures.reading import page, table, text_of
from warehouse.as_of import KnownAt
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope
from warehouse.schema import person

DELIVERED = "//tr[starts-with(@id,'l')]"
YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))


@pytest.fixture(scope="module")
def report(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> html.HtmlElement:
    """The page of 2024."""
    path: Path = coordinator_report(hub, YEAR, tmp_path_factory.mktemp("evidence"))[0]
    return page(path)


def lines_of(card: html.HtmlElement) -> list[tuple[str, int, dict[int, int], int, str]]:
    """Label, value, rows by number of the table, rows of others, and command of each line."""
    found = []
    for head in card.iter("dt"):
        rows, command = head.xpath("following-sibling::dd[position()<=2]")
        label, value = text_of(head).rsplit(": ", 1)
        text = text_of(rows).removeprefix("Aus Beleg ").replace(" Zeilen", "")
        parts = dict(part.rstrip(")").split(" (") for part in text.replace(".", "").split(", "))
        others = int(parts.pop("weiteren", 0))
        number = int(value.replace(".", ""))
        counted = {int(place): int(count) for place, count in parts.items()}
        found.append((label, number, counted, others, text_of(command)))
    return found


def run_command(hub: Hub, command: str) -> ExplainedFigure:
    """What the command asks for."""
    name, *words = shlex.split(command.removeprefix("drehscheibe explain "))
    given = dict(zip(words[::2], words[1::2], strict=True))
    days = (date.fromisoformat(given[n]) if n in given else None for n in ("--from", "--to"))
    asked = FigureRequest(*days, int(given["--as-of"]))
    by: Any = given.get("--by")
    return explain_figure(hub, name, asked, given.get("--category"), by, given.get("--unit"))


def rows_of(found: ExplainedFigure) -> Counter[tuple[str | None, str]]:
    """How many rows of each delivery and table were counted."""
    records = [
        record
        for one in found.made_of
        for record in (one.records if isinstance(one, CountedPerson) else [one])
    ]
    return Counter((delivery, table) for delivery, _, table, _ in set(map(_place_of, records)))


def _place_of(record: CountedRecord) -> tuple[str | None, str, str, int]:
    return record.delivery_id, record.file, record.table, record.row


@pytest.mark.thorough
def test_the_command_behind_a_cell_counts_its_value(hub: Hub, report: html.HtmlElement) -> None:
    cards = {text_of(c.find("b")): lines_of(c) for c in report.xpath("//*[@popover]")}
    tables = {n: _named_table(row) for n, row in enumerate(report.xpath(DELIVERED), 1)}
    for title in (
        "Kreis gesamt",
        "Musterstadt",
        "Gespräche nach Thema: Kinder",
        "Klientinnen und Klienten nach Staatsangehörigkeit: Syrien",
        "Mai 2024",
    ):
        for label, value, rows, others, command in cards[title]:
            found = run_command(hub, command)
            assert found.value == value > 0, (title, label)
            counted = rows_of(found)
            if isinstance(found.made_of[0], CountedPerson):
                # Of a record only the first of its rows is listed.
                assert sum(rows.values()) + others >= sum(counted.values())
            else:
                assert all(counted.pop(tables[n]) == count for n, count in rows.items())
                assert sum(counted.values()) == others


# Caption, how many columns of its numbers have a command, and the rows that these count.
UNDER_CHARTS = [
    ("Anteil mit abgeschlossenem Integrationsplan je Gemeinde", 2, slice(0, -1)),
    ("Gespräche gesamt, 01.01.2024 bis 31.12.2024 je Regionalteam", 1, slice(None)),
    ("Arbeit, 01.07.2023 bis 30.06.2024 im Kreis", 1, slice(None)),
]


def test_commands_under_charts_count_all_of_their_numbers(
    hub: Hub, report: html.HtmlElement
) -> None:
    shown = {text_of(f.find("figcaption")): f for f in report.iter("figure")}
    for title, columns, counted in UNDER_CHARTS:
        rows = list(table(report, title).values())[counted]
        commands = [text_of(one) for one in shown[title].xpath(".//p/span")]
        assert len(commands) == columns and rows
        for column, command in enumerate(commands):
            assert run_command(hub, command).value == sum(row[column] for row in rows) > 0


def _named_table(row: html.HtmlElement) -> tuple[str, str]:
    """Id of the delivery, and table."""
    return text_of(row[2]).split()[1], row[1].xpath("text()")[-1]


def test_every_button_opens_its_card(report: html.HtmlElement) -> None:
    buttons = report.xpath("//button/@popovertarget")
    assert len(buttons) > 80
    assert set(buttons) <= set(report.xpath("//*[@popover]/@id"))
    assert set(report.xpath("//a[starts-with(@href,'#')]/@href")) <= {
        f"#{name}" for name in report.xpath("//@id")
    }
    (table,) = report.xpath("//table[caption='Kennzahlen je Gemeinde']")
    for cell in table.xpath(".//td"):
        assert bool(cell.xpath("./button")) == text_of(cell).replace(".", "").isdigit()


def test_tables_are_named_with_delivery_and_sum(hub: Hub, report: html.HtmlElement) -> None:
    rows = report.xpath(DELIVERED)
    (talk, *_) = explain_figure(hub, "conversations", YEAR).made_of
    assert isinstance(talk, CountedRecord) and talk.sha256 and talk.delivery_id
    own = [text_of(row) for row in rows if talk.delivery_id in text_of(row)]
    assert any(f"{talk.file} {talk.sha256}" in text for text in own)


def test_nobody_is_named_there(hub: Hub, report: html.HtmlElement) -> None:
    (section,) = report.xpath("//section[@aria-labelledby='herkunft']")
    words = set(text_of(section).replace(",", " ").split())
    with hub.store.read() as connection:
        known = connection.execute(
            select(person.c.source_key, person.c.last_name, person.c.first_name)
        ).all()
    assert len(known) > 100
    # Numbers of rows look like keys that are numbers; others do not.
    told = {word for row in known for word in row if word and not word.isdigit()} & words
    assert told == set()


@pytest.mark.parametrize(("figures", "named"), [(20, 6), (250, 4), (600, 1), (5000, 1)])
def test_a_large_report_names_fewer_places(figures: int, named: int) -> None:
    places = [Place("enaio", date(2024, 1, day), "d", "Beratung") for day in range(1, 9)]
    counted = Counter({place: 10 - n for n, place in enumerate(places)})
    chosen = choose_places({date.fromordinal(n + 1): counted for n in range(figures)})
    assert len(chosen) == figures
    assert set(map(tuple, chosen.values())) == {tuple(places[:named])}


DAYS = " --from 2024-01-01 --to 2024-12-31"
COMMANDS = [
    ("topics", "kinder", {"municipality": "08999001"}, "topics --category kinder --by municipality --unit 08999001" + DAYS),
    ("conversations", None, {"team": "Süd West"}, "conversations --by team --unit 'Süd West'" + DAYS),
    ("clients", None, {}, "clients --to 2024-06-30"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "category", "unit", "expected"), COMMANDS)
def test_a_command(name: str, category: str | None, unit: dict[str, str], expected: str) -> None:
    by: Any = next(iter(unit), None)
    scope = Scope(YEAR.first, YEAR.last, KnownAt(7), by, today=date(2024, 6, 30))
    command = write_command(scope, INDICATORS[name], category, unit)
    assert command == f"drehscheibe explain {expected} --as-of 7"
