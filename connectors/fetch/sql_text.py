"""Formats database values as text, independent of machine and language."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from math import isfinite

from connectors.tables.cell_text import number_text


def as_text(value: object) -> str:
    """Formats a value of any type a database driver returns.

    Dates and times are ISO, decimals have a point, booleans are 1 and 0, bytes are hex, arrays and
    documents are JSON, NULL is empty.
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
            return bytes(value).hex()
        case list() | tuple() | dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_text)
        case _:
            return str(value)
