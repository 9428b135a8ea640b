"""Prints the notice of a correction: what changed, why, and where else it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.documents.typst_pdf import render_pdf

TEMPLATE = "kennzahlen/correction.typ"


@dataclass(frozen=True)
class NoticePart:
    """A table of the notice; ``widths`` in mm (0: what is left), ``numbers``: columns to the right.

    ``empty``: the sentence in its place where it has no rows.
    """

    title: str
    heads: Sequence[str]
    widths: Sequence[int]
    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]
    empty: str


@dataclass(frozen=True)
class CorrectionNotice:
    """The content of the notice; ``number`` is the id of the submission."""

    number: str
    title: str
    subtitle: str
    footer: str
    sentences: Sequence[str]
    parts: Sequence[NoticePart]


def print_notice(notice: CorrectionNotice, on: date) -> bytes:
    """The PDF of the notice, dated ``on``."""
    data = {
        "title": notice.title,
        "subtitle": notice.subtitle,
        "footer": notice.footer,
        "sentences": list(notice.sentences),
        "parts": [_describe_part(part) for part in notice.parts],
    }
    return render_pdf(TEMPLATE, data, on, notice.number)


def _describe_part(part: NoticePart) -> dict[str, Any]:
    return {**vars(part), "rows": [list(row) for row in part.rows]}
