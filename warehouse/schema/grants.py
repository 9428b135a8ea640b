"""Tables of staff, posts and grants: registers that a district keeps in a workbook or YAML."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Date, Numeric, String

from warehouse.schema.columns import Protection, declare_field
from warehouse.schema.register import register_table

_KEY_LENGTH = 200


def _declare_key(
    name: str, label: str, meaning: str, protection: Protection = "none", *, own: bool = False
) -> Column[Any]:
    """Declares the key of an entry, or of the one it belongs to; ``own``: part of its key."""
    return declare_field(name, String(_KEY_LENGTH), label, meaning, protection, primary_key=own)


def _declare_member(*, own: bool = True) -> Column[Any]:
    meaning = "Kürzel der Fachkraft im Verzeichnis"
    return _declare_key("member", "Fachkraft", meaning, "personal", own=own)


def _declare_amount(name: str, label: str, meaning: str) -> Column[Any]:
    return declare_field(name, Numeric(12, 2), label, meaning, "none")


def _declare_vzae(meaning: str) -> Column[Any]:
    return declare_field("vzae", Numeric(4, 2), "VZÄ", meaning, "none")


def _declare_begin(*, own: bool = False) -> Column[Any]:
    return declare_field("begun_on", Date, "von", "erster Tag", "none", primary_key=own)


def _declare_end() -> Column[Any]:
    return declare_field("ended_on", Date, "bis", "letzter Tag; leer: offen", "none")


grant_period = register_table(
    "grant_period",
    "Zuwendung",
    _declare_key("key", "Zuwendung", "Kürzel der Zuwendung im Verzeichnis", own=True),
    declare_field(
        "line",
        String(40),
        "Förderlinie",
        "integrationsmanagement, ukraine_soforthilfe oder eigenmittel",
        "none",
        nullable=False,
    ),
    _declare_key("applicant", "Antragsteller", "Träger, der die Zuwendung erhält"),
    _declare_begin(),
    _declare_end(),
    _declare_amount("amount", "Bewilligt", "bewilligter Betrag in EUR"),
    declare_field(
        "evidence_sent_on", Date, "Nachweis am", "Tag der Vorlage des Verwendungsnachweises", "none"
    ),
    declare_field(
        "report_sent_on", Date, "Sachbericht am", "Tag der Vorlage des Sachberichts", "none"
    ),
)

post = register_table(
    "post",
    "Stelle",
    _declare_key("key", "Stelle", "Kürzel der Stelle im Verzeichnis", own=True),
    _declare_key("carrier", "Träger", "Träger, bei dem die Stelle besteht"),
    _declare_key("grant_key", "Zuwendung", "Zuwendung, aus der die Stelle bezahlt wird"),
    _declare_vzae("Umfang der Stelle in Vollzeitäquivalenten"),
    _declare_begin(),
    _declare_end(),
)

post_municipality = register_table(
    "post_municipality",
    "Gemeinde der Stelle",
    _declare_key("post", "Stelle", "Kürzel der Stelle", own=True),
    declare_field(
        "ags", String(8), "AGS", "Gemeinde, für die die Stelle da ist", "none", primary_key=True
    ),
)

staff_member = register_table(
    "staff_member",
    "Integrationsmanager/in",
    _declare_key("key", "Fachkraft", "Kürzel der Fachkraft im Verzeichnis", "personal", own=True),
    _declare_key("carrier", "Träger", "Träger, der die Fachkraft beschäftigt"),
    declare_field(
        "qualification",
        String(40),
        "Qualifikation",
        "Qualifikationsklasse nach der VwV",
        "personal",
    ),
    declare_field("hired_on", Date, "Beschäftigt ab", "Beginn der Beschäftigung", "personal"),
    declare_field(
        "training_begun_on",
        Date,
        "Nachqualifizierung begonnen",
        "Beginn der Nachqualifizierung",
        "personal",
    ),
    declare_field(
        "training_finished_on",
        Date,
        "Nachqualifizierung abgeschlossen",
        "Abschluss der Nachqualifizierung",
        "personal",
    ),
)

staff_name = register_table(
    "staff_name",
    "Name der Fachkraft in einer Quelle",
    declare_field(
        "source",
        String(_KEY_LENGTH),
        "Quelle",
        "Quelle, in der die Fachkraft so heißt",
        "none",
        primary_key=True,
    ),
    declare_field(
        "name", String(200), "Name", "Name, wie ihn die Quelle führt", "personal", primary_key=True
    ),
    _declare_member(own=False),
)

post_holding = register_table(
    "post_holding",
    "Besetzung",
    _declare_member(),
    _declare_key("post", "Stelle", "Kürzel der Stelle; leer: keine genannt", own=True),
    _declare_begin(own=True),
    _declare_end(),
    _declare_vzae("Umfang der Besetzung in Vollzeitäquivalenten"),
    _declare_key("grant_key", "Zuwendung", "Zuwendung, aus der die Fachkraft bezahlt wird"),
    _declare_amount("staff_cost", "Personalkosten", "Personalkosten in EUR"),
    _declare_amount("training_cost", "Fortbildungskosten", "Fortbildungskosten in EUR"),
)

interruption = register_table(
    "interruption",
    "Unterbrechung",
    _declare_member(),
    _declare_begin(own=True),
    _declare_end(),
    declare_field("reason", String(200), "Grund", "Grund der Unterbrechung", "personal"),
)

counselling_extension = register_table(
    "counselling_extension",
    "Begründete Verlängerung der Beratung",
    declare_field(
        "source",
        String(_KEY_LENGTH),
        "Quelle",
        "Quelle des Personendatensatzes",
        "none",
        primary_key=True,
    ),
    declare_field(
        "person_key",
        String(400),
        "Person",
        "Schlüssel des Personendatensatzes in der Quelle",
        "personal",
        primary_key=True,
    ),
    declare_field(
        "until", Date, "bis", "letzter Tag der Verlängerung", "personal", primary_key=True
    ),
    declare_field("reason", String(400), "Begründung", "Begründung der Verlängerung", "personal"),
)

GRANT_REGISTERS = (
    grant_period,
    post,
    post_municipality,
    staff_member,
    staff_name,
    post_holding,
    interruption,
    counselling_extension,
)
