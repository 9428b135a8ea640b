"""Tables about deliveries: loads, acceptances, balances, findings and quarantined values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, String, Text

from warehouse.schema.columns import declare_field, declare_number, ledger_table


def _declare_delivery_key(meaning: str) -> Column[Any]:
    return declare_field("delivery_id", String(64), "Lieferung", meaning, "none", primary_key=True)


delivery = ledger_table(
    "delivery",
    "Lieferung",
    _declare_delivery_key("SHA-256 über Quelle, Datum und Dateien"),
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
        "state",
        String(20),
        "Zustand",
        "loaded, incomplete, held, failed, undone",
        "none",
        nullable=False,
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
    read_by=("analyst", "transfer", "auditor"),
)

acceptance = ledger_table(
    "acceptance",
    "Annahme",
    _declare_delivery_key("Lieferung, die trotz der Sperre geladen werden soll"),
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
    read_by=("analyst", "transfer", "auditor"),
)

load = ledger_table(
    "load",
    "Ladung",
    declare_field(
        "number",
        Integer,
        "Laufnummer",
        "fortlaufende Nummer der Ladung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "delivery_id",
        String(64),
        "Lieferung",
        "geladene Lieferung; leer: eine Entscheidung über Personen wirkte",
        "none",
        nullable=False,
    ),
    declare_field("source", String(64), "Quelle", "Name der Quelle", "none", nullable=False),
    declare_field("delivered_on", Date, "Datum", "Datum der Lieferung", "none", nullable=False),
    declare_field(
        "mapping_hash", String(64), "Zuordnung", "Prüfwert der Zuordnung", "none", nullable=False
    ),
    declare_field(
        "loaded_at", DateTime, "geladen", "Zeitpunkt der Ladung (UTC)", "none", nullable=False
    ),
    read_by=("analyst", "transfer", "auditor"),
)

restoration = ledger_table(
    "restoration",
    "Rückkehr",
    declare_field(
        "load_number",
        Integer,
        "Laufnummer",
        "Ladung, mit der die Quelle zu einem früheren Stand zurückkehrte",
        "none",
        primary_key=True,
    ),
    declare_field("source", String(64), "Quelle", "Name der Quelle", "none", nullable=False),
    declare_field(
        "restored_load",
        Integer,
        "zurück zu",
        "Ladung, deren Stand wieder galt; 0: der Stand vor der ersten",
        "none",
        nullable=False,
    ),
    declare_field(
        "undone_load",
        Integer,
        "zurückgenommen",
        "Ladung, die zurückgenommen wurde; leer: es wurde neu gelesen",
        "none",
    ),
    declare_field(
        "undone_delivery",
        String(64),
        "zurückgenommene Lieferung",
        "Lieferung, die deshalb nicht mehr gilt",
        "none",
    ),
    declare_field("reason", Text, "Begründung", "warum", "none", nullable=False),
    declare_field("made_by", String(200), "durch", "Benutzerkonto", "none", nullable=False),
    declare_field("made_at", DateTime, "am", "Zeitpunkt (UTC)", "none", nullable=False),
    read_by=("analyst", "transfer", "auditor"),
)

table_balance = ledger_table(
    "table_balance",
    "Zeilenbilanz",
    _declare_delivery_key("Lieferung"),
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
    declare_number("read", "gelesen", "Zeilen der Tabelle"),
    declare_number("used", "verwertet", "verwertete Zeilen"),
    declare_number("rejected", "abgewiesen", "abgewiesene Zeilen"),
    declare_number("repeated", "wiederholt", "wörtliche Wiederholungen"),
    declare_number("left_out", "ausgelassen", "aus benanntem Grund ausgelassene Zeilen"),
    declare_field(
        "left_out_by",
        Text,
        "Gründe",
        "ausgelassene Zeilen nach Grund (JSON)",
        "none",
        nullable=False,
    ),
    read_by=("analyst", "auditor"),
)

entity_balance = ledger_table(
    "entity_balance",
    "Datensatzbilanz",
    _declare_delivery_key("Lieferung"),
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
    declare_number("new", "neu", "neue Datensätze"),
    declare_number("changed", "geändert", "geänderte Datensätze"),
    declare_number("unchanged", "unverändert", "unveränderte Datensätze"),
    declare_number("gone", "weggefallen", "weggefallene Datensätze"),
    declare_number("known_before", "vorher bekannt", "vor der Ladung bekannte Datensätze"),
    declare_number("known_after", "nachher bekannt", "nach der Ladung bekannte Datensätze"),
    read_by=("analyst", "auditor"),
)

finding = ledger_table(
    "finding",
    "Befund",
    declare_field("delivery_id", String(64), "Lieferung", "Lieferung", "none", nullable=False),
    declare_number("number", "Nummer", "Nummer innerhalb der Lieferung"),
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
    read_by=("analyst", "auditor"),
)

quarantine = ledger_table(
    "quarantine",
    "Quarantäne",
    declare_field("delivery_id", String(64), "Lieferung", "Lieferung", "none", nullable=False),
    declare_number("number", "Nummer", "Nummer des Befunds"),
    declare_field("value", Text, "Wert", "der Wert, wie er in der Quelle steht", "special"),
    read_by=(),
)
