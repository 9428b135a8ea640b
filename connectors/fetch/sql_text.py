"""Formats database values as text, independent of machine and language."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from math import isfinite

from connectors.tables.cell_text import number_text

# Signs that no text of a person or a case has.
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
# An id of random bytes has few letters; a text of as many bytes in another encoding has mostly some.
_ID_BYTES, _LETTERS_OF_TEXT = 16, 12
_LETTER = re.compile(b"[A-Za-z ]")


def as_text(value: object) -> str:
    """Formats a value of any type a database driver returns.

    Dates and times are ISO, decimals have a point, booleans are 1 and 0, arrays and documents are
    JSON, NULL is empty. Bytes are the text in UTF-8 that they hold or the id of 16 bytes, in hex;
    any others begin with U+FFFD, by which a column that reads them is told as unreadable.
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case Decimal():
            return format(value, "f")
        case float() if isfinite(value):
            return number_text(value)
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return _bytes_text(bytes(value))
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_text)
        case _:
            return str(value)


def _bytes_text(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if not _CONTROL.search(text):
        return text
    is_id = len(value) == _ID_BYTES and len(_LETTER.findall(value)) < _LETTERS_OF_TEXT
    return value.hex() if is_id else f"\ufffd{value.hex()}"
