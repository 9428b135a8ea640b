"""Writes foreign text so that no terminal, table or log takes any of it for a command."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

# Characters of no width that some languages are written with.
_WRITTEN = {"\u00ad", "\u200c", "\u200d"}
# Controls, directions and other invisible formats, surrogates, line and paragraph separators.
_COMMANDS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LINES = {"\n", "\t"}
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def make_printable(text: str, *, keep_lines: bool = False) -> str:
    r"""The text with every character that is no sign to be read as ``\uXXXX``, ``\n``, ``\r`` or ``\t``.

    ``keep_lines`` leaves line breaks and tabs, for text of several lines. Within JSON, the result is
    the same JSON.
    """
    if text.isprintable():
        return text
    kept = _WRITTEN | _LINES if keep_lines else _WRITTEN
    return "".join(c if c in kept else _escape_command(c) for c in text)


def _escape_command(character: str) -> str:
    if unicodedata.category(character) not in _COMMANDS:
        return character
    if character in _SHORT:
        return _SHORT[character]
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


class PrintableStream:
    """A stream of a terminal that passes on printable text only.

    It has no ``buffer``, by which bytes would go past it.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Writes the text, made printable; signs the terminal cannot show are spelled out."""
        encoding = self.stream.encoding or "utf-8"
        shown = make_printable(text, keep_lines=True)
        self.stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self.stream, name)


@contextmanager
def printable_output() -> Iterator[None]:
    """Makes standard output and standard error streams of printable text within the block."""
    former = sys.stdout, sys.stderr
    shown: Any = [PrintableStream(stream) for stream in former]
    sys.stdout, sys.stderr = shown
    try:
        yield
    finally:
        sys.stdout, sys.stderr = former
