"""Takes rows out of delimited text, JSON lines and fixed-width text; every other byte stays."""

from __future__ import annotations

import json
from collections.abc import Iterator

from connectors.redaction.wanted_rows import Redaction


def redact_text(text: str, redaction: Redaction, delimiter: str | None, quote: str | None) -> str:
    """The text without the rows; a line of empty cells stands for each, so that numbers stay.

    ``delimiter`` None: the lines have no cells of their own, and go as a whole.
    """
    whole = redaction.all_rows
    kept: list[str] = []
    for number, record in _join_records(_split_lines(text), quote):
        if number in whole:
            kept += [_blank_line(line, record[0], delimiter) for line in record]
        else:
            kept.append(_trim_record("".join(record), redaction, delimiter, quote))
    return "".join(kept)


def _split_lines(text: str) -> Iterator[str]:
    """The lines with their breaks; only CR and LF break a line."""
    start = 0
    while start < len(text):
        ends = [at for at in (text.find("\n", start), text.find("\r", start)) if at >= 0]
        if not ends:
            yield text[start:]
            return
        end = min(ends)
        end += 2 if text.startswith("\r\n", end) else 1
        yield text[start:end]
        start = end


def _join_records(lines: Iterator[str], quote: str | None) -> Iterator[tuple[int, list[str]]]:
    """The records with the number of their first line; a quoted cell may have several lines."""
    record: list[str] = []
    first = marks = 0
    for number, line in enumerate(lines, 1):
        first = first if record else number
        record.append(line)
        marks += line.count(quote) if quote else 0
        if marks % 2 == 0:
            yield first, record
            record, marks = [], 0
    if record:
        yield first, record


def _blank_line(line: str, first: str, delimiter: str | None) -> str:
    end = line[len(line.rstrip("\r\n")) :]
    if delimiter is None or line is not first:
        return end
    return delimiter * line.count(delimiter) + end


def _trim_record(
    record: str, redaction: Redaction, delimiter: str | None, quote: str | None
) -> str:
    """The record with the person's texts emptied; unchanged where it has none."""
    if delimiter is None:
        return record
    body = record.rstrip("\r\n")
    cells = split_cells(body, delimiter, quote)
    trimmed = [_trim_quoted(cell, redaction, quote) for cell in cells]
    return record if trimmed == cells else delimiter.join(trimmed) + record[len(body) :]


def split_cells(body: str, delimiter: str, quote: str | None) -> list[str]:
    """The cells of a record as they are written, with their quotes."""
    cells, inside, start = [], False, 0
    for at, letter in enumerate(body):
        if quote and letter == quote:
            inside = not inside
        elif not inside and body.startswith(delimiter, at) and at >= start:
            cells.append(body[start:at])
            start = at + len(delimiter)
    return [*cells, body[start:]]


def _trim_quoted(cell: str, redaction: Redaction, quote: str | None) -> str:
    is_quoted = quote and len(cell) > 1 and cell[0] == cell[-1] == quote
    inner = cell[1:-1] if is_quoted else cell
    trimmed = redaction.trim_cell(inner)
    if trimmed == inner:
        return cell
    return f"{quote}{trimmed}{quote}" if is_quoted else trimmed


def redact_json(text: str, redaction: Redaction) -> str:
    """JSON lines, or one array of objects, without the rows and with the person's texts emptied."""
    if text.lstrip("\ufeff \t\r\n").startswith("["):
        return _redact_array(text, redaction)
    return "".join(
        _redact_line(number, line, redaction) for number, line in enumerate(_split_lines(text), 1)
    )


def _redact_array(text: str, redaction: Redaction) -> str:
    items = json.loads(text.lstrip("\ufeff"))
    kept = [
        _trim_value(item, redaction)
        for number, item in enumerate(items, 1)
        if number not in redaction.all_rows
    ]
    return json.dumps(kept, ensure_ascii=False, indent=1)


def _redact_line(number: int, line: str, redaction: Redaction) -> str:
    body = line.rstrip("\r\n")
    if number in redaction.all_rows:
        return line[len(body) :]
    try:
        item = json.loads(body.lstrip("\ufeff"))
    except ValueError:
        return line
    trimmed = _trim_value(item, redaction)
    return line if trimmed == item else json.dumps(trimmed, ensure_ascii=False) + line[len(body) :]


def _trim_value(value: object, redaction: Redaction) -> object:
    if isinstance(value, str):
        return redaction.trim_cell(value)
    if isinstance(value, dict):
        return {name: _trim_value(part, redaction) for name, part in value.items()}
    if isinstance(value, list):
        return [_trim_value(part, redaction) for part in value if not _is_key(part, redaction)]
    return value


def _is_key(value: object, redaction: Redaction) -> bool:
    return isinstance(value, str) and value in redaction.keys
