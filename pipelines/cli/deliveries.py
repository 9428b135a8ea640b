"""Commands about what came in: run, status, balance, findings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    ConfigFile,
    Json,
    Sources,
    day_of,
    known_sources,
    open_hub,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.intake.load_delivery import DeliveryResult


def run(
    config: ConfigFile = None,
    source: Sources = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            formats=["%Y-%m-%d"],
            help="Leave deliveries dated later alone.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Take what waits in the folders of the sources, load it, link persons, and write report and workbook anew.

    Report and workbook of the configured period lie in the data folder under out/.
    Example: drehscheibe run -c kreis/drehscheibe.yaml --source enaio
    """
    from pipelines.intake.run import red_sources
    from pipelines.intake.run import run_intake as run_hub

    with open_hub(config) as hub:
        results = run_hub(
            hub,
            known_sources(hub, source),
            day_of(until),
            tell=lambda text: typer.echo(text, err=True),
        )
        red = red_sources(hub) | {r.source: r.message for r in results if r.state.is_red}
        files = _renew_outputs(hub, anew=any(r.loaded for r in results))
    if json:
        print_json({"deliveries": [_result_data(r) for r in results], "red": red, "files": files})
    else:
        _print_results(results)
        for file in files:
            typer.echo(f"written: {file}")
    if red:
        raise Red(
            "red: " + "; ".join(f"{name} ({message})" for name, message in sorted(red.items()))
        )


def _renew_outputs(hub: Hub, *, anew: bool) -> list[str]:
    """Report and workbook of the period the configuration reports on, where they are not those of the newest load."""
    from pipelines.figures.current_report import CurrentReport

    standing = CurrentReport(hub)
    if not anew and standing.is_current():
        return []
    typer.echo("writing report and workbook", err=True)
    return [str(file) for file in standing.renew()]


def status(config: ConfigFile = None, json: Json = False) -> None:
    """Show, per source, the last delivery, its age, open findings, and what waits.

    Example: drehscheibe status --json
    """
    from pipelines.intake.delivery_status import answer_status as answer
    from warehouse.schema.states import Severity

    with open_hub(config) as hub:
        told = answer(hub)
    if json:
        print_json(told)
        return
    rows = []
    for line in told.sources:
        found = [line.open_findings[k] for k in Severity]
        rows.append(
            [
                line.source,
                line.last_delivery,
                line.age_days,
                line.state,
                line.message,
                line.rows_used,
                *found,
            ]
        )
    columns = [
        "source",
        "last delivery",
        "age (days)",
        "state",
        "message",
        "rows",
        "rejected",
        "set aside",
        "notices",
    ]
    print_table("Sources", columns, rows, right=4)
    for item in told.waiting:
        typer.echo(f"waiting: {item.source} {item.delivered_on} ({item.files} files)")
    for refused in told.aside:
        typer.echo(f"not to be taken: {refused.source} ({refused.state}) {refused.message}")


