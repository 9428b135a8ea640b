"""What was withdrawn by hand holds after an older backup is put back, before anything can be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from pipelines.consents.grant import Consent, grant_consent, withdraw_consent
from pipelines.hub import Hub
from pipelines.rights.marked_records import mark_person
from pipelines.rights.replayed_erasures import resume_erasures
from pipelines.transfer.decision import decide_transfer
from tests.rights.planted import LAST_NAME, PlantedDistrict
from warehouse.backup.backup import write_backup
from warehouse.backup.restore import open_checked, restore_backup
from warehouse.rights.record_marks import Mark, MarkEvent, read_marked
from warehouse.rights.withdrawal_journal import WITHDRAWALS, WithdrawalsPending

RECORD = "csv:P-100001"
GIVEN = date(2025, 7, 20)
MARKED = [
    (Mark.HOLD, MarkEvent.SET),
    (Mark.RESTRICTED, MarkEvent.SET),
    (Mark.HOLD, MarkEvent.LIFTED),
]


def released(hub: Hub) -> list[str]:
    decision = decide_transfer(hub, "jobcenter", hub.today, settle_seconds=0)
    return [":".join(record) for record in decision.released]


def test_a_restored_backup_revives_no_consent(small: Callable[[], PlantedDistrict]) -> None:
    district = small()
    backup = district.folder / "before.zip"
    with district.open() as hub:
        given = Consent(
            record=RECORD,
            recipient="jobcenter",
            groups=("stammdaten",),
            purposes=["vermittlung"],
            given_on=GIVEN,
            released_persons=["Anna Beispiel"],
        )
        grant_consent(hub, given)
        write_backup(hub.store, hub.landing, backup, "08999")
        assert released(hub) == [RECORD]
        withdraw_consent(hub, RECORD, "jobcenter", hub.today)
        assert released(hub) == []
        for kind, event in MARKED:
            mark_person(hub, RECORD, kind, event, "Antrag")
    with district.open() as hub, open_checked(backup, None, "08999") as reader:
        restore_backup(reader, hub.store, hub.landing, force=True)
    with district.open() as hub, pytest.raises(WithdrawalsPending, match="1 withdrawals and 3 "):
        released(hub)
    with district.open() as hub:
        assert resume_erasures(hub) == []
    with district.open() as hub:
        assert released(hub) == []
        with hub.store.read() as connection:
            assert read_marked(connection, Mark.RESTRICTED) == {("csv", "P-100001")}
            assert read_marked(connection, Mark.HOLD) == set()
    # Repeated once, it is known; the journal names nobody.
    journal = (district.folder / "data" / "rights" / WITHDRAWALS).read_text("utf-8")
    assert len(journal.splitlines()) == 1
    assert "P-100001" not in journal and LAST_NAME not in journal
