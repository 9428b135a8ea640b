"""The state of each source for the report: its last delivery, its rows, what was found in them, what is red or still waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from connectors.documents.report.report_data import FindingCount, SourceQuality
from mappings.findings.rule import SEVERITY_LABELS
from mappings.findings.rules import describe_rule
from mappings.problems import YamlProblems
from pipelines.intake.delivery_status import answer_status
from warehouse.as_of import KnownAt, Moment
from warehouse.ledger import deliveries
from warehouse.ledger.configuration import read_carriers
from warehouse.ledger.deliveries import DeliveryBalance
from warehouse.schema import finding
from warehouse.schema.states import DeliveryState, Severity

if TYPE_CHECKING:
    from pipelines.hub import Hub

MOST_PLACES = 6


def describe_sources(hub: Hub, known_at: KnownAt, as_of: Moment | None) -> list[SourceQuality]:
    """Every source of the configuration; as of a day or load, every one that was registered then.

    What waits in the folders is told only where today is asked for.
    """
    waits = _waiting_messages(hub) if as_of is None else {}
    with hub.store.read() as connection:
        loaded = {d.source: d for d in deliveries.loaded_until(connection, known_at)}
        seen = {d.source: d for d in deliveries.list_deliveries(connection) if _seen_by(as_of, d)}
        return [
            _source_quality(
                hub,
                name,
                carrier,
                loaded.get(name),
                _trouble_message(seen.get(name), waits.get(name, "")),
                connection,
            )
            for name, carrier in _carrier_names(hub, connection, known_at, as_of).items()
        ]


def _carrier_names(
    hub: Hub, connection: Connection, known_at: KnownAt, as_of: Moment | None
) -> dict[str, str]:
    """Source → name of its carrier, in the order of the configuration, sources that left it last."""
    registered, config = read_carriers(connection, known_at), hub.config
    configured = {
        n: config.carriers[s.carrier].name if s.carrier else "" for n, s in config.sources.items()
    }
    if as_of is None:
        return {name: registered.get(name, carrier) for name, carrier in configured.items()}
    return {n: registered[n] for n in (*configured, *registered) if n in registered}


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
    c = finding.c
    places = select(
        c.rule,
        c.severity,
        c.table_name,
        c.column_name,
        func.count().label("findings"),
        func.min(c.message).label("message"),
    )
    grouped = places.where(c.delivery_id == delivery_id).group_by(
        c.rule, c.severity, c.table_name, c.column_name
    )
    found: dict[tuple[str, Severity], list[Any]] = {}
    for row in connection.execute(
        grouped.order_by(c.rule, c.severity, func.count().desc(), c.table_name, c.column_name)
    ):
        found.setdefault((row.rule, Severity(row.severity)), []).append(row)
    counts = {key: sum(row.findings for row in rows) for key, rows in found.items()}
    worst_first = list(Severity)
    ordered = sorted(found, key=lambda key: (worst_first.index(key[1]), -counts[key]))
    return [_explain_findings(*key, counts[key], found[key]) for key in ordered]


def _explain_findings(
    name: str, severity: Severity, count: int, rows: Sequence[Any]
) -> FindingCount:
    message = rows[0].message
    rule = describe_rule(name, message)
    return FindingCount(
        rule.title,
        SEVERITY_LABELS[severity],
        count,
        rule.meaning,
        rule.advice,
        rule.audience,
        _frequent_places(rows),
        # The message of a reader names the byte, line or sheet; of several, one would mislead.
        message=message if rule.sentence is None and count == 1 else "",
    )


def _frequent_places(rows: Sequence[Any]) -> list[str]:
    """The places most concerned, as people name them: table, column and how often."""
    named = [
        (" › ".join(part for part in (r.table_name, r.column_name) if part), r[4]) for r in rows
    ]
    shown = [f"{place} ({count})" if count > 1 else place for place, count in named if place][
        :MOST_PLACES
    ]
    return (
        [*shown, f"und {len(named) - MOST_PLACES} weitere Stellen"]
        if len(named) > MOST_PLACES + 1
        else shown
    )


def _trouble_message(newest: DeliveryBalance | None, waits: str) -> str:
    red = ""
    if newest and newest.state.is_red:
        part = "nur zum Teil" if newest.state is DeliveryState.INCOMPLETE else "nicht"
        red = f"Die Lieferung vom {newest.delivered_on:%d.%m.%Y} wurde {part} übernommen. {newest.message}".strip()
    return " ".join(text for text in (red, waits) if text)


def _waiting_messages(hub: Hub) -> dict[str, str]:
    answer = answer_status(hub)
    told: dict[str, list[str]] = {}
    for item in answer.waiting:
        told.setdefault(item.source, []).append(
            f"Die Lieferung vom {item.delivered_on:%d.%m.%Y} wartet noch im Ordner."
        )
    for refused in answer.aside:
        told.setdefault(refused.source, []).append(refused.message)
    return {name: " ".join(texts) for name, texts in told.items()}
