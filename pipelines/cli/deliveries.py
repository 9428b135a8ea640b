"""The commands run, accept, status, balance and findings: what the sources delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import (
    DAY_FORMATS,
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
    from sqlalchemy import Connection

    from pipelines.hub import Hub
    from pipelines.intake.acceptance import DecidedDelivery
    from pipelines.intake.delivery_status import SourceStatus, Status
    from pipelines.intake.load_delivery import DeliveryResult
    from warehouse.ledger.deliveries import DeliveryBalance
    from warehouse.ledger.gone_records import GoneRecord
    from warehouse.loading.history import Change

_SHORTEST_ID = 8
CHANGE_KINDS = ("new", "changed", "unchanged", "gone")
RESULT_COLUMNS = ["source", "date", "state", "message", *CHANGE_KINDS, "rejected"]
STATUS_COLUMNS = [
    "source",
    "last delivery",
    "days",
    "state",
    "rows",
    "rejected",
    "set aside",
    "notices",
]
BALANCE_COLUMNS = [
    "source",
    "date",
    "load",
    "table",
    "records",
    "read",
    "used",
    "rejected",
    "repeated",
    "left out",
]
GONE_COLUMNS = ["date", "load", "entity", "record", "file", "table", "row"]
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
_EMPTY = (
    "the period of report and workbook has no conversation; the newest are of {year}: set it under "
    "'reports' in the configuration, or drehscheibe report --from {year}-01-01 --to {year}-12-31"
)
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=DAY_FORMATS, help="Leave deliveries dated later alone."),
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
Persons = Annotated[
    list[str] | None,
    typer.Option(
        "--person",
        help="Settle what puts this record (source:key) in doubt, and nothing else; may be given "
        "several times.",
    ),
]
Everybody = Annotated[
    bool,
    typer.Option("--all", help="Settle it of all persons whom it says to have withdrawn."),
]
SeverityName = Annotated[
    str | None,
    typer.Option("--severity", help="rejected, set_aside or notice."),
]
OfDelivery = Annotated[
    str | None,
    typer.Option(
        "--delivery", help="Only this delivery: its id (at least 8 signs of it), or source/date."
    ),
]
OfRules = Annotated[
    list[str] | None,
    typer.Option("--rule", help="Only this rule; may be given several times."),
]
History = Annotated[
    bool,
    typer.Option("--history", help="Of all deliveries, also what a later one has replaced."),
]
Gone = Annotated[
    bool,
    typer.Option("--gone", help="List the records that were gone, and where they last were."),
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
    from pipelines.notices.recorded_notices import count_notices, record_due_notices
    from warehouse.ledger.deliveries import red_sources

    with open_hub(config) as hub:
        names = known_sources(hub, source)
        results = run_intake(hub, names, day_of(until), tell=print_progress)
        with hub.store.read() as connection:
            red = red_sources(connection, hub.config.sources)
        red |= {r.source: r.message for r in results if r.state.is_red}
        files = renew_outputs(hub, has_loaded=any(r.loaded for r in results))
        record_due_notices(hub)
        notices, year = count_notices(hub), _find_other_year(hub)
    if json:
        loaded = [_result_data(r) for r in results]
        answer = {"deliveries": loaded, "red": red, "files": files, "notices": notices}
        print_json({**answer, "other_year": year})
    else:
        _print_results(results)
        for file in files:
            typer.echo(f"written: {file}")
        if year is not None:
            typer.echo(_EMPTY.format(year=year))
        _print_notices(notices)
    if red:
        sentences = (f"{name} ({message})" for name, message in sorted(red.items()))
        raise Red("red: " + "; ".join(sentences))


def _find_other_year(hub: Hub) -> int | None:
    """The year of the newest conversations, where the period of the report has none."""
    from pipelines.figures.current_report import CurrentReport
    from pipelines.figures.empty_period import find_other_year

    if hub.store.last_load() == 0:
        return None
    return find_other_year(hub, CurrentReport(hub).asked, hub.known_at(None))


def _print_notices(counts: dict[str, int]) -> None:
    if any(counts.values()):
        told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        typer.echo(f"notices to earlier recipients: {told}; see: drehscheibe notices")


def renew_outputs(hub: Hub, *, has_loaded: bool) -> list[str]:
    """Writes report and workbook of the configured period, if they are not of the newest load."""
    from pipelines.figures.current_report import CurrentReport

    current = CurrentReport(hub)
    if not has_loaded and current.is_current():
        return []
    print_progress("writing report and workbook")
    return [str(file) for file in current.renew()]


def status(config: ConfigFile = None, json: Json = False) -> None:
    """Show, per source, the last delivery, its age, open findings, and what waits. Exit status 1
    where something is red.

    Example: drehscheibe status --json
    """
    from pipelines.intake.delivery_status import answer_status
    from pipelines.notices.recorded_notices import count_notices

    with open_hub(config) as hub:
        answer, notices = answer_status(hub), count_notices(hub)
    if json:
        print_json({**vars(answer), "notices": notices})
    else:
        _print_status(answer)
        _print_notices(notices)
    red = [*answer.red, *(["notices"] if notices.get("overdue") else [])]
    if red:
        raise Red("red: " + ", ".join(red))


def _print_status(answer: Status) -> None:
    print_table("Sources", STATUS_COLUMNS, [_status_row(s) for s in answer.sources], right=4)
    for source in answer.sources:
        if source.message:
            typer.echo(f"{source.source}: {source.message}")
        for text in source.obstacles:
            typer.echo(f"no forms from {source.source}: {text}")
    for name, texts in answer.removed.items():
        typer.echo(f"no forms from {name}: {' '.join(texts)}")
    if answer.model:
        typer.echo(answer.model)
    if answer.contradictions:
        counts = ", ".join(f"{name} {n}" for name, n in answer.contradictions.items())
        where = "see: drehscheibe identity contradictions"
        typer.echo(f"persons of whom systems say different things: {counts}; {where}")
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
        f"{source.state}, overdue" if source.overdue else source.state,
        source.rows_used,
        *(source.open_findings[severity] for severity in Severity),
    ]


def accept(
    delivery: DeliveryName,
    reason: Reason = "",
    person: Persons = None,
    everybody: Everybody = False,
    undo: Undo = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Accept a delivery that was held back because too much would end or change; the next run loads
    it. One that came too late stays out, and one with unreadable rows, or rows that say that a
    consent was withdrawn, stays as it is: both are settled. With --person only what concerns that
    record is. Where such rows are of several persons, say which, or --all.

    Example: drehscheibe accept enaio/2025-07-31 --reason "Altfälle wurden im Juli geschlossen"
    """
    from pipelines.intake import acceptance

    words, persons = clean_reason(reason), person or []
    if undo == bool(words):
        raise Wrong(
            "say why with --reason, which is kept with the delivery; "
            "or take an acceptance back with --undo"
        )
    if everybody and (undo or persons):
        raise Wrong("--all goes with --reason alone")
    with open_hub(config) as hub:
        decided = (
            acceptance.undo_acceptance(hub, delivery, persons)
            if undo
            else acceptance.accept_delivery(hub, delivery, words, persons, everybody=everybody)
        )
    outcome = "taken back" if undo else "accepted"
    if json:
        print_json({outcome: _decided_data(decided)})
        return
    whom = f" of {', '.join(persons)}" if persons else ""
    hint = _describe_decided(decided, undo=undo)
    typer.echo(f"{outcome}{whom}: {decided.source} {decided.delivered_on}{hint}")


