"""Tables of consents by hand: what a person said about a recipient and who wrote it down."""

from __future__ import annotations

from sqlalchemy import Boolean, Date, DateTime, Integer, String, Text

from warehouse.schema.columns import declare_field, declare_key, ledger_table

consent_statement = ledger_table(
    "consent_statement",
    "Einwilligung oder Widerruf von Hand",
    declare_field("number", Integer, "Nummer", "fortlaufende Nummer", "none", primary_key=True),
    declare_field("source", String(64), "Quelle", "Quelle des Datensatzes", "none", nullable=False),
    declare_key("person_key", "Person", "Schlüssel des Personendatensatzes in der Quelle"),
    declare_field(
        "recipient",
        String(64),
        "Kürzel des Empfängers",
        "Empfänger in der Konfiguration; leer: gilt gegenüber allen",
        "none",
    ),
    declare_field(
        "recipient_name",
        String(200),
        "Empfänger",
        "genaue Bezeichnung des Empfängers an diesem Tag",
        "none",
    ),
    declare_field(
        "kind",
        String(20),
        "Art",
        "granted: eingewilligt; refused: abgelehnt; revoked: widerrufen; ended: Anlass beendet",
        "none",
        nullable=False,
    ),
    declare_field("purpose_id", String(64), "Kürzel des Zwecks", "Zweck in der Zuordnung", "none"),
    declare_field("purpose", String(400), "Zweck", "Zweck im Wortlaut", "none"),
    declare_field(
        "direction", String(20), "Richtung", "one_way: nur an den Empfänger; mutual: beide", "none"
    ),
    declare_field(
        "given_on",
        Date,
        "erklärt am",
        "Tag der Einwilligung, der Ablehnung oder des Widerrufs",
        "none",
        nullable=False,
    ),
    declare_field(
        "valid_until",
        Date,
        "gültig bis",
        "letzter Tag der Gültigkeit; leer: bis zum Widerruf oder bis der Anlass endet",
        "none",
    ),
    declare_field(
        "ends_with",
        String(400),
        "endet mit",
        "Ereignis, mit dem ihr Anlass endet, spätestens das Ende der Beratung",
        "none",
    ),
    declare_field(
        "confidentiality_released",
        Boolean,
        "Schweigepflichtentbindung",
        "mindestens ein Mensch ist von der Schweigepflicht entbunden (§ 203 StGB)",
        "none",
    ),
    declare_field(
        "released_persons",
        Text,
        "entbunden",
        "wer namentlich von der Schweigepflicht entbunden ist (JSON)",
        "personal",
    ),
    declare_field(
        "own_consent", Boolean, "selbst eingewilligt", "die Person hat selbst eingewilligt", "none"
    ),
    declare_field(
        "guardian",
        String(200),
        "Sorgeberechtigte",
        "wer als Sorgeberechtigter eingewilligt hat",
        "identifying",
    ),
    declare_field("form_version", String(64), "Fassung", "Fassung des Formulars", "none"),
    declare_field("form_language", String(20), "Sprache", "Sprache des Formulars", "none"),
    declare_field(
        "witnessed_by", String(200), "bezeugt durch", "wer die Erklärung entgegennahm", "personal"
    ),
    declare_field("interpreter", String(200), "Sprachmittlung", "wer gedolmetscht hat", "personal"),
    declare_field("scan_sha256", String(64), "Prüfwert des Scans", "SHA-256 des Scans", "personal"),
    declare_field("made_by", String(200), "Konto", "wer es erfasst hat", "none", nullable=False),
    declare_field("made_at", DateTime, "erfasst", "Zeitpunkt (UTC)", "none", nullable=False),
    declare_field(
        "made_on", Date, "erfasst am", "Tag der Erfassung im Landkreis", "none", nullable=False
    ),
    declare_field(
        "known_from",
        Integer,
        "bekannt ab",
        "Laufnummer der Ladung, mit der es gilt",
        "none",
        nullable=False,
    ),
    read_by=("transfer", "auditor"),
    append_only=True,
    entered=True,
)

consent_statement_group = ledger_table(
    "consent_statement_group",
    "Datengruppe einer Einwilligung von Hand",
    declare_field(
        "number", Integer, "Nummer", "Nummer der Einwilligung von Hand", "none", primary_key=True
    ),
    declare_field(
        "data_group",
        String(40),
        "Datengruppe",
        "Datengruppe, die weitergegeben werden darf",
        "none",
        primary_key=True,
        codes="data_group",
    ),
    read_by=("transfer", "auditor"),
    append_only=True,
)
