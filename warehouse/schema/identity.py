"""Tables of identity: links of records to persons, decisions, pairs to decide, anchors of ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, DateTime, Float, Integer, String, Text

from warehouse.schema.columns import declare_field, declare_key, ledger_table

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


def _declare_pair() -> Iterator[Column[Any]]:
    """Declares the two records of a pair, the smaller key first."""
    for number, side in enumerate(("a", "b"), start=1):
        record = f"des {number}. Datensatzes"
        yield declare_field(
            f"{side}_source",
            String(64),
            f"Quelle {number}",
            f"Quelle {record}",
            "none",
            nullable=False,
        )
        yield declare_key(f"{side}_key", f"Schlüssel {number}", f"Schlüssel {record}")


identity_decision = ledger_table(
    "identity_decision",
    "Entscheidung über zwei Datensätze",
    declare_field(
        "number",
        Integer,
        "Nummer",
        "fortlaufende Nummer der Entscheidung",
        "none",
        primary_key=True,
    ),
    *_declare_pair(),
    declare_field(
        "verdict",
        String(20),
        "Entscheidung",
        "same: derselbe Mensch; different: zwei Menschen; unsure: nicht zu entscheiden; "
        "undone: nimmt eine frühere zurück",
        "none",
        nullable=False,
    ),
    declare_field(
        "undoes", Integer, "nimmt zurück", "Nummer der zurückgenommenen Entscheidung", "none"
    ),
    declare_field(
        "reason", Text, "Begründung", "Begründung eines Menschen", "personal", nullable=False
    ),
    declare_field(
        "decided_by", String(200), "durch", "wer entschieden hat", "personal", nullable=False
    ),
    declare_field("decided_at", DateTime, "am", "Zeitpunkt (UTC)", "none", nullable=False),
    declare_field(
        "known_load",
        Integer,
        "Stand",
        "Laufnummer des Kenntnisstands, über den entschieden wurde",
        "none",
        nullable=False,
    ),
    declare_field(
        "seen",
        Text,
        "gesehen",
        "Band, Gewicht und Sätze, die vorlagen (JSON, ohne Angaben zur Person)",
        "none",
    ),
    read_by=("analyst", "transfer"),
    append_only=True,
)

identity_pair = ledger_table(
    "identity_pair",
    "Verglichenes Paar von Datensätzen",
    *_declare_pair(),
    declare_field(
        "band",
        String(20),
        "Band",
        "automatic: verknüpft; review: ein Mensch entscheidet; within_source: zwei Datensätze "
        "einer Quelle",
        "none",
        nullable=False,
    ),
    declare_field("weight", Float, "Gewicht", "Gewicht des Vergleichs", "none", nullable=False),
    declare_field("because", Text, "dafür", "deutsche Sätze (JSON)", "none", nullable=False),
    declare_field("against", Text, "dagegen", "deutsche Sätze (JSON)", "none", nullable=False),
    declare_field(
        "known_from", Integer, "bekannt ab", "Laufnummer der Ladung", "none", nullable=False
    ),
    read_by=("analyst", "transfer"),
)

person_anchor = ledger_table(
    "person_anchor",
    "Anker einer Kennung",
    declare_field(
        "person_id", String(64), "Person", "dauerhafte Kennung", "personal", primary_key=True
    ),
    declare_field(
        "minted_load",
        Integer,
        "seit",
        "Laufnummer, mit der sie entstand; trägt ein Mensch mehrere, gilt die älteste",
        "none",
        nullable=False,
    ),
    declare_field(
        "source",
        String(64),
        "Quelle",
        "Quelle des Datensatzes, an dem sie hängt",
        "none",
        nullable=False,
    ),
    declare_key("source_key", "Schlüssel", "Schlüssel des Datensatzes, an dem sie hängt"),
    declare_field(
        "owner",
        String(64),
        "welcher Mensch",
        "Lieferung, mit der der Schlüssel an diesen Menschen ging; leer: der erste",
        "none",
        nullable=False,
    ),
    read_by=("analyst", "transfer"),
)

identity_model = ledger_table(
    "identity_model",
    "Grundlage der Gewichte",
    declare_field("number", Integer, "Nummer", "fortlaufende Nummer", "none", primary_key=True),
    declare_field("version", String(64), "Fassung", "Prüfwert des Inhalts", "none", nullable=False),
    declare_field(
        "content",
        Text,
        "Inhalt",
        "Anteile und Häufigkeiten von Namensformen (JSON), ohne Namen",
        "personal",
        nullable=False,
    ),
    declare_field(
        "records", Integer, "Datensätze", "aus wie vielen sie entstand", "none", nullable=False
    ),
    declare_field(
        "trained_load",
        Integer,
        "seit",
        "Laufnummer der Ladung, ab der sie gilt",
        "none",
        nullable=False,
    ),
    declare_field(
        "trained_by",
        String(200),
        "durch",
        "Benutzerkonto, mit dem sie entstand",
        "personal",
        nullable=False,
    ),
    declare_field("trained_at", DateTime, "am", "Zeitpunkt (UTC)", "none", nullable=False),
    read_by=("transfer",),
    append_only=True,
)
