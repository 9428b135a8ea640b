"""Find the header row by the names a mapping wants; keep what stands above it. No file formats, no data rows here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.tables.text_table import Batch, CannotRead, Notice, TextTable, Wanted

SCANNED_ROWS = 50
Row = tuple[int, Sequence[str]]

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_BLANKS = re.compile(r"[\s_\-\u2010-\u2015]+")
_EDGES = " :*."
_ENAIO = re.compile(r"(?P<type>.+?)_(?:usr|sys)_(?P<name>.+)")


@dataclass(frozen=True)
class Header:
    """Where a table's columns are: place and texts of the header row, the names its batches carry, and its key columns.

    ``raw`` is the cell text as delivered, ``shown`` the same for people, ``names`` what the mapping calls it.
    """

    row: int
    raw: tuple[str, ...]
    shown: tuple[str, ...]
    names: tuple[str, ...]
    unknown: tuple[str, ...]
    key: tuple[int, ...]
    preamble: Mapping[str, str]

    def make_table(
        self,
        *,
        file: str,
        name: str,
        title: str,
        batches: Iterator[Batch],
        notices: list[Notice],
        sheet: str | None = None,
        written: Mapping[str, str | None] | None = None,
    ) -> TextTable:
        """The table that has this header."""
        return TextTable(
            file=file,
            name=name,
            sheet=sheet,
            header=self.shown,
            unknown=self.unknown,
            preamble=self.preamble,
            batches=batches,
            notices=notices,
            title=title,
            raw=self.raw,
            written=written or {},
        )


def clean_header(text: str) -> str:
    """A header text for people: NFC, invisible characters dropped, blanks collapsed."""
    text = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())


def normalize_name(text: str) -> str:
    """The form in which names are compared: "Gespräch-ID *" and "gespraech_id" are one name."""
    text = unicodedata.normalize("NFC", clean_header(text).casefold()).translate(_UMLAUTS)
    return _BLANKS.sub(" ", text).strip(_EDGES)


def find_header(rows: Sequence[Row], wanted: Wanted, *, title: str) -> tuple[int, Header]:
    """The header among the first rows and its index there: the row that carries most of the wanted names.

    Raises CannotRead: ``column_missing``, ``duplicate_header``.
    """
    scores = _score_rows(rows, wanted)
    if not any(scores):
        raise _missing_error(
            wanted,
            [c for c in wanted.columns if c in wanted.required] or list(wanted.columns),
            (),
            title,
        )
    best = scores.index(max(scores))
    row, cells = rows[best]
    return best, header_at(cells, row, wanted, title=title, above=rows[:best])


def names_found(rows: Sequence[Row], wanted: Wanted) -> int:
    """How many of the wanted columns the best of these rows names."""
    return max(_score_rows(rows, wanted), default=0)


def header_at(
    cells: Sequence[str], row: int, wanted: Wanted, *, title: str, above: Sequence[Row] = ()
) -> Header:
    """The header whose texts are given; raises CannotRead ``column_missing`` or ``duplicate_header``."""
    spellings = spellings_of(wanted)
    cells = strip_prefixes(cells, wanted)
    shown = _header_texts(cells)
    names: list[str] = []
    unknown: list[str] = []
    seen: dict[str, int] = {}
    for text, cell in zip(shown, cells, strict=True):
        form = normalize_name(cell) or normalize_name(text)
        seen[form] = seen.get(form, 0) + 1
        if seen[form] > 1:
            form = f"{form}#{seen[form]}"
        name = spellings.get(form)
        if name in names or (name is None and "#" in form and seen.get(form.split("#")[0], 0) > 1):
            raise _duplicate_error(text, row, title)
        if name is None:
            unknown.append(text)
        names.append(name if name is not None else text)
    missing = [c for c in wanted.columns if c in wanted.required and c not in names]
    if missing:
        raise _missing_error(
            wanted, missing, shown if _surely_header(shown, names, unknown) else (), title
        )
    key = tuple(names.index(k) for k in wanted.key if k in names)
    return Header(row, tuple(cells), shown, tuple(names), tuple(unknown), key, read_preamble(above))


def strip_prefixes(cells: Sequence[str], wanted: Wanted) -> Sequence[str]:
    """Header texts in which those of enaio's linear export ("Person_usr_Staatsangeh_rigkeit") are the mapping's own names.

    Every character of a name that is no plain letter or digit stands there as "_". Columns of the wanted object type go
    before those of others.
    """
    parts = [_ENAIO.fullmatch(cell) for cell in cells]
    if not any(parts):
        return cells
    known = {
        _underscore_name(text): text
        for texts in wanted.columns.items()
        for text in (texts[0], *texts[1])
    }
    own = _underscore_name(wanted.table or "")
    taken = {m["name"].casefold() for m in parts if m and m["type"].casefold() == own}
    found = []
    for cell, match in zip(cells, parts, strict=True):
        name = match["name"].casefold() if match else ""
        is_mine = match is not None and (match["type"].casefold() == own or name not in taken)
        found.append(known.get(name, cell) if is_mine else cell)
    return found


def _underscore_name(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "_", unicodedata.normalize("NFC", text)).casefold()


def stated_row(rows: Sequence[Row], number: int, title: str) -> int:
    """Index of the row that stands at a stated place; raises CannotRead ``header_row_missing``."""
    for index, (place, _) in enumerate(rows):
        if place == number:
            return index
    message = f"In „{title}“ beginnt in Zeile {number} keine Kopfzeile. Bitte die Angabe header_row prüfen."
    raise CannotRead("header_row_missing", message, row=number)


def read_preamble(rows: Sequence[Row]) -> dict[str, str]:
    """What stands above a header, as {label: value}: label and value in two cells or one, or a title alone."""
    found: dict[str, str] = {}
    for _, cells in rows:
        filled = [c.strip() for c in cells if c.strip()]
        if not filled:
            continue
        label, value = filled[0], " ".join(filled[1:])
        if not value and ":" in label:
            label, _, value = label.partition(":")
        found.setdefault(clean_header(label).rstrip(_EDGES), value.strip())
    return found


def _score_rows(rows: Sequence[Row], wanted: Wanted) -> list[int]:
    names = spellings_of(wanted)
    return [
        len({names[p] for c in strip_prefixes(cells, wanted) if (p := normalize_name(c)) in names})
        for _, cells in rows[:SCANNED_ROWS]
    ]


def spellings_of(wanted: Wanted) -> dict[str, str]:
    """The mapping's name of each column by every spelling of it, in comparable form."""
    found: dict[str, str] = {}
    for name, texts in wanted.columns.items():
        for text in (name, *texts):
            found.setdefault(normalize_name(text), name)
    return found


