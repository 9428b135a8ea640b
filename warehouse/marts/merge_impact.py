"""Tells what would change if two persons were one: persons, clients, consents."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, FromClause, select

from warehouse.identity.record import Key
from warehouse.identity.waiting_pairs import read_person_ids
from warehouse.marts.person_attributes import is_open
from warehouse.marts.scope import Scope, select_cases
from warehouse.schema import consent


@dataclass(frozen=True)
class MergeImpact:
    """By how much the numbers of persons and clients would change.

    ``consents``: both persons said something about a recipient, so that the narrower counts.
    """

    persons: int
    clients: int
    consents: bool


class MergeImpacts:
    """Answers for any two records, on the day counted on."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._persons = read_person_ids(connection)
        cases = select_cases(scope)
        open_cases = select(cases.c.source, cases.c.person_key).where(is_open(scope, cases))
        self._clients = self._find_persons(connection, open_cases.subquery("open_cases"))
        consents = scope.select_known(consent)
        self._asked = self._find_persons(connection, consents)

    def _find_persons(self, connection: Connection, rows: FromClause) -> set[str]:
        """The persons that some rows are about."""
        keys = select(rows.c.source, rows.c.person_key).distinct()
        found = {self._persons.get((source, key)) for source, key in connection.execute(keys)}
        return {person_id for person_id in found if person_id is not None}

    def compare(self, a: Key, b: Key) -> MergeImpact:
        """What would change if the persons of two records were one."""
        both = {self._persons[a], self._persons[b]}
        apart = len(both) - 1
        return MergeImpact(
            persons=-apart,
            clients=-apart if both <= self._clients else 0,
            consents=apart == 1 and both <= self._asked,
        )
