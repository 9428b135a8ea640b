"""Labels of the four systems with the code of each and its other spellings, from labels.yaml.

The hub has lists of its own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from examples.yaml_data import read_data


class Label(NamedTuple):
    """The code of a label in the names of figures, and the synonyms people also type."""

    code: str
    also: tuple[str, ...] = ()


Labels = dict[str, Label]
LISTS: Final[dict[str, Labels]] = read_data("labels", dict[str, Labels])
TOPICS: Final = LISTS["topic"]
REFERRALS: Final = LISTS["referral"]
