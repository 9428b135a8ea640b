"""Table of decisions to hand over although the newest delivery of a source is old."""

from __future__ import annotations

from sqlalchemy import Date, DateTime, Integer, String, Text

from warehouse.schema.columns import declare_field, ledger_table

stale_release = ledger_table(
    "stale_release",
    "Übermittlung trotz alter Lieferung",
    declare_field(
        "recipient", String(64), "Empfänger", "Kürzel des Empfängers", "none", primary_key=True
    ),
    declare_field("sent_on", Date, "Tag", "Tag der Übermittlung", "none", primary_key=True),
    declare_field(
        "load_number", Integer, "Stand", "Laufnummer des Kenntnisstands", "none", primary_key=True
    ),
    declare_field(
        "source", String(64), "Quelle", "Quelle, deren Lieferung alt ist", "none", primary_key=True
    ),
    declare_field(
        "allowed_at",
        DateTime,
        "Zeitpunkt",
        "Zeitpunkt der Übermittlung (UTC)",
        "none",
        primary_key=True,
    ),
    declare_field("reason", Text, "Grund", "Begründung eines Menschen", "personal", nullable=False),
    declare_field(
        "allowed_by", String(200), "Konto", "Konto, das es zuließ", "none", nullable=False
    ),
    read_by=("auditor", "transfer"),
    written_by=("transfer",),
    append_only=True,
    entered=True,
)
