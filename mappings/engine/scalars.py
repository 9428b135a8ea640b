"""Reading numbers, durations and yes/no. Strict and small; dates and code lists stand in files of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mappings.engine.clean import clean_line, fold_text
from mappings.engine.outcome import NOTHING, Outcome

_GERMAN_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[+-]?\d+(?:,\d+)?")
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_HOURS = re.compile(r"(\d+(?:,\d+)?) ?(?:h|std\.?|stunden?) ?(?:(\d+) ?(?:min\.?|minuten)?)?")
_MINUTES = re.compile(r"(\d+(?:,\d+)?) ?(?:min\.?|minuten)?")
_YES = {"ja", "j", "x", "wahr", "true", "1", "-1", "✓", "yes", "y"}
_NO = {"nein", "n", "falsch", "false", "0", "no"}
_UNKNOWN = {"unbekannt", "k. a.", "k.a.", "ka", "-", "?"}


def read_number(text: str) -> Outcome:
    """A number in German spelling (1.234,5) or with a decimal point and no thousands; rule unreadable_number."""
    value = clean_line(text)
    if not value:
        return NOTHING
    if _GERMAN_NUMBER.fullmatch(value):
        return Outcome(float(value.replace(".", "").replace(",", ".")))
    if _POINT_NUMBER.fullmatch(value):
        return Outcome(float(value))
    return Outcome(None, "unreadable_number")


def read_minutes(text: str) -> Outcome:
    """A duration in whole minutes: "90", "45,0", "1h30", "0:45", "1,5 Std."; rule unreadable_number, also for more than a day."""
    value = clean_line(text).casefold()
    if not value:
        return NOTHING
    minutes: float | None = None
    if m := _CLOCK.fullmatch(value):
        minutes = int(m[1]) * 60 + int(m[2])
    elif m := _HOURS.fullmatch(value):
        minutes = float(m[1].replace(",", ".")) * 60 + int(m[2] or 0)
    elif m := _MINUTES.fullmatch(value):
        minutes = float(m[1].replace(",", "."))
    elif _POINT_NUMBER.fullmatch(value):
        minutes = float(value)
    if minutes is None or not 0 <= minutes <= 24 * 60:
        return Outcome(None, "unreadable_number")
    return Outcome(int(minutes + 0.5))


def flag_reader(values: Mapping[str, bool], empty: bool | None) -> Callable[[str], Outcome]:
    """A function that reads yes or no; empty is "not recorded" unless the mapping says what it means; rule unknown_code."""
    extra = {fold_text(k): v for k, v in values.items()}

    def read_flag(text: str) -> Outcome:
        value = fold_text(text)
        if value in extra:
            return Outcome(extra[value])
        if not value:
            return Outcome(empty)
        if value in _YES:
            return Outcome(True)
        if value in _NO:
            return Outcome(False)
        return NOTHING if value in _UNKNOWN else Outcome(None, "unknown_code")

    return read_flag
