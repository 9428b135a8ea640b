"""How a value of a database is written as text, the same on every machine and in every language. Files are not written here."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal


def as_text(value: object) -> str:
    """ISO dates and times, numbers with a point, 1 and 0 for yes and no, bytes as hex, JSON for what has parts; NULL is empty."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case Decimal():
            return format(value, "f")
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_text)
        case _:
            return str(value)
