"""Decides which entries of a delivery's folder are never opened, and names them safely.

A pipe would stop the run for ever, a link may lead to any file of the machine, and a name that is
no text cannot be stored.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_NAME = "Ihr Name ist nicht in UTF-8 geschrieben. Bitte die Datei umbenennen und neu liefern."
_LINK = (
    "Sie ist eine Verknüpfung, die aus dem Ordner der Quelle hinaus oder ins Leere führt. "
    "Bitte die Datei selbst liefern."
)
_FOLDER_LINK = "Sie ist eine Verknüpfung auf einen Ordner. Bitte die Dateien selbst liefern."
_HIDDEN = "Sie ist ein versteckter Ordner. Bitte umbenennen oder entfernen."
_DEEP = "Sie ist ein Ordner in mehr als zwanzig anderen. Bitte die Dateien ohne sie liefern."
_HIDDEN_FILE = "Sie ist eine versteckte Datei. Bitte umbenennen oder entfernen."
_NO_FILE = "Sie ist keine gewöhnliche Datei, sondern eine Pipe, ein Socket oder ein Gerät."


@dataclass(frozen=True)
class RefusedFile:
    """A file that is not opened; ``name`` is safe to show, ``reason`` is German."""

    name: str
    reason: str


def find_refusal(path: Path, name: str, source: Path) -> RefusedFile | None:
    """Why the entry at ``path`` is not opened; None for an ordinary file.

    ``name`` is its path below the delivery, ``source`` the folder that no link may leave. Raises
    FileNotFoundError where it is gone.
    """
    reason = _NAME if _is_no_text(name) else _judge_kind(path, source)
    return RefusedFile(show_name(name), reason) if reason else None


def refuse_link(name: str) -> RefusedFile:
    """The refusal of a folder's link that leads out."""
    return RefusedFile(show_name(name), _LINK)


def refuse_hidden(name: str) -> RefusedFile:
    """The refusal of a hidden file: nobody who looks into the folder sees it."""
    return RefusedFile(show_name(name), _HIDDEN_FILE)


def leads_out(link: Path, source: Path) -> bool:
    """Whether a link leads out of the folder, or nowhere."""
    try:
        return not link.resolve(strict=True).is_relative_to(source.resolve())
    except (OSError, RuntimeError):
        # RuntimeError: links that lead to each other.
        return True


def show_name(name: str) -> str:
    """The name with escapes in place of bytes that are no UTF-8 and of control characters."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(map(_escape_control, text))


def _judge_kind(path: Path, source: Path) -> str | None:
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return _HIDDEN if path.name.startswith(".") else _DEEP
    if stat.S_ISLNK(mode):
        if leads_out(path, source):
            return _LINK
        mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _FOLDER_LINK
    return None if stat.S_ISREG(mode) else _NO_FILE


def _is_no_text(name: str) -> bool:
    # Python stands lone surrogates in for bytes that are no UTF-8.
    return any("\ud800" <= sign <= "\udfff" for sign in name)


def _escape_control(sign: str) -> str:
    hidden = unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")
    return sign.encode("unicode_escape").decode() if hidden else sign
