"""Tables of notices: which recipient has to be told that what it was sent no longer holds."""

from __future__ import annotations

from sqlalchemy import Date, DateTime, Integer, String, Text

from warehouse.schema.columns import KEY_LENGTH, declare_field, ledger_table

notice = ledger_table(
    "notice",
    "Mitteilung an einen Empfänger",
    declare_field(
        "notice_id", String(64), "Mitteilung", "Nummer der Mitteilung", "none", primary_key=True
    ),
    declare_field(
        "recipient", String(64), "Empfänger", "Kürzel des Empfängers", "none", nullable=False
    ),
    declare_field(
        "cause",
        String(20),
        "Anlass",
        "revocation, expiry, correction, split, erasure",
        "none",
        nullable=False,
    ),
    declare_field("reasons", Text, "Gründe", "Gründe (JSON)", "none", nullable=False),
    declare_field("source", String(64), "Quelle", "Quelle des Datensatzes", "none"),
    declare_field(
        "source_key",
        String(KEY_LENGTH),
        "Schlüssel",
        "Schlüssel des Personendatensatzes; leer nach einer Löschung",
        "personal",
    ),
    declare_field(
        "forms",
        Text,
        "Formulare",
        "übermittelte Formulare mit Tag und Feldern, ohne Inhalte (JSON)",
        "none",
        nullable=False,
    ),
    declare_field(
        "found_on", Date, "festgestellt am", "Tag der Feststellung", "none", nullable=False
    ),
    declare_field(
        "due_on", Date, "fällig am", "Tag, bis zu dem bestätigt sein soll", "none", nullable=False
    ),
    declare_field(
        "tree_size",
        Integer,
        "Prüfstand",
        "Zahl der Einträge des Nachweisbuchs, deren Wurzel auf der Mitteilung steht",
        "none",
        nullable=False,
    ),
    read_by=("auditor",),
    erasable=True,
    entered=True,
)

notice_event = ledger_table(
    "notice_event",
    "Verlauf einer Mitteilung",
    declare_field(
        "notice_id", String(64), "Mitteilung", "Nummer der Mitteilung", "none", primary_key=True
    ),
    declare_field(
        "number", Integer, "Nummer", "fortlaufende Nummer je Mitteilung", "none", primary_key=True
    ),
    declare_field(
        "state", String(20), "Zustand", "made, sent, reminded, confirmed", "none", nullable=False
    ),
    declare_field("happened_on", Date, "Tag", "Tag, an dem es geschah", "none", nullable=False),
    declare_field("event_at", DateTime, "Zeitpunkt", "Zeitpunkt (UTC)", "none", nullable=False),
    declare_field("made_by", String(200), "durch", "wer es vermerkte", "none", nullable=False),
    declare_field("note", Text, "Vermerk", "wer bestätigte, auf welchem Weg", "none"),
    declare_field("sha256", String(64), "SHA-256", "Prüfwert der Mitteilung", "none"),
    read_by=("auditor",),
    append_only=True,
    entered=True,
)
