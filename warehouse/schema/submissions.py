"""Tables of submissions: what was prepared for whom from which load, and what became of it."""

from __future__ import annotations

from sqlalchemy import Date, DateTime, Integer, String, Text

from warehouse.schema.columns import declare_field, ledger_table

submission = ledger_table(
    "submission",
    "Einreichung",
    declare_field(
        "submission_id",
        String(64),
        "Einreichung",
        "Kennung der Einreichung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "product", String(32), "Gegenstand", "was eingereicht wird", "none", nullable=False
    ),
    declare_field("period_from", Date, "von", "erster Tag des Zeitraums", "none", nullable=False),
    declare_field("period_to", Date, "bis", "letzter Tag des Zeitraums", "none", nullable=False),
    declare_field(
        "units", Text, "Einheiten", "wonach gegliedert wird (JSON)", "none", nullable=False
    ),
    declare_field(
        "load_number", Integer, "Stand", "Laufnummer des Kenntnisstands", "none", nullable=False
    ),
    declare_field(
        "rules",
        Text,
        "Regeln",
        "Katalog, Beschriftungen und was nicht geliefert wird (JSON)",
        "none",
        nullable=False,
    ),
    declare_field(
        "program", Text, "Programm", "Fassung und Prüfwert des Programms", "none", nullable=False
    ),
    declare_field(
        "open_points",
        Text,
        "offen",
        "was bei der Erstellung an den Quellen offen war (JSON)",
        "none",
        nullable=False,
    ),
    declare_field(
        "corrects", String(64), "berichtigt", "Kennung der berichtigten Einreichung", "none"
    ),
    declare_field(
        "manifest_sha256",
        String(64),
        "SHA-256",
        "Prüfwert über die Liste aller Dateien des Pakets",
        "none",
        nullable=False,
    ),
    declare_field("prepared_at", DateTime, "erstellt", "Zeitpunkt (UTC)", "none", nullable=False),
    declare_field("prepared_by", String(200), "durch", "wer sie erstellte", "none", nullable=False),
    declare_field(
        "tree_size",
        Integer,
        "Prüfstand",
        "Zahl der Einträge des Nachweisbuchs, deren Wurzel im Paket steht",
        "none",
    ),
    read_by=("analyst", "auditor"),
    append_only=True,
    entered=True,
)

submission_event = ledger_table(
    "submission_event",
    "Verlauf einer Einreichung",
    declare_field(
        "submission_id",
        String(64),
        "Einreichung",
        "Kennung der Einreichung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "number", Integer, "Nummer", "fortlaufende Nummer je Einreichung", "none", primary_key=True
    ),
    declare_field(
        "state",
        String(20),
        "Zustand",
        "approved, handed_over, accepted, rejected, withdrawn",
        "none",
        nullable=False,
    ),
    declare_field("event_at", DateTime, "Zeitpunkt", "Zeitpunkt (UTC)", "none", nullable=False),
    declare_field("made_by", String(200), "durch", "wer es vermerkte", "none", nullable=False),
    declare_field("note", Text, "Vermerk", "an wen, womit, warum", "none"),
    declare_field("receipt_sha256", String(64), "Beleg", "Prüfwert des abgelegten Belegs", "none"),
    read_by=("analyst", "auditor"),
    append_only=True,
    entered=True,
)
