"""Judges whether a day can stand in a field: not too early, not too late, of our calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mappings.engine.outcome import Outcome, ReadText

TOO_EARLY, TOO_LATE, FUTURE = "date_too_early", "date_too_late", "future_date"
OTHER_CALENDAR, BEFORE_BEGIN = "other_calendar", "end_before_begin"
# The rules of days that there are, but not in this field.
IMPLAUSIBLE = frozenset({TOO_EARLY, TOO_LATE, FUTURE, OTHER_CALENDAR, BEFORE_BEGIN})
# Years of the Iranian and Afghan calendar (1363 is 1984) and of the Islamic one (1446 is 2024), as
# people of today may have them in their papers.
_OTHER_YEARS = range(1270, 1500)


@dataclass(frozen=True)
class DaySpan:
    """The days that a field can hold; ``ends_with_delivery``: none after that of the delivery."""

    first: date
    last: date
    ends_with_delivery: bool = False

    def find_rule(self, day: date) -> str | None:
        """The rule that a day breaks."""
        if day < self.first:
            return OTHER_CALENDAR if day.year in _OTHER_YEARS else TOO_EARLY
        if day > self.last:
            return FUTURE if self.ends_with_delivery else TOO_LATE
        return None


def limit_days(read: ReadText, span: DaySpan) -> ReadText:
    """A function that reads a day as ``read`` does, and takes none outside of the span."""

    def read_day(text: str) -> Outcome:
        outcome = read(text)
        rule = None if outcome.value is None else span.find_rule(outcome.value)
        return Outcome(None, rule) if rule else outcome

    return read_day
