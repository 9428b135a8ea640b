"""Renders JSON data with a Typst template as an archivable, tagged PDF."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent
# Printed in place of a character that no font at hand has.
BOX = "□"


class NotPrinted(Exception):
    """A document could not be rendered; the message has its opaque number, never its content."""


def render_pdf(
    template: str, data: Mapping[str, object], on: date, number: str, *, many: bool = False
) -> bytes:
    """Compiles ``template`` with ``data`` to PDF/A-3a + PDF/UA-1, dated midnight UTC of ``on``.

    The template gets two strings of JSON: ``data`` to be attached as it is, and ``shown``, in which
    a box replaces every unprintable character; so no value is read as Typst markup. ``many``: the
    template is a module with ``render(shown, attached, boxed)``; what its documents have in common
    is then worked out once. Raises NotPrinted with ``number``.
    """
    compile_pdf = _compile_module if many else _compile_pdf
    attached = json.dumps(data, ensure_ascii=False, indent=1)
    pdf = compile_pdf(template, attached, attached, on)
    if pdf is None:
        shown = json.dumps(_replace_unprintable(data), ensure_ascii=False)
        pdf = compile_pdf(template, attached, shown, on)
    if pdf is None:
        raise NotPrinted(f"document {number} could not be set with {template}")
    return pdf


def _compile_pdf(template: str, attached: str, shown: str, on: date) -> bytes | None:
    """The PDF; None if the text contains something that the standard or the fonts refuse."""
    inputs = {"data": attached, "shown": shown}
    return _run_compiler(TEMPLATES / template, on, inputs)


def _compile_module(template: str, attached: str, shown: str, on: date) -> bytes | None:
    """The same with a module. The texts are literals of the source: other inputs, which are part
    of Typst's library, would make it forget all that it worked out before."""
    is_same = attached == shown
    source = (
        f'#import "/{template}": render\n'
        f"#let attached = {_quote(attached)}\n"
        f"#let shown = {'attached' if is_same else _quote(shown)}\n"
        f"#render(json(bytes(shown)), attached, {'false' if is_same else 'true'})\n"
    )
    return _run_compiler(source.encode(), on, None)


def _quote(text: str) -> str:
    """A literal of Typst, in which nothing but these two has a meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _run_compiler(source: Any, on: date, inputs: dict[str, str] | None) -> bytes | None:
    """``source``: the path of a template, or the bytes of one."""
    from typst import TypstError

    stamp = datetime.combine(on, time(), UTC)
    try:
        pdf = _COMPILERS.find(source).compile(
            input=source,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=stamp,
        )
    except TypstError:
        # The message quotes the text, which may be a name, so it is dropped.
        return None
    return cast(bytes, pdf)


class _Compilers(threading.local):
    """The compilers of a thread: a compiler works on one document at a time."""

    def __init__(self) -> None:
        self._made: dict[Path | None, typst.Compiler] = {}

    def find(self, source: Any) -> typst.Compiler:
        """That of a file, or the one for sources; no system fonts: all machines give the same."""
        import typst

        key = source if isinstance(source, Path) else None
        if key not in self._made:
            self._made[key] = typst.Compiler(source, root=TEMPLATES, ignore_system_fonts=True)
        return self._made[key]


_COMPILERS = _Compilers()


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
