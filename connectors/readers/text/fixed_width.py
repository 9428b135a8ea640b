"""Text files of fixed field widths, and enaio's description of them ([ASIMPEXP]); one line is one row."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import Header
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import Batch, CannotRead, Notice, TextTable

_FIELD = re.compile(
    r"\s*(?:FELD\d+\s*=\s*)?(?P<name>.+?)\s+(?P<kind>[A-Z])\s*\((?P<form>[^()]*)\)\s*",
    re.IGNORECASE,
)
_MARK = "[asimpexp]"
_DATE_PARTS = re.compile(r"J+|M+|T+")
_DESCRIPTION_BYTES = 2**20

Row = tuple[int, list[str] | None, str]


@dataclass(frozen=True)
class Field:
    """One field: C text, N a number padded with zeros, D a date whose ``form`` says where year, month and day stand."""

    name: str
    kind: str
    width: int
    form: str = ""

    def value_of(self, text: str) -> str:
        """The field without its padding; a date as ISO, one of zeros as nothing; what does not fit stays as it is."""
        text = text.strip()
        if self.kind == "N" and text.lstrip("-").replace(".", "").replace(",", "").isdigit():
            sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
            bare = digits.lstrip("0")
            return sign + (bare if bare[:1].isdigit() else "0" + bare)
        if self.kind == "D":
            return self._read_date(text)
        return text

    def _read_date(self, text: str) -> str:
        if not text.strip("0.-/"):
            return ""
        if len(text) != len(self.form) or not all(
            text[m.start() : m.end()].isdigit() for m in _DATE_PARTS.finditer(self.form)
        ):
            return text
        parts = {m.group()[0]: text[m.start() : m.end()] for m in _DATE_PARTS.finditer(self.form)}
        return (
            "-".join(parts[p] for p in "JMT")
            if set(parts) == set("JMT") and len(parts["J"]) == 4
            else text
        )


def fields_of(lines: Sequence[str]) -> tuple[Field, ...]:
    """Fields from descriptions like "Name C(10)", "Nr N(8,0)", "Datum D(JJJJMMTT)"; raises CannotRead ``description``."""
    found = []
    for line in lines:
        match = _FIELD.fullmatch(line)
        kind, form = (match["kind"].upper(), match["form"].strip().upper()) if match else ("", "")
        size = form.split(",")[0].strip()
        if match is None or kind not in "CND" or not (kind == "D" or size.isdecimal()):
            raise CannotRead(
                "description",
                "Die Beschreibung der festen Feldlängen ist nicht lesbar. Erwartet wird etwa „Name C(10)“.",
            )
        found.append(Field(match["name"], kind, len(form) if kind == "D" else int(size), form))
    return tuple(found)


def described_fields(path: Path) -> tuple[Field, ...]:
    """The fields that a description file of enaio names; none if the file is not one."""
    lines = description_lines(path)
    marks = [n for n, line in enumerate(lines) if line.strip().casefold() == _MARK]
    if not marks:
        return ()
    own = []
    for line in lines[marks[0] + 1 :]:
        if line.lstrip().startswith("["):
            break
        if re.match(r"\s*FELD\d+\s*=", line, re.IGNORECASE):
            own.append(line)
    return fields_of(own)


def description_lines(path: Path) -> list[str]:
    """The lines of a small text file beside the data."""
    if path.stat().st_size > _DESCRIPTION_BYTES:
        raise CannotRead(
            "description", "Die Datei, die die Felder beschreiben soll, ist zu groß dafür."
        )
    return b"".join(detect_encoding(path).read_blocks()).decode("utf-8").splitlines()


def fixed_table(
    path: Path,
    shown: str,
    name: str,
    header: Header,
    fields: Sequence[Field],
    encoding: str | None,
    limits: Limits,
) -> TextTable:
    """The table of a file of these fields; a line that is too long or too short is ragged. Raises CannotRead."""
    text = detect_encoding(path, encoding)
    notices = text.notices()
    data = DataRows(header, ())
    walk = _BatchReader(text, tuple(fields), data, limits, notices)
    return header.make_table(
        file=shown,
        name=name,
        batches=walk.read_batches(),
        notices=notices,
        title=Path(shown).stem,
        written={"encoding": text.encoding, "delimiter": None, "quote": None, "escape": None},
    )


@dataclass
class _BatchReader:
    text: TextFile
    fields: tuple[Field, ...]
    data: DataRows
    limits: Limits
    notices: list[Notice]

    def read_batches(self) -> Iterator[Batch]:
        yield from self.data.batch_rows(self._read_rows(), self.limits.cell_chars)
        self.notices += self.data.notices()

    def _read_rows(self) -> Iterator[Row]:
        source = LineBlocks(self.text.read_blocks(), self.limits)
        total = sum(f.width for f in self.fields)
        # The last texts may have lost their blanks on the way.
        trailing = 0
        for field in reversed(self.fields):
            if field.kind != "C":
                break
            trailing += field.width
        number = 0
        while block := source.next_block():
            for line in io.StringIO(block.decode("utf-8"), newline=""):
                number += 1
                if number > self.limits.rows:
                    raise CannotRead(
                        "too_large", f"Die Tabelle hat mehr als {self.limits.rows} Zeilen."
                    )
                line = line.rstrip("\r\n\x1a")
                if not line.strip():
                    continue
                if len(line.rstrip()) > total or len(line) < total - trailing:
                    yield number, None, line
                else:
                    yield number, self._split_line(line), ""

    def _split_line(self, line: str) -> list[str]:
        at = 0
        cells = []
        for field in self.fields:
            cells.append(field.value_of(line[at : at + field.width]))
            at += field.width
        return cells
