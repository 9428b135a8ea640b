"""The commands doctor, dagster, docs and papers, which look after the installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import Red
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json, print_table


def doctor(config: ConfigFile = None, json: Json = False) -> None:
    """Check configuration, rights, disk, clock, sources and warehouse, in plain words.

    Example: drehscheibe doctor -c kreis/drehscheibe.yaml
    """
    from pipelines.operations.doctor import CheckState, examine_hub

    with open_hub(config) as hub:
        checks = list(examine_hub(hub))
    columns = ["check", "state", "message"]
    rows = [[check.name, check.state, check.message] for check in checks]
    if json:
        print_json({"checks": [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        print_table("Doctor", columns, rows)
    red = [check.name for check in checks if check.state is CheckState.RED]
    if red:
        raise Red("red: " + ", ".join(red))


def dagster(
    port: Annotated[
        int, typer.Option("--port", help="Port on this machine; nothing outside it is served.")
    ] = 3000,
    config: ConfigFile = None,
) -> None:
    """Start Dagster with its page, schedules and sensor for this district, on this machine only.

    Example: drehscheibe dagster -c kreis/drehscheibe.yaml --port 3000
    """
    from pipelines.orchestration.web_server import serve_dagster

    with open_hub(config) as hub:
        path = hub.config.path
    raise typer.Exit(serve_dagster(path, port))


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail where a page is stale.")
    ] = False,
) -> None:
    """Write the generated pages of the documentation anew.

    Example: drehscheibe docs --check
    """
    from pipelines.docs import run_docs

    raise typer.Exit(run_docs(check))


def papers(
    out: Annotated[Path, typer.Option("--out", help="The folder for the papers.")],
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the papers on data protection for this district, as HTML and PDF: record of processing,
    fields per recipient, retention, annex to the impact assessment, technical measures.

    Example: drehscheibe papers --out papiere
    """
    from pipelines.papers.written_papers import write_papers

    with open_hub(config) as hub:
        files = [str(path) for path in write_papers(hub, out)]
    if json:
        print_json({"files": files})
        return
    for file in files:
        typer.echo(f"written: {file}")
