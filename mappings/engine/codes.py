"""Reading a value of a code list, one or several in a cell. The lists themselves are YAML in mappings/codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from mappings.engine.clean import clean_text, fold_text
from mappings.engine.outcome import NOTHING, Outcome


def code_reader(spellings: Mapping[str, str]) -> Callable[[str], Outcome]:
    """A function that reads one label; ``spellings`` maps folded spellings to codes; rule unknown_code."""

    def read_code(text: str) -> Outcome:
        value = fold_text(text)
        if not value:
            return NOTHING
        code = spellings.get(value)
        return Outcome(code) if code is not None else Outcome(None, "unknown_code")

    return read_code


def codes_reader(
    spellings: Mapping[str, str], separators: Sequence[str]
) -> Callable[[str], Outcome]:
    """A function that reads several labels of one cell into a tuple of codes without repeats, in the order given.

    A label may hold a separator itself ("Agentur für Arbeit/Jobcenter" split at "/"): the longest run of parts that is a known
    label wins. One unknown part gives rule unknown_code; the parts that are known stay.
    """
    cut = make_splitter(separators)
    # No label is longer than the one with most separators in it; looking further would take very long in a long cell.
    longest = max((len(cut(label)) for label in spellings), default=1)

    def read_codes(text: str) -> Outcome:
        parts = cut(text)
        found: list[str] = []
        rule = None
        start = 0
        while start < len(parts):
            for end in range(min(len(parts), start + longest), start, -1):
                label = fold_text(
                    "".join(p for pair in parts[start:end] for p in pair).removesuffix(
                        parts[end - 1][1]
                    )
                )
                if label in spellings or not label:
                    break
            else:
                end, rule = start + 1, "unknown_code"
                label = ""
            if label and spellings[label] not in found:
                found.append(spellings[label])
            start = end
        return Outcome(tuple(found), rule)

    return read_codes


def texts_reader(separators: Sequence[str]) -> Callable[[str], Outcome]:
    """A function that cuts a cell into a tuple of cleaned texts without repeats (keys of several persons, languages)."""
    cut = make_splitter(separators)

    def read_texts(text: str) -> Outcome:
        return Outcome(tuple(dict.fromkeys(v for part, _ in cut(text) if (v := clean_text(part)))))

    return read_texts


def make_splitter(separators: Sequence[str]) -> Callable[[str], list[tuple[str, str]]]:
    """A function that cuts a cell into (part, separator behind it)."""
    if not separators:
        return lambda text: [(clean_text(text), "")]
    pattern = re.compile(
        "(" + "|".join(re.escape(s) for s in sorted(separators, key=len, reverse=True)) + ")"
    )

    def cut_cell(text: str) -> list[tuple[str, str]]:
        pieces = [*pattern.split(clean_text(text)), ""]
        return list(zip(pieces[::2], pieces[1::2], strict=True))

    return cut_cell
