"""What a paper says of the district it is made for; without one, the papers speak of any district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.retention import person_years
from pipelines.config import Config


@dataclass(frozen=True)
class DistrictFacts:
    """The district's name, its carriers, sources and recipients, and how it is set up, in German."""

    name: str
    carriers: Sequence[str]
    sources: Sequence[str]
    recipients: Sequence[str]
    warehouse: str
    encryption: str
    person_years: int


ANY_DISTRICT = DistrictFacts(
    "(Landkreis)",
    ["(Träger nach der Konfiguration)"],
    ["(Fachverfahren nach der Konfiguration)"],
    ["(Empfänger nach der Konfiguration)"],
    "DuckDB-Datei im Datenordner oder PostgreSQL-Server",
    "nach der Konfiguration (age, Schlüssel des Landkreises)",
    person_years(),
)


def describe_district(config: Config) -> DistrictFacts:
    """The facts of a configured district."""
    is_embedded = config.warehouse == "duckdb"
    return DistrictFacts(
        f"Landkreis {config.district.name}",
        [carrier.name for carrier in config.carriers.values()] or ["keine genannt"],
        list(config.sources),
        [recipient.name for recipient in config.recipients.values()] or ["keine"],
        "DuckDB-Datei im Datenordner" if is_embedded else "PostgreSQL-Server",
        _describe_encryption(config, is_embedded),
        config.retention.years or person_years(),
    )


def _describe_encryption(config: Config, is_embedded: bool) -> str:
    if config.encryption:
        return "Eingang und Datenbestand verschlüsselt (age, Schlüssel des Landkreises)"
    return "nicht eingeschaltet" if is_embedded else "nicht eingeschaltet; Platte des Servers"
