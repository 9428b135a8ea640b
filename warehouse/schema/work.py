"""Tables of the counsellors' work: cases, conversations, plans, goals and consents."""

from __future__ import annotations

from sqlalchemy import Boolean, Date, Integer, String

from warehouse.schema.columns import declare_field, declare_key, declare_person_key, entity_table

counselling_case = entity_table(
    "counselling_case",
    "Fall",
    declare_person_key(),
    declare_field("begun_on", Date, "Betreuung von", "Beginn der Betreuung", "personal"),
    declare_field("ended_on", Date, "Betreuung bis", "Ende der Betreuung; leer: läuft", "personal"),
    declare_field(
        "municipality",
        String(8),
        "Gemeinde",
        "Gemeinde des Falls (AGS)",
        "personal",
        codes="municipality",
    ),
    declare_field(
        "staff",
        String(200),
        "Integrationsmanager/in",
        "zuständige Fachkraft, wie sie in der Quelle heißt",
        "personal",
    ),
    declare_field("team", String(200), "Team", "Team, wie es in der Quelle heißt", "none"),
    declare_field(
        "ended_on_unreadable",
        Boolean,
        "Ende unlesbar",
        "das Ende der Betreuung konnte nicht gelesen werden",
        "none",
    ),
)

conversation = entity_table(
    "conversation",
    "Gespräch",
    declare_field("held_on", Date, "Datum", "Tag des Gesprächs", "personal", nullable=False),
    declare_field("minutes", Integer, "Dauer (Min.)", "Dauer in Minuten", "none"),
    declare_field(
        "setting",
        String(40),
        "Einzel/Familie",
        "Einzelperson, Familie oder Gruppe",
        "none",
        codes="setting",
    ),
    declare_field(
        "kind",
        String(40),
        "Gesprächsart",
        "Clearing, Beratung, Zielvereinbarung",
        "none",
        codes="conversation_kind",
    ),
    declare_field(
        "channel",
        String(40),
        "Kontaktweg",
        "persönlich, telefonisch, schriftlich",
        "none",
        codes="channel",
    ),
    declare_field(
        "interpreter", Boolean, "Dolmetscher", "mit Dolmetscherin oder Dolmetscher", "none"
    ),
    declare_field(
        "staff",
        String(200),
        "Integrationsmanager/in",
        "Fachkraft, die das Gespräch führte",
        "personal",
    ),
)

conversation_participant = entity_table(
    "conversation_participant",
    "Teilnahme am Gespräch",
    declare_key("conversation_key", "Gespräch", "Schlüssel des Gesprächs"),
    declare_person_key(),
)

conversation_topic = entity_table(
    "conversation_topic",
    "Thema des Gesprächs",
    declare_key("conversation_key", "Gespräch", "Schlüssel des Gesprächs"),
    declare_field(
        "topic",
        String(40),
        "Thema",
        "Gesprächsthema (Mehrfachnennung)",
        "special",
        nullable=False,
        codes="topic",
    ),
)

conversation_referral = entity_table(
    "conversation_referral",
    "Weiterleitung",
    declare_key("conversation_key", "Gespräch", "Schlüssel des Gesprächs"),
    declare_field(
        "target",
        String(40),
        "Weiterleitung",
        "Stelle, an die weitergeleitet wurde",
        "personal",
        nullable=False,
        codes="referral_target",
    ),
    declare_field(
        "had_result",
        Boolean,
        "Ergebnis der Weiterleitung",
        "ob die Weiterleitung zu etwas führte, wo das System es vermerkt",
        "personal",
    ),
)

plan = entity_table(
    "plan",
    "Integrationsplan",
    declare_field(
        "concluded_on",
        Date,
        "Abschluss",
        "Tag, an dem der Integrationsplan geschlossen wurde",
        "personal",
    ),
    declare_field("status", String(40), "Status", "Stand des Plans", "none", codes="plan_status"),
)

plan_participant = entity_table(
    "plan_participant",
    "Person im Integrationsplan",
    declare_key("plan_key", "Plan", "Schlüssel des Plans"),
    declare_person_key(),
)

