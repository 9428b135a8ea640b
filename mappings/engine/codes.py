"""Reads the labels of a code list, one or several in a cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from mappings.engine.clean import clean_text, fold_text
from mappings.engine.outcome import NOTHING, Outcome, ReadText
from mappings.engine.spoiled_text import ROUNDED, holds_rounded, judge_spoiled

TOO_LONG = "text_too_long"
UNREADABLE = "text_unreadable"
# Stands for a sign that could not be read, in the source or by a reader; so does NUL.
DAMAGED = "\ufffd"
UNKNOWN = Outcome(None, "unknown_code")
# A piece of a cell and the separator after it.
Part = tuple[str, str]


def code_reader(spellings: Mapping[str, str]) -> ReadText:
    """A function that reads one label; ``spellings``: folded spelling → code; rule unknown_code."""

    def read_code(text: str) -> Outcome:
        if not (value := fold_text(text)):
            return NOTHING
        return Outcome(spellings[value]) if value in spellings else UNKNOWN

    return read_code


def codes_reader(spellings: Mapping[str, str], separators: Sequence[str]) -> ReadText:
    """A function that reads the labels of a cell into a tuple of codes, in order, each once.

    A label may contain a separator itself ("Agentur für Arbeit/Jobcenter" split at "/"): the
    longest run of parts that is a known label wins. One unknown part gives rule unknown_code; the
    parts that are known stay.
    """
    cut = make_splitter(separators)
    # No label has more parts than this; trying longer runs would take very long in a long cell.
    longest = max((len(cut(label)) for label in spellings), default=1)

    def read_codes(text: str) -> Outcome:
        parts = cut(text)
        found: list[str] = []
        rule = None
        start = 0
        while start < len(parts):
            for end in range(min(len(parts), start + longest), start, -1):
                label = _join_parts(parts[start:end])
                if label in spellings or not label:
                    break
            else:
                end, label, rule = start + 1, "", "unknown_code"
            if label:
                found.append(spellings[label])
            start = end
        return Outcome(tuple(dict.fromkeys(found)), rule)

    return read_codes


def _join_parts(parts: Sequence[Part]) -> str:
    """The parts as one folded label, with the separators between them."""
    before = "".join(text + separator for text, separator in parts[:-1])
    return fold_text(before + parts[-1][0])


def texts_reader(separators: Sequence[str], longest: int | None = None) -> ReadText:
    """A function that cuts a cell into a tuple of cleaned texts, each once.

    For the keys of several persons, or for languages. A text of more than ``longest`` characters
    gives rule text_too_long, one with a sign that could not be read text_unreadable, a spoiled one
    text_misread; it is left out and the others stay. Of numbers in powers of ten (rule
    number_rounded) nothing stays: a separator may be their decimal comma.
    """
    cut = make_splitter(separators)

    def read_texts(text: str) -> Outcome:
        if holds_rounded(text):
            return Outcome((), ROUNDED)
        parts = cut(text.replace("\0", DAMAGED))
        texts = dict.fromkeys(filter(None, (clean_text(part) for part, _ in parts)))
        broken = {part: rule for part in texts if (rule := judge_text(part, longest))}
        kept = tuple(part for part in texts if part not in broken)
        return Outcome(kept, next(iter(broken.values()), None))

    return read_texts


def judge_text(text: str, longest: int | None) -> str | None:
    """The rule that a text breaks, if any."""
    if DAMAGED in text:
        return UNREADABLE
    if longest is not None and len(text) > longest:
        return TOO_LONG
    return judge_spoiled(text)


def make_splitter(separators: Sequence[str]) -> Callable[[str], list[Part]]:
    """A function that cuts a cell at the separators; of two that begin alike the longer counts."""
    if not separators:
        return lambda text: [(clean_text(text), "")]
    longest_first = sorted(separators, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})")

    def cut_cell(text: str) -> list[Part]:
        pieces = [*pattern.split(clean_text(text)), ""]
        return list(zip(pieces[::2], pieces[1::2], strict=True))

    return cut_cell
