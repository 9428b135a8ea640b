"""The options that commands share; opens the hub for a command and prints its answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipelines.cli.errors import Wrong, json_awaited, quiet
from pipelines.printable import PrintableStream, make_printable

if TYPE_CHECKING:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from pipelines.hub import Hub

WIDTH = 80
_ENDLESS = 1 << 16
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        help="The district's drehscheibe.yaml; without it, the next one upwards from here.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Only this source; may be given several times."),
]
DAY_FORMATS = ["%Y-%m-%d", "%d.%m.%Y"]
HappenedOn = Annotated[
    datetime | None,
    typer.Option("--on", formats=DAY_FORMATS, help="The day it happened; without it, today."),
]
First = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=DAY_FORMATS,
        help="First day of the period; without --from and --to, that of the configuration.",
    ),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=DAY_FORMATS, help="Last day of the period."),
]


def _parse_moment(text: str) -> date | int:
    """A day, or the number of a load."""
    if text.isascii() and text.isdecimal():
        return int(text)
    for form in DAY_FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()
    raise typer.BadParameter(
        f"'{text}' is neither a day (2025-07-31, 31.07.2025) nor the number of a load "
        "(drehscheibe balance names it)"
    )


AsOf = Annotated[
    Any,
    typer.Option(
        "--as-of",
        parser=_parse_moment,
        metavar="DAY|LOAD",
        help="Answer as known after the deliveries up to this day, "
        "or after the load of this number.",
    ),
]


def open_hub(config: Path | None) -> Hub:
    """The hub of the configuration given or found.

    Wrong where there is no such file; ConfigError lists every mistake in it with its line.
    """
    from pipelines.config import find_config, load_config
    from pipelines.hub import Hub

    path = config or find_config(Path.cwd())
    if path.is_dir():
        raise Wrong(f"{path} is a folder; name the configuration file in it with -c")
    if path.exists() and not path.is_file():
        raise Wrong(f"{path} is no ordinary file; name the configuration file with -c")
    if not path.is_file():
        raise Wrong(
            f"there is no configuration file {path}; "
            "name it with -c, or see the README for how to write one"
        )
    return Hub(load_config(path, check_folders=False))


def known_sources(hub: Hub, names: list[str] | None) -> list[str]:
    """The names given, none for all; Wrong where the configuration has no such source."""
    for name in names or []:
        check_name("source", name, hub.config.sources)
    return names or []


def check_name(kind: str, name: str, known: Collection[str]) -> None:
    """Refuses a name that is none of the known ones; Wrong says which is the nearest."""
    from mappings.problems import add_suggestion

    if name not in known:
        raise Wrong(add_suggestion(f"there is no {kind} '{name}'", name, known))


def day_of(moment: datetime | None) -> date | None:
    """The day of a date option."""
    return moment.date() if moment else None


def print_json(answer: Any) -> None:
    """Prints the answer on standard output, as JSON in UTF-8."""
    from pipelines.cli.json_answer import to_json

    typer.echo(json.dumps(to_json(answer), ensure_ascii=False, indent=1, default=str))
    json_awaited.set(False)


def print_progress(text: str) -> None:
    """Prints what a command is doing, on standard error; nothing with ``--quiet``."""
    if not quiet.get():
        typer.echo(text, err=True)


def print_table(title: str, columns: list[str], rows: list[list[Any]], *, right: int = 0) -> None:
    """Prints a table for people; the last ``right`` columns are numbers.

    Cells are text and nothing else: no markup, no control characters, one line each. Where the
    screen is too narrow for its columns, each row is a paragraph.
    """
    from rich.console import Console

    # The table's own control characters go past the stream that takes printable text only.
    out = sys.stdout.stream if isinstance(sys.stdout, PrintableStream) else sys.stdout
    # A pipe or a log has no width of its own: that of the smallest screen fits everywhere.
    console = Console(file=out, width=None if sys.stdout.isatty() else WIDTH)
    for is_tight in (False, True):
        table = _build_table(title, columns, rows, right, tight=is_tight)
        needed = console.measure(table, options=console.options.update(width=_ENDLESS))
        if needed.minimum <= console.width:
            _widen_columns(table, console.width - needed.minimum, [columns, *rows])
            console.print(table)
            return
    console.print(_plain_text(title, "bold"))
    for row in rows:
        console.print(_build_paragraph(columns, row))


def _widen_columns(table: Table, spare: int, rows: Sequence[Sequence[Any]]) -> None:
    """Fixes the widths of the columns, and gives the spare cells to those that want the fewest.

    Left to itself, a table may take more than the screen has, and its end is cut off.
    """
    from rich.cells import cell_len

    wanted = []
    for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
        column.width = column.min_width or 1
        longest = max(cell_len(make_printable(str(c))) for c in cells if c is not None)
        wanted.append((max(longest - column.width, 0), column))
    wanted.sort(key=lambda pair: pair[0])
    for at, (more, column) in enumerate(wanted):
        given = min(more, spare // (len(wanted) - at))
        column.width = (column.width or 0) + given
        spare -= given


def _longest_word(cells: Iterable[Any]) -> int:
    """The width that a column needs so that none of its words is broken."""
    from rich.cells import cell_len

    words = (
        word for cell in cells for word in make_printable(str(cell)).split() if cell is not None
    )
    return max(map(cell_len, words), default=1)


def _build_table(
    title: str,
    columns: list[str],
    rows: list[list[Any]],
    right: int,
    *,
    tight: bool,
) -> Table:
    from rich import box
    from rich.table import Table

    # Without lines between the columns more of them fit.
    look: dict[str, Any] = {"box": box.SIMPLE, "collapse_padding": True, "pad_edge": False}
    table = Table(
        title=_plain_text(title),
        title_justify="left",
        title_style="bold",
        **(look if tight else {}),
    )
    texts = len(columns) - right
    widths = (_longest_word(cells) for cells in zip(columns, *rows, strict=True))
    for number, (column, width) in enumerate(zip(columns, widths, strict=True)):
        justify: Literal["left", "right"] = "left" if number < texts else "right"
        header = _plain_text(column, "bold")
        table.add_column(header, overflow="fold", justify=justify, min_width=width)
    for row in rows:
        table.add_row(*("" if cell is None else _plain_text(str(cell)) for cell in row))
    return table


def _build_paragraph(columns: list[str], row: list[Any]) -> Padding:
    """The filled cells of a row with their columns' names, in lines."""
    from rich.padding import Padding

    filled = [
        (c, str(cell)) for c, cell in zip(columns, row, strict=True) if cell not in (None, "")
    ]
    cells = [f"{make_printable(column)}: {make_printable(cell)}" for column, cell in filled]
    return Padding(_plain_text("  ".join(cells)), (0, 0, 1, 0))


def _plain_text(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(make_printable(text), style=style)
