"""Tells whether a written recipient is, or may be, the one that data are to be handed to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

_APART = re.compile(r"[/,;|&+]|\bund\b|\boder\b|\bsowie\b")
_SIGNS = re.compile(r"[^a-z0-9]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# Shorter words are abbreviations or fillers and name no place.
_SHORTEST_PLACE = 4
# From this ratio on two places may be one, misspelt: Tuttlingen and Reutlingen have 0.80.
_ALIKE, _ALIKE_SHORT, _SHORT = 0.85, 0.75, 6


class RecipientName:
    """The name of one recipient; ``kinds``: words for its kind of office, ``everyone``: for any.

    ``others``: the names of the other configured recipients, ``others_as``: how words for other
    offices end, ``places``: the places of the district, ``beside_places``: words that stand before
    a place's name.
    """

    def __init__(
        self,
        name: str,
        kinds: Iterable[str],
        everyone: Iterable[str],
        others: Iterable[str],
        others_as: Iterable[str] = (),
        places: Iterable[str] = (),
        beside_places: Iterable[str] = (),
    ) -> None:
        self._name = _fold(name)
        self._kinds = sorted((_fold(kind) for kind in kinds), key=len, reverse=True)
        self._everyone = {word for text in everyone for word in _fold(text).split()}
        self._others = {_fold(other) for other in others}
        self._endings = tuple(_squeeze(_fold(ending)) for ending in others_as)
        own = (self._without_kind(self._name), *map(_fold, places))
        self._places = {word for text in own for word in _find_places(text)}
        self._beside = {word for text in beside_places for word in _fold(text).split()}

    def is_similar(self, text: str) -> bool:
        """Whether a text is the name in another spelling, a part of it, or longer than it."""
        own = _squeeze(_fold(text))
        name = _squeeze(self._name)
        return own in name or name in own

    def may_be_meant(self, text: str) -> bool:
        """Whether a text does not clearly name somebody else."""
        parts = [part for part in _APART.split(text.casefold()) if _fold(part)]
        return not parts or any(self._may_be_part(_fold(part)) for part in parts)

    def _may_be_part(self, text: str) -> bool:
        if text in self._others:
            return False
        if self.is_similar(text) or not self._everyone.isdisjoint(text.split()):
            return True
        rest = self._without_kind(text)
        if rest == text:
            # A word that nobody knows may be the recipient's name, misspelt.
            return not any(word.endswith(self._endings) for word in text.split())
        return not self._is_elsewhere(rest)

    def _is_elsewhere(self, rest: str) -> bool:
        """Whether what stands beside the kind of office is the name of another place and no more."""
        words = [word for word in rest.split() if word not in self._beside]
        if len(words) != 1 or len(words[0]) < _SHORTEST_PLACE:
            return False
        return not any(_are_alike(words[0], place) for place in self._places)

    def _without_kind(self, text: str) -> str:
        """The text without the word for the kind of office."""
        for kind in self._kinds:
            if f" {kind} " in f" {text} ":
                return f" {text} ".replace(f" {kind} ", " ").strip()
        return text


def _fold(text: str) -> str:
    """A text in small plain letters, words apart by one blank."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    letters = unicodedata.normalize("NFKD", plain)
    kept = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return _SIGNS.sub(" ", kept).strip()


def _are_alike(one: str, other: str) -> bool:
    """Whether a word may be the other, misspelt or shortened."""
    least = _ALIKE_SHORT if min(len(one), len(other)) <= _SHORT else _ALIKE
    is_part = one in other or other in one
    return is_part or SequenceMatcher(None, one, other, autojunk=False).ratio() >= least


def _squeeze(text: str) -> str:
    return text.replace(" ", "")


def _find_places(text: str) -> set[str]:
    return {word for word in text.split() if len(word) >= _SHORTEST_PLACE}
