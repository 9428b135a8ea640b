"""Finds who may be a human being that said no elsewhere, while nobody has decided that they are two.

For figures two records of one person are the lesser evil; for a withdrawal they are not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from pipelines.intake.identity_terms import identity_terms
from warehouse.gates.consent import select_names
from warehouse.gates.question import Gate
from warehouse.identity.decisions import read_pair
from warehouse.identity.key_owners import read_owners
from warehouse.identity.namesakes import find_namesakes
from warehouse.identity.person_links import read_verdicts
from warehouse.schema import identity_pair

# What the comparison says of the names, and of a number that is another one; a pair has no more.
_NAMES, _OTHER_NUMBER = ("Vorname", "Nachname"), "amtliche Nummern verschieden"
Record = tuple[str, str]
# By released record: a record of its person, and the doubtful one that may be the same human being.
Lookalikes = dict[Record, list[tuple[Record, Record]]]
_Alike = dict[Record, set[Record]]


@dataclass(frozen=True)
class Doubtful:
    """The records of which something may have been said that counts for somebody else, too.

    ``refusing``: they say no, or their use is restricted; ``withdrawn``: those of them in which
    somebody withdrew, that are in doubt or restricted; ``silent``: of sources that may not speak.
    """

    refusing: Collection[Record]
    withdrawn: Collection[Record]
    silent: Collection[Record]


def find_lookalikes(
    connection: Connection,
    gate: Gate,
    released: Collection[Record],
    persons: Mapping[Record, str],
    doubtful: Doubtful,
) -> Lookalikes:
    """The released records whose human being may be a doubtful one.

    Records of one name and birth date, or one number and first name, count where the other one says
    no for whatever reason; those of one name without a birth date, and pairs that a comparison found
    alike, where it withdrew or may have. Who was decided to be somebody else does not.
    """
    if not released or not any(vars(doubtful).values()):
        return {}
    people = _People(released, persons)
    among, wide = people.list_records(), _add_linked(connection, gate, doubtful)
    of = {*wide.refusing, *wide.silent}
    alike = find_namesakes(connection, identity_terms(), among, of, wide.withdrawn, gate.known_at)
    for one, other in _list_pairs(connection, gate):
        if one in among and (other in wide.withdrawn or other in wide.silent):
            alike[one].add(other)
    return people.spread(_leave_out_decided(connection, gate, alike))


class _People:
    """The released records, and all records of the human beings that they are of."""

    def __init__(self, released: Collection[Record], persons: Mapping[Record, str]) -> None:
        self._released, self._persons = released, persons
        self._records: dict[str, set[Record]] = defaultdict(set)
        for record, owner in persons.items():
            self._records[owner].add(record)

    def list_records(self) -> set[Record]:
        """The released records and those that are one person with them."""
        return set().union(*map(self._list_own, self._released))

    def spread(self, found: _Alike) -> Lookalikes:
        """What was found of any record of a person, for each that is released of the person."""
        alike = {
            one: [(own, o) for own in self._list_own(one) for o in found.get(own, ())]
            for one in self._released
        }
        return {one: sorted(pairs) for one, pairs in alike.items() if pairs}

    def _list_own(self, record: Record) -> set[Record]:
        owner = self._persons.get(record)
        return {record} if owner is None else self._records[owner]


def _add_linked(connection: Connection, gate: Gate, doubtful: Doubtful) -> Doubtful:
    """The same with all records that ever were one person with one of them."""
    names = connection.execute(select_names(gate)).all()

    def widen(records: Collection[Record]) -> set[Record]:
        owners = {row.person_id for row in names if (row.source, row.person_key) in records}
        linked = (row for row in names if row.is_own and row.person_id in owners)
        return {*records, *((row.source, row.person_key) for row in linked)}

    return Doubtful(*map(widen, (doubtful.refusing, doubtful.withdrawn, doubtful.silent)))


def _list_pairs(connection: Connection, gate: Gate) -> Iterator[tuple[Record, Record]]:
    """The records that a comparison found alike, each with the other one.

    Two official numbers are two human beings, and a name that nobody knows is none. Of those with
    another name many share a birth date and the other name by chance; who married is alike to one
    record alone.
    """
    rows = select(identity_pair).where(gate.known_at.includes(identity_pair.c.known_from))
    told = filter(_has_names, connection.execute(rows))
    found = [(read_pair(row), _has_other_name(row)) for row in told]
    renamed = Counter(record for pair, is_renamed in found if is_renamed for record in pair)
    for (one, other), is_renamed in found:
        if not is_renamed or renamed[one] == renamed[other] == 1:
            yield one, other
            yield other, one


def _has_names(row: Row[Any]) -> bool:
    told = row.because + row.against
    return _OTHER_NUMBER not in told and all(f'"{name} ' in told for name in _NAMES)


def _has_other_name(row: Row[Any]) -> bool:
    return any(f"{name} verschieden" in row.against for name in _NAMES)


def _leave_out_decided(connection: Connection, gate: Gate, alike: _Alike) -> _Alike:
    """The same without who was decided to be another human being."""
    if not alike:
        return alike
    verdicts = read_verdicts(connection, read_owners(connection), gate.known_at.load)
    return {
        one: {other for other in others if not verdicts.explain_different(one, other)}
        for one, others in alike.items()
    }


_SENTENCE = "{own} und {other} können derselbe Mensch sein: {why}."
_DECIDE = (
    " Zu entscheiden: drehscheibe identity decide {own} {other} same --reason … (oder different)."
)


def describe_lookalike(
    pair: tuple[Record, Record], doubtful: Doubtful, known: Collection[Record]
) -> str:
    """Why a record is held back for another one (German), and what decides: of two that are known."""
    own, other = map(":".join, pair)
    sentence = _SENTENCE.format(own=own, other=other, why=_describe_doubt(pair[1], doubtful))
    decide = _DECIDE.format(own=own, other=other) if pair[1] in known else ""
    return sentence + decide


def _describe_doubt(record: Record, doubtful: Doubtful) -> str:
    if record in doubtful.silent and record not in doubtful.refusing:
        return "die Quelle des zweiten ist nicht auf dem Stand (drehscheibe status)"
    if record in doubtful.withdrawn:
        return (
            "zum zweiten ist widerrufen, abgelehnt oder die Verarbeitung eingeschränkt, "
            "oder eine Zeile war nicht zu lesen"
        )
    return "zum zweiten oder einem mit ihm verknüpften ist nicht wirksam eingewilligt"
