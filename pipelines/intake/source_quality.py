"""The state of each source for the report: last delivery, rows, findings, what is red or waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from connectors.documents.report.report_data import FindingCount, SourceQuality
from mappings.findings.rule import SEVERITY_LABELS
from mappings.findings.rules import describe_rule
from mappings.problems import YamlProblems
from pipelines.intake.delivery_status import Status, answer_status
from warehouse.as_of import KnownAt, Moment
from warehouse.ledger import deliveries
from warehouse.ledger.configuration import read_carriers
from warehouse.ledger.deliveries import DeliveryBalance
from warehouse.schema import finding
from warehouse.schema.states import DeliveryState, Severity

if TYPE_CHECKING:
    from pipelines.hub import Hub

MOST_PLACES = 6
_WORST_FIRST = list(Severity)


def describe_sources(hub: Hub, known_at: KnownAt, as_of: Moment | None) -> list[SourceQuality]:
    """Every source of the configuration; as of a day or load, every one registered then.

    Deliveries that wait in the folders are mentioned only where today is asked for.
    """
    waits = _waiting_messages(hub) if as_of is None else {}
    with hub.store.read() as connection:
        loaded = {d.source: d for d in deliveries.loaded_until(connection, known_at)}
        seen = {d.source: d for d in deliveries.list_deliveries(connection) if _seen_by(as_of, d)}
        carriers = _carrier_names(hub, connection, known_at, as_of)
        return [
            _source_quality(
                hub,
                name,
                carrier,
                loaded.get(name),
                " ".join(filter(None, (_red_message(seen.get(name)), waits.get(name)))),
                connection,
            )
            for name, carrier in carriers.items()
        ]


def _carrier_names(
    hub: Hub, connection: Connection, known_at: KnownAt, as_of: Moment | None
) -> dict[str, str]:
    """Source → name of its carrier, in the order of the configuration, removed sources last."""
    registered = read_carriers(connection, known_at)
    if as_of is None:
        return {name: registered.get(name, _carrier_name(hub, name)) for name in hub.config.sources}
    names = (*hub.config.sources, *registered)
    return {name: registered[name] for name in names if name in registered}


def _carrier_name(hub: Hub, source: str) -> str:
    carrier = hub.config.sources[source].carrier
    return hub.config.carriers[carrier].name if carrier else ""


def _seen_by(as_of: Moment | None, found: DeliveryBalance) -> bool:
    if isinstance(as_of, int):
        return found.load is not None and found.load <= as_of
    return as_of is None or found.delivered_on <= as_of


def _source_quality(
    hub: Hub,
    name: str,
    carrier: str,
    last: DeliveryBalance | None,
    message: str,
    connection: Connection,
) -> SourceQuality:
    settings = hub.config.sources.get(name)
    tables = last.tables if last else []
    return SourceQuality(
        source=name,
        title=_system_title(hub, name),
        carrier=carrier,
        last_delivery=last.delivered_on if last else None,
        **{count: sum(getattr(t, count) for t in tables) for count in deliveries.ROW_COUNTS},
        findings=_count_findings(connection, last.delivery_id) if last else (),
        expected_days=settings.expect_every_days if settings else None,
        message=message,
    )


def _system_title(hub: Hub, name: str) -> str:
    """The system's name, with the source's own where the two differ."""
    if name not in hub.config.sources:
        return name
    try:
        system = hub.read_mapping(name).file.system
    except YamlProblems:
        return name
    return system if system.casefold() == name.casefold() else f"{system}, Quelle {name}"


def _count_findings(connection: Connection, delivery_id: str) -> Sequence[FindingCount]:
    """The findings of a delivery by rule, the worst severity first, then the most frequent."""
    found: dict[tuple[str, Severity], list[Any]] = defaultdict(list)
    for row in _find_places(connection, delivery_id):
        found[row.rule, Severity(row.severity)].append(row)
    return [
        _explain_findings(rule, severity, rows)
        for (rule, severity), rows in sorted(found.items(), key=_urgency_of)
    ]


def _urgency_of(found: tuple[tuple[str, Severity], Sequence[Any]]) -> tuple[int, int]:
    (_, severity), rows = found
    return _WORST_FIRST.index(severity), -_sum_findings(rows)


def _sum_findings(rows: Sequence[Any]) -> int:
    return sum(row.findings for row in rows)


def _find_places(connection: Connection, delivery_id: str) -> Sequence[Any]:
    """How often each rule was found in each column, the most frequent first."""
    c = finding.c
    place = (c.rule, c.severity, c.table_name, c.column_name)
    number, message = func.count().label("findings"), func.min(c.message).label("message")
    places = select(*place, number, message).where(c.delivery_id == delivery_id).group_by(*place)
    order = (c.rule, c.severity, func.count().desc(), c.table_name, c.column_name)
    return connection.execute(places.order_by(*order)).all()


def _explain_findings(name: str, severity: Severity, rows: Sequence[Any]) -> FindingCount:
    count, message = _sum_findings(rows), rows[0].message
    rule = describe_rule(name, message)
    return FindingCount(
        rule.title,
        SEVERITY_LABELS[severity],
        count,
        rule.meaning,
        rule.advice,
        rule.audience,
        _frequent_places(rows),
        # The message of a reader names byte, line or sheet; one of several would mislead.
        message=message if rule.sentence is None and count == 1 else "",
    )


def _frequent_places(rows: Sequence[Any]) -> list[str]:
    """The most frequent places, as people name them: table, column and how often."""
    more = len(rows) - MOST_PLACES
    places = [_describe_place(row) for row in rows if row.table_name or row.column_name]
    shown = places[:MOST_PLACES]
    return [*shown, f"und {more} weitere Stellen"] if more > 1 else shown


def _describe_place(row: Any) -> str:
    place = " › ".join(filter(None, (row.table_name, row.column_name)))
    return f"{place} ({row.findings})" if row.findings > 1 else place


def _red_message(newest: DeliveryBalance | None) -> str:
    if newest is None or not newest.state.is_red:
        return ""
    part = "nur zum Teil" if newest.state is DeliveryState.INCOMPLETE else "nicht"
    return (
        f"Die Lieferung vom {newest.delivered_on:%d.%m.%Y} wurde {part} übernommen. "
        f"{newest.message}"
    ).strip()


def _waiting_messages(hub: Hub) -> Mapping[str, str]:
    messages: dict[str, list[str]] = defaultdict(list)
    for source, message in _describe_waiting(answer_status(hub)):
        messages[source].append(message)
    return {source: " ".join(texts) for source, texts in messages.items()}


def _describe_waiting(status: Status) -> Iterator[tuple[str, str]]:
    for waiting in status.waiting:
        text = f"Die Lieferung vom {waiting.delivered_on:%d.%m.%Y} wartet noch im Ordner."
        yield waiting.source, text
    for refused in status.aside:
        yield refused.source, refused.message
