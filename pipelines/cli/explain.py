"""The command explain: what a figure is made of, or what became of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
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
    from datetime import date

    from warehouse.marts.scope import By

PLACE_COLUMNS = ["record", "file", "table", "row"]
DELIVERY_COLUMNS = ["load", "delivered_on", "delivery", "sha256"]
VERSION_COLUMNS = [
    "entity",
    "known_from",
    "known_to",
    "delivered_on",
    "source_file",
    "source_table",
    "source_row",
]
PERSON_COLUMNS = ["record", "rule", "linked_to", "known_from", "known_to", "explanation"]
PERSON = re.compile(r"p-[0-9a-f]{20}")
MONTH = re.compile(r"([0-9]{4})-?(0[1-9]|1[0-2])")
What = Annotated[
    str,
    typer.Argument(
        help="An indicator (conversations, topics …), a ratio of --internal, a record (enaio:P-1) "
        "or a person (p-…)."
    ),
]
Category = Annotated[
    str | None,
    typer.Option(
        "--category", help="One category of the indicator: its code, its label, a month (2024-03)."
    ),
]
ByUnit = Annotated[str | None, typer.Option(help="By one kind of unit.")]
OneUnit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        help="With --by, only this unit: an AGS, a name, a key of a carrier; or 'ohne Gemeinde'.",
    ),
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="Also write every row with its delivery and hash to this file."),
]


def explain(
    what: What,
    category: Category = None,
    by: ByUnit = None,
    unit: OneUnit = None,
    csv: Csv = None,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Explain what a figure is made of, what became of a record, or which records are of a person.

    Of a ratio: which two numbers it is of, and the commands that explain these.

    Example: drehscheibe explain topics --category kinder --from 2024-01-01 --to 2024-12-31
    """
    from pipelines.cli.json_answer import to_json
    from pipelines.figures.explain import explain_figure
    from pipelines.figures.ratios import RATIOS

    units = parse_units([by] if by else [])
    if unit is not None and not units:
        raise Wrong("--unit names one of the units of --by; give that, too")
    if _is_record(what) or _is_person(what):
        if csv is not None:
            raise Wrong("--csv is for the rows behind a figure")
        _explain_key(what, config, json=json)
        return
    if what in RATIOS:
        if units or category is not None or csv is not None:
            raise Wrong(f"'{what}' is a ratio; --by, --category, --csv go with its two parts")
        _explain_ratio(what, config, (first, last, as_of), json=json)
        return
    _check_target(csv)
    _check_indicator(what)
    for kind in units:
        _check_unit(what, kind)
    with open_hub(config) as hub:
        request = make_request(hub, first, last, as_of)
        code = _find_category(what, category, request.last) if category else None
        found = explain_figure(hub, what, request, code, units[0] if units else None, unit)
    answer = to_json(found)
    _show_answer(_print_records, what, answer, json=json)
    if csv is not None:
        _write_csv(csv, answer)


def _check_target(csv: Path | None) -> None:
    """Wrong where the file cannot be written, before anything is asked."""
    if csv is not None and not csv.absolute().parent.is_dir():
        raise Wrong(f"there is no folder {csv.parent}")
    if csv is not None and csv.is_dir():
        raise Wrong(f"{csv} is a folder; name a file in it")


def _is_record(what: str) -> bool:
    return ":" in what


def _is_person(what: str) -> bool:
    return PERSON.fullmatch(what) is not None


def _explain_key(what: str, config: Path | None, *, json: bool) -> None:
    """Shows what became of a record, or which records are of a person."""
    from pipelines.cli.json_answer import to_json
    from pipelines.figures.explain_record import explain_person, explain_record

    with open_hub(config) as hub:
        explain_key = explain_record if _is_record(what) else explain_person
        answer = to_json(explain_key(hub, what))
    _show_answer(_print_versions if _is_record(what) else _print_person, what, answer, json=json)
    if not answer.get("versions", answer.get("records")):
        raise Red(f"no {'record' if _is_record(what) else 'person'} {what} was ever loaded")


def _explain_ratio(
    what: str, config: Path | None, asked: tuple[Any, Any, Any], *, json: bool
) -> None:
    """Shows the two numbers of a ratio; ``asked``: first day, last day, state of knowledge."""
    from pipelines.cli.json_answer import to_json
    from pipelines.figures.explain_ratio import explain_ratio

    with open_hub(config) as hub:
        answer = to_json(explain_ratio(hub, what, make_request(hub, *asked)))
    _show_answer(_print_parts, what, answer, json=json)


def _show_answer(
    print_answer: Callable[[str, dict[str, Any]], None],
    what: str,
    answer: dict[str, Any],
    *,
    json: bool,
) -> None:
    if json:
        print_json(answer)
    else:
        print_answer(what, answer)


def _check_indicator(name: str) -> None:
    from mappings.problems import add_suggestion
    from pipelines.figures.ratios import RATIOS
    from warehouse.marts.indicators import EVERY_INDICATOR

    if name not in EVERY_INDICATOR:
        message = f"'{name}' is neither an indicator nor a record like source:key"
        raise Wrong(add_suggestion(message, name, [*EVERY_INDICATOR, *RATIOS]))