def _header_texts(cells: Sequence[str]) -> tuple[str, ...]:
    """Header texts for people; a column without one is called by its number."""
    return tuple(clean_header(cell) or f"Spalte {number}" for number, cell in enumerate(cells, 1))


def _surely_header(shown: Sequence[str], names: Sequence[str], unknown: Sequence[str]) -> bool:
    """Whether these texts may be named in a message: a row of data must never be quoted."""
    matched = len(names) - len(unknown)
    return matched >= 3 or matched * 2 >= len(shown)


def _missing_error(
    wanted: Wanted, missing: Sequence[str], shown: Sequence[str], title: str
) -> CannotRead:
    names = ", ".join(f"„{m}“" for m in missing)
    if not shown:
        text = (
            f"In „{title}“ wurde keine Kopfzeile gefunden. Erwartet werden die Spalten {names}. "
            "Bitte mit Spaltenüberschriften exportieren oder die Zuordnung anpassen."
        )
    else:
        text = (
            f"In „{title}“ fehlen die Spalten {names}. Gefunden wurden: {', '.join(f'„{s}“' for s in shown)}. "
            "Bitte den Export oder die Zuordnung anpassen."
        )
    return CannotRead(
        "column_missing", text, table=wanted.name, column=missing[0] if missing else None
    )


def _duplicate_error(text: str, row: int, title: str) -> CannotRead:
    return CannotRead(
        "duplicate_header",
        f"In „{title}“ steht die Spalte „{text}“ doppelt in der Kopfzeile. Bitte eine davon umbenennen "
        "oder in der Zuordnung mit „#2“ als zweite benennen.",
        row=row,
        column=text,
    )
