"""Formats pieces of Markdown: tables, wrapped paragraphs, lists, code words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

Cells = Sequence[str]
WIDTH = 140


def format_table(head: Cells, rows: Iterable[Cells]) -> str:
    """A table; bars inside cells are escaped, line breaks become blanks."""
    lines = [_format_row(row) for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines)


def _format_row(cells: Cells) -> str:
    return f"| {' | '.join(map(_escape_cell, cells))} |"


def wrap_paragraph(text: str) -> str:
    """Running text in lines of at most ``WIDTH`` characters."""
    return textwrap.fill(
        " ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False
    )


def format_item(text: str) -> str:
    """One item of a list, wrapped."""
    return textwrap.fill(
        f"- {text}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def format_code(word: str) -> str:
    """A word in code style; line breaks and tabs are spelled out."""
    return f"`{word.replace(chr(10), chr(92) + 'n').replace(chr(9), chr(92) + 't')}`"


def format_codes(words: Iterable[str]) -> str:
    """Several such words."""
    return ", ".join(format_code(w) for w in words)


def page_name(module: str) -> str:
    """The name of the page about a module, by the module's name."""
    return module.rpartition(".")[2].replace("_", "-") + ".md"


def format_page(title: str, *parts: str) -> str:
    """A whole page with the notice that it is generated."""
    notice = (
        "<!-- Erzeugt mit `drehscheibe docs`; Änderungen gehören in die Quelle, nicht hierher. -->"
    )
    return "\n\n".join([f"# {title}", notice, *(p for p in parts if p)]) + "\n"


def _escape_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
