"""Opens cases and draws days; shared by the free course of a district and by fitted lives."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from examples.district import Counsellor
from examples.keys import Keys
from examples.life import Case, Life
from examples.people import Person
from examples.written_names import spell_person

# How long conversations last.
MINUTES: Final = (15, 20, 30, 45, 60, 75, 90)


class CaseWork:
    """The life of one district while it is made, with its random numbers and record keys."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.keys, self.life = rng, Keys(), Life()

    def draw_day(self, first: date, last: date) -> date:
        """A day between both, `first` where there is none."""
        return first + timedelta(days=self.rng.randrange(max(1, (last - first).days + 1)))

    def open_case(
        self, person: Person, how: str, source: str, ags: str, begin: date, staff: Counsellor
    ) -> Case:
        """A case without end and skills; `how` is one of `written_names.WAYS`."""
        last, first, born = spell_person(self.rng, person, how, ansi=source == "tau")
        return Case(
            self.keys.next(source, "case", ags),
            begin,
            source,
            person,
            ags,
            begin,
            None,
            last,
            first,
            born,
            [(begin, staff.name)],
            staff.team,
            False,
        )
