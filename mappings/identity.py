"""Says what is an official number of a person, of which kind, and what only stands in for one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from mappings.engine.clean import clean_line, fold_text
from mappings.engine.codes import DAMAGED, judge_text
from mappings.engine.outcome import NOTHING, Outcome, ReadText
from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "identity.yaml"
# The kind (None: none of the known ones) and the number itself.
Number = tuple[str | None, str]

_WORDS = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[\s./:_\-‐-―]+")
_COMPACT = re.compile(r"[A-Z0-9]+")
_RUN = "0123456789" * 3


class _Kind(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: str
    form: re.Pattern[str]


class _IdentityFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    source: str
    kinds: dict[str, _Kind]
    least_digits: int = Field(ge=1)
    most_persons: int = Field(ge=1)
    stand_ins: list[str]
    stand_in_forms: list[re.Pattern[str]]
    no_names: list[str]


@dataclass(frozen=True)
class IdentityTerms:
    """What counts as a number and as a name.

    ``kinds``: the forms of known numbers, written in capitals and digits alone. ``stand_ins``: any
    of the phrases, between blanks. ``most_persons``: how many persons may carry one number.
    """

    kinds: dict[str, re.Pattern[str]]
    least_digits: int
    most_persons: int
    stand_ins: re.Pattern[str]
    stand_in_forms: tuple[re.Pattern[str], ...]
    no_names: tuple[str, ...]

    def find_number(self, text: str, kind: str | None = None) -> Number | None:
        """The kind and the number in a text; None where it holds no number of one person.

        ``kind``: the only one that the column holds, if that is known.
        """
        line = clean_line(unicodedata.normalize("NFKC", text))
        compact = _BETWEEN.sub("", line).upper()
        if not _COMPACT.fullmatch(compact) or self._holds_stand_in(line):
            return None
        found = self._find_kind(compact, kind)
        if found is None and kind is None:
            found = None, compact
        return found if found and self._tells_persons_apart(found[1]) else None

    def is_stand_in(self, text: str) -> bool:
        """Whether a whole text is one of the phrases."""
        return self.stand_ins.fullmatch(_join_words(text)) is not None

    def _holds_stand_in(self, line: str) -> bool:
        forms = (form.fullmatch(line) for form in self.stand_in_forms)
        return bool(self.stand_ins.search(_join_words(line))) or any(forms)

    def _find_kind(self, compact: str, kind: str | None) -> Number | None:
        for name, form in self.kinds.items():
            if kind in (None, name) and (match := form.fullmatch(compact)):
                return name, match[match.lastindex or 0]
        return None

    def _tells_persons_apart(self, number: str) -> bool:
        """Whether the digits are enough, and not typed by a pattern."""
        digits = re.sub("[^0-9]", "", number).lstrip("0")
        return len(digits) >= self.least_digits and not _is_pattern(digits)


def _is_pattern(digits: str) -> bool:
    """Whether digits are one repeated, but for one or zeros, a few repeated, or counted."""
    (_, most), *_ = Counter(digits).most_common(1)
    once = digits[::2] if digits[::2] == digits[1::2] else digits
    counted = once in _RUN or once in _RUN[::-1]
    one_digit = most >= len(digits) - 1 or len(set(digits) - {"0"}) < 2
    return one_digit or counted or re.fullmatch(r"(..|...)\1+", digits) is not None


@cache
def load_terms() -> IdentityTerms:
    """The terms of mappings/identity.yaml; YamlProblems where it is wrong."""
    file = read_model(FILE, _IdentityFile)
    return IdentityTerms(
        kinds={name: kind.form for name, kind in file.kinds.items()},
        least_digits=file.least_digits,
        most_persons=file.most_persons,
        stand_ins=re.compile("|".join(re.escape(_join_words(s)) for s in file.stand_ins)),
        stand_in_forms=tuple(file.stand_in_forms),
        no_names=tuple(file.no_names),
    )


@cache
def read_text() -> str:
    """The text of mappings/identity.yaml."""
    return FILE.read_bytes().decode()


def number_reader(kind: str | None, longest: int | None = None) -> ReadText:
    """A function that reads an official number as written.

    ``kind``: the only kind of number that the column holds, if that is known. Rules:
    no_official_number, text_too_long, text_unreadable, text_misread,
    number_rounded.
    """
    terms = load_terms()

    def read_official_number(text: str) -> Outcome:
        if not (value := clean_line(text.replace("\0", DAMAGED))):
            return NOTHING
        rule = judge_text(value, longest)
        if rule is None and terms.find_number(value, kind) is None:
            rule = "no_official_number"
        return Outcome(None, rule) if rule else Outcome(value)

    return read_official_number


def _join_words(text: str) -> str:
    return f" {' '.join(_list_words(text))} "


def _list_words(text: str) -> Iterator[str]:
    return (match[0] for match in _WORDS.finditer(fold_text(text)))
