"""Tables of the rights of a person: requests, marks on records, erasures, rewritten files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, String, Text

from warehouse.schema.columns import declare_field, declare_key, ledger_table


def _declare_maker() -> Iterator[Column[Any]]:
    yield declare_field(
        "made_by", String(200), "durch", "Konto, das es vermerkte", "none", nullable=False
    )
    yield declare_field("made_at", DateTime, "am", "Zeitpunkt (UTC)", "none", nullable=False)


def _declare_number() -> Column[Any]:
    return declare_field(
        "number", Integer, "Nummer", "fortlaufende Nummer", "none", primary_key=True
    )


person_request = ledger_table(
    "person_request",
    "Verlangen einer Person",
    _declare_number(),
    declare_field(
        "kind",
        String(20),
        "Art",
        "access: Auskunft; restrict, lift: Einschränkung und ihr Ende; erase: Löschung; "
        "hold, release: Aufbewahrungspflicht und ihr Ende",
        "none",
        nullable=False,
    ),
    declare_field(
        "subject",
        String(64),
        "Datensatz",
        "Prüfwert über Quelle und Schlüssel, mit einem geheimen Schlüssel gebildet",
        "personal",
        nullable=False,
    ),
    declare_field("reference", String(200), "Aktenzeichen", "Aktenzeichen des Verlangens", "none"),
    declare_field("reason", Text, "Begründung", "warum", "personal"),
    *_declare_maker(),
    read_by=("auditor",),
    append_only=True,
)

record_mark = ledger_table(
    "record_mark",
    "Vermerk an einem Datensatz",
    _declare_number(),
    declare_field(
        "kind",
        String(20),
        "Art",
        "restricted: Verarbeitung eingeschränkt (Art. 18 DSGVO); hold: nicht zu löschen",
        "none",
        nullable=False,
    ),
    declare_field("event", String(20), "Ereignis", "set oder lifted", "none", nullable=False),
    declare_field("source", String(64), "Quelle", "Quelle des Datensatzes", "none", nullable=False),
    declare_key("source_key", "Schlüssel", "Schlüssel des Personendatensatzes"),
    declare_field("reason", Text, "Begründung", "warum", "personal", nullable=False),
    *_declare_maker(),
    read_by=("transfer", "auditor"),
    append_only=True,
)

erasure = ledger_table(
    "erasure",
    "Löschung",
    declare_field(
        "erasure_id", String(64), "Löschung", "zufällige Kennung", "none", primary_key=True
    ),
    declare_field("records", Integer, "Datensätze", "wie viele", "none", nullable=False),
    declare_field(
        "known_load",
        Integer,
        "Stand",
        "Laufnummer der Ladung, nach der gelöscht wurde",
        "none",
        nullable=False,
    ),
    declare_field("rows", BigInteger, "Zeilen", "geänderte Zeilen", "none", nullable=False),
    *_declare_maker(),
    read_by=("analyst", "auditor"),
    append_only=True,
)

landing_rewrite = ledger_table(
    "landing_rewrite",
    "Neu geschriebene Lieferung",
    declare_field(
        "erasure_id",
        String(64),
        "Löschung",
        "Löschung, die der Grund war",
        "none",
        primary_key=True,
    ),
    declare_field(
        "delivery_id", String(64), "Lieferung", "Lieferung der Datei", "none", primary_key=True
    ),
    declare_field(
        "old_sha256", String(64), "vorher", "SHA-256 der Bytes davor", "none", primary_key=True
    ),
    declare_field("new_sha256", String(64), "nachher", "SHA-256 danach", "none", nullable=False),
    declare_field("rows", BigInteger, "Zeilen", "entfernte Zeilen", "none", nullable=False),
    declare_field("made_at", DateTime, "am", "Zeitpunkt (UTC)", "none", nullable=False),
    read_by=("analyst", "auditor"),
    append_only=True,
)

kept_sum = ledger_table(
    "kept_sum",
    "Prüfwert vor einer Löschung",
    declare_field(
        "load_number", Integer, "Laufnummer", "Stand einer Einreichung", "none", primary_key=True
    ),
    declare_field(
        "name",
        String(200),
        "Grundlage",
        "Grundlage der Zahlen, wie im Paket",
        "none",
        primary_key=True,
    ),
    declare_field("sha256", String(64), "SHA-256", "Prüfwert von damals", "none", nullable=False),
    read_by=("analyst", "auditor"),
    append_only=True,
)
