"""Tables of the ledger that proves itself: leaves, their contents, and roots of whole subtrees."""

from __future__ import annotations

from sqlalchemy import DateTime, Integer, String, Text

from warehouse.schema.columns import KEY_LENGTH, declare_field, ledger_table

ledger_leaf = ledger_table(
    "ledger_leaf",
    "Eintrag des Nachweisbuchs",
    declare_field("position", Integer, "Platz", "Platz im Baum, ab 0", "none", primary_key=True),
    declare_field("kind", String(40), "Art", "was eingetragen ist", "none", nullable=False),
    declare_field("made_at", DateTime, "Zeitpunkt", "Zeitpunkt (UTC)", "none", nullable=False),
    declare_field(
        "mac",
        String(64),
        "Prüfwert",
        "Prüfwert des Inhalts mit seinem Salz (HMAC-SHA256)",
        "none",
        nullable=False,
    ),
    read_by=("auditor",),
    written_by=("transfer",),
    append_only=True,
)

ledger_content = ledger_table(
    "ledger_content",
    "Inhalt eines Eintrags",
    declare_field("position", Integer, "Platz", "Platz im Baum, ab 0", "none", primary_key=True),
    declare_field(
        "salt", String(64), "Salz", "Zufallswert, der mit dem Inhalt geht", "none", nullable=False
    ),
    declare_field("content", Text, "Inhalt", "der Inhalt (JSON)", "personal", nullable=False),
    declare_field("source", String(64), "Quelle", "Quelle des Datensatzes", "none"),
    declare_field(
        "source_key",
        String(KEY_LENGTH),
        "Schlüssel",
        "Schlüssel des Personendatensatzes, um den es geht",
        "personal",
    ),
    read_by=("auditor",),
    written_by=("transfer",),
    erasable=True,
)

ledger_node = ledger_table(
    "ledger_node",
    "Teilbaum des Nachweisbuchs",
    declare_field("level", Integer, "Ebene", "Ebene im Baum", "none", primary_key=True),
    declare_field(
        "number", Integer, "Nummer", "Nummer in der Ebene, ab 0", "none", primary_key=True
    ),
    declare_field("hash", String(64), "Wurzel", "Wurzel des Teilbaums", "none", nullable=False),
    read_by=("auditor",),
    written_by=("transfer",),
    append_only=True,
)
