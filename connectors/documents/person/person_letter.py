"""Prints a document about one person as tagged PDF: facts, then titled sections of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from connectors.documents.typst_pdf import render_pdf


@dataclass(frozen=True)
class LetterTable:
    """A table of texts; every row is as wide as ``heads``."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class LetterSection:
    """A titled part: paragraphs, then tables; ``level`` 2 stands below the title, 3 below that."""

    title: str
    texts: Sequence[str] = ()
    tables: Sequence[LetterTable] = ()
    level: int = 2


@dataclass(frozen=True)
class PersonLetter:
    """A document about one person; ``number`` is opaque and stands on every page."""

    title: str
    subtitle: str
    number: str
    made_on: date
    facts: Sequence[tuple[str, str]]
    sections: Sequence[LetterSection] = field(default=())


def print_letter(letter: PersonLetter) -> bytes:
    """The PDF (PDF/UA-1, PDF/A-3a), with the same data attached as JSON; raises NotPrinted."""
    data = {**asdict(letter), "made_on": letter.made_on.isoformat()}
    return render_pdf("person/letter.typ", data, letter.made_on, letter.number)
