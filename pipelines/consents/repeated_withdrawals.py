"""Writes withdrawals down again that a restored warehouse does not know."""

from __future__ import annotations

from pipelines.consents.statements import Statement, write_statement
from pipelines.hub import Hub
from warehouse.rights.withdrawal_journal import list_pending_withdrawals


def repeat_withdrawals(hub: Hub) -> int:
    """Writes down what is missing, as of when it was said; how many there were."""
    hub.allow_pending()
    with hub.store.read() as connection:
        pending = list_pending_withdrawals(connection, hub.config.data_folder.rights)
    for record, line in pending:
        said = Statement(
            record,
            line.kind,
            line.recipient,
            line.recipient_name,
            line.given_on,
            valid_until=line.valid_until,
        )
        write_statement(hub, said, line.made_at)
    return len(pending)
