"""The journal of erasures beside the warehouse: keyed hashes only; lines are added, never changed.

A restored backup does not know what was erased since; the journal does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from warehouse.files.json_lines import add_line, read_json_lines
from warehouse.identity.record import Key
from warehouse.rights.rights_key import RightsKey, open_rights_key


@dataclass(frozen=True)
class JournalLine:
    """One line: ``event`` is requested, destroyed, certified or admitted; hashes of whom."""

    event: str
    erasure: str
    records: Sequence[str] = ()
    identities: Sequence[str] = ()
    reference: str | None = None
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))


class Journal:
    """The journal in a folder; the folder is made with the first line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "journal.jsonl"

    def add(self, line: JournalLine) -> None:
        """Adds a line and waits until it is on the disk."""
        add_line(self.file, asdict(line))

    def read_lines(self) -> Iterator[JournalLine]:
        """The lines in order."""
        yield from (JournalLine(**content) for content in read_json_lines(self.file))

    def list_requested(self) -> list[JournalLine]:
        """The erasures, in the order in which they were asked for."""
        return [line for line in self.read_lines() if line.event == "requested"]


@dataclass(frozen=True)
class ErasedGuard:
    """Tells whether a delivered record, or the human being in it, was erased before.

    ``admitted`` records come in whoever they are.
    """

    key: RightsKey | None
    records: frozenset[str]
    identities: frozenset[str]
    admitted: frozenset[str] = frozenset()

    @property
    def is_idle(self) -> bool:
        """Whether nobody was erased."""
        return self.key is None

    def guards_record(self, record: Key) -> bool:
        """Whether the record was erased."""
        return self.key is not None and self.key.hash_record(record) in self.records

    def admits(self, record: Key) -> bool:
        """Whether somebody said that the record may come in again."""
        return self.key is not None and self.key.hash_record(record) in self.admitted

    def guards_identity(
        self, last: str | None, first: str | None, born: date | None, number: str | None
    ) -> bool:
        """Whether somebody of this birth date and name, or official number, was erased.

        Without either nobody can tell.
        Whose day of birth nobody knew was born on 1 January, as many were: with a name that is no
        one's identity.
        """
        if self.key is None or born is None:
            return False
        hashes = [self.key.hash_numbered(number, born)] if number else []
        if last and first and (born.month, born.day) != (1, 1):
            hashes.append(self.key.hash_identity(last, first, born))
        return not self.identities.isdisjoint(hashes)


def open_guard(folder: Path) -> ErasedGuard:
    """What the journal of a folder guards against; who was admitted again is not guarded."""
    lines = list(Journal(folder).read_lines())
    if not lines:
        return ErasedGuard(None, frozenset(), frozenset())
    records: set[str] = set()
    admitted: set[str] = set()
    for line in lines:
        if line.event == "requested":
            records |= set(line.records)
            admitted -= set(line.records)
        elif line.event == "admitted":
            admitted |= set(line.records)
    identities = frozenset(one for line in lines for one in line.identities)
    key = open_rights_key(folder)
    return ErasedGuard(key, frozenset(records - admitted), identities, frozenset(admitted))
