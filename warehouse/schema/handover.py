"""Tables of transmissions: what was handed to which recipient, on which consents; what became."""

from __future__ import annotations

from sqlalchemy import Date, DateTime, Integer, String, Text

from warehouse.schema.columns import declare_field, ledger_table

transmission = ledger_table(
    "transmission",
    "Übermittlung",
    declare_field(
        "transmission_id",
        String(64),
        "Übermittlung",
        "Kennung der Übermittlung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "recipient", String(64), "Empfänger", "Kürzel des Empfängers", "none", nullable=False
    ),
    declare_field("sent_on", Date, "Tag", "Tag der Übermittlung", "none", nullable=False),
    declare_field(
        "made_at", DateTime, "erstellt", "Zeitpunkt der Erstellung (UTC)", "none", nullable=False
    ),
    declare_field(
        "load_number", Integer, "Stand", "Laufnummer des Kenntnisstands", "none", nullable=False
    ),
    declare_field("source", String(64), "Quelle", "Quelle des Datensatzes", "none", nullable=False),
    declare_field(
        "source_key",
        String(400),
        "Schlüssel",
        "Schlüssel des Personendatensatzes",
        "personal",
        nullable=False,
    ),
    declare_field(
        "consent_keys",
        Text,
        "Einwilligungen",
        "Einwilligungen, auf denen sie ruht (JSON)",
        "personal",
        nullable=False,
    ),
    declare_field(
        "data_groups",
        Text,
        "Datengruppen",
        "übermittelte Datengruppen (JSON)",
        "none",
        nullable=False,
    ),
    declare_field("sha256", String(64), "SHA-256", "Prüfwert der Datei", "none", nullable=False),
    declare_field("form_number", String(64), "Formular", "Nummer auf dem Formular", "none"),
    declare_field(
        "tree_size",
        Integer,
        "Prüfstand",
        "Zahl der Einträge des Nachweisbuchs, deren Wurzel auf dem Formular steht",
        "none",
    ),
    declare_field(
        "letter_size",
        Integer,
        "Prüfstand danach",
        "Zahl der Einträge, deren Wurzel auf dem Begleitschreiben steht",
        "none",
    ),
    read_by=("auditor",),
    written_by=("transfer",),
    append_only=True,
    entered=True,
)

transmission_event = ledger_table(
    "transmission_event",
    "Verlauf einer Übermittlung",
    declare_field(
        "recipient", String(64), "Empfänger", "Kürzel des Empfängers", "none", primary_key=True
    ),
    declare_field("sent_on", Date, "Tag", "Tag der Übermittlung", "none", primary_key=True),
    declare_field(
        "load_number",
        Integer,
        "Stand",
        "Laufnummer des Kenntnisstands",
        "none",
        primary_key=True,
    ),
    declare_field("event_at", DateTime, "Zeitpunkt", "Zeitpunkt (UTC)", "none", primary_key=True),
    declare_field(
        "event",
        String(20),
        "Ereignis",
        "announced: bei FIT-Connect angekündigt; placed: das Paket liegt an seinem Platz; handed_over: übergeben; received: "
        "Empfang bestätigt; rejected: zurückgewiesen; withdrawn: es wurde nicht übergeben",
        "none",
        nullable=False,
    ),
    declare_field("reason", Text, "Grund", "Begründung eines Menschen", "none"),
    declare_field("made_by", String(200), "Konto", "Konto, das es vermerkte", "none"),
    declare_field("happened_on", Date, "Tag des Ereignisses", "Tag, an dem es geschah", "none"),
    declare_field("receipt_sha256", String(64), "Beleg", "Prüfwert des abgelegten Belegs", "none"),
    read_by=("auditor",),
    written_by=("transfer",),
    append_only=True,
    entered=True,
)
