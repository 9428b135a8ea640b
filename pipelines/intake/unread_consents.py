"""Finds what may hold consents or withdrawals and is not read: files, sheets, columns and rows.

Also of sources whose mapping reads none, where the district hands data out: what they hold may end
what others granted. What is found makes the persons doubtful whom it may be about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.rows.header import filled_cells, normalize_name
from connectors.tables.text_table import Batch, RaggedRow, TextTable, UnreadPart
from connectors.tables.unread_watch import UnreadWatch
from mappings.compile import may_hold_consents
from mappings.consent_terms import load_consent_terms
from mappings.engine.codes import DAMAGED
from mappings.engine.findings import RejectedConsent
from mappings.engine.scalars import NO
from mappings.source_mapping import SourceMapping
from mappings.source_yaml import TablePart
from pipelines.intake.reader_options import ReaderOptions
from pipelines.intake.unknown_files import holds_watched, is_archive

# What the readers call a column without a header.
_NAMELESS = re.compile(r"Spalte \d+")
_ANYBODY = RejectedConsent(None, ())
_BESIDE = "beside_table"
Cells = dict[str, pa.StringArray]


class ConsentWatch:
    """Knows what may hold consents of a source.

    Where its mapping reads none, only what withdraws one matters, and none of it unless the
    district ``hands_out`` data.
    """

    def __init__(self, mapping: SourceMapping, *, hands_out: bool = False) -> None:
        self._parts = mapping.file.tables
        self._ignored = [pattern.casefold() for pattern in mapping.file.ignore]
        self._holding = {name: p for name, p in self._parts.items() if may_hold_consents(p)}
        self._is_on = hands_out or bool(self._holding)
        self._withdrawing = set(_list_withdrawing(self._holding.values()))
        columns = (c for p in self._parts.values() for c in (*p.key, *_list_spellings(p)))
        self._columns = set(map(normalize_name, columns))
        self._titles = [normalize_name(p.table) for p in self._holding.values() if p.table]

    def make_unread_watch(self) -> UnreadWatch | None:
        """What judges the sheets and lists of objects that are not read; None where none matters."""
        if not self._is_on:
            return None
        hint = load_consent_terms().words.hint
        return UnreadWatch(self._names_withdrawal, self._tells_withdrawal, hint)

    def watches(self, name: str) -> bool:
        """Whether a file of this name is looked into at all."""
        return self._is_on and not self.ignores(name)

    def watches_file(self, name: str, path: Path, opening: ReaderOptions) -> bool:
        """Whether a file that no table wants may hold consents, or is shut."""
        if not self.watches(name):
            return False
        if is_archive(name, path) or self._may_hold(name):
            return True
        watch = self.make_unread_watch()
        if watch is None:
            return False
        if self._holding:
            watch = replace(watch, names=lambda n: self._may_hold(n) or self._names_withdrawal(n))
        return holds_watched(name, path, opening, watch)

    def select_titles(self, beside: Iterable[UnreadPart]) -> list[str]:
        """The sheets and lists of objects among these that may hold consents."""
        found = [
            part.title
            for part in beside
            if part.is_watched
            or part.fits in self._holding
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
        is_held = table.name in self._holding
        says = self._choose_saying(is_held=is_held)
        return WatchedTable(table, tuple(unread), person, is_held, speaking, says)

    def _choose_saying(self, *, is_held: bool) -> Callable[[str], bool]:
        """What judges a cell: the less a table has to do with consents, the more it has to say."""
        terms = load_consent_terms()
        if is_held:
            return partial(terms.says_withdrawn, of_consent=True)
        return (
            terms.says_withdrawn if self._holding else lambda cell: terms.tells_withdrawal([cell])
        )

    def _list_speaking(self, part: TablePart, unknown: Sequence[str]) -> tuple[str, ...]:
        """The columns of which a cell may say that something was withdrawn.

        What stands where the mapping looks for it is judged with its row.
        """
        if not self._is_on or not (may_hold_consents(part) or "person" in part.feeds):
            return ()
        columns = (*unknown, *_list_mapped(part))
        read = {*part.ignore, *_list_revoked(part)}
        return tuple(name for name in dict.fromkeys(columns) if name not in read)

    def _is_watched(self, column: str, part: TablePart) -> bool:
        if not self._is_on:
            return False
        terms = load_consent_terms()
        if terms.names_withdrawal(column) or (self._holding and terms.may_name_consents(column)):
            return True
        # The value of a nested field lies beside the field that should have it.
        outer = normalize_name(column.partition(".")[0]) if "." in column else None
        known = {normalize_name(name) for name in _list_spellings(part)}
        return may_hold_consents(part) and (
            _NAMELESS.fullmatch(column) is not None or outer in known
        )

    def _may_hold(self, name: str) -> bool:
        if not self.watches(name):
            return False
        terms = load_consent_terms()
        return terms.may_name_consents(name) if self._holding else terms.names_consents(name)

    def _names_withdrawal(self, column: str) -> bool:
        """Whether a column of what is not read says that something was withdrawn."""
        terms = load_consent_terms()
        names = terms.names_consents if self._holding else terms.names_withdrawal
        return names(column) or normalize_name(column) in self._withdrawing

    def _tells_withdrawal(self, cells: Sequence[str]) -> bool:
        """Whether a row of what is not read does; a legend explains a column in each row."""
        filled = filled_cells(cells)
        named = [normalize_name(cell) in self._columns for cell in filled]
        is_legend = sum(named) == 1 and named[0]
        return not is_legend and load_consent_terms().tells_withdrawal(filled)

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
    if "consent" not in part.feeds and "person" in part.feeds:
        return part.key[0]
    named = (fed.fields.get("person_key") for fed in part.feeds.values())
    return next((spec.column for spec in named if spec and spec.column), part.key[0])


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
    that something was withdrawn, as ``says`` judges.
    """

    table: TextTable
    unread: tuple[str, ...]
    person: str
    holds_consents: bool
    speaking: tuple[str, ...]
    says: Callable[[str], bool]
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

    def _note_remarks(self, numbers: Sequence[int], cells: Cells) -> None:
        """Collects the rows of these numbers of which a note, or a line through them, says so."""
        if not self.table.remarks or not self.speaking or self.person not in cells:
            return
        texts = (" ".join(self.table.remarks.get(number, ())) for number in numbers)
        saying = [bool(text) and self.says(text) for text in texts]
        rows = pc.indices_nonzero(pa.array(saying, pa.bool_()))
        said = map(_without_line, _take_rows(cells, rows, self.person))
        self._note_doubts("eine Notiz oder ein Strich", list(said))

    def _note_ragged(self, ragged: Iterable[RaggedRow], columns: Sequence[str]) -> None:
        """Collects the rows of persons without columns that say that something was withdrawn."""
        if self.holds_consents or not self.speaking:
            return
        at = columns.index(self.person) if self.person in columns else len(columns)
        said = [row for row in ragged if any(map(self.says, row.cells))]
        self._note_doubts("eine Zeile mit einem Widerruf", [_doubt_row(row, at) for row in said])

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
            said = self._list_saying(cells, name)
            self._note_doubts(f"„{shown}“ mit einem Widerruf", said)
        self._note_remarks(batch.row.to_pylist(), cells)
        self._note_ragged(batch.ragged, batch.cells.schema.names)
        if self.holds_consents and self._has_swallowed(cells):
            self._note_doubts("Zeilen in einer Zelle", [_ANYBODY])

    def _list_saying(self, cells: Cells, name: str) -> list[RejectedConsent]:
        """The rows in which a cell of a column says that something was withdrawn."""
        if name not in cells or self.person not in cells:
            return []
        hint = load_consent_terms().words.hint
        hinted = pc.match_substring_regex(cells[name], hint, ignore_case=True)
        rows = pc.indices_nonzero(hinted)
        texts = cells[name].take(rows).to_pylist()
        saying = list(map(self.says, texts))
        return _take_rows(cells, rows.filter(pa.array(saying, pa.bool_())), self.person)

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
    """The rows in which a column is filled; anybody's where its cells are not at hand.

    Of a column of withdrawals, a plain no is none.
    """
    if name not in cells or person not in cells:
        return [_ANYBODY]
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(cells[name]))
    nothing = {"", *(NO if load_consent_terms().names_withdrawal(name) else ())}
    filled = pc.invert(pc.is_in(texts, pa.array(sorted(nothing))))
    return _take_rows(cells, pc.indices_nonzero(filled), person)


def _doubt_row(row: RaggedRow, person: int) -> RejectedConsent:
    """A row without columns, of the person whose key is at this place of it."""
    return RejectedConsent(next(iter(row.cells[person : person + 1]), None), tuple(row.cells))


def _without_line(doubt: RejectedConsent) -> RejectedConsent:
    """A row without the mark of texts that a web page strikes through: it names whom it named.

    With such a key it is no record: a full delivery that brings it alone has no such person.
    """
    key, *texts = (text.removeprefix(DAMAGED) for text in (doubt.person or "", *doubt.cells))
    return RejectedConsent(key, tuple(texts), is_filled=key == doubt.person)


def _take_rows(cells: Cells, rows: pa.UInt64Array, person: str) -> list[RejectedConsent]:
    texts = zip(*(column.take(rows).to_pylist() for column in cells.values()), strict=True)
    keys = cells[person].take(rows).to_pylist()
    return [RejectedConsent(key, row) for key, row in zip(keys, texts, strict=True)]