def accept(
    delivery: Annotated[
        str, typer.Argument(help="The delivery's id (at least 8 signs of it), or source/date.")
    ],
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            help="Why it is right although it changes so much; is kept.",
            show_default=False,
        ),
    ] = "",
    undo: Annotated[
        bool, typer.Option("--undo", help="Take an acceptance back that no run has used yet.")
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Accept a delivery that was held back because too much would end or change; the next run loads it.

    Example: drehscheibe accept enaio/2025-07-31 --reason "Altfälle wurden im Juli geschlossen"
    """
    from pipelines.intake import acceptance as accepting

    # What a terminal would act on, or a line would be broken by, is no part of a reason.
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if undo == bool(words):
        raise Wrong(
            "say why with --reason, which is kept with the delivery; or take an acceptance back with --undo"
        )
    with open_hub(config) as hub:
        source, date = (
            accepting.undo_acceptance(hub, delivery)
            if undo
            else accepting.accept_delivery(hub, delivery, words)
        )
    if json:
        print_json({"taken back" if undo else "accepted": {"source": source, "date": date}})
    else:
        typer.echo(
            f"taken back: {source} {date}"
            if undo
            else f"accepted: {source} {date}; load it with: drehscheibe run"
        )


def balance(config: ConfigFile = None, source: Sources = None, json: Json = False) -> None:
    """Show where every row and record of every delivery went.

    Rows: read = used + rejected + repeated + left out. Records: known before + new - gone = known after.
    Example: drehscheibe balance --source tau
    """
    from pipelines.intake.delivery_status import answer_balance as answer

    with open_hub(config) as hub:
        told = answer(hub, known_sources(hub, source))
    if json:
        print_json(told)
        return
    rows: list[list[object]] = []
    for d in told.deliveries:
        for t in d.tables:
            kinds = t.records.items()
            records = "; ".join(
                f"{e} +{c.new} ~{c.changed} ={c.unchanged} -{c.gone}" for e, c in kinds
            )
            counts = [t.read, t.used, t.rejected, t.repeated, t.left_out]
            rows.append([d.source, d.delivered_on, f"{t.file} {t.table}", records, *counts])
        if not d.tables:
            rows.append([d.source, d.delivered_on, d.state, d.message, 0, 0, 0, 0, 0])
    columns = [
        "source",
        "date",
        "table",
        "records (+new ~changed =unchanged -gone)",
        "read",
        "used",
        "rejected",
        "repeated",
        "left out",
    ]
    print_table("Balance", columns, rows, right=5)


def findings(
    config: ConfigFile = None,
    source: Sources = None,
    severity: Annotated[
        str | None,
        typer.Option("--severity", help="rejected, set_aside or notice.", show_default=False),
    ] = None,
    with_values: Annotated[
        bool, typer.Option("--with-values", help="Show the values, too: they may name persons.")
    ] = False,
    json: Json = False,
) -> None:
    """List what could not be understood, and where it stands, so that it can be mended at the source.

    Example: drehscheibe findings --source enaio --severity rejected
    """
    from mappings.problems import did_you_mean
    from pipelines.cli.json_answer import to_json
    from warehouse.loading.findings import list_findings
    from warehouse.schema.states import Severity

    severities = [s.value for s in Severity]
    if severity and severity not in severities:
        raise Wrong(f"there is no severity '{severity}'; {did_you_mean(severity, severities)}")
    with open_hub(config) as hub:
        names = known_sources(hub, source)
        with hub.store.read() as connection:
            found = list_findings(
                connection, sources=names, severity=severity, with_values=with_values
            )
    if json:
        print_json({"findings": found})
        return
    columns = [
        "source",
        "date",
        "file",
        "sheet",
        "row",
        "column",
        "rule",
        "severity",
        "message",
    ] + (["value"] if with_values else [])
    print_table(
        f"Findings ({len(found)})", columns, [[line[c] for c in columns] for line in to_json(found)]
    )


def _result_data(taken: DeliveryResult) -> dict[str, object]:
    tables = {}
    for entity, changes in (taken.loaded.changes if taken.loaded else {}).items():
        tables[entity] = {
            k: sum(getattr(c, k) for c in changes) for k in ("new", "changed", "unchanged", "gone")
        }
    return {
        "source": taken.source,
        "date": taken.delivered_on.isoformat(),
        "state": taken.state,
        "load": taken.loaded.number if taken.loaded else None,
        "message": taken.message or None,
        "records": tables,
        "findings": taken.findings,
    }


def _print_results(results: list[DeliveryResult]) -> None:
    from warehouse.schema.states import DeliveryState, Severity

    rows: list[list[object]] = []
    for taken in results:
        if taken.state is DeliveryState.KNOWN:
            continue
        changes = [c for cs in (taken.loaded.changes.values() if taken.loaded else ()) for c in cs]
        numbers = [
            sum(getattr(c, k) for c in changes) for k in ("new", "changed", "unchanged", "gone")
        ]
        rows.append(
            [
                taken.source,
                taken.delivered_on,
                taken.state,
                taken.message,
                *numbers,
                taken.findings.get(Severity.REJECTED, 0),
            ]
        )
    if rows:
        columns = [
            "source",
            "date",
            "state",
            "message",
            "new",
            "changed",
            "unchanged",
            "gone",
            "rejected",
        ]
        print_table("Deliveries taken", columns, rows, right=5)
    known = sum(1 for taken in results if taken.state is DeliveryState.KNOWN)
    typer.echo(
        f"{len(rows)} deliveries looked at anew, {known} known already"
        if rows
        else f"nothing new; {known} deliveries known already"
    )
