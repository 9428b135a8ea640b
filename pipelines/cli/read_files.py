"""The command read: shows what the readers see in files, without a configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import Json, print_json, print_table

if TYPE_CHECKING:
    from pipelines.workbench.profile import SeenFile, SeenTable

Files = Annotated[list[Path], typer.Argument(help="The files to look into.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="e.g. utf-8, cp1252, cp850")]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="e.g. ; or tab")]
Quote = Annotated[
    str | None,
    typer.Option("--quote", help="The quote character; empty for none."),
]
Escape = Annotated[
    str | None,
    typer.Option("--escape", help="The escape character, if there is one."),
]
Sheet = Annotated[
    str | None,
    typer.Option("--sheet", help="Only this sheet, even if it is hidden."),
]
HeaderRow = Annotated[
    int | None,
    typer.Option("--header-row", min=0, help="The row that holds the header; 0: there is none."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Write one clean UTF-8 CSV per table into this folder, for its owner only. What a "
        "spreadsheet would take for a formula (= + - @ at the beginning of a cell or after ; | or "
        "a line break) and what begins with an apostrophe gets an apostrophe in front; negative "
        "numbers do not. To read it back, take one apostrophe away at these places.",
    ),
]
Rows = Annotated[
    int | None,
    typer.Option("--rows", min=0, help="How many rows to show of a table: 10, with --json all."),
]


def read(
    files: Files,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    quote: Quote = None,
    escape: Escape = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    out: Out = None,
    rows: Rows = None,
    json: Json = False,
) -> None:
    """Show what the readers see in files: tables, header, rows with their places, notices. Needs no
    configuration.

    What is not stated is found out. A workbook's password is taken from the variable
    DREHSCHEIBE_WORKBOOK_PASSWORD.
    Example: drehscheibe read export.csv --encoding cp1252 --delimiter ";" --out sauber/
    """
    from pipelines.workbench.profile import describe_files

    _check_dialect(delimiter, quote, escape)
    if out is not None and out.exists() and not out.is_dir():
        raise Wrong(f"{out} is a file; name a folder with --out")
    _check_files(files)
    dialect = {
        "encoding": encoding,
        "quote": quote,
        "escape": escape,
        "sheet": sheet,
        "header_row": header_row,
        "delimiter": "\t" if delimiter in ("tab", "\\t") else delimiter,
        "password": os.environ.get("DREHSCHEIBE_WORKBOOK_PASSWORD") or None,
    }
    if rows is None and not json:
        rows = 10
    seen = list(describe_files(files, dialect, out, rows))
    if json:
        print_json({"files": seen})
    else:
        for file in seen:
            _print_file(file)
    if any(file.error or any(table.error for table in file.tables) for file in seen):
        raise Red("not everything could be read; see above")


def _check_files(files: list[Path]) -> None:
    """Refuses what is no file that can be read; Wrong says what it is."""
    for file in files:
        if file.is_dir():
            raise Wrong(f"{file} is a folder; name the files in it")
        if not file.exists():
            raise Wrong(f"there is no file {file}")
        if not file.is_file():
            raise Wrong(f"{file} is no ordinary file")
        if not os.access(file, os.R_OK):
            raise Wrong(f"{file} cannot be read: this account has no right to")


def _check_dialect(delimiter: str | None, quote: str | None, escape: str | None) -> None:
    """Refuses a dialect that no text can be written with; Wrong says which option."""
    if quote is not None and len(quote) > 1:
        raise Wrong("--quote has to be one character, such as '\"'; empty for none")
    if escape is not None and len(escape) != 1:
        raise Wrong("--escape has to be one character, such as '\"'")
    if delimiter is None:
        return
    if not delimiter or "\r" in delimiter or "\n" in delimiter:
        raise Wrong("--delimiter has to be a character such as ; or the word tab")
    if any(sign and sign in delimiter for sign in (quote, escape)):
        raise Wrong("--delimiter, --quote and --escape have to differ")


def _print_file(file: SeenFile) -> None:
    if file.error:
        typer.echo(f"{file.file}: {file.error.message}")
    for table in file.tables:
        _print_seen_table(f"{file.file} [{table.table}]", table)
    for alike in file.alike:
        named = ", ".join(f'"{name}"' for name in alike.table)
        typer.echo(
            f"{file.file}: {len(alike.sheets)} sheets have one header; a mapping reads them as one "
            f"table with  table: [{named}]"
        )


def _print_seen_table(title: str, table: SeenTable) -> None:
    if table.error:
        typer.echo(f"{title}: {table.error.message}")
        return
    rows = [[row.row, *row.cells] for row in table.rows]
    print_table(f"{title}: {table.count} rows", ["row", *table.header], rows)
    for notice in table.notices:
        typer.echo(f"  {notice.row or ''} {notice.message}".rstrip())
    if table.written:
        typer.echo(f"  written: {table.written}")
