"""Guesses delimiter, quote and escape of a text table for profiling; mappings state theirs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from connectors.readers.csv.cell_limit import next_record
from connectors.readers.csv.strict_parser import STAND_IN

# Each possible delimiter with how likely it is one.
_WEIGHTS = {
    ";": 1.0,
    ",": 0.99,
    "\t": 1.0,
    "|": 1.0,
    ":": 0.75,
    "^": 0.95,
    "~": 0.95,
    "¦": 0.95,
    "§": 0.95,
    "#": 0.6,
    "!": 0.6,
    "/": 0.4,
    "-": 0.35,
    " ": 0.6,
    ", ": 0.99,
    "; ": 0.99,
    "||": 1.0,
    "\t\t": 1.0,
}
_SAMPLE_CHARS = 24_000
_SAMPLE_ROWS = 120
_CELL_CHARS = 1_000_000

_NUMBER = r"[-+]?(?:\d+|\d{1,3}(?:[.,' ]\d{3})+)(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s?[%€$£]?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_DATE = rf"\d{{1,4}}[-./]\d{{1,2}}[-./]\d{{1,4}}\.?(?:[T ]{_TIME}(?:Z|[-+]\d{{2}}:?\d{{2}})?)?"
_TYPED = re.compile(
    rf"(?:{_NUMBER}|{_DATE}|{_TIME}|[€$£]\s?{_NUMBER}|[\w.+-]+@[\w-]+\.[\w.]+|"
    r"(?:https?|ftp)://\S+|www\.\S+|true|false|n/?a|-|null)",
    re.I,
)
_WORDS = re.compile(
    r"[^\W_](?:[\w .,'’()/&+*?!%=§#@:\"„“<>°\[\]{}$€-]*[\w.)!?%*:\"“>\]}$€])?|"
    r"\([\w .,-]+\)|[\w-]+",
    re.UNICODE,
)


@dataclass(frozen=True)
class GuessedDialect:
    """How a file seems to be written; ``score`` is 0 where nothing supports the guess."""

    delimiter: str
    quote: str | None
    escape: str | None
    score: float


def guess_dialect(
    text: str, delimiter: str | None = None, quote: str | None = None, escape: str | None = None
) -> GuessedDialect:
    """The dialect with the most regular first rows and the most plausible cells.

    What is stated is kept; ``quote`` "" states that there is none, None that it is unknown.
    """
    text = _take_sample(text)
    best = GuessedDialect(delimiter or ";", quote if quote is not None else '"', escape, 0.0)
    for one, mark, escaped in _possible_dialects(text, delimiter, quote, escape):
        score = _score_dialect(text, one, mark, escaped)
        if score > best.score * 1.000001:
            best = GuessedDialect(one, mark or None, escaped, score)
    return best


def _possible_dialects(
    text: str, delimiter: str | None, quote: str | None, escape: str | None
) -> Iterator[tuple[str, str, str | None]]:
    for one in (delimiter,) if delimiter else _possible_delimiters(text):
        for mark in (quote,) if quote is not None else _possible_quotes(text, one):
            for escaped in (escape,) if escape is not None else _possible_escapes(text, one, mark):
                yield one, mark, escaped


def _possible_delimiters(text: str) -> list[str]:
    return [d for d in _WEIGHTS if d in text and not _always_doubled(text, d)]


def _take_sample(text: str) -> str:
    """The first lines, the last one complete."""
    if len(text) <= _SAMPLE_CHARS:
        return text
    cut = max(text.rfind(end, 0, _SAMPLE_CHARS) for end in "\r\n") + 1
    return text[: cut if cut > 1 else _SAMPLE_CHARS]


def _possible_quotes(text: str, delimiter: str) -> Iterator[str]:
    """No quote, and those that begin or end a cell."""
    edge = rf"[\r\n{re.escape(delimiter)}]"
    yield ""
    for mark in ('"', "'"):
        if mark in text and re.search(rf"(?:^|{edge}) ?{mark}|{mark}(?:$|{edge})", text):
            yield mark


def _possible_escapes(text: str, delimiter: str, quote: str) -> Iterator[str | None]:
    """No escape, and a backslash if it precedes a delimiter or quote."""
    yield None
    if "\\" + delimiter in text or (quote and "\\" + quote in text):
        yield "\\"


def _score_dialect(text: str, delimiter: str, quote: str, escape: str | None) -> float:
    rows, broken = _read_rows(text, delimiter, quote, escape)
    even = _score_widths(rows)
    if not even or (quote and quote not in text):
        return 0.0
    cells = Counter(chain.from_iterable(rows))
    known = sum(_cell_score(cell) * count for cell, count in cells.items()) / cells.total()
    if not quote:
        # Quotes at both ends of a cell make it unlikely that quotes have no meaning.
        quoted = sum(count for cell, count in cells.items() if _looks_quoted(cell))
        known *= 1 - 0.9 * quoted / cells.total()
    weight = _weigh_delimiter(text, delimiter)
    return even * max(known, 0.02) * weight * (1 - broken / (len(rows) + broken)) ** 2


def _weigh_delimiter(text: str, delimiter: str) -> float:
    weight = _WEIGHTS.get(delimiter, 0.5)
    if delimiter in ",:-/":
        between_digits = len(re.findall(rf"\d{delimiter}(?=\d)", text))
        if between_digits >= text.count(delimiter) * 0.9:
            return weight * 0.6  # as in decimals, times and dates
    return weight


def _read_rows(
    text: str, delimiter: str, quote: str, escape: str | None
) -> tuple[list[list[str]], int]:
    """The filled rows read with this dialect and the number of broken ones."""
    reader = _csv_reader(text, delimiter, quote, escape)
    rows: list[list[str]] = []
    broken = 0
    while len(rows) + broken < _SAMPLE_ROWS:
        try:
            row = next_record(reader, _CELL_CHARS)
        except StopIteration:
            break
        except csv.Error:
            broken += 1
            continue
        if any(row):
            rows.append(row)
    return rows, broken


def _csv_reader(text: str, delimiter: str, quote: str, escape: str | None) -> Iterator[list[str]]:
    if len(delimiter) > 1:
        text, delimiter = text.replace(delimiter, STAND_IN), STAND_IN
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=escape,
        strict=True,
        skipinitialspace=False,
    )


def _score_widths(rows: Sequence[Sequence[str]]) -> float:
    """High if nearly all rows have the same number of cells, and more than one; else 0."""
    widths = Counter(map(len, rows))
    total = len(rows)
    wide = {w: n for w, n in widths.items() if w > 1}
    if not wide:
        return 0.0
    usual, count = max(wide.items(), key=lambda item: (item[1] * (item[0] - 1) ** 0.25, item[0]))
    share: float = (count / total) ** 1.5
    pattern = sum(n * (w - 1) / w for w, n in wide.items()) / total
    regular = share * (0.6 + 0.4 * (usual - 1) / usual) * (0.5 + 0.5 * pattern)
    score: float = regular / len(widths) ** 0.35 * (1.0 if total > 1 else 0.8)
    return score


@lru_cache(maxsize=50_000)
def _cell_score(cell: str) -> float:
    text = cell.strip()
    if not text:
        return 0.85 if not cell else 0.6
    if _TYPED.fullmatch(text):
        value = 1.0
    elif len(text) < 300 and _WORDS.fullmatch(text):
        value = 0.9
    else:
        value = 0.45
    others = text.count(";") + text.count("\t") + text.count("|")
    if others:
        value *= 0.5 if others < 3 else 0.25
    if text.count('"') > 1:
        value *= 0.75
    if text.count(",") > 2:
        value *= 0.7
    if cell[0] in " " or cell[-1] in " ":
        value *= 0.93
    return value


def _looks_quoted(cell: str) -> bool:
    """Whether a cell has single quotes at both ends or a double quote at one."""
    text = cell.strip()
    ends = {text[:1], text[-1:]}
    return len(text) > 1 and ('"' in ends or ends == {"'"})


def _always_doubled(text: str, delimiter: str) -> bool:
    """Whether a character occurs only in pairs, as in a delimiter of two characters."""
    count, pair = text.count(delimiter), delimiter * 2
    return pair in _WEIGHTS and count > 5 and text.count(pair) * 2 >= count * 0.97
