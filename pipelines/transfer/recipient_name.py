"""Tells whether a written recipient is, or may be, the one that data are to be handed to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from mappings.other_districts import load_districts

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
    a place's name, ``neighbours``: other districts and towns beside those that everybody knows.
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
        neighbours: Iterable[str] = (),
    ) -> None:
        self._name = _fold(name)
        self._kinds = sorted((_fold(kind) for kind in kinds), key=len, reverse=True)
        self._everyone = {word for text in everyone for word in _fold(text).split()}
        self._others = {_fold(other) for other in others}
        self._endings = tuple(_squeeze(_fold(ending)) for ending in others_as)
        self._beside = {word for text in beside_places for word in _fold(text).split()}
        own = (self._without_kind(self._name), *map(_fold, places))
        self._places = {word for text in own for word in _find_places(text)} - self._beside
        elsewhere = (self._without_beside(_fold(text)) for text in (*load_districts(), *neighbours))
        self._elsewhere = {form for text in elsewhere for form in (text, _shorten(text))}

    def is_similar(self, text: str) -> bool:
        """Whether a text is the name in another spelling, a part of it, or longer than it."""
        own = _squeeze(_fold(text))
        name = _squeeze(self._name)
        return own in name or name in own

    def may_be_meant(self, text: str) -> bool:
        """Whether a text, where somebody withdraws, does not clearly name somebody else.

        A word that nobody knows may be the name, misspelt.
        """
        parts = _list_parts(text)
        return not parts or any(self._is_ours(part, unknown=True) for part in parts)

    def may_be_spoken_of(self, text: str) -> bool:
        """Whether a text, where somebody consents, has to do with the recipient.

        Such a form takes the place of older ones, if it grants nothing: the name stands in it, its
        kind of office, also misspelt, or a word for anybody. Consents for others are many, so a
        word that nobody knows is one of theirs.
        """
        parts = _list_parts(text)
        return not parts or any(self._is_ours(part, unknown=False) for part in parts)

    def _is_ours(self, text: str, *, unknown: bool) -> bool:
        """Whether a part of a text may mean the recipient; ``unknown``: by words nobody knows."""
        words = text.split()
        if text in self._others:
            return False
        if self.is_similar(text) or not self._everyone.isdisjoint(words):
            return True
        rest = self._without_kind(text)
        if rest != text:
            return not self._is_elsewhere(rest)
        names_other = any(word.endswith(self._endings) for word in words)
        return not names_other and (unknown or any(map(self._is_kind_misspelt, words)))

    def _is_kind_misspelt(self, word: str) -> bool:
        long = len(word) >= _SHORTEST_PLACE
        return long and any(_are_alike(word, kind) for kind in self._kinds if " " not in kind)

    def _is_elsewhere(self, rest: str) -> bool:
        """Whether what stands beside the kind of office is surely the name of another place.

        A person, a department or a word for the office is none; nor is what may be a place of the
        district, misspelt.
        """
        name = self._without_beside(rest)
        is_own = any(_are_alike(word, place) for word in name.split() for place in self._places)
        return name in self._elsewhere and not is_own

    def _without_beside(self, text: str) -> str:
        return " ".join(word for word in text.split() if word not in self._beside)

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


def _list_parts(text: str) -> list[str]:
    """The recipients that a text names, in plain letters."""
    return [_fold(part) for part in _APART.split(text.casefold()) if _fold(part)]


def _shorten(place: str) -> str:
    """The name of a district as people say it: Ostalb for the Ostalbkreis."""
    return place.removesuffix("kreis") or place


def _are_alike(one: str, other: str) -> bool:
    """Whether a word may be the other, misspelt or shortened."""
    least = _ALIKE_SHORT if min(len(one), len(other)) <= _SHORT else _ALIKE
    is_part = one in other or other in one
    return is_part or SequenceMatcher(None, one, other, autojunk=False).ratio() >= least


def _squeeze(text: str) -> str:
    return text.replace(" ", "")


def _find_places(text: str) -> set[str]:
    return {word for word in text.split() if len(word) >= _SHORTEST_PLACE}
