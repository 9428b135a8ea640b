"""The commands run, accept, status, balance and findings: what the sources delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    ConfigFile,
    Json,
    Sources,
    check_name,
    day_of,
    known_sources,
    open_hub,
    print_json,
    print_progress,
    print_table,
)

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.intake.delivery_status import SourceStatus
    from pipelines.intake.load_delivery import DeliveryResult
    from warehouse.ledger.deliveries import DeliveryBalance
    from warehouse.loading.history import Change

CHANGE_KINDS = ("new", "changed", "unchanged", "gone")
RESULT_COLUMNS = ["source", "date", "state", "message", *CHANGE_KINDS, "rejected"]
STATUS_COLUMNS = [
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
BALANCE_COLUMNS = [
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
FINDING_COLUMNS = [
    "source",
    "date",
    "file",
    "sheet",
    "row",
    "column",
    "rule",
    "severity",
    "message",
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], help="Leave deliveries dated later alone."),
]
DeliveryName = Annotated[
    str, typer.Argument(help="The delivery's id (at least 8 signs of it), or source/date.")
]
Reason = Annotated[
    str,
    typer.Option("--reason", help="Why it is right as it is; is kept."),
]
Undo = Annotated[
    bool, typer.Option("--undo", help="Take an acceptance back, unless a run has loaded it since.")
]
SeverityName = Annotated[
    str | None,
    typer.Option("--severity", help="rejected, set_aside or notice."),
]
WithValues = Annotated[
    bool, typer.Option("--with-values", help="Show the values, too: they may name persons.")
]


def run(
    config: ConfigFile = None, source: Sources = None, until: Until = None, json: Json = False
) -> None:
    """Take what waits in the folders of the sources, load it, link persons, and write report and
    workbook anew.

    Report and workbook of the configured period lie in the data folder under out/.
    Example: drehscheibe run -c kreis/drehscheibe.yaml --source enaio
    """
    from pipelines.intake.run import run_intake
    from warehouse.ledger.deliveries import red_sources

    with open_hub(config) as hub:
        names = known_sources(hub, source)
        results = run_intake(hub, names, day_of(until), tell=print_progress)
        with hub.store.read() as connection:
            red = red_sources(connection, hub.config.sources)
        red |= {r.source: r.message for r in results if r.state.is_red}
        files = _renew_outputs(hub, has_loaded=any(r.loaded for r in results))
    if json:
        print_json({"deliveries": [_result_data(r) for r in results], "red": red, "files": files})
    else:
        _print_results(results)
        for file in files:
            typer.echo(f"written: {file}")
    if red:
        sentences = (f"{name} ({message})" for name, message in sorted(red.items()))
        raise Red("red: " + "; ".join(sentences))


def _renew_outputs(hub: Hub, *, has_loaded: bool) -> list[str]:
    """Writes report and workbook of the configured period, if they are not of the newest load."""
    from pipelines.figures.current_report import CurrentReport

    current = CurrentReport(hub)
    if not has_loaded and current.is_current():
        return []
    typer.echo("writing report and workbook", err=True)
    return [str(file) for file in current.renew()]


def status(config: ConfigFile = None, json: Json = False) -> None:
    """Show, per source, the last delivery, its age, open findings, and what waits.

    Example: drehscheibe status --json
    """
    from pipelines.intake.delivery_status import answer_status

    with open_hub(config) as hub:
        answer = answer_status(hub)
    if json:
        print_json(answer)
        return
    print_table("Sources", STATUS_COLUMNS, [_status_row(s) for s in answer.sources], right=4)
    for source in answer.sources:
        for text in source.obstacles:
            typer.echo(f"no forms from {source.source}: {text}")
    for name, texts in answer.removed.items():
        typer.echo(f"no forms from {name}: {' '.join(texts)}")
    for waiting in answer.waiting:
        typer.echo(f"waiting: {waiting.source} {waiting.delivered_on} ({waiting.files} files)")
    for refused in answer.aside:
        typer.echo(f"not to be taken: {refused.source} ({refused.state}) {refused.message}")


def _status_row(source: SourceStatus) -> list[object]:
    from warehouse.schema.states import Severity

    return [
        source.source,
        source.last_delivery,
        source.age_days,
        source.state,
        source.message,
        source.rows_used,
        *(source.open_findings[severity] for severity in Severity),
    ]


def accept(
    delivery: DeliveryName,
    reason: Reason = "",
    undo: Undo = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Accept a delivery that was held back because too much would end or change; the next run loads
    it. One that came too late stays out, and one with unreadable rows stays as it is: both are
    settled.

    Example: drehscheibe accept enaio/2025-07-31 --reason "Altfälle wurden im Juli geschlossen"
    """
    from pipelines.intake import acceptance
    from warehouse.schema.states import DeliveryState

    words = _clean_reason(reason)
    if undo == bool(words):
        raise Wrong(
            "say why with --reason, which is kept with the delivery; "
            "or take an acceptance back with --undo"
        )
    with open_hub(config) as hub:
        decided = (
            acceptance.undo_acceptance(hub, delivery)
            if undo
            else acceptance.accept_delivery(hub, delivery, words)
        )
    outcome = "taken back" if undo else "accepted"
    if json:
        print_json({outcome: {"source": decided.source, "date": decided.delivered_on}})
    else:
        hints = {
            DeliveryState.HELD: "; load it with: drehscheibe run",
            DeliveryState.FAILED: "; it came too late, stays out and is settled",
            DeliveryState.LOADED: "; its unreadable rows are settled",
        }
        hint = "" if undo else hints[decided.state]
        typer.echo(f"{outcome}: {decided.source} {decided.delivered_on}{hint}")


