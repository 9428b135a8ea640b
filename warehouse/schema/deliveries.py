"""Tables about deliveries: loads, acceptances, balances, findings and quarantined values."""

from __future__ import annotations

from sqlalchemy import BigInteger, Date, DateTime, Integer, String, Table, Text

from warehouse.schema.columns import declare_field, metadata

delivery = Table(
    "delivery",
    metadata,
    declare_field(
        "delivery_id",
        String(64),
        "Lieferung",
        "SHA-256 über Quelle, Datum und Dateien",
        "none",
        primary_key=True,
    ),
    declare_field("source", String(64), "Quelle", "Name der Quelle", "none", nullable=False),
    declare_field("delivered_on", Date, "Datum", "Datum der Lieferung", "none", nullable=False),
    declare_field(
        "scope",
        String(10),
        "Umfang",
        "full: was fehlt, ist beendet; partial: sagt über das Übrige nichts",
        "none",
        nullable=False,
    ),
    declare_field(
        "state", String(20), "Zustand", "loaded, incomplete, held, failed", "none", nullable=False
    ),
    declare_field("message", Text, "Meldung", "was zu tun ist, falls nicht geladen", "none"),
    declare_field(
        "load_number", Integer, "Laufnummer", "Ladung, die die Lieferung übernahm", "none"
    ),
    declare_field(
        "mapping_hash",
        String(64),
        "Zuordnung",
        "Prüfwert der Zuordnung und ihrer Schlüssellisten",
        "none",
        nullable=False,
    ),
    declare_field(
        "seen_at", DateTime, "gesehen", "Zeitpunkt der Aufnahme (UTC)", "none", nullable=False
    ),
    info={"label": "Lieferung", "read_by": ("analyst", "transfer", "auditor")},
)

acceptance = Table(
    "acceptance",
    metadata,
    declare_field(
        "delivery_id",
        String(64),
        "Lieferung",
        "Lieferung, die trotz der Sperre geladen werden soll",
        "none",
        primary_key=True,
    ),
    declare_field(
        "reason", Text, "Begründung", "warum sie geladen werden soll", "none", nullable=False
    ),
    declare_field(
        "accepted_by",
        String(200),
        "durch",
        "Benutzerkonto, das sie angenommen hat",
        "none",
        nullable=False,
    ),
    declare_field(
        "accepted_at", DateTime, "am", "Zeitpunkt der Annahme (UTC)", "none", nullable=False
    ),
    info={"label": "Annahme", "read_by": ("analyst", "auditor")},
)

load = Table(
    "load",
    metadata,
    declare_field(
        "number",
        Integer,
        "Laufnummer",
        "fortlaufende Nummer der Ladung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "delivery_id", String(64), "Lieferung", "geladene Lieferung", "none", nullable=False
    ),
    declare_field("source", String(64), "Quelle", "Name der Quelle", "none", nullable=False),
    declare_field("delivered_on", Date, "Datum", "Datum der Lieferung", "none", nullable=False),
    declare_field(
        "mapping_hash", String(64), "Zuordnung", "Prüfwert der Zuordnung", "none", nullable=False
    ),
    declare_field(
        "loaded_at", DateTime, "geladen", "Zeitpunkt der Ladung (UTC)", "none", nullable=False
    ),
    info={"label": "Ladung", "read_by": ("analyst", "transfer", "auditor")},
)

table_balance = Table(
    "table_balance",
    metadata,
    declare_field(
        "delivery_id",
        String(64),
        "Lieferung",
        "Lieferung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "file",
        String(400),
        "Datei",
        "Datei in der Lieferung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "table_name",
        String(200),
        "Tabelle",
        "Blatt, Objekttyp oder Tabelle",
        "none",
        primary_key=True,
    ),
    declare_field("read", BigInteger, "gelesen", "Zeilen der Tabelle", "none", nullable=False),
    declare_field("used", BigInteger, "verwertet", "verwertete Zeilen", "none", nullable=False),
    declare_field(
        "rejected", BigInteger, "abgewiesen", "abgewiesene Zeilen", "none", nullable=False
    ),
    declare_field(
        "repeated", BigInteger, "wiederholt", "wörtliche Wiederholungen", "none", nullable=False
    ),
    declare_field(
        "left_out",
        BigInteger,
        "ausgelassen",
        "aus benanntem Grund ausgelassene Zeilen",
        "none",
        nullable=False,
    ),
    declare_field(
        "left_out_by",
        Text,
        "Gründe",
        "ausgelassene Zeilen nach Grund (JSON)",
        "none",
        nullable=False,
    ),
    info={"label": "Zeilenbilanz", "read_by": ("analyst", "auditor")},
)

entity_balance = Table(
    "entity_balance",
    metadata,
    declare_field(
        "delivery_id",
        String(64),
        "Lieferung",
        "Lieferung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "file",
        String(400),
        "Datei",
        "Datei in der Lieferung",
        "none",
        primary_key=True,
    ),
    declare_field("table_name", String(200), "Tabelle", "Tabelle", "none", primary_key=True),
    declare_field(
        "entity",
        String(64),
        "Datensatzart",
        "Art des Datensatzes",
        "none",
        primary_key=True,
    ),
    declare_field("new", BigInteger, "neu", "neue Datensätze", "none", nullable=False),
    declare_field(
        "changed", BigInteger, "geändert", "geänderte Datensätze", "none", nullable=False
    ),
    declare_field(
        "unchanged", BigInteger, "unverändert", "unveränderte Datensätze", "none", nullable=False
    ),
    declare_field(
        "gone", BigInteger, "weggefallen", "weggefallene Datensätze", "none", nullable=False
    ),
    declare_field(
        "known_before",
        BigInteger,
        "vorher bekannt",
        "vor der Ladung bekannte Datensätze",
        "none",
        nullable=False,
    ),
    declare_field(
        "known_after",
        BigInteger,
        "nachher bekannt",
        "nach der Ladung bekannte Datensätze",
        "none",
        nullable=False,
    ),
    info={"label": "Datensatzbilanz", "read_by": ("analyst", "auditor")},
)

finding = Table(
    "finding",
    metadata,
    declare_field("delivery_id", String(64), "Lieferung", "Lieferung", "none", nullable=False),
    declare_field(
        "number", BigInteger, "Nummer", "Nummer innerhalb der Lieferung", "none", nullable=False
    ),
    declare_field("file", String(400), "Datei", "Datei in der Lieferung", "none"),
    declare_field("table_name", String(200), "Tabelle", "Tabelle der Zuordnung", "none"),
    declare_field("sheet", String(200), "Blatt", "Blatt der Arbeitsmappe", "none"),
    declare_field("row_number", BigInteger, "Zeile", "Zeile, wie sie ein Mensch sieht", "none"),
    declare_field("column_name", String(200), "Spalte", "Spalte", "none"),
    declare_field("rule", String(64), "Regel", "Kennung der Regel", "none", nullable=False),
    declare_field(
        "severity", String(20), "Schwere", "rejected, set_aside, notice", "none", nullable=False
    ),
    declare_field(
        "message", Text, "Meldung", "deutscher Satz ohne den Wert", "none", nullable=False
    ),
    info={"label": "Befund", "read_by": ("analyst", "auditor")},
)

quarantine = Table(
    "quarantine",
    metadata,
    declare_field("delivery_id", String(64), "Lieferung", "Lieferung", "none", nullable=False),
    declare_field("number", BigInteger, "Nummer", "Nummer des Befunds", "none", nullable=False),
    declare_field("value", Text, "Wert", "der Wert, wie er in der Quelle steht", "special"),
    info={"label": "Quarantäne", "read_by": ()},
)
