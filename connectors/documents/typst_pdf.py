"""Renders JSON data with a Typst template as an archivable, tagged PDF."""

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
    """A document could not be rendered; the message has its opaque number, never its content."""


def render_pdf(template: str, data: Mapping[str, object], on: date, number: str) -> bytes:
    """Compiles ``template`` with ``data`` to PDF/A-3a + PDF/UA-1, dated midnight UTC of ``on``.

    The template gets two strings of JSON: ``data`` to be attached as it is, and ``shown``, in which
    a box replaces every unprintable character; so no value is read as Typst markup.
    Raises NotPrinted with ``number``.
    """
    attached = json.dumps(data, ensure_ascii=False, indent=1)
    pdf = _compile_pdf(template, attached, attached, on)
    if pdf is None:
        shown = json.dumps(_replace_unprintable(data), ensure_ascii=False)
        pdf = _compile_pdf(template, attached, shown, on)
    if pdf is None:
        raise NotPrinted(f"document {number} could not be set with {template}")
    return pdf


def _compile_pdf(template: str, attached: str, shown: str, on: date) -> bytes | None:
    """The PDF; None if the text contains something that the standard or the fonts refuse."""
    from typst import TypstError

    inputs = {"data": attached, "shown": shown}
    stamp = datetime.combine(on, time(), UTC)
    try:
        pdf = _make_compiler(template).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"], timestamp=stamp
        )
    except TypstError:
        # The message quotes the text, which may be a name, so it is dropped.
        return None
    return cast(bytes, pdf)


@cache
def _make_compiler(template: str) -> typst.Compiler:
    """The compiler of a template, without system fonts, so that all machines give the same PDF."""
    import typst

    return typst.Compiler(
        TEMPLATES / template,
        root=TEMPLATES,
        ignore_system_fonts=True,
    )


def _replace_unprintable(value: object) -> object:
    """Replaces every character that cannot be printed by a box."""
    if isinstance(value, str):
        return "".join(letter if _is_printable(letter) else BOX for letter in value)
    if isinstance(value, Mapping):
        return {key: _replace_unprintable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_replace_unprintable(part) for part in value]
    return value


@cache
def _is_printable(letter: str) -> bool:
    """Whether a character can be printed, by rendering it once on its own."""
    if letter.isascii():
        return letter.isprintable() or letter == "\n"
    if unicodedata.category(letter) in {"Cc", "Co", "Cs", "Cn"}:
        return False
    return _compile_pdf("one_letter.typ", "", letter, date(2000, 1, 1)) is not None
