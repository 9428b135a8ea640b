"""A source's record of a person as the rules compare it; no rule lives here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warehouse.identity.birth_days import is_known_day

# A record across all sources: its source and its key there.
Key = tuple[str, str]
# The kind of an official number (None: unknown) and the number itself.
Number = tuple[str | None, str]
# Family name in search form, and exact birth date.
Born = tuple[str, date]


@dataclass(frozen=True)
class Record:
    """One currently known source record of a person, with the values the rules compare.

    Names are in search form; a name or number that is not sure is None. ``decided_as``: the first
    of the records of its source that a person decided to be this human being's.
    """

    source: str
    key: str
    last_name: str | None
    first_name: str | None
    birth_date: date | None
    sex: str | None
    entry_date: date | None
    number: Number | None
    nationality: str | None = None
    decided_as: Key | None = None

    @property
    def identity(self) -> Key:
        """What identifies the record across all sources."""
        return self.source, self.key

    @property
    def whole(self) -> Key:
        """What identifies the human being among those of the source."""
        return self.decided_as or self.identity

    @property
    def exact_birth_date(self) -> date | None:
        """The birth date, unless its day stands for an unknown one."""
        born = self.birth_date
        return born if born and is_known_day(born) else None

    @property
    def born(self) -> Born | None:
        """Family name and exact birth date; None where either is not sure."""
        if self.last_name is None or self.exact_birth_date is None:
            return None
        return self.last_name, self.exact_birth_date
