"""Tables of the registers that a district keeps in its configuration, without case data.

They have history like the entities, in numbers of loads: which entries the configuration had when
a load was made.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Date, Integer, Numeric, String, Table

from warehouse.schema.columns import declare_field, ledger_table

_SINCE = "erste Ladung, bei der der Eintrag galt"
_UNTIL = "erste Ladung, bei der er nicht mehr galt; leer: gilt noch"


def register_table(name: str, label: str, *columns: Column[Any]) -> Table:
    """Declares a register with its own columns and those of history behind them."""
    known_from = declare_field(
        "known_from", Integer, "bekannt ab", _SINCE, "none", primary_key=True
    )
    known_to = declare_field("known_to", Integer, "bekannt bis", _UNTIL, "none")
    readers = ("analyst", "transfer", "auditor")
    return ledger_table(name, label, *columns, known_from, known_to, read_by=readers)


municipality = register_table(
    "municipality",
    "Gemeinde",
    declare_field(
        "ags",
        String(8),
        "AGS",
        "amtlicher Gemeindeschlüssel",
        "none",
        primary_key=True,
    ),
    declare_field("name", String(200), "Gemeinde", "Name der Gemeinde", "none", nullable=False),
    declare_field(
        "team", String(200), "Regionalteam", "Regionalteam, das die Gemeinde betreut", "none"
    ),
)

team = register_table(
    "team",
    "Regionalteam",
    declare_field(
        "name",
        String(200),
        "Regionalteam",
        "Name des Regionalteams",
        "none",
        primary_key=True,
    ),
)

carrier = register_table(
    "carrier",
    "Träger",
    declare_field(
        "key",
        String(64),
        "Träger",
        "Kürzel des Trägers in der Konfiguration",
        "none",
        primary_key=True,
    ),
    declare_field("name", String(200), "Name", "Name des Trägers", "none", nullable=False),
)

source_register = register_table(
    "source_register",
    "Quelle",
    declare_field(
        "source",
        String(64),
        "Quelle",
        "Name der Quelle in der Konfiguration",
        "none",
        primary_key=True,
    ),
    declare_field("carrier", String(64), "Träger", "Träger, der die Quelle führt", "none"),
)

staff = register_table(
    "staff",
    "Fachkraft",
    declare_field(
        "source",
        String(64),
        "Quelle",
        "Quelle, in der die Fachkraft so heißt",
        "none",
        primary_key=True,
    ),
    declare_field(
        "name",
        String(200),
        "Name",
        "Name, wie ihn die Quelle führt",
        "personal",
        primary_key=True,
    ),
    declare_field(
        "qualification",
        String(40),
        "Qualifikation",
        "Qualifikationsklasse nach der VwV",
        "personal",
    ),
)

funding = register_table(
    "funding",
    "Förderung",
    declare_field(
        "source",
        String(64),
        "Quelle",
        "Quelle der Fachkraft",
        "none",
        primary_key=True,
    ),
    declare_field(
        "name",
        String(200),
        "Name",
        "Name der Fachkraft",
        "personal",
        primary_key=True,
    ),
    declare_field(
        "funded_from",
        Date,
        "Förderung von",
        "Beginn der Förderung",
        "none",
        primary_key=True,
    ),
    declare_field("funded_until", Date, "Förderung bis", "Ende der Förderung", "none"),
    declare_field(
        "vzae", Numeric(4, 2), "VZÄ", "geförderte Stelle in Vollzeitäquivalenten", "none"
    ),
    declare_field("grant_name", String(200), "Zuwendung", "Förderlinie", "none"),
)

REGISTERS = (municipality, team, carrier, source_register, staff, funding)