goal = entity_table(
    "goal",
    "Ziel",
    declare_field(
        "plan_key",
        String(400),
        "Plan",
        "Schlüssel des Plans; leer, wo die Quelle keine Pläne führt",
        "personal",
    ),
    declare_field(
        "person_key",
        String(400),
        "Person",
        "Schlüssel der Person, wo das Ziel unmittelbar bei ihr steht",
        "personal",
    ),
    declare_field(
        "area",
        String(40),
        "Bereich",
        "Themenfeld des Ziels",
        "special",
        group="ziele_arbeit",
        codes="topic",
    ),
    declare_field(
        "title", String(1000), "Ziel", "vereinbartes Ziel", "personal", group="ziele_arbeit"
    ),
    declare_field("measure", String(1000), "Maßnahme", "vereinbarte Maßnahme", "personal"),
    declare_field("begun_on", Date, "Beginn", "Beginn der Arbeit am Ziel", "personal"),
    declare_field("due_on", Date, "Frist", "Frist", "personal", group="ziele_arbeit"),
    declare_field(
        "status",
        String(40),
        "Status",
        "Stand des Ziels",
        "personal",
        group="ziele_arbeit",
        codes="goal_status",
    ),
    declare_field(
        "reached_on", Date, "Erreicht am", "Tag, an dem das Ziel erreicht wurde", "personal"
    ),
)

consent = entity_table(
    "consent",
    "Einwilligung",
    declare_person_key(),
    declare_field(
        "basis",
        String(20),
        "Grundlage",
        "form: unterschriebene Einwilligung; release: eigene Freigabe im System",
        "none",
        nullable=False,
    ),
    declare_field(
        "recipient", String(200), "Empfänger", "Empfänger, wie er in der Einwilligung steht", "none"
    ),
    declare_field(
        "purpose",
        String(400),
        "Zweck",
        "Zweck, wie er in der Einwilligung steht",
        "none",
        read_as="purpose",
    ),
    declare_field("given_on", Date, "Erteilt am", "Tag der Erteilung", "none"),
    declare_field(
        "valid_until",
        Date,
        "Gültig bis",
        "letzter Tag der Gültigkeit; leer: bis zum Widerruf",
        "none",
    ),
    declare_field(
        "valid_until_unreadable",
        Boolean,
        "Ende unlesbar",
        "das Ende der Gültigkeit konnte nicht gelesen werden",
        "none",
    ),
    declare_field("revoked_on", Date, "Widerrufen am", "Tag des Widerrufs", "none"),
    declare_field(
        "revoked_on_unreadable",
        Boolean,
        "Widerruf unlesbar",
        "der Tag des Widerrufs konnte nicht gelesen werden",
        "none",
    ),
    declare_field(
        "confidentiality_released",
        Boolean,
        "Schweigepflichtentbindung",
        "von der Schweigepflicht entbunden (§ 203 StGB)",
        "none",
    ),
    declare_field(
        "groups_unreadable",
        Boolean,
        "Datengruppen unlesbar",
        "mindestens eine der Datengruppen konnte nicht gelesen werden",
        "none",
    ),
    declare_field(
        "direction",
        String(20),
        "Richtung",
        "ob nur an den Empfänger oder in beide Richtungen",
        "none",
        codes="consent_direction",
    ),
    declare_field("form_version", String(64), "Fassung", "Fassung des Formulars", "none"),
    declare_field("form_language", String(40), "Sprache", "Sprache des Formulars", "none"),
    declare_field(
        "witnessed_by",
        String(200),
        "bezeugt durch",
        "wer die Erklärung entgegennahm",
        "identifying",
    ),
    declare_field(
        "interpreter", String(200), "Sprachmittlung", "wer gedolmetscht hat", "identifying"
    ),
    declare_field(
        "ends_with",
        String(400),
        "endet mit",
        "Ereignis, mit dem ihr Anlass endet, spätestens das Ende der Beratung",
        "none",
    ),
    declare_field(
        "released_persons",
        String(1000),
        "entbunden",
        "wer namentlich von der Schweigepflicht entbunden ist",
        "identifying",
    ),
    declare_field(
        "own_consent",
        Boolean,
        "selbst eingewilligt",
        "die Person hat selbst eingewilligt; nein: allein die Sorgeberechtigten",
        "none",
    ),
    declare_field("scan_sha256", String(64), "Prüfwert des Scans", "SHA-256 des Scans", "personal"),
)

consent_data_group = entity_table(
    "consent_data_group",
    "Datengruppe der Einwilligung",
    declare_key("consent_key", "Einwilligung", "Schlüssel der Einwilligung"),
    declare_field(
        "data_group",
        String(40),
        "Datengruppe",
        "Datengruppe, die weitergegeben werden darf",
        "none",
        nullable=False,
        codes="data_group",
    ),
)
