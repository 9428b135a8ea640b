"""Finds the cells that begin like a header or a footer, without looking closely at each of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.rows.header import normalize_name

_BLANKS = "".join(chr(c) for c in range(0x10000) if chr(c).isspace())
# What may stand before a word: blanks, the byte order mark of a file that was appended, quotes.
_BEFORE = _BLANKS + '\ufeff"*'
_WORD = re.compile(r"[^\W_]+")
_PLAIN = re.compile(r"[a-z0-9]*")
# What may be a title rather than a key: a cell without a digit, or of several words.
_WORDING = "^[^0-9]*$|[" + "".join(rf"\x{{{ord(sign):x}}}" for sign in _BLANKS) + "]"
_NO_DIGIT = "^[^0-9]*$"
_DIGIT = re.compile("[0-9]")
_WORD_AND_BLANK = "[A-Za-zÀ-ɏ]{3}:? "
_WORDS = re.compile(_WORD_AND_BLANK)
_FIRST = "^[^0-9A-Za-z]{0,3}0?[1A][^0-9A-Za-z]{0,3}$"
_FIRST_NUMBER = re.compile(r"^[^0-9A-Za-z]{0,3}0?[1A][^0-9A-Za-z]{0,3}\Z")
_ANY_CAPITALS = re.IGNORECASE | re.ASCII


class RowWords:
    """Sorts out the cells of a column that are blank or may begin with one of some words.

    Two bytes of each cell are looked at; only where these fit, the cell is compared.
    """

    def __init__(self, words: Iterable[str]) -> None:
        begins = sorted({begin for word in words for begin in _list_begins(word)})
        listed = "|".join(map(re.escape, begins)) if begins else r"[^\s\S]"
        self._begin = re.compile(listed, _ANY_CAPITALS)
        before = "".join(rf"\x{{{ord(sign):x}}}" for sign in _BEFORE)
        self._pattern = rf"^[{before}]*(?i:{listed})"
        self._pairs = _mark_pairs(begins)

    def may_begin(self, text: str) -> bool:
        """Whether a cell may begin with one of the words."""
        return self._begin.match(text.lstrip(_BEFORE)) is not None

    def find_blank(self, column: pa.Array) -> np.ndarray:
        """Marks the cells that are empty or begin with a blank.

        Cheaper than trimming; no blank cell is missed.
        """
        offsets, text = cell_offsets(column), _bytes_of(column)
        begins = _MAY_BE_BLANK[_take_bytes(text, offsets[:-1])]
        blank: np.ndarray = begins | (np.diff(offsets) == 0)
        return blank

    def find_begins(self, column: pa.Array) -> np.ndarray:
        """Marks the cells that may begin with one of the words; no such cell is missed."""
        begins, text = cell_offsets(column)[:-1], _bytes_of(column)
        found: np.ndarray = self._pairs[_take_bytes(text, begins), _take_bytes(text, begins + 1)]
        _keep_matching(found, column, self._pattern)
        return found


def _bytes_of(column: pa.Array) -> np.ndarray:
    """The text of a string column, at least one byte."""
    text = np.frombuffer(column.buffers()[2] or b"", dtype=np.uint8)
    return text if len(text) else np.zeros(1, dtype=np.uint8)


def _take_bytes(text: np.ndarray, places: np.ndarray) -> np.ndarray:
    taken: np.ndarray = text[np.minimum(places, len(text) - 1)]
    return taken


def find_wording(column: pa.Array, among: np.ndarray) -> np.ndarray:
    """Marks those of some cells that may be a title rather than a key."""
    found: np.ndarray = among.copy()
    _keep_matching(found, column, _WORDING)
    return found


def find_wordy(keys: Sequence[pa.Array]) -> np.ndarray:
    """Marks the rows whose keys read like words, by these columns; see ``is_wordy``."""
    found: np.ndarray = np.ones(len(keys[0]), dtype=bool)
    for column in keys:
        _keep_matching(found, column, _NO_DIGIT)
    for column in keys:
        matched = pc.match_substring_regex(column, _WORD_AND_BLANK)
        found |= matched.to_numpy(zero_copy_only=False)
    return found


def find_counts(column: pa.Array) -> np.ndarray:
    """Marks the cells that are empty or may be a count; no such cell is missed."""
    offsets = cell_offsets(column)
    begins = _MAY_BE_COUNT[_take_bytes(_bytes_of(column), offsets[:-1])]
    found: np.ndarray = begins | (np.diff(offsets) == 0)
    return found


def find_numbering(column: pa.Array) -> np.ndarray:
    """Marks the cells that are the number 1 or the letter A, alone or among signs."""
    matched = pc.match_substring_regex(column, _FIRST)
    found: np.ndarray = matched.to_numpy(zero_copy_only=False)
    return found


def has_digit(text: str) -> bool:
    """Whether a text has one of the digits 0 to 9."""
    return _DIGIT.search(text) is not None


def is_wordy(keys: Sequence[str]) -> bool:
    """Whether the keys of a row have no digit ("Alle"), or a word before one ("Quartal 1")."""
    return not any(map(has_digit, keys)) or any(map(_WORDS.search, keys))


def is_first_number(text: str) -> bool:
    """Whether ``find_numbering`` marks a cell."""
    return _FIRST_NUMBER.search(text) is not None


def _keep_matching(found: np.ndarray, column: pa.Array, pattern: str) -> None:
    """Takes the mark from cells that do not match."""
    if found.any():
        at = np.flatnonzero(found)
        same = pc.match_substring_regex(column.take(pa.array(at)), pattern)
        found[at] = same.to_numpy(zero_copy_only=False)


def _list_begins(word: str) -> Iterator[str]:
    """How a word may begin: its plain first letters as written, and as names are compared."""
    for text in (unicodedata.normalize("NFC", word).casefold(), word.lower(), normalize_name(word)):
        if match := _WORD.search(text):
            plain = _PLAIN.match(match[0])
            assert plain is not None
            first = match[0][0]
            yield from [plain[0]] if plain[0] else {first, first.upper(), _without_mark(first)}


def _without_mark(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]


def _mark_pairs(begins: Iterable[str]) -> np.ndarray:
    """Which first two bytes of a cell may be those of a word, or of what stands before one."""
    pairs = np.zeros((256, 256), dtype=bool)
    for begin in begins:
        for letters in product(*({letter.lower(), letter.upper()} for letter in begin[:2])):
            coded = "".join(letters).encode()
            pairs[coded[0], coded[1] if len(coded) > 1 else slice(None)] = True
    pairs[[sign.encode()[0] for sign in _BEFORE]] = True
    return pairs


def cell_offsets(column: pa.Array) -> np.ndarray:
    """Byte offsets of the cells of a string column in its text, one more than there are cells."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)
    return offsets[column.offset : column.offset + len(column) + 1]


_MAY_BE_BLANK = np.zeros(256, dtype=bool)
_MAY_BE_BLANK[[sign.encode("utf-8", "replace")[0] for sign in _BLANKS]] = True
_MAY_BE_COUNT = _MAY_BE_BLANK.copy()
_MAY_BE_COUNT[[*range(0x30, 0x3A), ord("+"), ord("-")]] = True
