"""The data that the documents about the use of a grant show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class HeldTime:
    """A time on a post within a grant; ``off_days``: days of interruption in it."""

    post: str
    first: date
    last: date
    vzae: Decimal | None
    off_days: int


@dataclass(frozen=True)
class RatedTime:
    """What a calendar year brings by its rate; ``rate`` None: not known, and so no ``amount``.

    ``span``: first and last day, where the rate is not that of the whole year.
    """

    year: int
    vzae_days: Decimal
    rate: Decimal | None
    known: str | None
    amount: Decimal | None
    span: tuple[date, date] | None = None


@dataclass(frozen=True)
class MemberEvidence:
    """The proof of one Integrationsmanager/in for one grant.

    ``names`` as the sources record them; ``missing`` are German sentences without names.
    ``by_rate`` is None where a year's rate is not known, ``spent`` where no cost is recorded.
    """

    member: str
    names: Sequence[str]
    qualification: str | None
    first: date
    last: date
    times: Sequence[HeldTime]
    rated: Sequence[RatedTime]
    by_rate: Decimal | None
    staff_cost: Decimal | None
    training_cost: Decimal | None
    missing: Sequence[str]

    @property
    def spent(self) -> Decimal | None:
        """Cost of staff and training together."""
        if self.staff_cost is None and self.training_cost is None:
            return None
        return (self.staff_cost or Decimal(0)) + (self.training_cost or Decimal(0))


@dataclass(frozen=True)
class GrantEvidence:
    """A grant with its members; ``due_on``: when evidence and Sachbericht are due."""

    grant: str
    line: str
    applicant: str | None
    first: date | None
    last: date | None
    amount: Decimal | None
    due_on: date | None
    evidence_sent: date | None
    report_sent: date | None
    members: Sequence[MemberEvidence]
    missing: Sequence[str]

    @property
    def spent(self) -> Decimal:
        """What the members cost, as far as it is recorded."""
        return sum((m.spent or Decimal(0) for m in self.members), Decimal(0))

    @property
    def recorded_costs(self) -> Decimal | None:
        """What the members cost; None where no cost is recorded."""
        return self.spent if any(m.spent is not None for m in self.members) else None

    @property
    def by_rate(self) -> Decimal | None:
        """What the members bring by the rates; None where one is not known."""
        amounts = [m.by_rate for m in self.members]
        if any(amount is None for amount in amounts):
            return None
        return sum((a for a in amounts if a is not None), Decimal(0))

    @property
    def all_missing(self) -> list[str]:
        """What is missing of the grant and of each member."""
        return [*self.missing, *(text for m in self.members for text in m.missing)]
