"""The commands kennzahlen and report: the figures of a period, and the documents about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.documents.figure_data import UNIT_LABELS
from pipelines.cli.errors import Wrong
from pipelines.cli.options import (
    AsOf,
    ConfigFile,
    First,
    Json,
    Last,
    check_name,
    day_of,
    open_hub,
    print_json,
    print_progress,
    print_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from connectors.documents.figure_data import Figure, Gap, LeftOver
    from pipelines.figures.form import FormAnswer
    from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen
    from pipelines.figures.ratios import Ratio
    from pipelines.hub import Hub
    from warehouse.marts.scope import By

Units = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        help="Also by municipality, staff, carrier, team or source; may be given several times.",
    ),
]
Workbook = Annotated[
    Path | None,
    typer.Option("--workbook", help="Write the XLSX workbook to this file, or into this folder."),
]
Internal = Annotated[
    bool,
    typer.Option(
        "--internal", help="The district's own figures in place of the state's Kennzahlen."
    ),
]
Template = Annotated[
    Path | None,
    typer.Option("--template", help="The form you were given (.xlsx, .xlsm); a copy is filled."),
]
FormMapping = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        help="Anchors of the form: a YAML of yours or a name of ours; "
        "by default the YAML of the form's name beside it.",
    ),
]
_EMPTY = (
    "In diesem Zeitraum liegt kein Gespräch; die neuesten sind von {year}: "
    "--from {year}-01-01 --to {year}-12-31"
)
ReportFolder = Annotated[Path, typer.Option("--out", help="The folder to write the report into.")]


kennzahlen_app = typer.Typer(suggest_commands=False, rich_markup_mode=None)


@kennzahlen_app.callback(invoke_without_command=True)
def kennzahlen(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    by: Units = None,
    as_of: AsOf = None,
    internal: Internal = False,
    workbook: Workbook = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Compute the state's Kennzahlen for a period.

    Example: drehscheibe kennzahlen --from 2024-01-01 --to 2024-12-31 --by municipality --workbook
    kennzahlen-2024.xlsx
    """
    if context.invoked_subcommand:
        if any((first, last, by, as_of, workbook, config, json)):
            raise Wrong(f"options go behind 'kennzahlen {context.invoked_subcommand}'")
        return
    from pipelines.figures.ratios import InternalKennzahlen

    units = parse_units(by or [])
    with open_hub(config) as hub:
        request = make_request(hub, first, last, as_of)
        request = replace(request, purpose="internal" if internal else "state")
        answer = _compute_answer(hub, request, units)
        names = {key: carrier.name for key, carrier in hub.config.carriers.items()}
        names |= {ags: place.name for ags, place in hub.config.municipalities.items()}
        if workbook:
            workbook = _write_neutral(hub, request, workbook)
    if json:
        print_json(answer)
    else:
        _print_kennzahlen(answer, names)
        if isinstance(answer, InternalKennzahlen):
            _print_ratios(answer.ratios, names)
    if workbook:
        print_progress(f"written: {workbook}")


def _compute_answer(hub: Hub, request: FigureRequest, units: Sequence[By]) -> Kennzahlen:
    """The figures, with what later deliveries made of them."""
    from pipelines.figures.empty_period import find_other_year
    from pipelines.figures.kennzahlen import compute_kennzahlen
    from pipelines.figures.ratios import compute_internal
    from pipelines.figures.revised_figures import tell_changes

    known_at = hub.known_at(request.as_of)
    compute = compute_internal if request.purpose == "internal" else compute_kennzahlen
    answer = compute(hub, request, units, known_at)
    changes = tell_changes(hub, request, known_at, answer.figures, units)
    # An account that may not read all is not asked for days of conversations.
    year = None if answer.withheld else find_other_year(hub, request, known_at)
    empty = [] if year is None else [_EMPTY.format(year=year)]
    return replace(answer, revised=changes.revised, later=[*empty, *changes.notes])


