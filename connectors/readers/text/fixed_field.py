"""Describes fields of fixed width, as enaio does beside the data ([ASIMPEXP])."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.text.encoding import detect_encoding
from connectors.tables.text_table import CannotRead

_FIELD = re.compile(
    r"\s*(?:FELD\d+\s*=\s*)?(?P<name>.+?)\s+(?P<kind>[A-Z])\s*\((?P<form>[^()]*)\)\s*",
    re.IGNORECASE,
)
_FIELD_LINE = re.compile(r"\s*FELD\d+\s*=", re.IGNORECASE)
_MARK = "[asimpexp]"
_GAP = re.compile(r"\S {2,}\S")
_DATE_PARTS = re.compile(r"J+|M+|T+")
_DESCRIPTION_BYTES = 2**20


@dataclass(frozen=True)
class Field:
    """One field: C is text, N a number padded with zeros, D a date.

    ``form`` of a date gives the positions of year (J), month (M) and day (T).
    """

    name: str
    kind: str
    width: int
    form: str = ""

    def value_of(self, text: str) -> str:
        """The field without padding: a date in ISO form, "" for a date of zeros.

        What does not fit the kind is kept as it is.
        """
        text = text.strip()
        if self.kind == "N" and _is_number(text):
            return _strip_zeros(text)
        if self.kind == "D":
            return self._read_date(text)
        return text

    def looks_right(self, text: str) -> bool:
        """Whether a part of a line may be this field: no text after a gap, and digits where due."""
        if self.kind == "C":
            return _GAP.search(text) is None
        return not text.strip(" 0123456789.,-/")

    def _read_date(self, text: str) -> str:
        if not text.strip("0.-/"):
            return ""
        found = [(m[0][0], text[m.start() : m.end()]) for m in _DATE_PARTS.finditer(self.form)]
        if len(text) != len(self.form) or not all(part.isdigit() for _, part in found):
            return text
        parts = dict(found)
        if set(parts) != set("JMT") or len(parts["J"]) != 4:
            return text
        return "-".join(parts[letter] for letter in "JMT")


def fields_of(lines: Sequence[str]) -> tuple[Field, ...]:
    """Fields from descriptions like "Name C(10)", "Nr N(8,0)", "Datum D(JJJJMMTT)".

    Raises CannotRead ``description``.
    """
    return tuple(map(_parse_field, lines))


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "").replace(",", "").isdigit()


def _strip_zeros(number: str) -> str:
    sign = "-" if number.startswith("-") else ""
    bare = number[len(sign) :].lstrip("0")
    return sign + (bare if bare[:1].isdigit() else "0" + bare)


def _parse_field(line: str) -> Field:
    if match := _FIELD.fullmatch(line):
        kind, form = match["kind"].upper(), match["form"].strip().upper()
        size = form.split(",")[0].strip()
        if kind == "D":
            return Field(match["name"], kind, len(form), form)
        if kind in "CN" and size.isdecimal():
            return Field(match["name"], kind, int(size), form)
    raise CannotRead(
        "description",
        "Die Beschreibung der festen Feldlängen ist nicht lesbar. Erwartet wird etwa „Name C(10)“.",
    )


def described_fields(path: Path) -> tuple[Field, ...]:
    """The fields in a description file of enaio; () if the file is not one."""
    lines = description_lines(path)
    marks = [n for n, line in enumerate(lines) if line.strip().casefold() == _MARK]
    if not marks:
        return ()
    section = takewhile(lambda line: not line.lstrip().startswith("["), lines[marks[0] + 1 :])
    return fields_of(list(filter(_FIELD_LINE.match, section)))


def description_lines(path: Path) -> list[str]:
    """The lines of a small text file beside the data; raises CannotRead ``description``."""
    if path.stat().st_size > _DESCRIPTION_BYTES:
        raise CannotRead(
            "description", "Die Datei, die die Felder beschreiben soll, ist zu groß dafür."
        )
    text = detect_encoding(DeliveredFile(path, path.name))
    return b"".join(text.read_blocks()).decode("utf-8").splitlines()
