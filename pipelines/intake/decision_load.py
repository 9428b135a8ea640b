"""Writes the load with which a change of who is one person takes effect; it brings nothing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from pipelines.hub import Hub
from pipelines.intake.registers import keep_configuration
from warehouse.ledger.effective_loads import list_effective
from warehouse.loading.loader import record_load
from warehouse.schema import load
from warehouse.schema.states import NO_DELIVERY


def record_decision_load(hub: Hub, connection: Connection, number: int) -> None:
    """Writes a load without a delivery, of the day of the newest delivery that counts."""
    day = _find_day(connection)
    record_load(connection, number, NO_DELIVERY, NO_DELIVERY, day, NO_DELIVERY)
    keep_configuration(connection, number, hub.config, None)


def _find_day(connection: Connection) -> date:
    days = [row.delivered_on for row in list_effective(connection)]
    if days:
        return max(days)
    last: date = connection.execute(select(func.max(load.c.delivered_on))).scalar_one()
    return last
