"""What corroborates a pair of records beyond its names, and what contradicts it.

A weight alone never suffices: look-alikes of one name and one stand-in birthday reach any weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from warehouse.identity.levels import (
    BirthLevel,
    CodeLevel,
    EntryLevel,
    Levels,
    NameLevel,
    NumberLevel,
    Relatives,
)

# Counts up whenever other pairs of the same levels are linked: all are compared anew then.
RULES = 3
# Where less corroborates, the weight has to be greater.
_FIRM, _RARE, _VERY_RARE = 7.0, 10.0, 14.0

# A year more or less is a sister's, so the stand-in of the next year is none of these.
_PLAUSIBLE = (
    BirthLevel.EQUAL,
    BirthLevel.EQUAL_STAND_IN,
    BirthLevel.EXCHANGED,
    BirthLevel.PART_WRONG,
    BirthLevel.STAND_IN_SAME_YEAR,
    BirthLevel.NEAR,
)
_SAME_MONTH = (EntryLevel.EQUAL, EntryLevel.SAME_MONTH)
_NEAR = (EntryLevel.EQUAL, EntryLevel.SAME_MONTH, EntryLevel.TWO_MONTHS)
_SURE = (NameLevel.EQUAL, NameLevel.SPELLED_ALIKE)
_ALIKE = (*_SURE, NameLevel.RELATED, NameLevel.SIMILAR)
_OWN = (*_SURE, NameLevel.RELATED, NameLevel.SHORTENED, NameLevel.OTHER_PLACE)
_YEARS_APART = (BirthLevel.STAND_IN_NEXT_YEAR, BirthLevel.TWO_YEARS)
_OTHER = (NameLevel.FAINT, NameLevel.DIFFERENT)
# What brothers do not have in common, unless they are twins.
_SAME_BIRTH = (
    BirthLevel.EQUAL,
    BirthLevel.EQUAL_STAND_IN,
    BirthLevel.EXCHANGED,
    BirthLevel.STAND_IN_SAME_YEAR,
)


@dataclass(frozen=True)
class PairRules:
    """The rules over pairs; ``relatives``: the level of Relatives that are linked."""

    levels: Levels
    relatives: np.ndarray
    weight: np.ndarray

    @cached_property
    def sound(self) -> np.ndarray:
        """Whether a pair is corroborated and contradicted by nothing."""
        return np.asarray(self.corroborated & ~self.contradicted)

    @cached_property
    def corroborated(self) -> np.ndarray:
        """Whether something besides the names speaks for the pair."""
        return _any_of(
            self._full_birthday,
            self._same_number & self._own_birth,
            self._plausible & self._same_entry,
            (self._plausible | self._no_birth) & self._supported,
            self._corroborated_stand_in,
            # A father and a son of one name came together, so that one place is asked for, too.
            self._no_birth & self._sure_given & self._near_entry & self._shared & self._very_rare,
            self._exchanged & (self._near_entry | self._rare),
            # Namesakes born some years apart exist, however rare their name is.
            self._part_wrong & (self._same_month | self._settled),
            self._next_year & self._same_month & self._same_names,
            self._next_year & self.of_both & self._sure_names & ~self._other_entry,
        )

    @cached_property
    def contradicted(self) -> np.ndarray:
        """Whether something speaks against the pair that no weight outweighs."""
        doubtful = self._namesakes | self._doubtful_given | self._doubtful_family
        return _any_of(
            self.two_humans,
            # Twins agree in all but this.
            self._other_given,
            self._other_nation & ~self._excused_nation,
            ~self._own_number & doubtful,
        )

    @cached_property
    def two_humans(self) -> np.ndarray:
        """Whether they are not even by way of a third record one.

        Given names that a third record is like both of are one, but what a third record leaves out
        is not.
        """
        return _any_of(
            self._different_birth,
            self._two_years & ~(self._same_number & self._same_names),
            self._is("given", NameLevel.PARTIAL),
            self._other_sex & ~self._mistaken_sex,
            self._other_number & ~self._two_numbers,
        )

    @cached_property
    def verbatim(self) -> np.ndarray:
        """Whether both records say the same: one human being entered twice."""
        born = self._full_birthday & self._sure_given & self._sure_family
        return np.asarray(born | (self._same_names & self._same_number))

    @cached_property
    def of_both(self) -> np.ndarray:
        """Whether a relative of the one is linked with a relative of the other."""
        return np.asarray(self.relatives == Relatives.OF_BOTH)

    @cached_property
    def hopeless(self) -> np.ndarray:
        """Whether nobody need look at the pair: relatives and namesakes by the hundred."""
        fathers_number = self._other_given & self._different_birth
        numbered = self._same_number & ~fathers_number
        hopeless = _any_of(self._other_birth, self._namesakes_apart, self._nameless)
        return np.asarray(~numbered & hopeless)

    @cached_property
    def _other_birth(self) -> np.ndarray:
        """Strangers, or relatives: another birth date, and another given name if it is near."""
        relatives = self._other_given & ~(self._full_birthday | self._stand_in)
        return np.asarray(relatives | self._different_birth)

    @cached_property
    def _namesakes_apart(self) -> np.ndarray:
        """A year or two apart, or one stand-in day and one name, and nothing says one arrival."""
        one_name = self._stand_in & (self._other_given | self._other_family)
        alike = one_name | self._years_apart
        return np.asarray(alike & ~(self._near_entry | self._supported))

    @cached_property
    def _nameless(self) -> np.ndarray:
        """No birth date, one of the names not sure, and nothing says one arrival or place."""
        unsure = self._no_birth & ~(self._sure_given & self._sure_family)
        return np.asarray(unsure & ~(self._near_entry | self._supported | self._shared))

    @cached_property
    def _corroborated_stand_in(self) -> np.ndarray:
        """A day that stands for an unknown one, or its year, and an entry at that time.

        Namesakes who came in the same months exist; a municipality in common makes the difference.
        """
        shared = self._shared & self._is("entry", *_NEAR, EntryLevel.SEVEN_MONTHS)
        same_year = self._same_year & self._firm
        month = self._same_month & (self._stand_in | same_year)
        return np.asarray(month | (shared & (self._stand_in | (same_year & self._sure_names))))

    @cached_property
    def _namesakes(self) -> np.ndarray:
        """Namesakes of one 1 January who did not come together."""
        helped = self._supported & self._sure_given
        return np.asarray(self._stand_in & self._other_entry & ~helped)

    @cached_property
    def _doubtful_given(self) -> np.ndarray:
        """No given name, or one that may be that of a brother or a sister."""
        similar = self._similar_given & ~(self._own_spelling | self._only_child)
        shortened = self._shortened_given & ~self._short_name
        moved = self._is("given", NameLevel.OTHER_PLACE)
        moved &= ~(self._only_child & self._full_birthday)
        return np.asarray(self._is("given", NameLevel.MISSING) | moved | shortened | similar)

    @cached_property
    def _only_child(self) -> np.ndarray:
        """Both systems know the family, and neither knows a twin of that birth date.

        One that either knew would be a better match, so that nothing would be linked.
        """
        one_birth = self._full_birthday | self._stand_in
        return np.asarray(self.of_both & one_birth & self._sure_family & ~self._other_entry)

    @cached_property
    def _own_spelling(self) -> np.ndarray:
        """Twins are called alike, too, and came together; so one place is asked for.

        Where the family name is only alike, too, something besides the birthday has to agree.
        """
        apart = self._shared | ~self._same_entry
        named = self._sure_family | self._shared | self._near_entry
        return np.asarray(self._full_birthday & self._very_rare & apart & named)

    @cached_property
    def _short_name(self) -> np.ndarray:
        """One office shortened the given name: all else agrees."""
        arrived = self._near_entry | self._supported | (self._shared & ~self._other_entry)
        born = self._full_birthday & self._alike_family & arrived
        return np.asarray(born | (self._only_child & self._same_entry))

    @cached_property
    def _doubtful_family(self) -> np.ndarray:
        """Another family name, or none, without what explains it."""
        other = self._other_family & ~self._explained_family
        moved = self._is("family", NameLevel.SHORTENED, NameLevel.OTHER_PLACE) & self._other_entry
        missing = self._no_family
        alone = ~self._far_entry | self._supported | (self._shared & ~self._other_entry)
        one_name = self._full_birthday & self._sure_given & alone
        return np.asarray(other | moved | (missing & ~(self._same_entry | one_name)))

    @cached_property
    def _explained_family(self) -> np.ndarray:
        """All else the same: a slip, a marriage, a father's name.

        Namesakes of one birthday are found in every district, so the entry or relatives must agree.
        """
        slip = self._is("family", NameLevel.FAINT) & self._near_entry
        settled = self._shared & ~self._other_entry & self._rare
        explained = slip | settled | self._same_entry | self._supported
        renamed = self._full_birthday & self._sure_given & explained
        related = self._full_birthday & self._related_given & (self._same_entry | self.of_both)
        known = self._stand_in & self._sure_given & self.of_both & ~self._other_entry
        return np.asarray(self._came_together | renamed | related | known)

    @cached_property
    def _excused_nation(self) -> np.ndarray:
        """One arrival or relatives, or one number; a namesake has another family name, too."""
        arrived = (self._near_entry | self._supported) & ~self._other_family
        return np.asarray(self._own_number | self.of_both | arrived)

    @cached_property
    def _settled(self) -> np.ndarray:
        """Both names and a municipality, and no entries that differ by half a year."""
        return np.asarray(self._sure_names & self._shared & ~self._other_entry)

    @cached_property
    def _supported(self) -> np.ndarray:
        """Relatives of both are linked, or those of one with the system that the other is of."""
        of_one = self.relatives == Relatives.OF_ONE
        return np.asarray((self.relatives > Relatives.OF_ONE) | (of_one & self._at_one_place))

    @cached_property
    def _at_one_place(self) -> np.ndarray:
        """Nothing says that they lived elsewhere and came at another time."""
        dated = self._full_birthday | self._stand_in
        return np.asarray(self._shared | self._near_entry | (dated & ~self._other_entry))

    @cached_property
    def _came_together(self) -> np.ndarray:
        return np.asarray(self._stand_in & self._same_entry & self._sure_given & self._rare)

    @cached_property
    def _same_human(self) -> np.ndarray:
        """Full birthday and both names agree, and nothing makes it a twin."""
        agree = self._sure_given & self._alike_family
        return np.asarray(self._full_birthday & agree & ~self._other_entry)

    @cached_property
    def _two_numbers(self) -> np.ndarray:
        """All else agrees, so that one human being was given two numbers."""
        born = self._same_human & (self._near_entry | self._supported | self._shared)
        known = self._full_birthday & self._sure_given & self._alike_family & self.of_both
        came = self._stand_in & self._sure_names & self._same_entry
        return np.asarray(born | known | (came & (self._shared | self._supported)))

    @cached_property
    def _mistaken_sex(self) -> np.ndarray:
        """Both names agree, and so does all that tells brother and sister apart but the sex."""
        names = self._sure_given & self._alike_family
        came = self._stand_in & self._supported & self._near_entry
        born = self._full_birthday & (~self._other_entry | self._supported)
        return np.asarray(names & (born | came))

    @cached_property
    def _shared(self) -> np.ndarray:
        return self._is("municipality", CodeLevel.EQUAL)

    @cached_property
    def _same_names(self) -> np.ndarray:
        return np.asarray(self._same_given & self._sure_family)

    @cached_property
    def _sure_names(self) -> np.ndarray:
        return np.asarray(self._sure_given & self._sure_family)

    @cached_property
    def _full_birthday(self) -> np.ndarray:
        return self._is("birth", BirthLevel.EQUAL)

    @cached_property
    def _stand_in(self) -> np.ndarray:
        return self._is("birth", BirthLevel.EQUAL_STAND_IN)

    @cached_property
    def _plausible(self) -> np.ndarray:
        return self._is("birth", *_PLAUSIBLE)

    @cached_property
    def _no_birth(self) -> np.ndarray:
        return self._is("birth", BirthLevel.MISSING)

    @cached_property
    def _same_number(self) -> np.ndarray:
        return self._is("number", NumberLevel.EQUAL)

    @cached_property
    def _own_number(self) -> np.ndarray:
        """One number, given name and birth: a father's number stands on all his children."""
        return np.asarray(self._same_number & self._is("given", *_OWN) & self._own_birth)

    @cached_property
    def _own_birth(self) -> np.ndarray:
        """A birth date that is not a brother's; a slip in it wants a given name that is sure."""
        slip = (self._plausible | self._next_year) & self._sure_given
        years = self._two_years & self._same_names
        return np.asarray(self._is("birth", *_SAME_BIRTH) | slip | years)

    @cached_property
    def _same_entry(self) -> np.ndarray:
        return self._is("entry", EntryLevel.EQUAL)

    @cached_property
    def _near_entry(self) -> np.ndarray:
        return self._is("entry", *_NEAR)

    @cached_property
    def _far_entry(self) -> np.ndarray:
        return self._is("entry", EntryLevel.SEVEN_MONTHS, EntryLevel.DIFFERENT)

    @cached_property
    def _other_entry(self) -> np.ndarray:
        return self._is("entry", EntryLevel.DIFFERENT)

    @cached_property
    def _same_given(self) -> np.ndarray:
        return self._is("given", NameLevel.EQUAL)

    @cached_property
    def _sure_given(self) -> np.ndarray:
        return self._is("given", *_SURE)

    @cached_property
    def _related_given(self) -> np.ndarray:
        return self._is("given", NameLevel.RELATED)

    @cached_property
    def _exchanged(self) -> np.ndarray:
        return self._is("birth", BirthLevel.EXCHANGED)

    @cached_property
    def _part_wrong(self) -> np.ndarray:
        return self._is("birth", BirthLevel.PART_WRONG)

    @cached_property
    def _next_year(self) -> np.ndarray:
        return self._is("birth", BirthLevel.STAND_IN_NEXT_YEAR)

    @cached_property
    def _different_birth(self) -> np.ndarray:
        return self._is("birth", BirthLevel.DIFFERENT)

    @cached_property
    def _two_years(self) -> np.ndarray:
        return self._is("birth", BirthLevel.TWO_YEARS)

    @cached_property
    def _same_year(self) -> np.ndarray:
        return self._is("birth", BirthLevel.STAND_IN_SAME_YEAR)

    @cached_property
    def _similar_given(self) -> np.ndarray:
        return self._is("given", NameLevel.SIMILAR)

    @cached_property
    def _shortened_given(self) -> np.ndarray:
        return self._is("given", NameLevel.SHORTENED)

    @cached_property
    def _no_family(self) -> np.ndarray:
        return self._is("family", NameLevel.MISSING)

    @cached_property
    def _other_sex(self) -> np.ndarray:
        return self._is("sex", CodeLevel.DIFFERENT)

    @cached_property
    def _other_nation(self) -> np.ndarray:
        return self._is("nationality", CodeLevel.DIFFERENT)

    @cached_property
    def _other_number(self) -> np.ndarray:
        return self._is("number", NumberLevel.DIFFERENT)

    @cached_property
    def _alike_family(self) -> np.ndarray:
        return self._is("family", *_ALIKE)

    @cached_property
    def _years_apart(self) -> np.ndarray:
        return self._is("birth", *_YEARS_APART)

    @cached_property
    def _sure_family(self) -> np.ndarray:
        return self._is("family", *_SURE)

    @cached_property
    def _other_given(self) -> np.ndarray:
        return self._is("given", *_OTHER)

    @cached_property
    def _other_family(self) -> np.ndarray:
        return self._is("family", *_OTHER, NameLevel.PARTIAL)

    @cached_property
    def _same_month(self) -> np.ndarray:
        return self._is("entry", *_SAME_MONTH)

    @cached_property
    def _rare(self) -> np.ndarray:
        return self.weight >= _RARE

    @cached_property
    def _very_rare(self) -> np.ndarray:
        return self.weight >= _VERY_RARE

    @cached_property
    def _firm(self) -> np.ndarray:
        return self.weight >= _FIRM

    def _is(self, name: str, *levels: IntEnum) -> np.ndarray:
        return np.isin(getattr(self.levels, name), levels)


def _any_of(*rules: np.ndarray) -> np.ndarray:
    return np.asarray(np.logical_or.reduce(rules))
