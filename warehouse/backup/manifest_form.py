"""Checks the form of a backup's manifest before any of it becomes a path, a table or a date."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from warehouse.files.data_folder import DataFolder
from warehouse.landing.landing import is_hash, is_inner_name

_SCOPES = ("full", "partial")
_ENGINES = ("duckdb", "postgresql")
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_WORD = re.compile(r"\w{1,64}")
# A kept file: no name in it begins with a dot.
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}"
KEPT_PART = re.compile(rf"kept/(?:{'|'.join(DataFolder.KEPT)})(?:/{_NAME}){{1,4}}")
_PART = re.compile(rf"tables/{_TABLE.pattern}\.parquet|landing/[0-9a-f]{{64}}|{KEPT_PART.pattern}")
_AGS = re.compile(r"(?:[0-9]{5})?")


def find_wrong_form(content: Any) -> str | None:
    """The field of a manifest, as read from JSON, that has not its form; None where all have."""
    if not isinstance(content, dict):
        return "manifest"
    unknown = content.keys() - _FORMS.keys()
    missing = _REQUIRED - content.keys()
    if unknown or missing:
        return min(missing, default="manifest")
    wrong = (name for name, value in content.items() if not _FORMS[name](value))
    return next(wrong, None) or _find_absent_part(content)


def is_plain_part(info: zipfile.ZipInfo) -> bool:
    """Whether a part of the archive is stored as a backup stores it: neither packed nor encrypted.

    A packed part could be far larger than the archive, and would be hashed as other bytes than are
    read.
    """
    stored = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
    return stored and not info.flag_bits & 1


def _find_absent_part(content: dict[str, Any]) -> str | None:
    """The field that names a part without a hash."""
    parts = content.get("sha256", {})
    if any(f"tables/{name}.parquet" not in parts for name in content.get("tables", ())):
        return "tables"
    files = (file for entry in content.get("deliveries", ()) for file in entry["files"])
    absent = any(f"landing/{sha256}" not in parts for _, sha256 in files)
    return "deliveries" if absent else None


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_moment(value: Any) -> bool:
    return _parses(datetime.fromisoformat, value)


def _is_day(value: Any) -> bool:
    return _parses(date.fromisoformat, value)


def _parses(parse: Callable[[str], object], value: Any) -> bool:
    try:
        parse(value)
    except (TypeError, ValueError):
        return False
    return True


def _maps(key: Callable[[Any], bool], value: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda found: (
        isinstance(found, dict) and all(key(k) and value(v) for k, v in found.items())
    )


def _lists(entry: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda found: isinstance(found, list) and all(map(entry, found))


def _is_file(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in (2, 3)
        and is_inner_name(value[0])
        and all(map(is_hash, value[1:]))
    )


def _is_delivery(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _DELIVERY.keys()
        and all(has_form(value[name]) for name, has_form in _DELIVERY.items())
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_DELIVERY: dict[str, Callable[[Any], bool]] = {
    "delivery_id": is_hash,
    "source": _matches(_WORD),
    "delivered_on": _is_day,
    "scope": lambda value: value in _SCOPES,
    "files": _lists(_is_file),
}
_FORMS: dict[str, Callable[[Any], bool]] = {
    "format": _is_count,
    "revision": _matches(_WORD),
    "made_at": _is_moment,
    "engine": lambda value: value in _ENGINES,
    "ags": _matches(_AGS),
    "tables": _maps(_matches(_TABLE), _is_count),
    "deliveries": _lists(_is_delivery),
    "sha256": _maps(_matches(_PART), is_hash),
    "left_out": _lists(_is_text),
}
_REQUIRED = {"format", "revision", "made_at", "engine"}
