"""Commands that look: into files, behind figures, at the state of the machine; and the ones that start Dagster and write the docs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    AsOf,
    ConfigFile,
    First,
    Json,
    Last,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.workbench.profile import SeenFile


def read(
    files: Annotated[list[Path], typer.Argument(help="The files to look into.")],
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="e.g. utf-8, cp1252, cp850", show_default=False)
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="e.g. ; or tab", show_default=False)
    ] = None,
    quote: Annotated[
        str | None,
        typer.Option("--quote", help="The quote character; empty for none.", show_default=False),
    ] = None,
    escape: Annotated[
        str | None,
        typer.Option("--escape", help="The escape character, if there is one.", show_default=False),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option("--sheet", help="Only this sheet, even if it is hidden.", show_default=False),
    ] = None,
    header_row: Annotated[
        int | None,
        typer.Option(
            "--header-row",
            min=0,
            help="The row that holds the header; 0: there is none.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Write one clean UTF-8 CSV per table into this folder.",
            show_default=False,
        ),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            "--rows",
            min=0,
            help="How many rows to show of a table: 10, with --json all.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what the readers see in files: tables, header, rows with their places, notices. Needs no configuration.

    What is not stated is found out. A workbook's password is taken from the variable DREHSCHEIBE_WORKBOOK_PASSWORD.
    Example: drehscheibe read export.csv --encoding cp1252 --delimiter ";" --out sauber/
    """
    from pipelines.workbench.profile import describe_files

    _check_dialect(delimiter, quote, escape)
    if out is not None and out.exists() and not out.is_dir():
        raise Wrong(f"{out} is a file; name a folder with --out")
    stated = {
        "encoding": encoding,
        "quote": quote,
        "escape": escape,
        "sheet": sheet,
        "header_row": header_row,
    }
    dialect = {
        **stated,
        "delimiter": "\t" if delimiter in ("tab", "\\t") else delimiter,
        "password": _workbook_password(),
    }
    missing = [f for f in files if not f.is_file()]
    if missing:
        raise Wrong("there is no file " + ", ".join(map(str, missing)))
    told = list(
        describe_files(files, dialect, out, rows if rows is not None else None if json else 10)
    )
    for file in () if json else told:
        _print_file(file)
    if json:
        print_json({"files": told})
    if any(f.error or any(t.error for t in f.tables) for f in told):
        raise Red("not everything could be read; see above")


def _check_dialect(delimiter: str | None, quote: str | None, escape: str | None) -> None:
    """What no text can be written with is refused before it is tried."""
    for name, sign, least in (("--quote", quote, 0), ("--escape", escape, 1)):
        if sign is not None and not least <= len(sign) <= 1:
            raise Wrong(
                f"{name} has to be one character, such as '\"'{'' if least else '; empty for none'}"
            )
    if delimiter is not None and (not delimiter or any(sign in delimiter for sign in "\r\n")):
        raise Wrong("--delimiter has to be a character such as ; or the word tab")
    if delimiter and any(sign and sign in delimiter for sign in (quote, escape)):
        raise Wrong("--delimiter, --quote and --escape have to differ")


def _workbook_password() -> str | None:
    import os

    return os.environ.get("DREHSCHEIBE_WORKBOOK_PASSWORD") or None


def explain(
    what: Annotated[
        str, typer.Argument(help="An indicator (conversations, topics …) or a record (enaio:P-1).")
    ],
    category: Annotated[
        str | None,
        typer.Option("--category", help="One category of the indicator.", show_default=False),
    ] = None,
    by: Annotated[str | None, typer.Option(help="By one kind of unit.", show_default=False)] = None,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Explain what a figure is made of, or what became of a record.

    Example: drehscheibe explain topics --category kinder --from 2024-01-01 --to 2024-12-31
    """
    from mappings.problems import did_you_mean
    from pipelines.cli.kennzahlen import asked_for, parse_units
    from pipelines.figures.explain import explain_figure, explain_record
    from warehouse.marts.indicators import INDICATORS

    if ":" not in what and what not in INDICATORS:
        raise Wrong(
            f"'{what}' is neither an indicator nor a record like source:key; {did_you_mean(what, INDICATORS)}"
        )
    units = parse_units([by] if by else [])
    if units and ":" not in what and units[0] not in INDICATORS[what].units:
        counted_by = ", ".join(INDICATORS[what].units) or "nothing but the district"
        raise Wrong(f"'{what}' is not counted by {by}; it is by {counted_by}")
    with open_hub(config) as hub:
        asked = asked_for(hub, first, last, as_of)
        answer = (
            explain_record(hub, what)
            if ":" in what
            else explain_figure(hub, what, asked, category, *units)
        )
    if json:
        print_json(answer)
        return
    if ":" not in what:
        _show_things(what, answer)
        return
    columns = [
        "entity",
        "known_from",
        "known_to",
        "delivered_on",
        "source_file",
        "source_table",
        "source_row",
    ]
    print_table(what, columns, [[v[c] for c in columns] for v in answer["versions"]])
    for p in answer["persons"]:
        typer.echo(f"person {p['person']} ({p['rule']}): {p['explanation']}")
    if not answer["versions"]:
        raise Red(f"no record {what} was ever loaded")


def _show_things(what: str, answer: dict[str, Any]) -> None:
    """One line for each record, with the unit and the person it counts for where there are."""
    columns = ["record", "file", "table", "row"]
    rows: list[dict[str, Any]] = []
    for thing in answer["made_of"]:
        person = {"person": thing["person"]} if "person" in thing else {}
        for record in thing.get("records", [thing]):
            place = {name: record[name] for name in columns}
            rows.append({**thing.get("unit", {}), **person, **place})
    head = list(rows[0]) if rows else columns
    lines = [list(row.values()) for row in rows]
    print_table(f"{what}: {answer['value']}", head, lines, right=1)


def doctor(config: ConfigFile = None, json: Json = False) -> None:
    """Check configuration, rights, disk, clock, sources and warehouse, in plain words.

    Example: drehscheibe doctor -c kreis/drehscheibe.yaml
    """
    from pipelines.operations.doctor import CheckState, examine_hub

    with open_hub(config) as hub:
        checks = list(examine_hub(hub))
    if json:
        print_json(
            {"checks": [{"check": c.name, "state": c.state, "message": c.message} for c in checks]}
        )
    else:
        print_table(
            "Doctor", ["check", "state", "message"], [[c.name, c.state, c.message] for c in checks]
        )
    red = [c.name for c in checks if c.state is CheckState.RED]
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


def _print_file(file: SeenFile) -> None:
    if file.error:
        typer.echo(f"{file.file}: {file.error.message}")
    for table in file.tables:
        if table.error:
            typer.echo(f"{file.file} [{table.table}]: {table.error.message}")
            continue
        shown = [[row.row, *row.cells] for row in table.rows]
        print_table(
            f"{file.file} [{table.table}]: {table.count} rows", ["row", *table.header], shown
        )
        for notice in table.notices:
            typer.echo(f"  {notice.row or ''} {notice.message}".rstrip())
        if table.written:
            typer.echo(f"  written: {table.written}")
