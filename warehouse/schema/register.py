"""The registers a district keeps in its configuration: municipalities, teams, carriers, sources, staff, funding. No case data."""

from __future__ import annotations

from sqlalchemy import Date, Numeric, String, Table

from warehouse.schema.columns import field, metadata

municipality = Table(
    "municipality",
    metadata,
    field("ags", String(8), "AGS", "amtlicher Gemeindeschlüssel", "none", primary_key=True, nullable=False),
    field("name", String(200), "Gemeinde", "Name der Gemeinde", "none", nullable=False),
    field("team", String(200), "Regionalteam", "Regionalteam, das die Gemeinde betreut", "none"),
    info={"label": "Gemeinde"},
)

team = Table(
    "team",
    metadata,
    field("name", String(200), "Regionalteam", "Name des Regionalteams", "none", primary_key=True, nullable=False),
    info={"label": "Regionalteam"},
)

carrier = Table(
    "carrier",
    metadata,
    field("key", String(64), "Träger", "Kürzel des Trägers in der Konfiguration", "none", primary_key=True, nullable=False),
    field("name", String(200), "Name", "Name des Trägers", "none", nullable=False),
    info={"label": "Träger"},
)

source_register = Table(
    "source_register",
    metadata,
    field("source", String(64), "Quelle", "Name der Quelle in der Konfiguration", "none", primary_key=True, nullable=False),
    field("carrier", String(64), "Träger", "Träger, der die Quelle führt", "none"),
    info={"label": "Quelle"},
)

staff = Table(
    "staff",
    metadata,
    field(
        "source",
        String(64),
        "Quelle",
        "Quelle, in der die Fachkraft so heißt",
        "none",
        primary_key=True,
        nullable=False,
    ),
    field("name", String(200), "Name", "Name, wie ihn die Quelle führt", "personal", primary_key=True, nullable=False),
    field("qualification", String(40), "Qualifikation", "Qualifikationsklasse nach der VwV", "personal"),
    info={"label": "Fachkraft"},
)

funding = Table(
    "funding",
    metadata,
    field("source", String(64), "Quelle", "Quelle der Fachkraft", "none", primary_key=True, nullable=False),
    field("name", String(200), "Name", "Name der Fachkraft", "personal", primary_key=True, nullable=False),
    field("funded_from", Date, "Förderung von", "Beginn der Förderung", "none", primary_key=True, nullable=False),
    field("funded_until", Date, "Förderung bis", "Ende der Förderung", "none"),
    field("vzae", Numeric(4, 2), "VZÄ", "geförderte Stelle in Vollzeitäquivalenten", "none"),
    field("grant_name", String(200), "Zuwendung", "Förderlinie", "none"),
    info={"label": "Förderung"},
)
