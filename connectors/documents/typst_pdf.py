"""Turning JSON data and a Typst template into an archivable, tagged PDF. What is printed stands in the templates."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent
# Printed in place of a character that no font at hand has.
BOX = "□"


class NotPrinted(Exception):
    """A document could not be made; names the document by its opaque number, never what stands in it."""


def render_pdf(
    template: str, data: Mapping[str, object], on: date, number: str, fonts: Path | None = None
) -> bytes:
    """Compile ``template`` with ``data`` to PDF/A-3a + PDF/UA-1, dated midnight UTC of ``on``.

    The template sees two strings: ``data`` (JSON to be attached as it is) and ``shown`` (the same, with every character
    that cannot be printed replaced by a box), so no value is ever read as Typst markup.
    """
    attached = json.dumps(data, ensure_ascii=False, indent=1)
    pdf = _compile_pdf(template, attached, attached, on, fonts)
    if pdf is None:
        shown = json.dumps(_replace_unprintable(data, fonts), ensure_ascii=False)
        pdf = _compile_pdf(template, attached, shown, on, fonts)
    if pdf is None:
        raise NotPrinted(f"document {number} could not be set with {template}")
    return pdf


def _compile_pdf(
    template: str, attached: str, shown: str, on: date, fonts: Path | None
) -> bytes | None:
    """Give the PDF, or None if the text holds something that the standard or the fonts refuse."""
    from typst import TypstError

    inputs = {"data": attached, "shown": shown}
    stamp = datetime.combine(on, time(), UTC)
    try:
        pdf = _make_compiler(template, fonts).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"], timestamp=stamp
        )
    except TypstError:
        # The message quotes the text, which may be a name: it goes no further.
        return None
    return cast(bytes, pdf)


@cache
def _make_compiler(template: str, fonts: Path | None) -> typst.Compiler:
    """Give the compiler of a template, without system fonts: the same data look the same on every machine."""
    import typst

    return typst.Compiler(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=[fonts] if fonts else [],
        ignore_system_fonts=True,
    )


def _replace_unprintable(value: object, fonts: Path | None) -> object:
    """Give the same data with a box in place of every character that cannot be printed."""
    if isinstance(value, str):
        return "".join(letter if _is_printable(letter, fonts) else BOX for letter in value)
    if isinstance(value, Mapping):
        return {key: _replace_unprintable(part, fonts) for key, part in value.items()}
    return (
        [_replace_unprintable(part, fonts) for part in value] if isinstance(value, list) else value
    )


@cache
def _is_printable(letter: str, fonts: Path | None) -> bool:
    """Say whether a character can be printed, by trying it once alone."""
    if letter.isascii():
        return letter.isprintable() or letter == "\n"
    if unicodedata.category(letter) in {"Cc", "Co", "Cs", "Cn"}:
        return False
    return _compile_pdf("one_letter.typ", "", letter, date(2000, 1, 1), fonts) is not None
