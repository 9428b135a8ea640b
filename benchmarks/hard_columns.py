"""The records of a hard district as the columns that the linkage compares."""

from __future__ import annotations

from dataclasses import asdict

from examples.hard.district import HardDistrict
from examples.hard.records import HardRecord
from mappings.identity import load_terms
from mappings.related_names import load_names
from warehouse.identity.known_names import KnownNames
from warehouse.identity.person_columns import DeliveredPerson, PersonColumns, make_columns
from warehouse.identity.terms import Terms


def read_columns(district: HardDistrict) -> PersonColumns:
    """The columns; rows are in the order of the district's records."""
    records = {(r.source, r.key): r for r in district.records}
    homes = {key: r.household for key, r in records.items() if r.household}
    lived_in = {key: [f"{r.municipality:08d}"] for key, r in records.items()}
    persons = [_deliver_person(r) for r in district.records]
    return make_columns(persons, read_terms(), homes, lived_in)


def read_terms() -> Terms:
    """What is an official number and what is no name."""
    terms = load_terms()
    return Terms(terms.find_number, terms.no_names, terms.most_persons)


def read_known_names() -> KnownNames:
    """The names that are known to be related or to sound alike."""
    names = load_names()
    return KnownNames.of(names.related, names.distinct)


def _deliver_person(record: HardRecord) -> DeliveredPerson:
    values = {**asdict(record), "source_key": record.key}
    return DeliveredPerson(*(values[name] for name in DeliveredPerson._fields))
