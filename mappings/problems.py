"""A mistake in a YAML file, with file, line, place and a suggestion for its author."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake; ``where``: path of keys, ``line`` and ``column``: from 1 (0: unknown)."""

    file: str
    line: int
    column: int
    where: str
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        hint = f"; {self.suggestion}" if self.suggestion else ""
        where = f" {self.where}:" if self.where else ""
        line = f":{self.line}" if self.line else ""
        return f"{self.file}{line}:{where} {self.message}{hint}"


class YamlProblems(Exception):
    """All mistakes of a file at once; the text has one line per problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line, p.column))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Suggests the nearest known word, or all of them where they are at most 30."""
    words = sorted(set(known))
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known: {', '.join(words)}" if 0 < len(words) <= 30 else None


def add_suggestion(message: str, word: str, known: Iterable[str]) -> str:
    """The message with what ``did_you_mean`` suggests, where it suggests something."""
    hint = did_you_mean(word, known)
    return f"{message}; {hint}" if hint else message
