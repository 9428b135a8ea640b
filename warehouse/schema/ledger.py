"""What the hub writes down about its own doing: loads, deliveries, balances, findings, links, transmissions. No case data."""

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
        nullable=False,
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
        nullable=False,
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
        nullable=False,
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
        nullable=False,
    ),
    declare_field(
        "file",
        String(400),
        "Datei",
        "Datei in der Lieferung",
        "none",
        primary_key=True,
        nullable=False,
    ),
    declare_field(
        "table_name",
        String(200),
        "Tabelle",
        "Blatt, Objekttyp oder Tabelle",
        "none",
        primary_key=True,
        nullable=False,
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
        nullable=False,
    ),
    declare_field(
        "file",
        String(400),
        "Datei",
        "Datei in der Lieferung",
        "none",
        primary_key=True,
        nullable=False,
    ),
    declare_field(
        "table_name", String(200), "Tabelle", "Tabelle", "none", primary_key=True, nullable=False
    ),
    declare_field(
        "entity",
        String(64),
        "Datensatzart",
        "Art des Datensatzes",
        "none",
        primary_key=True,
        nullable=False,
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

person_link = Table(
    "person_link",
    metadata,
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
        "person_id",
        String(64),
        "Person",
        "dauerhafte Kennung des Menschen",
        "personal",
        nullable=False,
    ),
    declare_field("rule", String(64), "Regel", "Regel, die verknüpft hat", "none", nullable=False),
    declare_field(
        "linked_to",
        String(500),
        "verknüpft mit",
        "Datensatz, mit dem die Regel ihn verknüpft (Quelle:Schlüssel)",
        "personal",
    ),
    declare_field(
        "explanation", Text, "Begründung", "deutscher Satz, warum", "none", nullable=False
    ),
    declare_field(
        "known_from", Integer, "bekannt ab", "Laufnummer der Ladung", "none", nullable=False
    ),
    declare_field("known_to", Integer, "bekannt bis", "Laufnummer der ablösenden Ladung", "none"),
    info={"label": "Personenverknüpfung", "read_by": ("analyst", "transfer")},
)

transmission = Table(
    "transmission",
    metadata,
    declare_field(
        "transmission_id",
        String(64),
        "Übermittlung",
        "Kennung der Übermittlung",
        "none",
        primary_key=True,
        nullable=False,
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
    info={"label": "Übermittlung", "read_by": ("auditor",)},
)
