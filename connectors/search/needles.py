"""Texts to look for in files, in the forms in which programs may have written them."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

# How far apart name and birth date may stand to be about one person.
NEAR = 240
_FEWER = b"\0" * 1024
_NULS = re.compile(b"\0{1024,}")
_GAP = re.compile(rb"(?:<[^<>]{0,120}>|\"[^\"]{0,80}\"[\s\0]{0,6}:|[^0-9a-z\x80-\xff])*")
_ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp1254",
    "cp850",
    "mac_roman",
    "utf-32-le",
)
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


@dataclass(frozen=True)
class Needle:
    """What to look for: any of ``forms``, next to one of ``beside`` and near one of ``near``, if given.

    Next to each other are texts with nothing but signs, tags and the names of fields between them: a
    name of one person and that of the next row are not. ``kind`` (German) may be told to people; the
    forms may not. ``is_word``: no letter or digit stands before or behind it.
    """

    kind: str
    forms: tuple[bytes, ...] = field(repr=False)
    beside: tuple[bytes, ...] = field(default=(), repr=False)
    near: tuple[bytes, ...] = field(default=(), repr=False)
    is_word: bool = False

    def is_in(self, data: bytes) -> bool:
        """Whether folded bytes hold it."""
        return any(self._stands_at(data, at, end) for at, end in _find_all(data, self.forms))

    def _stands_at(self, data: bytes, at: int, end: int) -> bool:
        before, after = data[max(0, at - NEAR) : at], data[end : end + NEAR]
        if self.is_word and (before[-1:].isalnum() or after[:1].isalnum()):
            return False
        if self.near:
            return self._is_near(before + b" " + after)
        return not self.beside or any(_adjoins(before, after, form) for form in self.beside)

    def _is_near(self, around: bytes) -> bool:
        forms = (self.near, self.beside) if self.beside else (self.near,)
        return all(any(form in around for form in some) for some in forms)


def _adjoins(before: bytes, after: bytes, form: bytes) -> bool:
    """Whether a form stands right before or behind, apart from signs and tags."""
    behind, ahead = after.find(form), before.rfind(form)
    if behind >= 0 and _GAP.fullmatch(after, 0, behind):
        return True
    return ahead >= 0 and _GAP.fullmatch(before, ahead + len(form)) is not None


def _find_all(data: bytes, forms: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    for form in forms:
        at = data.find(form)
        while at >= 0:
            yield at, at + len(form)
            at = data.find(form, at + 1)


def fold_bytes(data: bytes) -> bytes:
    """Bytes as needles look through them: ASCII letters in lower case, long runs of NULs cut.

    A search through millions of NULs takes twenty times as long as one through text.
    """
    return _NULS.sub(_FEWER, data.lower())


def spell_forms(text: str) -> tuple[bytes, ...]:
    """A text as folded bytes: other case, composition, transliteration, escapes and encodings."""
    spellings = dict.fromkeys(_list_spellings(text))
    forms = (fold_bytes(form) for spelled in spellings for form in _encode_text(spelled))
    return tuple(dict.fromkeys(forms))


def _list_spellings(text: str) -> Iterator[str]:
    for one in (text.lower(), text.upper()):
        for form in ("NFC", "NFD"):
            yield unicodedata.normalize(form, one)
    yield text.translate(_UMLAUTS)


def _encode_text(text: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        try:
            yield text.encode(encoding)
        except UnicodeEncodeError:
            continue
    yield json.dumps(text)[1:-1].encode()
    yield html.escape(text).encode()
    yield text.encode("ascii", "xmlcharrefreplace")
    yield "".join(c if c.isascii() else f"&#x{ord(c):x};" for c in text).encode()


def spell_dates(day: date) -> tuple[bytes, ...]:
    """A day as programs write it."""
    texts = (
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d/%m/%Y}",
        f"{day:%Y%m%d}",
        f"{day:%d.%m.%y}",
    )
    return tuple(dict.fromkeys(form for text in texts for form in _encode_text(text)))


def whole_needle(kind: str, text: str) -> Needle:
    """A text that means somebody wherever it stands."""
    return Needle(kind, spell_forms(text))


def word_needle(kind: str, text: str) -> Needle:
    """A text that means somebody where it is no part of a longer word or number."""
    return Needle(kind, spell_forms(text), is_word=True)


def name_needle(kind: str, last: str, first: str) -> Needle:
    """Two names next to each other, in either order."""
    return Needle(kind, spell_forms(last), spell_forms(first))


def born_needle(kind: str, last: str, first: str, births: Sequence[date]) -> Needle:
    """Two names and one of these birth dates, near each other."""
    return Needle(kind, spell_forms(last), spell_forms(first), _spell_all(births))


def _spell_all(days: Sequence[date]) -> tuple[bytes, ...]:
    return tuple(form for day in days for form in spell_dates(day))
