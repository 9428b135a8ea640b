"""The commands of identity: which records of the sources belong to one person."""

from __future__ import annotations

import typer

from pipelines.cli.options import ConfigFile, Json, open_hub, print_json, print_table

identity_app = typer.Typer(
    help="Which source records belong to one human being.", no_args_is_help=True
)


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
    rows = [[getattr(link, column) for column in columns] for link in found]
    print_table(f"Links ({len(found)})", columns, rows)
