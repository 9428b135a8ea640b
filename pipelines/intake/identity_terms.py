"""Hands the wording of mappings/identity.yaml and names.yaml to the linking of persons."""

from __future__ import annotations

from functools import cache

from mappings.identity import load_terms
from mappings.related_names import load_names
from warehouse.identity.known_names import KnownNames
from warehouse.identity.terms import Terms
from warehouse.identity.touched_pairs import PairScoring


def identity_terms() -> Terms:
    """The terms that come with the hub; YamlProblems where they are wrong."""
    found = load_terms()
    return Terms(found.find_number, found.no_names, found.most_persons)


def pair_scoring(*, trains: bool = False) -> PairScoring:
    """What compares the records that a load touched; YamlProblems where the names are wrong."""
    return PairScoring(identity_terms(), _known_names(), trains)


@cache
def _known_names() -> KnownNames:
    found = load_names()
    return KnownNames.of(found.related, found.distinct)
