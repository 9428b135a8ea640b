"""Find out how a text table is written when nobody says: delimiter, quote, escape. For looking only; mappings state theirs."""

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

DELIMITERS = (
    ";",
    ",",
    "\t",
    "|",
    ":",
    "^",
    "~",
    "¦",
    "§",
    "#",
    "!",
    "/",
    "-",
    " ",
    ", ",
    "; ",
    "||",
    "\t\t",
)
_RARE = {
    ":": 0.75,
    " ": 0.6,
    "^": 0.95,
    "~": 0.95,
    "¦": 0.95,
    "§": 0.95,
    "#": 0.6,
    "!": 0.6,
    "/": 0.4,
    "-": 0.35,
}
_WEIGHT = {";": 1.0, ",": 0.99, "\t": 1.0, "|": 1.0, ", ": 0.99, "; ": 0.99, "||": 1.0, "\t\t": 1.0}
_MARKS = "\"'"
_SAMPLE_CHARS = 24_000
_SAMPLE_ROWS = 120
_CELL_CHARS = 1_000_000

_NUMBER = r"[-+]?(?:\d+|\d{1,3}(?:[.,' ]\d{3})+)(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s?[%€$£]?"
_DATE = r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\.?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_TYPED = re.compile(
    rf"(?:{_NUMBER}|{_DATE}|{_TIME}|[€$£]\s?{_NUMBER}|[\w.+-]+@[\w-]+\.[\w.]+|(?:https?|ftp)://\S+|www\.\S+|true|false|n/?a|-|null)",
    re.I,
)
_WORDS = re.compile(
    r"[^\W_](?:[\w .,'’()/&+*?!%=§#@:\"„“<>°\[\]{}$€-]*[\w.)!?%*:\"“>\]}$€])?|\([\w .,-]+\)|[\w-]+",
    re.UNICODE,
)


@dataclass(frozen=True)
class GuessedDialect:
    """How a file seems to be written; ``score`` is 0 where nothing at all speaks for it."""

    delimiter: str
    quote: str | None
    escape: str | None
    score: float


def guess_dialect(
    text: str, delimiter: str | None = None, quote: str | None = None, escape: str | None = None
) -> GuessedDialect:
    """The dialect under which the first rows are most even and their cells most like values; what is stated is kept.

    ``quote`` "" states that there is none; None leaves it open.
    """
    text = _take_sample(text)
    best = GuessedDialect(delimiter or ";", quote if quote is not None else '"', escape, 0.0)
    for one in (
        (delimiter,)
        if delimiter
        else [d for d in DELIMITERS if d in text and not _always_doubled(text, d)]
    ):
        for mark in (quote,) if quote is not None else _possible_quotes(text, one):
            for escaped in (escape,) if escape is not None else _possible_escapes(text, one, mark):
                score = _score_dialect(text, one, mark, escaped)
                if score > best.score * 1.000001:
                    best = GuessedDialect(one, mark or None, escaped, score)
    return best


def _take_sample(text: str) -> str:
    """The first lines, the last one whole."""
    if len(text) <= _SAMPLE_CHARS:
        return text
    cut = max(text.rfind("\n", 0, _SAMPLE_CHARS), text.rfind("\r", 0, _SAMPLE_CHARS))
    return text[: cut + 1] if cut > 0 else text[:_SAMPLE_CHARS]


def _possible_quotes(text: str, delimiter: str) -> Iterator[str]:
    """Quotes that stand where a quoted cell begins or ends; and none."""
    yield ""
    for mark in ('"', "'"):
        if mark in text and re.search(
            rf"(?:^|[\r\n{re.escape(delimiter)}]) ?{mark}|{mark}(?:$|[\r\n{re.escape(delimiter)}])",
            text,
        ):
            yield mark


def _possible_escapes(text: str, delimiter: str, quote: str) -> Iterator[str | None]:
    """A backslash only where it stands before something that would otherwise mean something."""
    yield None
    if "\\" + delimiter in text or (quote and "\\" + quote in text):
        yield "\\"


def _score_dialect(text: str, delimiter: str, quote: str, escape: str | None) -> float:
    rows, broken, opened = _read_rows(text, delimiter, quote, escape)
    if not rows:
        return 0.0
    even = _score_widths(rows, delimiter)
    if not even:
        return 0.0
    cells = Counter(chain.from_iterable(rows))
    total = cells.total()
    known = sum(_cell_score(cell) * count for cell, count in cells.items()) / total
    weight: float = _WEIGHT.get(delimiter) or _RARE.get(delimiter, 0.5)
    if (
        delimiter in ",:-/"
        and len(re.findall(rf"\d{delimiter}(?=\d)", text)) >= text.count(delimiter) * 0.9
    ):
        weight *= 0.6  # decimals, times and dates have it too
    if not quote:
        # A quote at both ends of a cell that no dialect explains makes it unlikely that quotes mean nothing.
        known *= (
            1 - 0.9 * sum(count for cell, count in cells.items() if _looks_quoted(cell)) / total
        )
    elif not opened:
        return 0.0
    return even * max(known, 0.02) * weight * (1 - broken / (len(rows) + broken)) ** 2


def _read_rows(
    text: str, delimiter: str, quote: str, escape: str | None
) -> tuple[list[list[str]], int, int]:
    """Rows read with this dialect, the number of broken ones, and how many cells were quoted."""
    opened = text.count(quote) if quote else 0
    reader = csv.reader(
        io.StringIO(text if len(delimiter) == 1 else text.replace(delimiter, STAND_IN), newline=""),
        delimiter=delimiter if len(delimiter) == 1 else STAND_IN,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=escape,
        strict=True,
        skipinitialspace=False,
    )
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
    return rows, broken, opened


def _score_widths(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """High where nearly all rows have the same number of cells, and more than one."""
    widths = Counter(map(len, rows))
    total = len(rows)
    wide = {w: n for w, n in widths.items() if w > 1}
    if not wide:
        return 0.0
    usual, count = max(wide.items(), key=lambda item: (item[1] * (item[0] - 1) ** 0.25, item[0]))
    kinds = len(widths)
    share = count / total
    pattern = sum(n * (w - 1) / w for w, n in wide.items()) / total
    alone = 1.0 if total > 1 else 0.8
    score: float = (
        share**1.5
        * (0.6 + 0.4 * (usual - 1) / usual)
        * (0.5 + 0.5 * pattern)
        / (kinds**0.35)
        * alone
    )
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
    text = cell.strip()
    if len(text) < 2 or not (text[0] in _MARKS or text[-1] in _MARKS):
        return False
    return text[0] == text[-1] or (text[0] == '"') != (text[-1] == '"')


def _always_doubled(text: str, delimiter: str) -> bool:
    """Whether a character only comes in pairs, as a delimiter of two characters does."""
    count = text.count(delimiter)
    return (
        delimiter * 2 in DELIMITERS and count > 5 and text.count(delimiter * 2) * 2 >= count * 0.97
    )
