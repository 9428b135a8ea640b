"""The commands publish …: tables for the public, in which nobody can be recognised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red
from pipelines.cli.kennzahlen import make_request
from pipelines.cli.options import (
    AsOf,
    ConfigFile,
    First,
    Json,
    Last,
    check_name,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.publication.publish import Proposal

LAYOUT_COLUMNS = [
    "Aufteilung",
    "Zellen",
    "klein",
    "dazu verdeckt",
    "Personen gezeigt",
    "ungeschützt",
]
publish_app = typer.Typer(
    suggest_commands=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tables for the public: small numbers stay hidden, and nobody can compute them.",
)
LayoutName = Annotated[
    str, typer.Option("--layout", help="How the tables are cut; publish layouts lists them.")
]
Out = Annotated[Path, typer.Option("--out", help="The folder to write the tables into.")]


@publish_app.command()
def layouts(
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show what each layout would show and hide, the coarsest first; nothing is written.

    Example: drehscheibe publish layouts --from 2024-01-01 --to 2024-12-31
    """
    from pipelines.publication.publish import propose_layouts

    with open_hub(config) as hub:
        found = propose_layouts(hub, make_request(hub, first, last, as_of))
    if json:
        print_json({"layouts": found})
    else:
        rows = [_proposal_row(proposal) for proposal in found]
        print_table("Öffentliche Tabellen", LAYOUT_COLUMNS, rows, right=5)


@publish_app.command()
def tables(
    layout: LayoutName,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    out: Out = Path("veroeffentlichung"),
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the tables of a layout and keep for ever what they show.

    Example: drehscheibe publish tables --layout team-top5 --from 2024-01-01 --to 2024-12-31
    """
    from pipelines.publication.layouts import find_layout, layout_names
    from pipelines.publication.publish import publish_tables

    check_name("layout", layout, layout_names())
    chosen = find_layout(layout)
    assert chosen
    with open_hub(config) as hub:
        made = publish_tables(hub, make_request(hub, first, last, as_of), chosen, out)
    if json:
        print_json(made)
    else:
        for file in made.files:
            typer.echo(f"written: {file}")
        shown = made.proposal
        typer.echo(
            f"publication {made.number}: {shown.primary + shown.secondary} of {shown.cells} cells "
            f"hidden, {shown.share_of_persons:.0%} of the persons are in cells that are shown"
        )


@publish_app.command("list")
def list_publications(config: ConfigFile = None, json: Json = False) -> None:
    """List what was published."""
    from pipelines.publication.witnessed import read_witnessed

    with open_hub(config) as hub:
        found = read_witnessed(hub)
    rows = [
        {
            "number": one.number,
            "made_on": one.made_on,
            "layout": one.layout,
            "load": one.load,
            "cells": len(one.cells),
            "hidden": sum(not cell.is_shown for cell in one.cells),
        }
        for one in found
    ]
    if json:
        print_json({"publications": rows})
    else:
        columns = ["Nr.", "am", "Aufteilung", "Ladung", "Zellen", "verdeckt"]
        listed = [[str(value) for value in row.values()] for row in rows]
        print_table("Veröffentlichungen", columns, listed, right=3)


@publish_app.command()
def check(config: ConfigFile = None, json: Json = False) -> None:
    """Try to compute what is hidden in all that was published (exit status 1: something can be)."""
    from pipelines.publication.publish import audit_publications

    with open_hub(config) as hub:
        found = audit_publications(hub)
    if json:
        print_json({"exposed": found})
        raise typer.Exit(1 if found else 0)
    if found:
        raise Red("; ".join(found))
    typer.echo("nothing that is hidden can be computed")


def _proposal_row(one: Proposal) -> list[str]:
    share = f"{one.share_of_persons:.1%}".replace(".", ",")
    counts = one.cells, one.primary, one.secondary
    return [f"{one.layout}: {one.title}", *map(str, counts), share, str(one.exposed)]
