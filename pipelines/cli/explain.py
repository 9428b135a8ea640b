"""The command explain: what a figure is made of, or what became of a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.kennzahlen import make_request, parse_units
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
    from warehouse.marts.scope import By

PLACE_COLUMNS = ["record", "file", "table", "row"]
VERSION_COLUMNS = [
    "entity",
    "known_from",
    "known_to",
    "delivered_on",
    "source_file",
    "source_table",
    "source_row",
]
What = Annotated[
    str, typer.Argument(help="An indicator (conversations, topics …) or a record (enaio:P-1).")
]
Category = Annotated[
    str | None,
    typer.Option("--category", help="One category of the indicator."),
]
ByUnit = Annotated[str | None, typer.Option(help="By one kind of unit.")]


def explain(
    what: What,
    category: Category = None,
    by: ByUnit = None,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Explain what a figure is made of, or what became of a record.

    Example: drehscheibe explain topics --category kinder --from 2024-01-01 --to 2024-12-31
    """
    from pipelines.cli.json_answer import to_json
    from pipelines.figures.explain import explain_figure, explain_record

    is_record = ":" in what
    if not is_record:
        _check_indicator(what)
    units = parse_units([by] if by else [])
    if units and not is_record:
        _check_unit(what, units[0])
    with open_hub(config) as hub:
        request = make_request(hub, first, last, as_of)
        answer = to_json(
            explain_record(hub, what)
            if is_record
            else explain_figure(hub, what, request, category, *units)
        )
    if json:
        print_json(answer)
    elif is_record:
        _print_versions(what, answer)
    else:
        _print_records(what, answer)
    if is_record and not answer["versions"]:
        raise Red(f"no record {what} was ever loaded")


def _check_indicator(name: str) -> None:
    from mappings.problems import did_you_mean
    from warehouse.marts.indicators import INDICATORS

    if name not in INDICATORS:
        hint = did_you_mean(name, INDICATORS)
        raise Wrong(f"'{name}' is neither an indicator nor a record like source:key; {hint}")


def _check_unit(indicator: str, unit: By) -> None:
    from warehouse.marts.indicators import INDICATORS

    units = INDICATORS[indicator].units
    if unit not in units:
        counted_by = ", ".join(units) or "nothing but the district"
        raise Wrong(f"'{indicator}' is not counted by {unit}; it is by {counted_by}")


def _print_versions(record: str, answer: dict[str, Any]) -> None:
    """One line per version of the record, then the persons it belongs to."""
    rows = [[version[column] for column in VERSION_COLUMNS] for version in answer["versions"]]
    print_table(record, VERSION_COLUMNS, rows)
    for person in answer["persons"]:
        typer.echo(f"person {person['person']} ({person['rule']}): {person['explanation']}")


def _print_records(indicator: str, answer: dict[str, Any]) -> None:
    """One line per record, with the unit and the person it counts for where there are."""
    rows = [row for counted in answer["made_of"] for row in _record_rows(counted)]
    head = list(rows[0]) if rows else PLACE_COLUMNS
    title = f"{indicator}: {answer['value']}"
    print_table(title, head, [list(row.values()) for row in rows], right=1)


def _record_rows(counted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    person = {"person": counted["person"]} if "person" in counted else {}
    for record in counted.get("records", [counted]):
        place = {name: record[name] for name in PLACE_COLUMNS}
        yield {**counted.get("unit", {}), **person, **place}
