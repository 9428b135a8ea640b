"""Notes that lie in the landing in place of delivered files that were not opened.

With the note the file belongs to its delivery: reading it anew, a backup and a restore all still
know that the delivery was not complete.
"""

from __future__ import annotations

from pathlib import Path

_MARK = b"drehscheibe: this file was refused\n"
_MOST_BYTES = 4096


def write_note(reason: str) -> bytes:
    """The bytes of a note; ``reason`` is a German sentence."""
    return _MARK + reason.encode()


def read_note(path: Path) -> str | None:
    """The reason in a note, None for any other file."""
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES)
    if not content.startswith(_MARK):
        return None
    return content.removeprefix(_MARK).decode("utf-8", "replace")
