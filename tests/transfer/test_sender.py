"""Who hands over, where a source is no longer configured."""

from __future__ import annotations

from pipelines.config.models import Contact
from pipelines.transfer.sender import Office, Sender


def test_of_a_source_no_longer_configured_only_the_district_is_known() -> None:
    known = Office("Stadt", Contact(phone="1"), "enaio", frozenset())
    sender = Sender("Kreis", Contact(phone="2"), {"enaio": known}, {})
    assert sender.find_office("enaio") is known
    gone = sender.find_office("tau")
    assert (gone.carrier, gone.contact.phone, gone.system, gone.kept) == ("Kreis", "2", "tau", None)
