"""Doubts a Western European encoding by its words: Þahin and Doðan, Petroviæ and Kovaèeviæ.

Turkish and Central European encodings have other letters in a few places only, so that a wrong
one gives letters all the same, but words that no language has. Icelandic, Czech or French words
with the same letters speak for the encoding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

Positions = np.ndarray[tuple[int], np.dtype[np.int64]]

_ICELANDIC = re.compile("[áíóúÁÍÓÚ]|[Gg]uð|[Þþ]or|[Ss]igurð|[Ff]rið|eið|steinn|sson")
_TURKISH = re.compile("[þÞðÐ]|ý(?!$)|^Ý|Ý[A-ZÇÖÜ]")
_CENTRAL_EUROPEAN = re.compile(
    "[šžŠŽ].*[èÈæÆøØ]|[èÈæÆøØ].*[šžŠŽ]|iæ$|[aeou]è.|[aeu]è$|^[ÈÆ][aeiou]|[aiou]ø|ø[íáéýú]"
    "|[aeiouy]œ|ñ[bcdfgkstz]|ã[bcdfghjklmpqrtuvxz]|ì[bcdjkrstvxz]"
)
_LETTERS = "ÐðÝýÞþÆæÈèØøãìñœ"
_NO_LETTER = re.compile(r"[\W\d_]")
_REACH = 40
_LEAST_WORDS = 3
# So many places of a file are looked at: enough to judge by, and quick.
_MOST_PLACES = 5_000


@dataclass
class ForeignWords:
    """The different words of a text that speak against its encoding, and those that do not.

    ``first`` is the index of the first byte of a word that does.
    """

    encoding: str
    strange: set[str] = field(default_factory=set)
    sound: set[str] = field(default_factory=set)
    first: int = -1
    _places: int = 0

    @classmethod
    def of(cls, encoding: str) -> ForeignWords | None:
        """None for an encoding that has other letters than those of Western Europe."""
        letters = bytes(range(0xC0, 0x100))
        is_western = letters.decode(encoding, "replace") == letters.decode("latin-1")
        return cls(encoding) if is_western else None

    def __post_init__(self) -> None:
        self._marks = np.zeros(0x100, dtype=bool)
        self._marks[list(_LETTERS.encode(self.encoding, "ignore"))] = True

    def add_block(self, block: bytes, beyond: Positions, start: int) -> None:
        """Looks at words of a block that begins at this index of the file.

        ``beyond``: the places of its bytes beyond ASCII.
        """
        if self._places >= _MOST_PLACES:
            return
        marked = self._marks[np.frombuffer(block, np.uint8)[beyond]]
        for place in beyond[marked][: _MOST_PLACES - self._places].tolist():
            self._places += 1
            self._judge_word(self._word_at(block, place), start + place)

    def are_strange(self) -> bool:
        """Whether more of the words speak against the encoding, and not just a few."""
        return len(self.strange) >= max(_LEAST_WORDS, len(self.sound) + 1)

    def _word_at(self, block: bytes, place: int) -> str:
        before = block[max(0, place - _REACH) : place].decode(self.encoding, "replace")
        after = block[place : place + _REACH].decode(self.encoding, "replace")
        return _NO_LETTER.split(before)[-1] + _NO_LETTER.split(after)[0]

    def _judge_word(self, word: str, place: int) -> None:
        is_turkish = _TURKISH.search(word) and not _ICELANDIC.search(word)
        if not (is_turkish or _CENTRAL_EUROPEAN.search(word)):
            self.sound.add(word)
            return
        self.strange.add(word)
        if self.first < 0:
            self.first = place
