"""Split a line whose quoting is broken as a person would; only for looking, where every repair is told. No strict reading here."""

from __future__ import annotations

from collections.abc import Sequence

_OTHERS = (";", ",", "\t", "|", ":", " ")


def mend_line(
    line: str, width: int, delimiter: str, quote: str | None, escape: str | None
) -> list[str] | None:
    """The cells of a broken line if one way of reading it gives just ``width`` of them, None if none does."""
    line = line.rstrip("\r\n")
    readings = [split_tolerantly(line, delimiter, quote, escape)]
    if quote and quote in line:
        readings.append(line.split(delimiter))
        if line.startswith(quote) and line.endswith(quote) and len(line) > 1:
            inner = line[1:-1].replace(quote * 2, quote)
            readings.append(split_tolerantly(inner, delimiter, quote, escape))
    return next((cells for cells in readings if cells is not None and len(cells) == width), None)


def by_another_delimiter(
    line: str, width: int, delimiter: str, quote: str | None, escape: str | None
) -> list[str] | None:
    """The cells of a line that was written with another delimiter than its file; None if none fits."""
    line = line.rstrip("\r\n")
    for other in _OTHERS:
        if other != delimiter and line.count(other) >= width - 1 > 0:
            cells = split_tolerantly(line, other, quote, escape)
            if cells is not None and len(cells) == width:
                return cells
    return None


def split_tolerantly(
    line: str, delimiter: str, quote: str | None, escape: str | None
) -> list[str] | None:
    """Cells of a record where a quote opens only at a cell's start and closes only at its end; None if one stays open."""
    cells: list[str] = []
    at = 0
    while True:
        if quote and line.startswith(quote, at):
            end = _closing_quote(line, at + 1, delimiter, quote, escape)
            if end is None:
                return None
            cells.append(_unquote_cell(line[at + 1 : end], quote, escape))
            at = end + 1
        else:
            end = _plain_end(line, at, delimiter, escape)
            text = line[at:end]
            cells.append(_unescape_text(text, escape) if escape else text)
            at = end
        if at >= len(line):
            return cells
        at += len(delimiter)


def _closing_quote(
    line: str, at: int, delimiter: str, quote: str, escape: str | None
) -> int | None:
    """Place of the quote that ends a cell: the first one before a delimiter or the end that is not one of a pair.

    If all are pairs, the last of the first such pair ends it.
    """
    paired: int | None = None
    while at < len(line):
        char = line[at]
        if escape and escape != quote and char == escape:
            at += 2
            continue
        if char == quote:
            run = at
            while run < len(line) and line[run] == quote:
                run += 1
            if (run == len(line) or line.startswith(delimiter, run)) and (run - at) % 2:
                return run - 1
            if paired is None and (run == len(line) or line.startswith(delimiter, run)):
                paired = run - 1
            at = run
            continue
        at += 1
    return paired


def _plain_end(line: str, at: int, delimiter: str, escape: str | None) -> int:
    while True:
        end = line.find(delimiter, at)
        if end < 0:
            return len(line)
        if not escape or end == 0 or line[end - 1] != escape:
            return end
        at = end + 1


def _unquote_cell(text: str, quote: str, escape: str | None) -> str:
    text = text.replace(quote * 2, quote)
    return _unescape_text(text, escape) if escape and escape != quote else text


def _unescape_text(text: str, escape: str) -> str:
    if escape not in text:
        return text
    found: Sequence[str] = text.split(escape)
    parts = [found[0]]
    skip = False
    for part in found[1:]:
        if skip:
            parts.append(part)
            skip = False
        elif part:
            parts.append(part)
        else:
            parts.append(escape)
            skip = True
    return "".join(parts)
