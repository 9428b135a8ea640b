"""Tables of the mapping, code lists and catalogue each load used; each text is kept once."""

from __future__ import annotations

from sqlalchemy import Integer, String, Text

from warehouse.schema.columns import declare_field, ledger_table

configuration_text = ledger_table(
    "configuration_text",
    "Wortlaut der Einstellungen",
    declare_field(
        "sha256",
        String(64),
        "SHA-256",
        "Prüfwert des Textes (UTF-8)",
        "none",
        primary_key=True,
    ),
    declare_field("content", Text, "Text", "Wortlaut der Datei", "none", nullable=False),
    read_by=("analyst", "transfer", "auditor"),
)

load_configuration = ledger_table(
    "load_configuration",
    "Einstellungen einer Ladung",
    declare_field(
        "load_number",
        Integer,
        "Laufnummer",
        "Ladung, bei der der Wortlaut galt",
        "none",
        primary_key=True,
    ),
    declare_field(
        "kind",
        String(20),
        "Art",
        "mapping: Zuordnung der Quelle; extended: die Zuordnung, auf der sie aufbaut; codes: "
        "Schlüsselliste; identity: was als Nummer und Name gilt; consents: Wörter zu "
        "Einwilligungen; days: mögliche Tage je Feld; catalogue: Katalog der Kennzahlen; "
        "rules: Regeln der Förderung; "
        "balance: Bilanz der Ladung, aufbewahrt seit ihre Lieferung neu gelesen wurde",
        "none",
        primary_key=True,
    ),
    declare_field(
        "name",
        String(200),
        "Name",
        "Name der Datei ohne Endung",
        "none",
        primary_key=True,
    ),
    declare_field(
        "sha256", String(64), "SHA-256", "Prüfwert des Wortlauts", "none", nullable=False
    ),
    read_by=("analyst", "transfer", "auditor"),
)