def _find_category(indicator: str, word: str, last: date | None) -> str:
    """The code of a category by its code or label; Wrong says which there are."""
    from mappings.catalogue import choose_catalogue
    from mappings.problems import add_suggestion
    from pipelines.figures.kennzahlen import UNKNOWN_LABELS

    if indicator == "conversations_per_month":
        return _find_month(word)
    catalogues = (choose_catalogue(last), choose_catalogue(last, "internal"))
    lines = [line for catalogue in catalogues for line in catalogue.indicators()]
    found = next((line.labels() for line in lines if line.indicator == indicator), {})
    labels = {code: label or code for code, label in found.items() if code}
    if not labels:
        raise Wrong(f"'{indicator}' has no categories; leave --category out")
    labels |= {str(code): str(label) for code, label in UNKNOWN_LABELS.items()}
    codes = {name.casefold(): code for code, label in labels.items() for name in (label, code)}
    code = codes.get(" ".join(word.split()).casefold())
    if code is None:
        message = f"'{indicator}' has no category '{word}'"
        raise Wrong(add_suggestion(message, word, [*labels, *labels.values()]))
    return code


def _find_month(word: str) -> str:
    """A month written as 2024-03 or 202403."""
    found = MONTH.fullmatch(word.strip())
    if found is None:
        raise Wrong(f"'{word}' is no month; write it like 2024-03")
    return "-".join(found.groups())


def _check_unit(indicator: str, unit: By) -> None:
    from warehouse.marts.indicators import EVERY_INDICATOR

    units = EVERY_INDICATOR[indicator].units
    if unit not in units:
        counted_by = ", ".join(units) or "nothing but the district"
        raise Wrong(f"'{indicator}' is not counted by {unit}; it is by {counted_by}")


def _print_versions(record: str, answer: dict[str, Any]) -> None:
    """One line per version of the record, then the persons it belongs to."""
    rows = [[version[column] for column in VERSION_COLUMNS] for version in answer["versions"]]
    print_table(record, VERSION_COLUMNS, rows)
    for person in answer["persons"]:
        until = "" if person["known_to"] is None else f", until load {person['known_to']}"
        typer.echo(f"person {person['person']} ({person['rule']}{until}): {person['explanation']}")
        if person["records"]:
            typer.echo(f"  one person with: {', '.join(person['records'])}")


def _print_person(person: str, answer: dict[str, Any]) -> None:
    """One line per record that belonged to the person."""
    rows = [[record[column] for column in PERSON_COLUMNS] for record in answer["records"]]
    print_table(person, PERSON_COLUMNS, rows)
    if answer["carried_by"] not in (None, person):
        typer.echo(f"{person} is one with {answer['carried_by']} now")


def _print_parts(_: str, answer: dict[str, Any]) -> None:
    """The two numbers of a ratio, each with its command."""
    typer.echo(f"{answer['label']}: Verhältnis aus zwei Zahlen")
    for part in answer["parts"]:
        typer.echo(f"{part['what']}: {part['command']}")


def _print_records(indicator: str, answer: dict[str, Any]) -> None:
    """One line per record, with the unit and the person it counts for where there are."""
    rows = [row for counted in answer["made_of"] for row in _record_rows(counted)]
    head = list(rows[0]) if rows else PLACE_COLUMNS
    is_counted = answer.get("sign") is None
    title = f"{indicator}: {answer['value'] if is_counted else 'nicht geliefert'}"
    print_table(title, head, [list(row.values()) for row in rows], right=1)


def _record_rows(counted: dict[str, Any], *, whole: bool = False) -> Iterator[dict[str, Any]]:
    person = {"person": counted["person"]} if "person" in counted else {}
    for record in counted.get("records", [counted]):
        place = {name: record[name] for name in PLACE_COLUMNS}
        origin = _describe_origin(record) if whole else {}
        yield {**counted.get("unit", {}), **person, **place, **origin}


def _describe_origin(record: dict[str, Any]) -> dict[str, Any]:
    """The columns of a row that count, and the delivery it came with."""
    columns = ", ".join(record["columns"])
    return {"columns": columns, **{name: record[name] for name in DELIVERY_COLUMNS}}


def _write_csv(path: Path, answer: dict[str, Any]) -> None:
    """Writes one line per record behind the figure, as Excel opens it; for its owner alone."""
    from warehouse.files.atomic_file import write_file

    write_file(path, _format_csv(_list_whole_rows(answer)).encode("utf-8-sig"))
    typer.echo(f"written: {path}", err=True)


def _list_whole_rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for counted in answer["made_of"] for row in _record_rows(counted, whole=True)]


def _format_csv(rows: list[dict[str, Any]]) -> str:
    from csv import DictWriter
    from io import StringIO

    from pipelines.workbench.profile import mark_formula

    text = StringIO()
    columns = list(rows[0]) if rows else PLACE_COLUMNS
    writer = DictWriter(text, columns, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: mark_formula(str(value)) for name, value in row.items()})
    return text.getvalue()
