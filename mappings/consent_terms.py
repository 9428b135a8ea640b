"""Says which texts name no purpose of a consent, and which names may be those of consents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mappings.engine.clean import clean_line
from mappings.engine.codes import DAMAGED, judge_text
from mappings.engine.outcome import NOTHING, Outcome, ReadText
from mappings.identity import load_terms
from mappings.withdrawal_phrases import (
    find_phrases,
    find_stems,
    fold_name,
    hint_at,
    join_letters,
    join_plain,
)
from mappings.withdrawal_sentences import SentenceJudge
from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "consents.yaml"
# What is set beside a name: "Amal (Widerruf)".
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_WORD = re.compile(r"[^\W\d_]+")


class _ConsentsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    source: str
    no_purposes: list[str]
    vague_purposes: list[str]
    watched_words: list[str]
    sure_words: list[str]
    withdrawal_names: list[str]
    footer_words: list[str]
    withdrawal_words: list[str]
    ending_words: list[str]
    ended_states: list[str]
    consent_words: list[str]
    refusals: list[str]
    used_rights: list[str]
    no_withdrawals: list[str]
    sentences: dict[str, list[str]]


@dataclass(frozen=True)
class WithdrawalWords:
    """Patterns of what says that something was withdrawn, for texts of ``join_plain``.

    ``sure`` counts whatever else is said, ``usual`` beside ``exceptions``, ``ending`` of a consent
    only; ``consent`` finds one, ``refused`` one that is denied, ``state`` one that has ended, where
    a cell is of nothing else. ``hint`` matches every cell with one of them, and some others.
    """

    sure: re.Pattern[str]
    usual: re.Pattern[str]
    ending: re.Pattern[str]
    consent: re.Pattern[str]
    refused: re.Pattern[str]
    exceptions: re.Pattern[str]
    state: re.Pattern[str]
    hint: str

    def are_in(self, text: str, *, of_consent: bool) -> bool:
        """Whether a cell has some; ``of_consent``: it stands in the row of a consent."""
        words = join_plain(text)
        if self.sure.search(words):
            return True
        said = self.exceptions.sub(" ", words)
        return self._says(said, is_consent=of_consent or self.consent.search(said) is not None)

    def are_of_ended(self, text: str) -> bool:
        """Whether a cell of a consent has some, or says that it has ended."""
        said = self.exceptions.sub(" ", join_plain(text))
        return self.are_in(text, of_consent=True) or self.state.search(said) is not None

    def _says(self, said: str, *, is_consent: bool) -> bool:
        found = (self.usual, self.refused, *((self.ending,) if is_consent else ()))
        return any(pattern.search(said) for pattern in found)


@dataclass(frozen=True)
class CellJudge:
    """``says`` whether a cell tells of a withdrawal; every one that does matches all ``hints``."""

    says: Callable[[str], bool]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class ConsentTerms:
    """``no_purposes``: whole texts without a purpose; ``vague``: phrases of one that binds nobody.

    ``watched``: parts of names that may be those of consents, ``sure`` of those that are,
    ``withdrawing`` of columns that withdraw one. ``footer_words``: words that say nothing of a
    person at the end of a table.
    """

    no_purposes: frozenset[str]
    vague: tuple[str, ...]
    watched: tuple[str, ...]
    sure: tuple[str, ...]
    withdrawing: tuple[str, ...]
    footer_words: frozenset[str]
    words: WithdrawalWords
    judge: SentenceJudge

    def is_no_purpose(self, text: str) -> bool:
        """Whether a text only stands where a purpose should be, or may be any purpose."""
        words = join_letters(text)
        is_vague = any(f" {phrase} " in f" {words} " for phrase in self.vague)
        return not words or is_vague or words in self.no_purposes or load_terms().is_stand_in(text)

    def says_withdrawn(self, text: str, *, of_consent: bool = False) -> bool:
        """Whether a cell says that something was withdrawn; of a consent, fewer words do."""
        return self.words.are_in(text, of_consent=of_consent)

    def tells_withdrawal(self, cells: Sequence[str]) -> bool:
        """Whether a row that nothing else is known of tells that a consent was withdrawn."""
        said = [cell for cell in cells if self.says_withdrawn(cell)]
        return any(map(self.names_withdrawal, said)) or (
            bool(said) and any(map(self.names_consents, cells))
        )

    def tells_in_note(self, note: str) -> bool:
        """Whether a sentence of a note on something else tells that a consent was withdrawn."""
        return self.judge.tells_withdrawal(note)

    @property
    def of_notes(self) -> CellJudge:
        """What judges the cells of rows on something else than persons and consents."""
        return CellJudge(self.tells_in_note, self.judge.hints)

    def judge_remarks(self, *, has_consents: bool) -> CellJudge:
        """What judges the cells of persons; where consents are recorded, a bare word does."""

        def says(text: str) -> bool:
            if has_consents and self.says_withdrawn(text) and self.judge.says_nothing_else(text):
                return True
            return any(map(self.tells_in_note, (text, *_IN_BRACKETS.findall(text))))

        return CellJudge(says, (f"{self.words.hint}|{self.judge.hints[0]}",))

    @property
    def of_consents(self) -> CellJudge:
        """What judges the cells of consents, misspelt ones, too."""

        def says(text: str) -> bool:
            return self.words.are_of_ended(self.judge.respell(text))

        return CellJudge(says, (self.words.hint,))

    def list_footer_words(self, system: str) -> frozenset[str]:
        """The words that a footer of this system may have, in small letters."""
        return self.footer_words.union(_WORD.findall(system.casefold()))

    def may_name_consents(self, name: str) -> bool:
        """Whether a file, sheet or column of this name may hold consents or withdrawals."""
        return _has_part(name, self.watched)

    def names_consents(self, name: str) -> bool:
        """Whether it surely does: "Widerrufe", not "Sperrzeiten"."""
        return _has_part(name, self.sure)

    def names_withdrawal(self, name: str) -> bool:
        """Whether a column of this name withdraws what was consented to."""
        return _has_part(name, self.withdrawing)


@cache
def load_consent_terms() -> ConsentTerms:
    """The terms of mappings/consents.yaml; YamlProblems where it is wrong."""
    file = read_model(FILE, _ConsentsFile)
    return ConsentTerms(
        frozenset(map(join_letters, file.no_purposes)),
        tuple(map(join_letters, file.vague_purposes)),
        tuple(map(fold_name, file.watched_words)),
        tuple(map(fold_name, file.sure_words)),
        tuple(map(fold_name, file.withdrawal_names)),
        frozenset(word.casefold() for word in file.footer_words),
        _compile_words(file),
        SentenceJudge(file.sentences),
    )


def _compile_words(file: _ConsentsFile) -> WithdrawalWords:
    consent = find_stems(file.consent_words)
    phrases = (
        *(file.used_rights, file.withdrawal_words, file.ending_words),
        *(file.ended_states, file.consent_words),
    )
    return WithdrawalWords(
        sure=re.compile(find_stems(file.used_rights)),
        usual=re.compile(find_stems(file.withdrawal_words)),
        ending=re.compile(find_stems(file.ending_words)),
        consent=re.compile(consent),
        refused=re.compile(rf"(?:{consent})\w* (?:{find_stems(file.refusals)})"),
        exceptions=re.compile(find_phrases(file.no_withdrawals)),
        state=re.compile(find_stems(file.ended_states)),
        hint=hint_at([phrase for listed in phrases for phrase in listed]),
    )


def _has_part(name: str, parts: Sequence[str]) -> bool:
    return any(part in fold_name(name) for part in parts)


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
