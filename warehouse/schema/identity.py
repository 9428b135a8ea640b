"""Table of links: which person each source's person record belongs to, as of each load."""

from __future__ import annotations

from sqlalchemy import Integer, String, Text

from warehouse.schema.columns import declare_field, ledger_table

person_link = ledger_table(
    "person_link",
    "Personenverknüpfung",
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
    read_by=("analyst", "transfer"),
)
