"""Table of doubts: persons of whom something was delivered that may be a withdrawal."""

from __future__ import annotations

from sqlalchemy import Boolean, Date, DateTime, Integer, String, Text

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
    declare_field(
        "said_on",
        Date,
        "gesagt am",
        "Tag, bis zu dem Erteiltes nicht mehr gilt; leer: nicht bekannt, nichts gilt",
        "personal",
    ),
    declare_field(
        "said_in",
        String(400),
        "Tabelle",
        "Tabelle der Quelle, in der es steht; leer: nicht bekannt",
        "none",
    ),
    declare_field(
        "kind",
        String(10),
        "Art",
        "unread: nicht lesbar; said: steht in der Lieferung; gone: stand in einer früheren; lost: ein "
        "Widerruf, der aus seiner Zeile verschwand; leer: wie unread",
        "none",
    ),
    declare_field(
        "said_hash",
        String(64),
        "Prüfsumme",
        "Prüfsumme der Texte, die es sagen, mit ihrem Tag; leer: nicht bekannt",
        "personal",
    ),
    declare_field(
        "settled_at",
        DateTime,
        "entschieden am",
        "Zeitpunkt, zu dem ein Mensch entschied, dass es kein Widerruf ist (UTC)",
        "none",
    ),
    declare_field(
        "settled_by", String(200), "entschieden durch", "Benutzerkonto, das entschied", "none"
    ),
    declare_field("settled_because", Text, "Begründung", "warum es kein Widerruf ist", "personal"),
    read_by=("analyst", "transfer", "auditor"),
)
