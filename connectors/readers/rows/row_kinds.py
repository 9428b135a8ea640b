"""Decides what a row below a header is: data, or a total, a title, a header again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa

from connectors.readers.rows.column_names import ColumnNames, HeaderKind
from connectors.readers.rows.header import Header, normalize_name
from connectors.readers.rows.row_words import (
    RowWords,
    find_counts,
    find_numbering,
    find_wording,
    find_wordy,
    has_digit,
    is_first_number,
    is_wordy,
)
from connectors.tables.text_table import Wanted

Kind = HeaderKind | Literal["data", "blank", "footer", "above", "title", "doubtful", "wordy"]

# DOS programs end a text with it.
_END_OF_FILE = "\x1a"
_NO_LETTERS = re.compile(r"[\W\d_]+")
_PAGE = re.compile(r"(?:seite|blatt)\s*:?\s*\d+(?:\s*(?:von|/)\s*\d+)?", re.IGNORECASE)
# What may follow the word of a total without making it a name: a number, a date, a time.
_FIGURES = r"\W*(?:\d[\d.,:/\s\-]*(?:uhr)?\W*)?"
# What says that a row counts others: "Nord gesamt", "2 Datensätze".
_COUNTED = re.compile(
    rf"(?:.*\s(?:gesamt|insgesamt|summe|total|zusammen)(?![^\W\d_]){_FIGURES}"
    r"|\d[\d.]*\s*(?:datens[aä]tze?|zeilen?|eintr[aä]ge?|treffer|personen|klient\w*|fälle|gespräche)"
    r"(?:\s+gesamt|\s+insgesamt)?\W*)\Z"
)
# What totals count; each word is a plural that no family name is.
_UNITS = (
    *("Personen", "Klienten", "Klientinnen", "Ratsuchende", "Teilnehmende", "Haushalte"),
    *("Fälle", "Gespräche", "Beratungen", "Datensätze", "Einträge", "Zeilen"),
)
_UNIT = rf"(?:{'|'.join(map(str.casefold, _UNITS))})"
# A total that has its number in another cell, such as the key: "Personen", "Anzahl Fälle gesamt".
_UNIT_TOTAL = re.compile(
    rf"(?:(?:anzahl|summe|gesamtzahl|zahl)\s+(?:der\s+|aller\s+)?)?(?:\d[\d.]*\s*)?{_UNIT}"
    rf"(?:\s*(?:und|u\.|/)\s*{_UNIT})?(?:\s+(?:gesamt|insgesamt|zusammen))?{_FIGURES}\Z"
)
# Words of totals that are family names, too.
_FAMILY_NAMES = frozenset({"ende", "stand", "quelle"})
# A line drawn with so many signs is no key.
_LEAST_SIGNS = 3
_COUNT = re.compile(r"[-+]?\d+(?:[.,]\d+)*\s*%?")
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}")


class RowKinds:
    """Knows the kinds of rows of one table.

    A footer begins with the word of a total in its first filled cell. If its key cells are empty,
    that is enough. If the word is in the key itself, the row must also lack what a row of data
    tells; a row that has it is kept as ``doubtful``. Without such a word, a row is a footer whose
    key is words or signs and which has counts where a row of data tells whom it is about, or one
    that has the word of a total, or what it counts, in one cell and only counts elsewhere, with one
    in the key. A title
    is one filled cell of words where the key should be. A ``wordy`` row is kept: its key reads like
    words, which is strange only where the other keys do not. Where ``footer_words`` are given, a
    footer has no other filled cell and only these words beside numbers, and there are no titles.
    """

    def __init__(self, header: Header) -> None:
        wanted = header.wanted
        words = wanted.dialect.footers if wanted else ()
        self._footer_words = wanted.dialect.footer_words if wanted else None
        self._watch = wanted.watch if wanted else None
        self.width = len(header.names)
        self._key = header.key
        self._probes = tuple(dict.fromkeys((*header.key, 0)))
        self._telling = _find_telling(header)
        self._begun = tuple(dict.fromkeys((*self._probes, *self._telling)))
        self._names = ColumnNames(header)
        self._footer = _compile_words(words, "")
        self._total = _compile_words(words, _FIGURES + r"\Z")
        self._above = set(map(normalize_name, wanted.above)) if wanted else set()
        self.words = RowWords(filter(None, (*header.raw, *_UNITS, *_list_words(wanted))))

    def kind_of(self, cells: Sequence[str]) -> Kind:
        """What a row is; one of another width than the header is never doubtful.

        A footer or title that says what must not be left unread is data.
        """
        kind = self._judge_row(cells)
        return "data" if kind in ("footer", "title") and self._is_watched(cells) else kind

    def _is_watched(self, cells: Sequence[str]) -> bool:
        return self._watch is not None and self._watch.says(cells)

    def _judge_row(self, cells: Sequence[str]) -> Kind:
        if len(cells) == self.width and not self._may_be_left_out(cells):
            return "data"
        filled = [c for c in cells if c.strip()]
        if not filled or filled == [_END_OF_FILE]:
            return "blank"
        if kind := self._names.judge_row(cells):
            return kind
        if self._above and self._is_above(filled):
            return "above"
        if len(cells) != self.width:
            return self._kind_of_other_width(filled)
        return self._kind_of_filled(cells, filled)

    def find_doubtful(self, columns: Sequence[pa.Array]) -> np.ndarray:
        """Marks the rows of whole columns that may be no data; ``kind_of`` tells."""
        blank = [self.words.find_blank(columns[place]) for place in self._key or (0,)]
        doubtful: np.ndarray = np.logical_and.reduce(blank)
        for place in self._begun:
            doubtful |= self.words.find_begins(columns[place])
        if self._key:
            doubtful |= find_wordy([columns[place] for place in self._key])
        if self._telling:
            counts = [find_counts(columns[place]) for place in self._telling]
            untold = np.logical_and.reduce(counts)
            for place in self._key:
                doubtful |= find_wording(columns[place], untold)
            if untold.any():
                doubtful |= untold & self._find_words(columns)
        doubtful |= find_numbering(columns[0])
        return doubtful

    def _find_words(self, columns: Sequence[pa.Array]) -> np.ndarray:
        """Marks the rows in which the word of a total may stand in a column that tells nothing."""
        others = (c for place, c in enumerate(columns) if place not in self._begun)
        found = np.zeros(len(columns[0]), dtype=bool)
        for column in others:
            found |= self.words.find_begins(column)
        return found

    @property
    def _has_titles(self) -> bool:
        return bool(self._telling) and self._footer_words is None

    def _may_be_left_out(self, cells: Sequence[str]) -> bool:
        keys = [cells[place] for place in self._key or (0,)]
        return (
            not any(map(str.strip, keys))
            or any(self.words.may_begin(cells[place]) for place in self._begun)
            or (bool(self._key) and is_wordy(keys))
            or (bool(self._telling) and self._lacks_text(cells))
            or is_first_number(cells[0])
        )

    def _lacks_text(self, cells: Sequence[str]) -> bool:
        """Whether a row tells nothing but counts."""
        return all(_is_count(cells[place]) or not cells[place].strip() for place in self._telling)

    def _list_told(self, cells: Sequence[str]) -> list[bool]:
        """For each telling column whether it is filled."""
        return [bool(cells[place].strip()) for place in self._telling]

    def _kind_of_filled(self, cells: Sequence[str], filled: Sequence[str]) -> Kind:
        """What a row is that has as many cells as the header and does not repeat it."""
        first = filled[0].strip().casefold()
        if self._key and not any(cells[place].strip() for place in self._key):
            is_footer = self._footer.match(first) or self._is_counted(filled)
            return "footer" if is_footer and self._says_no_more(filled) else "data"
        place = next(place for place, cell in enumerate(cells) if cell.strip())
        is_probed = self._key and place in self._probes and place not in self._telling
        if is_probed and self._footer.match(first):
            return self._judge_total(cells, filled, in_key=place in self._key)
        if self._key and (told := self._judge_told_total(cells, filled)):
            return told
        if self._key and self._counts_only(cells, filled):
            return "footer"
        if self._is_title(cells, filled):
            return "title"
        is_strange = bool(self._key) and is_wordy([cells[place] for place in self._key])
        return "wordy" if is_strange else "data"

    def _counts_only(self, cells: Sequence[str], filled: Sequence[str]) -> bool:
        """Whether a row has words or signs for a key, and counts or nothing beside it."""
        if not self._has_titles:
            return False
        first = filled[0].strip()
        if len(first) >= _LEAST_SIGNS and _has_signs_only(filled):
            return True
        if not self._lacks_text(cells):
            return False
        told, are_counts = any(self._list_told(cells)), all(map(_is_count, filled[1:]))
        if _COUNTED.match(first.casefold()):
            return are_counts or not told
        keys = [cells[place].strip() for place in self._key]
        if any(has_digit(key) and len(key.split()) == 1 for key in keys):
            return False
        if _has_signs_only(keys):
            return are_counts or len(first) >= _LEAST_SIGNS
        return are_counts and told and len(self._telling) > 1

    def _kind_of_other_width(self, filled: Sequence[str]) -> Kind:
        if len(filled) > 1 or not self._key:
            return "data"
        if self._footer.match(filled[0].strip().casefold()) and self._says_no_more(filled):
            return "footer"
        return "title" if self._has_titles and _is_wording(filled[0]) else "data"

    def _judge_total(self, cells: Sequence[str], filled: Sequence[str], *, in_key: bool) -> Kind:
        """A row that has a key and begins with the word of a total."""
        if not self._says_no_more(filled):
            return "doubtful"
        told = self._list_told(cells)
        if self._footer_words is not None or self._counts_only(cells, filled):
            return "footer"
        if self._total.match(filled[0].strip().casefold()) is not None:
            are_counts = all(map(_is_count, filled[1:]))
            if are_counts or (told and not (all(told) if in_key else any(told))):
                return "footer"
        return "footer" if self._has_titles and not any(told) else "doubtful"

    def _judge_told_total(self, cells: Sequence[str], filled: Sequence[str]) -> Kind | None:
        """A row with the word of a total where data tell whom they are about, and no more there.

        Or with the word anywhere and nothing else but counts, one of them in the key.
        """
        if self._counts_units(cells, filled):
            return "footer" if self._footer_words is None else "doubtful"
        told = [cells[place].strip() for place in self._telling if cells[place].strip()]
        words = [text.casefold() for text in told if not _is_count(text)]
        if len(words) != 1 or not self._total.match(words[0]):
            return None
        counts = sum(map(_is_count, filled))
        if counts + 1 < len(filled):
            return None if words[0] in _FAMILY_NAMES else "doubtful"
        is_footer = self._footer_words is None and words[0] not in _FAMILY_NAMES
        return "footer" if is_footer else "doubtful"

    def _counts_units(self, cells: Sequence[str], filled: Sequence[str]) -> bool:
        """Whether a row has a count for its key, one word of a total, and no more but counts."""
        keys = [cells[place] for place in self._key if cells[place].strip()]
        words = [text.strip().casefold() for text in filled if not _is_count(text)]
        if not self._telling or len(words) != 1 or not all(map(_is_count, keys)):
            return False
        word = unicodedata.normalize("NFC", words[0])
        is_total = self._total.match(word) is not None and word not in _FAMILY_NAMES
        return is_total or _UNIT_TOTAL.match(word) is not None

    def _is_title(self, cells: Sequence[str], filled: Sequence[str]) -> bool:
        """Whether a row has only words where its key should be, or the number of a page."""
        if not self._has_titles or any(self._list_told(cells)) or not self._has_wording(cells):
            return False
        return len(filled) == 1 or any(_PAGE.fullmatch(text.strip()) for text in filled)

    def _has_wording(self, cells: Sequence[str]) -> bool:
        return any(_is_wording(cells[place]) for place in self._key)

    def _is_counted(self, filled: Sequence[str]) -> bool:
        """Whether a row without a key says how many there are, and nothing else but counts."""
        words = [text.strip().casefold() for text in filled if not _is_count(text)]
        return len(words) == 1 and _COUNTED.match(words[0]) is not None

    def _says_no_more(self, filled: Sequence[str]) -> bool:
        """Whether a footer says nothing else, where that might be a withdrawal."""
        if self._footer_words is None:
            return True
        text = unicodedata.normalize("NFC", filled[0].strip().casefold())
        begun = self._footer.match(text)
        words = _NO_LETTERS.split(text[begun.end() if begun else 0 :])
        return len(filled) == 1 and all(word in self._footer_words for word in words if word)

    def _is_above(self, filled: Sequence[str]) -> bool:
        """Whether a row has a label and its value, as they stand above the table."""
        label = normalize_name(filled[0].partition(":")[0])
        return label in self._above and (len(filled) == 2 or ":" in filled[0])


def _find_telling(header: Header) -> tuple[int, ...]:
    """The places of the columns of which a row of data fills one, besides its key."""
    telling = header.wanted.telling if header.wanted else frozenset()
    return tuple(
        place
        for place, name in enumerate(header.names)
        if name in telling and place not in header.key
    )


def _list_words(wanted: Wanted | None) -> Iterator[str]:
    """What a row that may be no data begins with, as far as a mapping says it."""
    if wanted is not None:
        yield from (*wanted.dialect.footers, *wanted.above)
        for spellings in wanted.columns.values():
            yield from spellings


def _compile_words(words: Iterable[str], end: str) -> re.Pattern[str]:
    """Matches a casefolded cell that begins with one of the words; nothing if there are none."""
    longest_first = sorted(map(str.casefold, words), key=len, reverse=True)
    listed = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?:{listed})(?![^\W\d_]){end}" if listed else r"(?!)")


def _is_wording(text: str) -> bool:
    """Whether a cell reads like a title rather than a key: letters without digits, or words."""
    text = text.strip()
    if not any(c.isalpha() for c in text):
        return False
    return not any(c.isdigit() for c in text) or len(text.split()) > 1


def _has_signs_only(texts: Iterable[str]) -> bool:
    return not any(map(str.isalnum, "".join(texts)))


def _is_count(text: str) -> bool:
    text = text.strip()
    return _COUNT.fullmatch(text) is not None and _DATE.fullmatch(text) is None
