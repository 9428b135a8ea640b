"""Table of doubts: persons of whom a consent was delivered in a row that could not be taken."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String

from warehouse.schema.columns import declare_field, ledger_table

consent_doubt = ledger_table(
    "consent_doubt",
    "Zweifel an Einwilligungen",
    declare_field(
        "source",
        String(64),
        "Quelle",
        "Name der Quelle in der Konfiguration",
        "none",
        primary_key=True,
    ),
    declare_field(
        "person_key",
        String(400),
        "Person",
        "Schlüssel des Personendatensatzes; leer: die Person ist nicht zu erkennen",
        "personal",
        primary_key=True,
    ),
    declare_field(
        "known_from",
        Integer,
        "bekannt ab",
        "Laufnummer der Ladung, die den Zweifel brachte",
        "none",
        primary_key=True,
    ),
    declare_field(
        "said_something",
        Boolean,
        "mit Angaben",
        "in der Zeile war eine Angabe zur Einwilligung ausgefüllt",
        "none",
        nullable=False,
    ),
    declare_field(
        "known_to",
        Integer,
        "bekannt bis",
        "Laufnummer der Ladung, die ihn behob; leer: gilt noch",
        "none",
    ),
    read_by=("analyst", "transfer", "auditor"),
)