def _decided_data(decided: DecidedDelivery) -> dict[str, Any]:
    return {
        "source": decided.source,
        "date": decided.delivered_on,
        "persons": decided.persons,
        "left": decided.left,
        "rows": [vars(row) for row in decided.rows],
    }


def _describe_decided(decided: DecidedDelivery, *, undo: bool) -> str:
    from pipelines.intake.doubted_persons import describe_rows
    from warehouse.schema.states import DeliveryState

    if decided.state != DeliveryState.LOADED:
        hints = {
            DeliveryState.HELD: "; load it with: drehscheibe run",
            DeliveryState.FAILED: "; it came too late, stays out and is settled",
        }
        return "" if undo else hints[decided.state]
    became = "in doubt again" if undo else "in doubt no more"
    told = f"; known persons {became}: {decided.persons}, still in doubt: {decided.left}"
    return f"{told} (rows: {describe_rows(decided.rows)})"


def clean_reason(text: str) -> str:
    """The text on one line, without characters that a terminal would act on."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def balance(
    config: ConfigFile = None, source: Sources = None, gone: Gone = False, json: Json = False
) -> None:
    """Show where every row and record of every delivery went.

    Rows: read = used + rejected + repeated + left out. Records: known before + new - gone = known
    after.
    Example: drehscheibe balance --source tau
    """
    from pipelines.intake.delivery_status import answer_balance
    from warehouse.ledger.gone_records import list_gone

    with open_hub(config) as hub:
        names = known_sources(hub, source)
        answer = answer_balance(hub, names)
        with hub.store.read() as connection:
            ended = list_gone(connection, names) if gone else []
    if json and gone:
        print_json({**vars(answer), "gone": ended})
        return
    if gone:
        _print_gone(ended)
        return
    if json:
        print_json(answer)
        return
    rows = [row for delivery in answer.deliveries for row in _balance_rows(delivery)]
    title = "Balance (records: +new ~changed =unchanged -gone)"
    print_table(title, BALANCE_COLUMNS, rows, right=5)
    if answer.earlier:
        rows = [row for delivery in answer.earlier for row in _balance_rows(delivery)]
        print_table("Earlier readings of these deliveries", BALANCE_COLUMNS, rows, right=5)


def _print_gone(ended: list[GoneRecord]) -> None:
    rows = [
        [one.delivered_on, one.load, one.entity, one.record, one.file, one.table, one.row]
        for one in ended
    ]
    print_table(f"Gone records ({len(rows)})", GONE_COLUMNS, rows, right=1)


def _balance_rows(delivery: DeliveryBalance) -> Iterator[list[object]]:
    """One row per table; one with the delivery's message where it has no tables."""
    is_undone = delivery.state == "undone"
    load = f"{delivery.load} undone" if is_undone else delivery.load
    begin = [delivery.source, delivery.delivered_on, load]
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
    rule: OfRules = None,
    delivery: OfDelivery = None,
    history: History = False,
    with_values: WithValues = False,
    json: Json = False,
) -> None:
    """List what could not be understood, and where it stands, so that it can be mended at the
    source. What a later delivery has replaced is listed with --history only.

    Example: drehscheibe findings --source enaio --severity rejected
    """
    from mappings.findings.rules import RULES
    from pipelines.cli.json_answer import to_json
    from warehouse.loading.findings import list_findings
    from warehouse.schema.states import Severity

    if severity:
        check_name("severity", severity, [known.value for known in Severity])
    for name in rule or []:
        check_name("rule", name, RULES)
    with open_hub(config) as hub:
        names = known_sources(hub, source)
        with hub.store.read() as connection:
            found = list_findings(
                connection,
                sources=names,
                severity=severity,
                rules=rule or [],
                deliveries=_choose_deliveries(connection, delivery, history=history),
                with_values=with_values,
            )
    if json:
        print_json({"findings": found})
        return
    columns = [*FINDING_COLUMNS, *(["value"] if with_values else [])]
    rows = [[line[column] for column in columns] for line in to_json(found)]
    print_table(f"Findings ({len(found)})", columns, rows)


