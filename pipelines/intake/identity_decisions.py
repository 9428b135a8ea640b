"""Keeps what a person decides about two records, or takes it back; it takes effect at once.

A decision that changes who is one person is a load of its own that brings nothing, so that answers
as of earlier loads stay what they were.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from pipelines.failures import Failure
from pipelines.figures.pair_impact import PairImpact, PersonsNow, compare_persons
from pipelines.hub import Hub
from pipelines.intake.decision_load import record_decision_load
from pipelines.intake.identity_terms import identity_terms
from pipelines.intake.registers import write_registers
from pipelines.intake.rehearsal import open_rehearsable
from warehouse.as_of import read_newest_load
from warehouse.erasure.pseudonyms import PREFIX
from warehouse.identity.decisions import (
    Decision,
    Pair,
    Verdict,
    describe_chain,
    find_standing,
    keep_valid,
    list_decisions,
    name_record,
    order_pair,
    write_decision,
)
from warehouse.identity.key_owners import read_owners
from warehouse.identity.person_links import refresh_links
from warehouse.identity.record import Key
from warehouse.identity.rows_of_keys import read_rows
from warehouse.identity.scored_pairs import find_pair
from warehouse.identity.unsure_pairs import find_unchanged, read_versions
from warehouse.identity.verdicts import Verdicts
from warehouse.ledger.clock import read_clock
from warehouse.schema import person


class NotDecided(Failure):
    """Nothing can be decided, or taken back, so; the text says why."""


class Contradicted(Failure):
    """Other decisions speak against this one; the text names them."""


@dataclass(frozen=True)
class MadeDecision:
    """What came of a decision: its number, and the load with which it took effect.

    ``load`` None: nobody is another person than before. ``changed``: how many records' links are
    others. ``is_new`` False: the same was decided before, as ``number``.
    """

    number: int
    a: str
    b: str
    verdict: str
    undoes: int | None
    load: int | None
    changed: int
    is_new: bool = True


@dataclass(frozen=True, kw_only=True)
class RehearsedDecision(MadeDecision):
    """What would come of a decision, of which nothing was kept."""

    impact: PairImpact


def read_record_name(text: str) -> Key:
    """Source and key of a record like "enaio:P-1"; NotDecided where it is none."""
    source, colon, key = text.partition(":")
    if not (source and colon and key):
        raise NotDecided(f"'{text}' is no record; it is named like enaio:P-1")
    return source, key


def decide_pair(
    hub: Hub,
    one: str,
    other: str,
    verdict: Verdict,
    reason: str,
    by: str = "",
    *,
    rehearse: bool = False,
    shown: str | None = None,
) -> MadeDecision:
    """Keeps a decision on two records and links them accordingly.

    ``rehearse``: keeps nothing, and says what it would change (RehearsedDecision). ``shown``: the
    versions that the decision is about (read_versions), where they were looked at before.
    Raises NotDecided where a record is not known, or is another version than what was shown;
    Contradicted where other decisions say otherwise.
    """
    pair = order_pair(read_record_name(one), read_record_name(other))
    if verdict is Verdict.UNDONE:
        raise NotDecided("a decision is taken back by its number: drehscheibe identity undo NUMBER")
    with _deciding(hub, rehearse=rehearse) as desk:
        desk.check_known(pair)
        desk.check_shown(pair, shown)
        said = desk.verdicts.by_pair.get(pair)
        if said is not None and desk.says_again(said, verdict):
            return desk.answer(_describe_decision(said, None, 0, is_new=False))
        if chain := desk.verdicts.find_contradiction(pair, verdict):
            raise Contradicted(_describe_contradiction(pair, verdict, chain))
        return desk.keep(pair, verdict, None, reason, by)


def undo_decision(
    hub: Hub, names: Sequence[str], reason: str, by: str = "", *, rehearse: bool = False
) -> MadeDecision:
    """Takes back the decision of a number, or the one that counts on two records.

    ``rehearse``: keeps nothing, and says what it would change (RehearsedDecision). An earlier
    decision on the same records counts again. Raises NotDecided where there is none, Contradicted
    where later decisions contradict that earlier one.
    """
    with _deciding(hub, rehearse=rehearse) as desk:
        chosen = desk.find_decision(names)
        if chain := desk.judge_without(chosen):
            raise Contradicted(
                f"without decision {chosen.number} others would contradict each other: "
                f"{describe_chain(chain[-1].a, chain)}. Take one of them back first"
            )
        return desk.keep(chosen.pair, Verdict.UNDONE, chosen.number, reason, by)


@contextmanager
def _deciding(hub: Hub, *, rehearse: bool) -> Iterator[_Desk]:
    """Where one decision is made, while no run is going on."""
    with hub.store.lock_run() as turn:
        write_registers(hub)
        with open_rehearsable(hub, rehearse=rehearse) as connection:
            yield _Desk(hub, connection, _read_before(hub, connection) if rehearse else None)
            turn.check_held()


def _read_before(hub: Hub, connection: Connection) -> PersonsNow | None:
    """All that a decision may change, as it is before; None where nothing was loaded yet."""
    return PersonsNow(hub, connection).read_all() if read_newest_load(connection) else None


class _Desk:
    """What was decided so far, and how one more decision is kept."""

    def __init__(self, hub: Hub, connection: Connection, before: PersonsNow | None) -> None:
        self.hub, self.connection, self._before = hub, connection, before
        self.newest = read_newest_load(connection)
        self.decisions = list_decisions(connection)
        self._owners = read_owners(connection)
        self.verdicts = self._weigh(self.decisions)

    def _weigh(self, decisions: Sequence[Decision]) -> Verdicts:
        standing = find_standing(decisions).values()
        return Verdicts(keep_valid(standing, self._owners, self.newest))

    def check_known(self, pair: Pair) -> None:
        """Raises NotDecided unless both are known records, and two."""
        known = select(person.c.source, person.c.source_key).where(person.c.known_to.is_(None))
        rows = read_rows(self.connection, known, person, set(pair))
        found = {(source, key) for source, key in rows}
        if missing := [name_record(key) for key in dict.fromkeys(pair) if key not in found]:
            raise NotDecided(f"no person record {' and '.join(missing)} is known now")
        if pair[0] == pair[1]:
            raise NotDecided("that is one record; a decision is about two")
        if erased := [name_record(key) for key in pair if key[1].startswith(PREFIX)]:
            raise NotDecided(f"{' and '.join(erased)} was erased; nobody knows who it was")

    def check_shown(self, pair: Pair, shown: str | None) -> None:
        """Raises NotDecided where the records say otherwise than what somebody looked at."""
        if shown is not None and shown != read_versions(self.connection, pair):
            raise NotDecided(
                "Einer der beiden Datensätze hat sich geändert, seit das Paar angezeigt wurde; "
                "bitte noch einmal ansehen"
            )

    def says_again(self, said: Decision, verdict: Verdict) -> bool:
        """Whether a verdict on the pair is what was said already; unsure only until it changed."""
        if said.verdict is not verdict or verdict is not Verdict.UNSURE:
            return said.verdict is verdict
        return said.pair in find_unchanged(self.connection, self.verdicts)

    def find_decision(self, names: Sequence[str]) -> Decision:
        """The decision of a number, or the one that counts on two records; else NotDecided."""
        if len(names) == 1:
            return self._find_number(names[0])
        pair = order_pair(*map(read_record_name, names))
        said = find_standing(self.decisions).get(pair)
        if said is None:
            raise NotDecided(f"nothing is decided on {' and '.join(names)}")
        return said

    def _find_number(self, number: str) -> Decision:
        found = next((one for one in self.decisions if str(one.number) == number), None)
        if found is None:
            raise NotDecided(f"there is no decision {number}; see: drehscheibe identity list")
        if found.verdict is Verdict.UNDONE:
            raise NotDecided(f"decision {number} took another one back; decide anew instead")
        undone = (one.number for one in self.decisions if one.undoes == found.number)
        if (later := next(undone, None)) is not None:
            raise NotDecided(f"decision {number} was taken back already, as {later}")
        return found

    def judge_without(self, chosen: Decision) -> Sequence[Decision]:
        """Decisions that would contradict each other only if one were not; empty where none would.

        Others contradict each other already where a source returned to an earlier load.
        """
        left = [one for one in self.decisions if chosen.number not in (one.number, one.undoes)]
        already = {chain[-1].number for chain in self.verdicts.list_inconsistencies()}
        found = self._weigh(left).list_inconsistencies()
        return next((chain for chain in found if chain[-1].number not in already), ())

    def keep(
        self, pair: Pair, verdict: Verdict, undoes: int | None, reason: str, by: str
    ) -> MadeDecision:
        """Adds a decision, and a load where it changes who is one person."""
        seen = find_pair(self.connection, pair)
        made = Decision(
            max((one.number for one in self.decisions), default=0) + 1,
            *pair,
            verdict,
            undoes,
            reason,
            by or getpass.getuser(),
            read_clock(),
            self.newest,
            json.dumps(seen.as_seen(), ensure_ascii=False) if seen else None,
        )
        write_decision(self.connection, made)
        number = self.newest + 1
        changed = refresh_links(self.connection, number, identity_terms()).changed
        if changed:
            record_decision_load(self.hub, self.connection, number)
        return self.answer(_describe_decision(made, number if changed else None, changed))

    def answer(self, made: MadeDecision) -> MadeDecision:
        """What came of a decision; of a rehearsed one, with what it changes."""
        if self._before is None:
            return made
        after = PersonsNow(self.hub, self.connection)
        rehearsed = {**vars(made), "load": None}
        return RehearsedDecision(**rehearsed, impact=compare_persons(self._before, after))


def _describe_decision(
    made: Decision, number: int | None, changed: int, *, is_new: bool = True
) -> MadeDecision:
    a, b = map(name_record, made.pair)
    return MadeDecision(made.number, a, b, made.verdict, made.undoes, number, changed, is_new)


def _describe_contradiction(pair: Pair, verdict: Verdict, chain: Sequence[Decision]) -> str:
    return (
        f"'{verdict}' on {' and '.join(map(name_record, pair))} contradicts what is decided: "
        f"{describe_chain(pair[0], chain)}. Take one of these back first: drehscheibe identity "
        f"undo NUMBER ({', '.join(str(one.number) for one in chain)})"
    )
