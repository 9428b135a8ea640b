"""Reads text files of fixed-width fields; one line is one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.data_rows import SourceRow, rows_table
from connectors.readers.rows.header import Header
from connectors.readers.rows.row_kinds import RowKinds
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.fixed_field import Field
from connectors.readers.text.fixed_line import Widths
from connectors.readers.text.line_blocks import open_blocks
from connectors.readers.text.usual_lines import UsualLines
from connectors.tables.text_table import CannotRead, TextTable

_LEARNED_LINES = 10_000
_BLANK = " \f\ufeff\x1a"
_ENDS = ("\n", "\r", "\x1a")
_KINDS_OF_DATA = ("data", "doubtful", "wordy")


def fixed_table(
    file: DeliveredFile, name: str, header: Header, fields: Sequence[Field], encoding: str | None
) -> TextTable:
    """The table of a file of these fields. Raises CannotRead.

    A line that is too long or too short is ragged, and so is one of which a part is not where it is
    in nearly all others. NUL is a blank, as programs fill fields with it.
    """
    text = replace(detect_encoding(file, encoding), nul_as=b" ")
    rows = _read_rows(text, header, fields)
    return rows_table(
        file, name, file.stem, header, rows, text.notices(), written=text.written_as()
    )


def _read_rows(text: TextFile, header: Header, fields: Sequence[Field]) -> Iterator[SourceRow]:
    widths, kinds = Widths(fields), RowKinds(header)
    first = islice(_read_lines(text, widths), _LEARNED_LINES)
    usual = UsualLines.learn((widths.compose(line) for _, line, _ in first), widths)
    for number, written, is_ended in _read_lines(text, widths):
        line = widths.compose(written)
        if text.encoding == "utf-8" and widths.counts_bytes(line):
            raise _byte_error(number)
        cells = [field.value_of(part) for field, part in widths.cut(line)]
        is_odd = usual.is_shifted(line) or (not is_ended and usual.is_cut(line))
        if not widths.fit(line) or (is_odd and kinds.kind_of(cells) in _KINDS_OF_DATA):
            yield number, None, written
        else:
            yield number, cells, ""


def _read_lines(text: TextFile, widths: Widths) -> Iterator[tuple[int, str, bool]]:
    """The lines that are not blank, each with its number, and whether it has an end."""
    for number, raw in enumerate(open_blocks(text).read_lines(), 1):
        text.file.limits.check_rows(number)
        line = widths.bare_line(raw)
        if line.strip(_BLANK).strip():
            yield number, line, raw.rstrip(" ").endswith(_ENDS)


def _byte_error(line: int) -> CannotRead:
    return CannotRead(
        "widths_in_bytes",
        f"Die Feldlängen zählen Bytes statt Zeichen (zuerst zu sehen in Zeile {line}): Hinter jedem "
        "Umlaut wären die Spalten verschoben. Bitte als Windows-1252 exportieren oder die Längen "
        "in Zeichen zählen lassen.",
        row=line,
    )
