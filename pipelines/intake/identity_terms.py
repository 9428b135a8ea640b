"""Hands the wording of mappings/identity.yaml to the linking of persons."""

from __future__ import annotations

from mappings.identity import load_terms
from warehouse.identity.terms import Terms


def identity_terms() -> Terms:
    """The terms that come with the hub; YamlProblems where they are wrong."""
    found = load_terms()
    return Terms(found.find_number, found.no_names, found.most_persons)
