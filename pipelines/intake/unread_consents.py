"""Finds what may hold consents or withdrawals and is not read: files, sheets, columns and rows.

Only of sources that have consents. What is found makes the persons doubtful whom it may be about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.rows.header import normalize_name
from connectors.tables.text_table import Batch, TextTable, UnreadPart
from mappings.compile import may_hold_consents
from mappings.consent_terms import load_consent_terms
from mappings.engine.findings import RejectedConsent
from mappings.source_mapping import SourceMapping
from mappings.source_yaml import TablePart
from pipelines.intake.reader_options import ReaderOptions
from pipelines.intake.unknown_files import is_archive, list_headers

# What the readers call a column without a header.
_NAMELESS = re.compile(r"Spalte \d+")
_ANYBODY = RejectedConsent(None, ())
_BESIDE = "beside_table"
Cells = dict[str, pa.StringArray]


class ConsentWatch:
    """Knows by name what may hold consents of a source; nothing where the mapping reads none."""

    def __init__(self, mapping: SourceMapping) -> None:
        self._parts = mapping.file.tables
        self._ignored = [pattern.casefold() for pattern in mapping.file.ignore]
        self._holding = {name: p for name, p in self._parts.items() if may_hold_consents(p)}
        self._withdrawing = set(_list_withdrawing(self._holding.values()))
        self._titles = [normalize_name(p.table) for p in self._holding.values() if p.table]

    def watches_file(self, name: str, path: Path, opening: ReaderOptions) -> bool:
        """Whether a file that no table wants may hold consents, by its name or its columns."""
        if not self._holding or self.ignores(name):
            return False
        if is_archive(name) or self._may_hold(name):
            return True
        headers = list_headers(name, path, opening)
        return any(self._may_hold(h) or normalize_name(h) in self._withdrawing for h in headers)

    def select_titles(self, beside: Iterable[UnreadPart]) -> list[str]:
        """The sheets and lists of objects among these that may hold consents."""
        found = [
            part.title
            for part in beside
            if part.fits in self._holding
            or self._may_hold(part.title)
            or any(title in normalize_name(part.title) for title in self._titles)
        ]
        return [title for title in dict.fromkeys(found) if not self.ignores(title)]

    def watch_table(self, table: TextTable) -> WatchedTable:
        """The table with the columns that may hold consents and are not read."""
        part = self._parts[table.name]
        unread = [c for c in table.unknown if c not in part.ignore and self._is_watched(c, part)]
        person = _find_person_column(part)
        speaking = self._list_speaking(part, table.unknown)
        return WatchedTable(table, tuple(unread), person, table.name in self._holding, speaking)

    def _list_speaking(self, part: TablePart, unknown: Sequence[str]) -> tuple[str, ...]:
        """The columns of which a cell may say that something was withdrawn.

        What stands where the mapping looks for it is judged with its row.
        """
        if not self._holding or not (may_hold_consents(part) or "person" in part.feeds):
            return ()
        columns = (*unknown, *_list_mapped(part))
        read = {*part.ignore, *_list_revoked(part)}
        return tuple(name for name in dict.fromkeys(columns) if name not in read)

    def _is_watched(self, column: str, part: TablePart) -> bool:
        if not self._holding:
            return False
        if load_consent_terms().may_name_consents(column):
            return True
        # The value of a nested field lies beside the field that should have it.
        outer = normalize_name(column.partition(".")[0]) if "." in column else None
        known = {normalize_name(name) for name in _list_spellings(part)}
        return may_hold_consents(part) and (
            _NAMELESS.fullmatch(column) is not None or outer in known
        )

    def _may_hold(self, name: str) -> bool:
        if not self._holding or self.ignores(name):
            return False
        return load_consent_terms().may_name_consents(name)

    def ignores(self, name: str) -> bool:
        """Whether the mapping says that a file, sheet or object type is left out on purpose."""
        return any(fnmatchcase(name.casefold(), pattern) for pattern in self._ignored)


def _list_withdrawing(parts: Iterable[TablePart]) -> Iterator[str]:
    """The columns that say when a consent was withdrawn, as names are compared."""
    for part in parts:
        for column in _list_revoked(part):
            yield from map(normalize_name, (column, *part.also.get(column, ())))


def _list_revoked(part: TablePart) -> Iterator[str]:
    """The column of a table that says when a consent was withdrawn, if it has one."""
    spec = part.feeds["consent"].fields.get("revoked_on") if "consent" in part.feeds else None
    if spec and spec.column:
        yield spec.column


def _find_person_column(part: TablePart) -> str:
    """The column with the key of the person a row is about."""
    fed = part.feeds.get("consent")
    spec = fed.fields.get("person_key") if fed else None
    return spec.column if spec and spec.column else part.key[0]


def _list_spellings(part: TablePart) -> Iterator[str]:
    for name in _list_mapped(part):
        yield from (name, *part.also.get(name, ()))


def _list_mapped(part: TablePart) -> Iterator[str]:
    feeds = part.feeds.values()
    fields = (spec.column for entity in feeds for spec in entity.fields.values())
    each = (name for e in feeds if e.each for name in e.each.read_columns)
    yield from filter(None, (*fields, *each))


@dataclass
class WatchedTable:
    """A table while it is read; collects the rows of which something may be unread.

    ``unread``: columns that no mapping reads; ``person``: the column with the person's key;
    ``holds_consents``: whether its rows are consents; ``speaking``: columns of which a cell may say
    that something was withdrawn.
    """

    table: TextTable
    unread: tuple[str, ...]
    person: str
    holds_consents: bool
    speaking: tuple[str, ...] = ()
    _doubts: dict[str, list[RejectedConsent]] = field(default_factory=dict)

    def read_batches(self) -> Iterator[Batch]:
        """The batches of the table, unchanged."""
        for batch in self.table.batches:
            self._watch_batch(batch)
            yield batch

    def find_doubts(self) -> list[RejectedConsent]:
        """The doubtful rows; one of anybody where it is not known which rows they are."""
        doubts = [doubt for found in self._doubts.values() for doubt in found]
        return [*doubts, _ANYBODY] if self._has_unplaced() else doubts

    def list_unread(self) -> list[str]:
        """What was not read, in German."""
        found = list(self._doubts)
        return [*found, "Angaben neben der Tabelle"] if self._has_unplaced() else found

    def _has_unplaced(self) -> bool:
        if not self.holds_consents:
            return False
        return any(notice.rule == _BESIDE for notice in self.table.notices)

    def _watch_batch(self, batch: Batch) -> None:
        cells = dict(zip(batch.cells.schema.names, batch.cells.columns, strict=True))
        for name in self.unread:
            shown = self.table.inside.get(name, name)
            self._note_doubts(f"die Spalte „{shown}“", _list_filled(cells, name, self.person))
        for name in self.speaking:
            shown = self.table.inside.get(name, name)
            self._note_doubts(
                f"„{shown}“ mit einem Widerruf", _list_saying(cells, name, self.person)
            )
        if self.holds_consents and self._has_swallowed(cells):
            self._note_doubts("Zeilen in einer Zelle", [_ANYBODY])

    def _note_doubts(self, what: str, doubts: Sequence[RejectedConsent]) -> None:
        if doubts:
            self._doubts.setdefault(what, []).extend(doubts)

    def _has_swallowed(self, cells: Cells) -> bool:
        """Whether a cell holds further rows: a quote was opened in one and closed in another.

        It is known by a line break and as many delimiters as a row has.
        """
        delimiter, least = self.table.written.get("delimiter"), len(self.table.header) - 1
        if not delimiter or not least:
            return False
        return any(
            text.count(delimiter) >= least
            for column in cells.values()
            for text in column.filter(pc.match_substring_regex(column, "[\r\n]")).to_pylist()
        )


def _list_filled(cells: Cells, name: str, person: str) -> list[RejectedConsent]:
    """The rows in which a column is filled; anybody's where its cells are not at hand."""
    if name not in cells or person not in cells:
        return [_ANYBODY]
    lengths = pc.utf8_length(pc.utf8_trim_whitespace(cells[name]))
    return _take_rows(cells, pc.indices_nonzero(lengths), person)


def _list_saying(cells: Cells, name: str, person: str) -> list[RejectedConsent]:
    """The rows in which a cell of a column says that something was withdrawn."""
    if name not in cells or person not in cells:
        return []
    terms = load_consent_terms()
    rows = pc.indices_nonzero(
        pc.match_substring_regex(cells[name], terms.words.hint, ignore_case=True)
    )
    saying = [terms.says_withdrawn(text) for text in cells[name].take(rows).to_pylist()]
    return _take_rows(cells, rows.filter(pa.array(saying, pa.bool_())), person)


def _take_rows(cells: Cells, rows: pa.UInt64Array, person: str) -> list[RejectedConsent]:
    texts = zip(*(column.take(rows).to_pylist() for column in cells.values()), strict=True)
    keys = cells[person].take(rows).to_pylist()
    return [RejectedConsent(key, row) for key, row in zip(keys, texts, strict=True)]
