"""Finds the header row by the column names a mapping wants and keeps what is above it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.tables.text_table import Batch, CannotRead, Notice, TextTable, Wanted

SCANNED_ROWS = 50
Row = tuple[int, Sequence[str]]

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_BLANKS = re.compile(r"[\s_\-\u2010-\u2015]+")
_EDGES = " :*."
_ENAIO = re.compile(r"(?P<type>.+?)_(?:usr|sys)_(?P<name>.+)")

_ABOVE = (
    "Zeile {row} steht über der Kopfzeile und sieht wie eine Datenzeile aus; sie wurde nicht "
    "übernommen. Gehört sie nicht zu den Daten, in der Zuordnung header_row angeben."
)


@dataclass(frozen=True)
class Header:
    """The columns of a table: row and texts of the header, names in its batches, key columns.

    ``raw`` is the cell text as delivered, ``shown`` the same for people, ``names`` the mapping's
    names (the delivered text for ``unknown`` columns). ``key`` holds indices. ``wanted`` is the
    table that a mapping expects, None for a header that was guessed. ``data_above`` holds the
    places of rows above it that look like data.
    """

    row: int
    raw: tuple[str, ...]
    shown: tuple[str, ...]
    names: tuple[str, ...]
    unknown: tuple[str, ...]
    key: tuple[int, ...]
    preamble: Mapping[str, str]
    wanted: Wanted | None = None
    data_above: tuple[int, ...] = ()

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
        """Creates the table that has this header."""
        if self.data_above:
            row = self.data_above[0]
            notices.append(Notice("beside_table", _ABOVE.format(row=row), row=row))
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


def filled_cells(cells: Iterable[str]) -> list[str]:
    """The cells that are not blank, without surrounding blanks."""
    return [text for cell in cells if (text := cell.strip())]


def find_header(rows: Sequence[Row], wanted: Wanted, *, title: str) -> tuple[int, Header]:
    """The header among the first rows and its index: the row that has most of the wanted names.

    A row above it with all required names and most of its names goes before: a block further down
    may have a column more. Raises CannotRead: ``column_missing``, ``duplicate_header``.
    """
    found = _find_names(rows, wanted)
    most = max(map(len, found), default=0)
    if not most:
        expected = [c for c in wanted.columns if c in wanted.required] or list(wanted.columns)
        raise _missing_error(wanted, expected, (), title)
    best = next(
        index
        for index, names in enumerate(found)
        if len(names) == most or (len(names) * 2 > most and wanted.required <= names)
    )
    row, cells = rows[best]
    return best, header_at(cells, row, wanted, title=title, above=rows[:best])


def names_found(rows: Sequence[Row], wanted: Wanted) -> int:
    """How many of the wanted columns the best of these rows names."""
    return max(map(len, _find_names(rows, wanted)), default=0)


def header_at(
    cells: Sequence[str], row: int, wanted: Wanted, *, title: str, above: Sequence[Row] = ()
) -> Header:
    """The header that these cells make for a mapping.

    Raises CannotRead: ``column_missing``, ``duplicate_header``.
    """
    cells = strip_prefixes(cells, wanted)
    shown = _header_texts(cells)
    names, unknown = _match_columns(cells, shown, spellings_of(wanted), row, title)
    missing = [c for c in wanted.columns if c in wanted.required and c not in names]
    if missing:
        quotable = shown if _surely_header(shown, names, unknown) else ()
        raise _missing_error(wanted, missing, quotable, title)
    key = tuple(names.index(k) for k in wanted.key if k in names)
    preamble = read_preamble(above)
    return Header(row, tuple(cells), shown, tuple(names), tuple(unknown), key, preamble, wanted)


def _match_columns(
    cells: Sequence[str], shown: Sequence[str], spellings: Mapping[str, str], row: int, title: str
) -> tuple[list[str], list[str]]:
    """The name of each column and the texts of unknown ones; raises CannotRead if one repeats."""
    names: list[str] = []
    unknown: list[str] = []
    seen: Counter[str] = Counter()
    for text, cell in zip(shown, cells, strict=True):
        form = normalize_name(cell) or normalize_name(text)
        seen[form] += 1
        if seen[form] > 1:
            form = f"{form}#{seen[form]}"
        name = spellings.get(form)
        # An unknown repetition is an error, too; a mapping can name it with "#2".
        if name in names or (name is None and "#" in form and seen[form.split("#")[0]] > 1):
            raise _duplicate_error(text, row, title)
        if name is None:
            unknown.append(text)
        names.append(text if name is None else name)
    return names, unknown


def strip_prefixes(cells: Sequence[str], wanted: Wanted) -> Sequence[str]:
    """Replaces header texts of enaio's linear export by the mapping's own names.

    They look like "Person_usr_Staatsangeh_rigkeit": object type, field, and "_" for every character
    that is no plain letter or digit. Columns of the wanted object type take precedence.
    """
    parts = [_ENAIO.fullmatch(cell) for cell in cells]
    if not any(parts):
        return cells
    known = {_underscore_name(text): text for _, text in _name_pairs(wanted)}
    own_type = _underscore_name(wanted.table or "")
    own_names = {m["name"].casefold() for m in parts if m and m["type"].casefold() == own_type}
    return [
        _field_name(match, known, own_type, own_names) if match else cell
        for cell, match in zip(cells, parts, strict=True)
    ]


def _field_name(
    match: re.Match[str], known: Mapping[str, str], own_type: str, own_names: Collection[str]
) -> str:
    """The mapping's name of a field; the text as delivered if unknown or of another type."""
    name = match["name"].casefold()
    if name in own_names and match["type"].casefold() != own_type:
        return match[0]
    return known.get(name, match[0])


