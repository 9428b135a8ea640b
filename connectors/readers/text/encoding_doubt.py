"""Doubts a single-byte encoding by what its text would look like.

Any bytes are valid in such an encoding, so a wrong one is only seen by its letters: a file in
UTF-8 gives "MÃ¼ller", one of a Macintosh "MŸller", one of DOS "M„ller", one in Cyrillic "Áîíäàð".
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np

from connectors.readers.text.foreign_words import ForeignWords, Positions

Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

# One in so many signs beyond ASCII is more than a few cells that were spoiled before: those are
# left to the mapping, which sets aside each.
_ONE_IN = 4
# Signs that people do write within a word.
_WITHIN_WORDS = frozenset("’‘´`ʼ–—·\u00a0\u00ad")
# Letters to Unicode, but not of any name.
_OF_NO_NAME = frozenset("ªºµƒﬁﬂ")
_GERMAN = "ÄÖÜäöüßÉé"
# No word in Latin letters has so many beyond ASCII in a row.
_RUN = 4
_RIVALS = ("cp1252", "mac_roman", "cp850")


@dataclass(frozen=True)
class _Letters:
    """What each byte is in one encoding.

    ``odd``: a capital beyond ASCII, or a sign that is not written within words; ``quote``: one that
    is; ``closing``: a sign that may follow one of the ``german`` letters; ``latin``: a Latin letter
    beyond ASCII.
    """

    letter: Mask
    lower: Mask
    upper: Mask
    odd: Mask
    german: Mask
    closing: Mask
    quote: Mask
    latin: Mask


@dataclass(frozen=True)
class EncodingDoubt:
    """What a file rather is, and the index of the first sign of it.

    UTF-8, some other encoding, or that of another language.
    """

    rather: Literal["utf-8", "other", "language"]
    byte: int


@dataclass
class _Signs:
    """How many bytes of one kind a file has, and the index of the first."""

    count: int = 0
    first: int = -1

    def add(self, found: Positions, bytes_each: int = 1) -> None:
        """Adds bytes of this kind by their indices."""
        self.count += bytes_each * len(found)
        if self.first < 0 and len(found):
            self.first = int(found[0])


@dataclass
class _Counter:
    """Counts, block by block, the bytes that speak against an encoding among all beyond ASCII."""

    letters: _Letters
    words: ForeignWords | None
    size: int = 0
    beyond: int = 0
    utf8: _Signs = field(default_factory=_Signs)
    strange: _Signs = field(default_factory=_Signs)
    script: _Signs = field(default_factory=_Signs)

    def add_block(self, block: bytes) -> None:
        """Counts in a block; a pair that is cut by its end is missed."""
        text = np.frombuffer(b" %b " % block, np.uint8)
        at = np.flatnonzero(text >= 0x80)
        byte = text[at]
        self.beyond += len(at)
        # Most bytes are neither: the few that may be are looked at with their neighbours.
        leads = at[(byte >= 0xC2) & (byte <= 0xF4)]
        leads = leads[text[leads + 1] >> 6 == 0b10]
        self.utf8.add(leads[~self._are_quoted(text, leads)] + self.size - 1, bytes_each=2)
        odd = at[self.letters.odd[byte]]
        self.strange.add(odd[self._are_strange(text, odd)] + self.size - 1)
        self.script.add(self._find_runs(text, at) + self.size - 1, _RUN)
        if self.words:
            self.words.add_block(block, at - 1, self.size)
        self.size += len(block)

    def judge(self) -> EncodingDoubt | None:
        """The doubt, where there is reason for one."""
        if self.utf8.count * _ONE_IN >= self.beyond > 0:
            return EncodingDoubt("utf-8", self.utf8.first)
        # A single one is a slip of the keyboard ("AnnaÖzlem").
        if self.strange.count * _ONE_IN >= self.beyond and self.strange.count > 1:
            return EncodingDoubt("other", self.strange.first)
        if self.script.count * _ONE_IN >= self.beyond > 0:
            return EncodingDoubt("language", self.script.first)
        if self.words and self.words.are_strange():
            return EncodingDoubt("language", self.words.first)
        return None

    def _find_runs(self, text: Bytes, at: Positions) -> Positions:
        """Where a run of Latin letters beyond ASCII begins, among the places of signs beyond it."""
        begins = at[: 1 - _RUN][at[_RUN - 1 :] - at[: 1 - _RUN] == _RUN - 1]
        latin = [self.letters.latin[text[begins + step]] for step in range(_RUN)]
        runs: Positions = begins[np.logical_and.reduce(latin)]
        return runs

    def _are_quoted(self, text: Bytes, at: Positions) -> Mask:
        """Which pairs are an umlaut with a quote beside it, which looks like UTF-8."""
        of, byte, after = self.letters, text[at], text[at + 1]
        return of.german[byte] & of.closing[after] | of.quote[byte] & of.german[after]

    def _are_strange(self, text: Bytes, at: Positions) -> Mask:
        """Which bytes are signs within a word that no word has, or capitals before small letters."""
        of, byte, after = self.letters, text[at], text[at + 1]
        may_be = np.where(of.upper[byte], of.lower[after], of.letter[after])
        return may_be & of.letter[text[at - 1]]


def doubt_encoding(blocks: Iterable[bytes], encoding: str) -> EncodingDoubt | None:
    """What speaks against an encoding that was declared or taken for want of another.

    None also for encodings of several bytes a character, which refuse a wrong text themselves.
    """
    letters = _letters_of(encoding)
    if letters is None:
        return None
    counter = _Counter(letters, ForeignWords.of(encoding))
    for block in blocks:
        counter.add_block(block)
    return counter.judge()


@cache
def _letters_of(encoding: str) -> _Letters | None:
    """What the bytes are in an encoding; None where not each is one character."""
    name = codecs.lookup(encoding).name
    signs = [bytes([byte]).decode(name, "replace") for byte in range(0x100)]
    is_single = all(len(sign) == 1 for sign in signs) and signs[0x41] == "A"
    if name.startswith("utf") or not is_single or signs.count("\ufffd") > 0x20:
        return None
    upper = _mask(sign.isupper() for sign in signs)
    return _Letters(
        letter=_mask(sign.isalpha() for sign in signs),
        lower=_mask(sign.islower() and sign.isascii() for sign in signs),
        upper=upper,
        odd=upper | (_mask(map(_is_strange, signs)) & _rival_letters()),
        german=_mask(sign in _GERMAN for sign in signs),
        closing=_mask(not sign.isalnum() for sign in signs),
        quote=_mask(sign in _WITHIN_WORDS for sign in signs),
        latin=_mask(_is_latin(sign) for sign in signs),
    )


def _rival_letters() -> Mask:
    """Which bytes are letters of German in one of the usual encodings; others are delimiters, say."""
    texts = [bytes(range(0x80, 0x100)).decode(name, "replace") for name in _RIVALS]
    return _mask(
        byte >= 0x80 and any(text[byte - 0x80] in _GERMAN for text in texts)
        for byte in range(0x100)
    )


def _is_latin(sign: str) -> bool:
    return not sign.isascii() and sign.isalpha() and unicodedata.name(sign, "").startswith("LATIN")


def _is_strange(sign: str) -> bool:
    is_letter = sign.isalpha() or unicodedata.category(sign) in ("Mn", "Mc", "Cf")
    return sign in _OF_NO_NAME or not (is_letter or sign in _WITHIN_WORDS)


def _mask(values: Iterable[bool]) -> Mask:
    return np.fromiter(values, np.bool_, 0x100)
