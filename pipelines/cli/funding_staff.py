"""The command funding staff: posts and who is on them, month by month."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Wrong
from pipelines.cli.options import (
    AsOf,
    ConfigFile,
    First,
    Json,
    Last,
    check_name,
    open_hub,
    print_json,
    print_progress,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.funding.staff_answer import StaffAnswer
    from pipelines.hub import Hub

LineOption = Annotated[
    str | None,
    typer.Option(
        "--line",
        help="Only this line of funding: integrationsmanagement, ukraine_soforthilfe, eigenmittel.",
    ),
]
Template = Annotated[
    Path | None,
    typer.Option("--template", help="Write an empty workbook for the register to this file."),
]


def staff(
    first: First = None,
    last: Last = None,
    line: LineOption = None,
    template: Template = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show posts, VZÄ and vacancies by month, start months, trainings, and what is done per VZÄ.

    What it counts is the register of the configuration (funding: register), as the newest run knew
    it.
    Example: drehscheibe funding staff --from 2024-01-01 --to 2024-12-31 --line ukraine_soforthilfe
    """
    from mappings.engine.clean import fold_text
    from mappings.grant_register import LINE_WORDS, LINES
    from pipelines.funding.staff_answer import describe_staff

    if template is not None:
        from connectors.documents.funding.register_workbook import write_template
        from mappings.grant_register import SHEETS

        sheets = {sheet.title: list(sheet.columns.values()) for sheet in SHEETS.values()}
        write_template(template, sheets)
        print_progress(f"written: {template}")
        return
    if line is not None:
        line = LINE_WORDS.get(fold_text(line), line)
        check_name("line of funding", line, LINES)
    with open_hub(config) as hub:
        begin, end = _read_period(hub, first, last)
        answer = describe_staff(hub, begin, end, hub.known_at(as_of), line)
    if json:
        print_json(_as_answer(answer))
    else:
        _print_answer(answer)


def _read_period(hub: Hub, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    usual = hub.config.reports.default_period(hub.today)
    begin = first.date() if first else usual[0]
    end = last.date() if last else usual[1]
    if begin > end:
        raise Wrong(f"the period ends ({end}) before it begins ({begin})")
    return begin, end


def _as_answer(answer: StaffAnswer) -> dict[str, Any]:
    """The answer as JSON; decimals are text, as amounts are."""
    from pipelines.cli.json_answer import to_json

    found: dict[str, Any] = to_json(answer)
    period = {"from": found.pop("from"), "to": found.pop("to")}
    return {"period": period, **found}


def _print_answer(answer: StaffAnswer) -> None:
    from mappings.grant_register import LINES

    named = next(
        (label for code, label in LINES.items() if code == answer.line), "alle Förderlinien"
    )
    columns = ["Monat", "Stellen (VZÄ)", "besetzt", "frei", "im Mittel", "Personen"]
    rows = [
        [m.month, *map(_spell, (m.approved, m.filled, m.vacant, m.average)), m.persons]
        for m in answer.months
    ]
    print_table(f"Stellen und Besetzung, {named}", columns, rows, right=5)
    _print_posts(answer)
    ratios = answer.ratios
    typer.echo(
        f"VZÄ je 100 Klientinnen und Klienten: {_spell(ratios.vzae_per_100_clients)} ({ratios.clients})"
    )
    typer.echo(
        f"Gespräche je VZÄ und Monat: {_spell(ratios.conversations_per_vzae_month)} "
        f"({ratios.conversations} Gespräche in {_spell(ratios.vzae_months)} VZÄ-Monaten; "
        f"{ratios.conversations_of_others} außerhalb dieser Stellen)"
    )
    for doubt in answer.doubts:
        typer.echo(f"Bitte prüfen: {doubt}")


def _print_posts(answer: StaffAnswer) -> None:
    from pipelines.funding.staff_answer import TRAINING_STATES

    starts = [
        [s.municipality, _spell(s.approved), s.month or "noch nicht"] for s in answer.start_months
    ]
    print_table("Beginn: Monat, in dem die Hälfte besetzt war", ["AGS", "VZÄ", "Monat"], starts)
    gaps = [
        [v.post, f"{v.first:%d.%m.%Y}", f"{v.last:%d.%m.%Y}", _spell(v.vzae)]
        for v in answer.vacancies
    ]
    print_table("Vakanzen", ["Stelle", "von", "bis", "VZÄ"], gaps, right=1)
    trainings = [
        [t.member, TRAINING_STATES[t.state], _day(t.begin_by), _day(t.finish_by)]
        for t in answer.trainings
    ]
    print_table(
        "Nachqualifizierung", ["Fachkraft", "Stand", "Beginn bis", "Abschluss bis"], trainings
    )


def _spell(value: Any) -> str:
    return "–" if value is None else f"{value:.2f}".replace(".", ",")


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else "–"
