"""Reads text files of fixed-width fields and enaio's description of them ([ASIMPEXP])."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from pathlib import Path

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.data_rows import SourceRow, rows_table
from connectors.readers.rows.header import Header
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import open_blocks
from connectors.tables.text_table import CannotRead, TextTable

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


def fixed_table(
    file: DeliveredFile, name: str, header: Header, fields: Sequence[Field], encoding: str | None
) -> TextTable:
    """The table of a file of these fields; one line is one row. Raises CannotRead.

    A line that is too long or too short is ragged.
    """
    text = detect_encoding(file, encoding)
    rows = _read_rows(text, fields)
    return rows_table(
        file, name, file.stem, header, rows, text.notices(), written=text.written_as()
    )


def _read_rows(text: TextFile, fields: Sequence[Field]) -> Iterator[SourceRow]:
    widths = _Widths(fields)
    for number, line in enumerate(open_blocks(text).read_lines(), 1):
        text.file.limits.check_rows(number)
        line = line.rstrip("\r\n\x1a")
        if not line.strip():
            continue
        if text.encoding == "utf-8" and widths.counts_bytes(line):
            raise _byte_error(number)
        if not widths.fit(line):
            yield number, None, line
        else:
            yield number, [field.value_of(part) for field, part in widths.cut(line)], ""


@dataclass
class _Widths:
    """Cuts lines at fixed widths, and watches whether the widths count bytes of UTF-8.

    ``padded``: a line was filled up with blanks to its full length; ``short``: one with letters of
    several bytes has that length in bytes alone.
    """

    fields: Sequence[Field]
    padded: bool = False
    short: bool = False

    def __post_init__(self) -> None:
        self.longest = sum(field.width for field in self.fields)
        # Blanks at the line's end may have been lost, so the last text fields may be missing.
        needed = dropwhile(lambda field: field.kind == "C", reversed(self.fields))
        self.shortest = sum(field.width for field in needed)

    def fit(self, line: str | bytes) -> bool:
        """Whether a line has a length that these fields may have."""
        return len(line.rstrip()) <= self.longest and len(line) >= self.shortest

    def cut(self, line: str) -> Iterator[tuple[Field, str]]:
        """Each field with its part of a line."""
        at = 0
        for field in self.fields:
            yield field, line[at : at + field.width]
            at += field.width

    def counts_bytes(self, line: str) -> bool:
        """Whether this line, with those before it, says that the widths count bytes.

        It does where the parts fit their fields only so, or where all lines are filled up to one
        length in bytes and none to one in characters.
        """
        if line.isascii():
            self.padded |= len(line) == self.longest and line.endswith(" ")
            return self.padded and self.short
        encoded = line.encode()
        # Each byte as a sign of its own.
        as_bytes = encoded.decode("latin-1")
        if not self.fit(as_bytes):
            return False
        self.short |= len(encoded) == self.longest > len(line)
        is_clear = self._are_clear(as_bytes) and not (self.fit(line) and self._are_clear(line))
        return is_clear or (self.padded and self.short)

    def _are_clear(self, line: str) -> bool:
        """Whether each part looks like its field: no text behind a gap, numbers and days in digits."""
        return all(field.looks_right(part) for field, part in self.cut(line))


def _byte_error(line: int) -> CannotRead:
    return CannotRead(
        "widths_in_bytes",
        f"Die Feldlängen zählen Bytes statt Zeichen (zuerst zu sehen in Zeile {line}): Hinter jedem "
        "Umlaut wären die Spalten verschoben. Bitte als Windows-1252 exportieren oder die Längen "
        "in Zeichen zählen lassen.",
        row=line,
    )
