"""Says which texts name no purpose of a consent, and which names may be those of consents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mappings.engine.clean import clean_line, fold_text
from mappings.engine.codes import DAMAGED, judge_text
from mappings.engine.outcome import NOTHING, Outcome, ReadText
from mappings.identity import load_terms
from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "consents.yaml"
_NO_LETTER = re.compile(r"[\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class _ConsentsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    source: str
    no_purposes: list[str]
    vague_purposes: list[str]
    watched_words: list[str]
    footer_words: list[str]
    withdrawal_words: list[str]
    no_withdrawals: list[str]


@dataclass(frozen=True)
class ConsentTerms:
    """``no_purposes``: whole texts without a purpose; ``vague``: phrases of one that binds nobody;
    ``watched``: parts of watched names.

    ``footer_words``: words that say nothing of a person at the end of a table. ``withdrawals``
    finds words of a withdrawal, ``no_withdrawals`` phrases that hold such a word and say none.
    """

    no_purposes: frozenset[str]
    vague: tuple[str, ...]
    watched: tuple[str, ...]
    footer_words: frozenset[str]
    withdrawals: re.Pattern[str]
    no_withdrawals: re.Pattern[str]
    hint: str

    def is_no_purpose(self, text: str) -> bool:
        """Whether a text only stands where a purpose should be, or may be any purpose."""
        words = _join_letters(text)
        is_vague = any(f" {phrase} " in f" {words} " for phrase in self.vague)
        return not words or is_vague or words in self.no_purposes or load_terms().is_stand_in(text)

    def says_withdrawn(self, text: str) -> bool:
        """Whether a cell says that something was withdrawn."""
        words = _join_plain(text)
        return self.withdrawals.search(self.no_withdrawals.sub(" ", words)) is not None

    def list_footer_words(self, system: str) -> frozenset[str]:
        """The words that a footer of this system may have, in small letters."""
        return self.footer_words.union(_WORD.findall(system.casefold()))

    def may_name_consents(self, name: str) -> bool:
        """Whether a file, sheet or column of this name may hold consents or withdrawals."""
        return any(word in _fold_name(name) for word in self.watched)


@cache
def load_consent_terms() -> ConsentTerms:
    """The terms of mappings/consents.yaml; YamlProblems where it is wrong."""
    file = read_model(FILE, _ConsentsFile)
    return ConsentTerms(
        frozenset(map(_join_letters, file.no_purposes)),
        tuple(map(_join_letters, file.vague_purposes)),
        tuple(map(_fold_name, file.watched_words)),
        frozenset(word.casefold() for word in file.footer_words),
        _find_any(file.withdrawal_words),
        _find_any(file.no_withdrawals),
        _hint_at(file.withdrawal_words),
    )


@cache
def read_consent_terms() -> str:
    """The text of mappings/consents.yaml."""
    return FILE.read_bytes().decode()


def purpose_reader(longest: int | None) -> ReadText:
    """A function that reads the purpose of a consent as written.

    Rules: no_purpose, text_too_long, text_unreadable, text_misread,
    number_rounded.
    """
    terms = load_consent_terms()

    def read_purpose(text: str) -> Outcome:
        value = clean_line(text.replace("\0", DAMAGED))
        if not value:
            return NOTHING
        rule = judge_text(value, longest)
        if rule is None and terms.is_no_purpose(value):
            rule = "no_purpose"
        return Outcome(None, rule) if rule else Outcome(value)

    return read_purpose


def _join_letters(text: str) -> str:
    return " ".join(_NO_LETTER.sub(" ", fold_text(text)).split())


def _find_any(phrases: list[str]) -> re.Pattern[str]:
    """A pattern of the phrases at the beginning of a word, in texts of ``_join_plain``."""
    return re.compile(rf"\b(?:{'|'.join(map(_join_plain, phrases))})")


def _hint_at(words: list[str]) -> str:
    """A pattern that matches every cell with one of the words, and others with odd letters."""
    plain = "|".join(map(_join_plain, words)).replace("wider", "wie?der")
    return rf"(?:^|[^a-z])(?:{plain})|[^\x00-\x7f]"


def _join_plain(text: str) -> str:
    """The words of a text in small letters a to z; "wieder" is a usual misspelling of "wider"."""
    return _join_letters(text).translate(_UMLAUTS).replace("wieder", "wider")


def _fold_name(name: str) -> str:
    return _NO_LETTER.sub("", fold_text(name).translate(_UMLAUTS))