def _clean_reason(text: str) -> str:
    """The text on one line, without characters that a terminal would act on."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def balance(config: ConfigFile = None, source: Sources = None, json: Json = False) -> None:
    """Show where every row and record of every delivery went.

    Rows: read = used + rejected + repeated + left out. Records: known before + new - gone = known
    after.
    Example: drehscheibe balance --source tau
    """
    from pipelines.intake.delivery_status import answer_balance

    with open_hub(config) as hub:
        answer = answer_balance(hub, known_sources(hub, source))
    if json:
        print_json(answer)
        return
    rows = [row for delivery in answer.deliveries for row in _balance_rows(delivery)]
    print_table("Balance", BALANCE_COLUMNS, rows, right=5)


def _balance_rows(delivery: DeliveryBalance) -> Iterator[list[object]]:
    """One row per table; one with the delivery's message where it has no tables."""
    begin = [delivery.source, delivery.delivered_on]
    if not delivery.tables:
        yield [*begin, delivery.state, delivery.message, 0, 0, 0, 0, 0]
    for table in delivery.tables:
        records = "; ".join(
            f"{entity} +{c.new} ~{c.changed} ={c.unchanged} -{c.gone}"
            for entity, c in table.records.items()
        )
        counts = [table.read, table.used, table.rejected, table.repeated, table.left_out]
        yield [*begin, f"{table.file} {table.table}", records, *counts]


def findings(
    config: ConfigFile = None,
    source: Sources = None,
    severity: SeverityName = None,
    with_values: WithValues = False,
    json: Json = False,
) -> None:
    """List what could not be understood, and where it stands, so that it can be mended at the
    source.

    Example: drehscheibe findings --source enaio --severity rejected
    """
    from pipelines.cli.json_answer import to_json
    from warehouse.loading.findings import list_findings
    from warehouse.schema.states import Severity

    if severity:
        check_name("severity", severity, [known.value for known in Severity])
    with open_hub(config) as hub:
        names = known_sources(hub, source)
        with hub.store.read() as connection:
            found = list_findings(
                connection, sources=names, severity=severity, with_values=with_values
            )
    if json:
        print_json({"findings": found})
        return
    columns = [*FINDING_COLUMNS, *(["value"] if with_values else [])]
    rows = [[line[column] for column in columns] for line in to_json(found)]
    print_table(f"Findings ({len(found)})", columns, rows)


def _result_data(result: DeliveryResult) -> dict[str, Any]:
    load = result.loaded
    changes = load.changes if load else {}
    return {
        "source": result.source,
        "date": result.delivered_on.isoformat(),
        "state": result.state,
        "load": load.number if load else None,
        "message": result.message or None,
        "records": {entity: _sum_changes(parts) for entity, parts in changes.items()},
        "findings": result.findings,
    }


def _sum_changes(changes: list[Change]) -> dict[str, int]:
    return {kind: sum(getattr(change, kind) for change in changes) for kind in CHANGE_KINDS}


def _print_results(results: list[DeliveryResult]) -> None:
    from warehouse.schema.states import DeliveryState

    rows = [_result_row(r) for r in results if r.state is not DeliveryState.KNOWN]
    known = len(results) - len(rows)
    if rows:
        print_table("Deliveries taken", RESULT_COLUMNS, rows, right=5)
        typer.echo(f"{len(rows)} deliveries looked at anew, {known} known already")
    else:
        typer.echo(f"nothing new; {known} deliveries known already")


def _result_row(result: DeliveryResult) -> list[object]:
    from warehouse.schema.states import Severity

    changes = result.loaded.changes.values() if result.loaded else ()
    counts = _sum_changes([change for parts in changes for change in parts])
    rejected = result.findings.get(Severity.REJECTED, 0)
    begin = [result.source, result.delivered_on, result.state, result.message]
    return [*begin, *counts.values(), rejected]