def _underscore_name(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "_", unicodedata.normalize("NFC", text)).casefold()


def stated_row(rows: Sequence[Row], number: int, title: str) -> int:
    """Index of the row at a stated place; raises CannotRead ``header_row_missing``."""
    places = [place for place, _ in rows]
    if number in places:
        return places.index(number)
    raise CannotRead(
        "header_row_missing",
        f"In „{title}“ beginnt in Zeile {number} keine Kopfzeile. "
        "Bitte die Angabe header_row prüfen.",
        row=number,
    )


def read_preamble(rows: Sequence[Row]) -> dict[str, str]:
    """The rows above a header as {label: value}.

    Label and value are in two cells or, with a colon, in one; a title alone has no value. Nor has a
    label that stands there with two values.
    """
    found: dict[str, str] = {}
    for _, cells in rows:
        if filled := filled_cells(cells):
            label, value = _split_label(filled)
            name, value = clean_header(label).rstrip(_EDGES), value.strip()
            if normalize_name(found.setdefault(name, value)) != normalize_name(value):
                found[name] = ""
    return found


def _split_label(filled: Sequence[str]) -> tuple[str, str]:
    if len(filled) > 1:
        return filled[0], " ".join(filled[1:])
    label, _, value = filled[0].partition(":")
    return label, value


def _find_names(rows: Sequence[Row], wanted: Wanted) -> list[set[str]]:
    """The wanted columns that each of the first rows names."""
    names = spellings_of(wanted)
    found = (map(normalize_name, strip_prefixes(c, wanted)) for _, c in rows[:SCANNED_ROWS])
    return [{names[form] for form in forms if form in names} for forms in found]


def spellings_of(wanted: Wanted) -> dict[str, str]:
    """The mapping's name of each column by every spelling of it, in comparable form."""
    found: dict[str, str] = {}
    for name, text in _name_pairs(wanted):
        found.setdefault(normalize_name(text), name)
    return found


def _name_pairs(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """The mapping's name of each column with each text that may stand for it."""
    for name, texts in wanted.columns.items():
        for text in (name, *texts):
            yield name, text


def _header_texts(cells: Sequence[str]) -> tuple[str, ...]:
    """Header texts for people; a column without one is named by its number."""
    return tuple(clean_header(cell) or f"Spalte {number}" for number, cell in enumerate(cells, 1))


def _surely_header(shown: Sequence[str], names: Sequence[str], unknown: Sequence[str]) -> bool:
    """Whether these texts may be named in a message: a row of data must never be quoted."""
    matched = len(names) - len(unknown)
    return matched >= 3 or matched * 2 >= len(shown)


def _missing_error(
    wanted: Wanted, missing: Sequence[str], shown: Sequence[str], title: str
) -> CannotRead:
    names = _quote_names(missing)
    if not shown:
        text = (
            f"In „{title}“ wurde keine Kopfzeile gefunden. Erwartet werden die Spalten {names}. "
            "Bitte mit Spaltenüberschriften exportieren oder die Zuordnung anpassen."
        )
    else:
        text = (
            f"In „{title}“ fehlen die Spalten {names}. Gefunden wurden: {_quote_names(shown)}. "
            "Bitte den Export oder die Zuordnung anpassen."
        )
    column = missing[0] if missing else None
    return CannotRead("column_missing", text, table=wanted.name, column=column)


def _quote_names(names: Iterable[str]) -> str:
    return ", ".join(f"„{name}“" for name in names)


def _duplicate_error(text: str, row: int, title: str) -> CannotRead:
    return CannotRead(
        "duplicate_header",
        f"In „{title}“ steht die Spalte „{text}“ doppelt in der Kopfzeile. "
        "Bitte eine davon umbenennen oder in der Zuordnung mit „#2“ als zweite benennen.",
        row=row,
        column=text,
    )