def _choose_deliveries(
    connection: Connection, name: str | None, *, history: bool
) -> list[str] | None:
    """The deliveries asked for: that of the name, all (None), or those whose findings stand.

    Wrong where no delivery has the name.
    """
    from warehouse.ledger.deliveries import find_standing, list_deliveries

    if name is None:
        standing = find_standing(connection)
        return None if history else [each for ids in standing.values() for each in ids]
    found = [
        d.delivery_id
        for d in list_deliveries(connection)
        if name == f"{d.source}/{d.delivered_on}"
        or (len(name) >= _SHORTEST_ID and d.delivery_id.startswith(name))
    ]
    if not found:
        raise Wrong(f"there is no delivery '{name}'; drehscheibe balance lists them")
    return found


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
        typer.echo(f"{count_deliveries(len(rows))} looked at anew, {known} known already")
        _print_finding_counts(results)
    else:
        typer.echo(f"nothing new; {count_deliveries(known)} known already")


def _print_finding_counts(results: list[DeliveryResult]) -> None:
    """What was set aside makes no delivery red, and figures lack it all the same."""
    from warehouse.schema.states import Severity

    told = {
        "rejected": sum(r.findings.get(Severity.REJECTED, 0) for r in results),
        "values set aside": sum(r.findings.get(Severity.SET_ASIDE, 0) for r in results),
        "notices": sum(r.findings.get(Severity.NOTICE, 0) for r in results),
    }
    if any(told.values()):
        counts = ", ".join(f"{name} {count}" for name, count in told.items() if count)
        typer.echo(f"findings: {counts}; see: drehscheibe findings")


def count_deliveries(count: int) -> str:
    """The number of deliveries with its noun."""
    return f"{count} {'delivery' if count == 1 else 'deliveries'}"


def _result_row(result: DeliveryResult) -> list[object]:
    from warehouse.schema.states import Severity

    changes = result.loaded.changes.values() if result.loaded else ()
    counts = _sum_changes([change for parts in changes for change in parts])
    rejected = result.findings.get(Severity.REJECTED, 0)
    begin = [result.source, result.delivered_on, result.state, result.message]
    return [*begin, *counts.values(), rejected]
