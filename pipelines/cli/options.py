"""The options that commands share, and how they open the hub and print their answer."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Wrong, json_awaited

if TYPE_CHECKING:
    from pipelines.hub import Hub

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        help="The district's drehscheibe.yaml; without it, the next one upwards from here.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source", help="Only this source; may be given several times.", show_default=False
    ),
]
_DAYS = ["%Y-%m-%d", "%d.%m.%Y"]
First = Annotated[
    datetime | None,
    typer.Option("--from", formats=_DAYS, help="First day of the period.", show_default=False),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=_DAYS, help="Last day of the period.", show_default=False),
]


def _parse_moment(text: str) -> date | int:
    """A day, or the number of a load."""
    if text.isascii() and text.isdecimal():
        return int(text)
    for form in _DAYS:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()
    raise typer.BadParameter(
        f"'{text}' is neither a day (2025-07-31, 31.07.2025) nor the number of a load (drehscheibe balance names it)"
    )


AsOf = Annotated[
    Any,
    typer.Option(
        "--as-of",
        parser=_parse_moment,
        metavar="DAY|LOAD",
        help="Answer as known after the deliveries up to this day, or after the load of this number.",
        show_default=False,
    ),
]


def open_hub(config: Path | None, *, check_folders: bool = False) -> Hub:
    """The hub of the configuration given or found; ConfigError tells every mistake in it with its line."""
    from pipelines.config import find_config, load_config
    from pipelines.hub import Hub

    path = config or find_config(Path.cwd())
    if not path.is_file():
        raise Wrong(
            f"there is no configuration file {path}; name it with -c, or see the README for how to write one"
        )
    return Hub(load_config(path, check_folders=check_folders))


def known_sources(hub: Hub, names: list[str] | None) -> list[str]:
    """The names, checked against the configuration."""
    from mappings.problems import did_you_mean

    for name in names or []:
        if name not in hub.config.sources:
            raise Wrong(f"there is no source '{name}'; {did_you_mean(name, hub.config.sources)}")
    return names or []


def day_of(moment: datetime | None) -> date | None:
    """The day of a date option."""
    return moment.date() if moment else None


def print_json(answer: Any) -> None:
    """The answer on standard output, as JSON in UTF-8."""
    from pipelines.cli.json_answer import to_json

    typer.echo(json.dumps(to_json(answer), ensure_ascii=False, indent=1, default=str))
    json_awaited.set(False)


def print_table(title: str, columns: list[str], rows: list[list[Any]], *, right: int = 0) -> None:
    """A table for people; the last ``right`` columns are numbers."""
    import sys

    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", show_lines=False
    )
    for place, column in enumerate(columns):
        table.add_column(
            column, justify="right" if place >= len(columns) - right else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    # A pipe or a log has no width of its own; 80 columns would break every word.
    Console(width=None if sys.stdout.isatty() else 180).print(table)
