"""Commands that answer questions: kennzahlen, report, identity."""

from __future__ import annotations

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
    day_of,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen
    from pipelines.hub import Hub
    from warehouse.marts.scope import By

identity_app = typer.Typer(
    help="Which source records belong to one human being.", no_args_is_help=True
)


def kennzahlen(
    first: First = None,
    last: Last = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            help="Also by municipality, staff, carrier, team or source; may be given several times.",
            show_default=False,
        ),
    ] = None,
    as_of: AsOf = None,
    workbook: Annotated[
        Path | None,
        typer.Option(
            "--workbook", help="Write the XLSX workbook to this file.", show_default=False
        ),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Compute the state's Kennzahlen for a period.

    Example: drehscheibe kennzahlen --from 2024-01-01 --to 2024-12-31 --by municipality --workbook kennzahlen-2024.xlsx
    """
    from pipelines.figures.kennzahlen import compute_kennzahlen as answer

    units = parse_units(by or [])
    with open_hub(config) as hub:
        asked = asked_for(hub, first, last, as_of)
        told = answer(hub, asked, units)
        if workbook:
            from pipelines.figures.workbook import kennzahlen_workbook

            kennzahlen_workbook(hub, asked, workbook)
    if json:
        print_json(told)
    else:
        _print_kennzahlen(told)
    if workbook:
        typer.echo(f"written: {workbook}", err=True)


def report(
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    out: Annotated[Path, typer.Option("--out", help="The folder to write the report into.")] = Path(
        "report"
    ),
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the coordinators' report: one HTML file that opens without network, and the workbook.

    Example: drehscheibe report --from 2024-01-01 --to 2024-12-31 --out berichte/2024
    """
    from pipelines.figures.report import coordinator_report

    with open_hub(config) as hub:
        files = coordinator_report(hub, asked_for(hub, first, last, as_of), out)
    if json:
        print_json({"files": [str(f) for f in files]})
    else:
        for file in files:
            typer.echo(f"written: {file}")


@identity_app.command("links")
def links(config: ConfigFile = None, json: Json = False) -> None:
    """List pairs of records held for one person, by which rule, and why.

    Example: drehscheibe identity links --json
    """
    from warehouse.identity.person_links import list_links

    with open_hub(config) as hub, hub.store.read() as connection:
        found = list_links(connection)
    if json:
        print_json({"links": found})
        return
    columns = ["a", "b", "person", "by", "explanation"]
    print_table(
        f"Links ({len(found)})", columns, [[getattr(link, c) for c in columns] for link in found]
    )


def asked_for(hub: Hub, first: Any, last: Any, as_of: Any) -> FigureRequest:
    """The question; without a period, the one the configuration reports on."""
    from datetime import date

    from pipelines.figures.kennzahlen import FigureRequest

    begin, end = day_of(first), day_of(last)
    if begin is None and end is None:
        begin, end = hub.config.reports.default_period(date.today())
    if begin and end and begin > end:
        raise Wrong(f"the period ends ({end}) before it begins ({begin})")
    return FigureRequest(begin, end, as_of)


def parse_units(names: list[str]) -> list[By]:
    """The kinds of unit in the order of answers; Wrong where there is none such."""
    from mappings.problems import did_you_mean
    from warehouse.marts.scope import UNITS

    for name in names:
        if name not in UNITS:
            raise Wrong(f"there is no unit '{name}'; {did_you_mean(name, UNITS)}")
    return [u for u in UNITS if u in names]


def _print_kennzahlen(told: Kennzahlen) -> None:
    period = told.period
    title = f"Kennzahlen {period.first or '…'} bis {period.last or '…'}, Stand {told.as_of} (nicht das amtliche Muster)"
    rows = [
        [
            ", ".join(map(str, f.unit.values())) or "Kreis",
            f.indicator,
            f.label or "gesamt",
            f"{f.value:,}".replace(",", "."),
        ]
        for f in told.figures
    ]
    print_table(title, ["Einheit", "Kennzahl", "Ausprägung", "Anzahl"], rows, right=1)