@kennzahlen_app.command("workbook")
def write_form(
    out: Annotated[Path, typer.Option("--out", help="The XLSX to write, or a folder for it.")],
    template: Template = None,
    mapping: FormMapping = None,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the workbook of a period: the form you were given, filled, or a neutral one.

    Only cells of the copy change. It is read back against the warehouse cell by cell; if form,
    anchors and figures do not agree, nothing is written and every cell is named (exit status 1).

    Example: drehscheibe kennzahlen workbook --template muster.xlsx --from 2024-01-01 --to
    2024-12-31 --out kennzahlen-2024.xlsx
    """
    from pipelines.figures.form import FormAnswer, fill_workbook

    if mapping and not template:
        raise Wrong("--mapping belongs to a form; name it with --template")
    with open_hub(config) as hub:
        request = make_request(hub, first, last, as_of)
        if template:
            path = _file_in(out, request, template.suffix)
            answer = fill_workbook(hub, request, template, path, mapping)
        else:
            answer = FormAnswer(str(_write_neutral(hub, request, out)), [], [])
    if json:
        print_json(answer)
    else:
        typer.echo(f"written: {answer.file}")
        if template:
            _print_formulas(answer)
    if answer.new_errors or answer.not_computed:
        raise typer.Exit(1)


def _print_formulas(answer: FormAnswer) -> None:
    typer.echo(
        f"{len(answer.cells)} cells filled and read back, other parts unchanged: "
        f"{', '.join(answer.changed_parts)} differ"
    )
    for error in answer.errors:
        typer.echo(f"the formula gives an error: {error}")
    for cell in answer.not_computed:
        typer.echo(f"the formula is computed only when the file is opened in Excel: {cell}")
    for note in answer.notes:
        typer.echo(note)


def _write_neutral(hub: Hub, request: FigureRequest, out: Path) -> Path:
    from pipelines.figures.workbook import kennzahlen_workbook

    path = _file_in(out, request, ".xlsx")
    kennzahlen_workbook(hub, request, path)
    return path


def _file_in(out: Path, request: FigureRequest, ending: str) -> Path:
    return out / f"kennzahlen-{request.first}_{request.last}{ending}" if out.is_dir() else out


def report(
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    out: ReportFolder = Path("report"),
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Write the coordinators' report: one HTML file that opens without network, and the workbook.

    Example: drehscheibe report --from 2024-01-01 --to 2024-12-31 --out berichte/2024
    """
    from pipelines.figures.report import coordinator_report

    with open_hub(config) as hub:
        written = coordinator_report(hub, make_request(hub, first, last, as_of), out)
    files = [str(file) for file in written]
    if json:
        print_json({"files": files})
    else:
        for file in files:
            typer.echo(f"written: {file}")


def make_request(
    hub: Hub, first: datetime | None, last: datetime | None, as_of: date | int | None
) -> FigureRequest:
    """The period and state of knowledge asked for; without a period, the configuration's own.

    Wrong where the period ends before it begins.
    """
    from pipelines.figures.kennzahlen import FigureRequest

    begin, end = day_of(first), day_of(last)
    if begin is None and end is None:
        begin, end = hub.config.reports.default_period(hub.today)
        print_progress(
            f"period: {begin} to {end}, by 'reports' of the configuration or, without it, the "
            "current year; another: --from, --to"
        )
    if begin and end and begin > end:
        raise Wrong(f"the period ends ({end}) before it begins ({begin})")
    return FigureRequest(begin, end, as_of)


def parse_units(names: list[str]) -> list[By]:
    """The kinds of unit in the order of the answers; Wrong names the first unknown one."""
    from warehouse.marts.scope import UNITS

    for name in names:
        check_name("unit", name, UNITS)
    return [u for u in UNITS if u in names]


def _print_kennzahlen(answer: Kennzahlen, names: Mapping[str, str]) -> None:
    """Prints the figures with German labels; ``names``: of municipalities, by AGS, and carriers."""
    from connectors.documents.figure_data import name_figure
    from mappings.catalogue import choose_catalogue, label_indicators

    labels = label_indicators(choose_catalogue(answer.period.last))
    labels |= label_indicators(choose_catalogue(answer.period.last, "internal"))
    period = f"{answer.period.first or '…'} bis {answer.period.last or '…'}"
    title = f"Kennzahlen {period}, Stand {answer.as_of} (nicht das amtliche Muster)"
    columns = ["Einheit", "Kennzahl", "Ausprägung", "Anzahl"]
    revised = {name_figure(figure) for figure in answer.revised}
    rows = [_figure_row(f, labels, names, name_figure(f) in revised) for f in answer.figures]
    missing = [_gap_row(gap, labels, names) for gap in answer.not_delivered if gap.whole]
    left = [_left_over_row(one, labels) for one in answer.without_unit]
    print_table(title, columns, [*rows, *left, *missing], right=1)
    _print_remarks(answer, labels)


def _print_ratios(ratios: Sequence[Ratio], names: Mapping[str, str]) -> None:
    columns = ["Einheit", "Verhältnis", "Anzahl", "zu", "Wert"]
    rows = [
        [
            _name_unit(one.unit, names),
            one.label,
            *map(_spell_number, (one.count, one.of, one.value)),
        ]
        for one in ratios
    ]
    print_table("Verhältnisse", columns, rows, right=3)
    for one in ratios:
        if one.reason:
            typer.echo(f"{one.label}: kein Wert; {one.reason}")


def _spell_number(number: int | Decimal | None) -> str:
    return "" if number is None else f"{number:,}".translate(str.maketrans(",.", ".,"))


def _print_remarks(answer: Kennzahlen, labels: Mapping[str, str]) -> None:
    """What a reader has to know of the figures above."""
    for left in answer.without_unit:
        if left.category is None:
            unit, label = UNIT_LABELS[left.by], labels[left.indicator]
            typer.echo(f"ohne {unit}, im Kreis mitgezählt: {label} {left.value}")
    typer.echo(f"Klientinnen und Klienten am {answer.counted_on or '…'}")
    if not answer.figures:
        typer.echo("Keine Quelle weiß etwas aus diesem Zeitraum.")
    for sentence in answer.later:
        typer.echo(sentence)
    if not answer.figures:
        return
    for gap in answer.not_delivered:
        if not gap.unit:
            typer.echo(f"{labels[gap.indicator]}: nicht geliefert von {', '.join(gap.sources)}")
    for one in answer.withheld:
        unread = ", ".join(one.columns)
        typer.echo(
            f"{labels[one.indicator]}: nicht gezählt; das Datenbankkonto darf {unread} nicht lesen"
        )


def _figure_row(
    figure: Figure, labels: Mapping[str, str], names: Mapping[str, str], revised: bool
) -> list[str]:
    from connectors.documents.signs import REVISED

    value = f"{figure.value:,}".replace(",", ".") + (f" {REVISED}" if revised else "")
    label = labels[figure.indicator]
    return [_name_unit(figure.unit, names), label, figure.label or "gesamt", value]


def _gap_row(gap: Gap, labels: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    return [_name_unit(gap.unit, names), labels[gap.indicator], "", "nicht geliefert"]


def _left_over_row(left: LeftOver, labels: Mapping[str, str]) -> list[str]:
    unit = f"ohne {UNIT_LABELS[left.by]}"
    return [unit, labels[left.indicator], left.label or "gesamt", str(left.value)]


def _name_unit(unit: Mapping[str, str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(str(part), str(part)) for part in unit.values()) or "Kreis"
