"""Tables of the mapping, code lists and catalogue each load used; each text is kept once."""

from __future__ import annotations

from sqlalchemy import Integer, String, Table, Text

from warehouse.schema.columns import declare_field, metadata

configuration_text = Table(
    "configuration_text",
    metadata,
    declare_field(
        "sha256",
        String(64),
        "SHA-256",
        "Prüfwert des Textes (UTF-8)",
        "none",
        primary_key=True,
    ),
    declare_field("content", Text, "Text", "Wortlaut der Datei", "none", nullable=False),
    info={"label": "Wortlaut der Einstellungen", "read_by": ("analyst", "auditor")},
)

load_configuration = Table(
    "load_configuration",
    metadata,
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
        "Schlüsselliste; catalogue: Katalog der Kennzahlen",
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
    info={"label": "Einstellungen einer Ladung", "read_by": ("analyst", "auditor")},
)
