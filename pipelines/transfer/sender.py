"""Describes who hands over: the district, the carrier of each source, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.problems import YamlProblems
from pipelines.config.models import Contact
from pipelines.hub import Hub
from pipelines.transfer.kept_fields import Field, list_kept_fields


@dataclass(frozen=True)
class Office:
    """What is known of a source: its carrier, how that is reached, its system, what that keeps.

    ``kept`` None: nobody can tell, so that nothing counts as not kept.
    """

    carrier: str
    contact: Contact
    system: str
    kept: frozenset[Field] | None


@dataclass(frozen=True)
class Sender:
    """The district with its contact, the offices by source, its municipalities by AGS."""

    name: str
    contact: Contact
    offices: Mapping[str, Office]
    municipalities: Mapping[str, str]

    def find_office(self, source: str) -> Office:
        """The office of a source; of one no longer configured only the district is known."""
        return self.offices.get(source) or Office(self.name, self.contact, source, None)


def describe_sender(hub: Hub) -> Sender:
    """The sender as configured."""
    district = hub.config.district
    offices = {source: _describe_office(hub, source) for source in hub.config.sources}
    return Sender(district.name, district.contact, offices, hub.municipalities.labels)


def _describe_office(hub: Hub, source: str) -> Office:
    config = hub.config
    key = config.sources[source].carrier
    carrier = config.carriers[key] if key else None
    name = carrier.name if carrier else config.district.name
    contact = carrier.contact if carrier else config.district.contact
    return Office(name, contact, _name_system(hub, source), list_kept_fields(hub, source))


def _name_system(hub: Hub, source: str) -> str:
    try:
        return hub.read_mapping(source).file.system
    except YamlProblems:
        return source
