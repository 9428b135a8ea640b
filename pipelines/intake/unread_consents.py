"""Finds what may hold consents or withdrawals and is not read: files, sheets, columns and rows.

Also of sources whose mapping reads none, where the district hands data out: what they hold may end
what others granted. So may a note of a conversation. What is found makes the persons doubtful whom
it may be about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.rows.header import filled_cells, normalize_name
from connectors.readers.spreadsheet.row_remarks import STRUCK
from connectors.tables.text_table import Batch, RaggedRow, TextTable, UnreadPart
from connectors.tables.unread_watch import UnreadWatch
from mappings.compile import may_hold_consents
from mappings.consent_terms import CellJudge, load_consent_terms
from mappings.engine.clean import clean_line
from mappings.engine.codes import DAMAGED
from mappings.engine.findings import RejectedConsent
from mappings.engine.outcome import ReadText
from mappings.engine.plan import TablePlan
from mappings.engine.scalars import NO
from mappings.source_mapping import SourceMapping
from mappings.source_yaml import EntityPart, TablePart
from pipelines.intake.named_days import UnreadableDay, find_last_named, is_added
from pipelines.intake.reader_options import ReaderOptions
from pipelines.intake.unknown_files import holds_watched, is_archive
from warehouse.gates.one_consent import EARLIEST_DAY
from warehouse.schema import ENTITIES

# What the readers call a column without a header.
_NAMELESS = re.compile(r"Spalte \d+")
# The columns of a conversation that say how far it is, not what came of it.
_OF_STATE = re.compile(r"status|stand$")
_BETWEEN_CELLS = " | "
# A cell of at most six words.
_SHORT_CELL = r"^\s*\S+(?:\s+\S+){0,5}\s*$"
_ANYBODY = RejectedConsent(None, ())
_BESIDE = "beside_table"
Cells = dict[str, pa.StringArray]
# The records that say in another table who takes part, and those that name one of these.
_RECORDS, _NAMING = ("conversation", "plan"), {"goal": ("plan", "plan_key")}


@dataclass(frozen=True)
class Subject:
    """Of whom and of which day the rows of a table are.

    ``persons``: the columns with keys of persons, each cut at ``split``. Where there are none,
    ``record``: the kind of the record whose persons are meant, and the column with its key.
    ``day``: what reads the cell of ``day_column``, or gives the day of all rows; None: rows are of
    no single day. ``is_conversation``: they are conversations, which may be of nobody.
    """

    persons: tuple[str, ...]
    split: tuple[str, ...] = ()
    record: tuple[str, str] | None = None
    day_column: str | None = None
    day: ReadText | date | None = None
    is_conversation: bool = False

    def list_columns(self) -> list[str]:
        """The columns without which nobody can tell of whom a row is."""
        return list(self.persons) or ([self.record[1]] if self.record else [])

    def cut_keys(self, cells: Iterable[str]) -> list[str]:
        """The keys in the cells of persons."""
        parts = list(cells)
        for separator in self.split:
            parts = [part for cell in parts for part in cell.split(separator)]
        return list(filter(None, map(clean_line, parts)))

    def read_day(self, cell: str, note: str, last: date) -> date | None:
        """The day of a row; None where it is not known, or cannot be by the ``last`` one.

        A note that names a later day was written on that day or after it; what was added to one
        without naming a day, up to the delivery.
        """
        day = self.day(cell).value if callable(self.day) else self.day
        if day is None or not EARLIEST_DAY <= day <= last:
            return None
        try:
            named = find_last_named(note, last)
        except UnreadableDay:
            return None
        if named is None:
            return last if is_added(note) else day
        return max(day, named)


def read_remark_day(remark: str, last: date) -> date | None:
    """The day that a remark on a person names; None: none that can be."""
    try:
        day = find_last_named(remark, last)
    except UnreadableDay:
        return None
    return day if day and day >= EARLIEST_DAY else None


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

    def watch_table(
        self, table: TextTable, plan: TablePlan | None = None, on: date = date.max
    ) -> WatchedTable:
        """The table with the columns that may hold consents and are not read.

        ``plan``: by which the days of its rows are read; ``on``: the day of the delivery.
        """
        part = self._parts[table.name]
        unread = [c for c in table.unknown if c not in part.ignore and self._is_watched(c, part)]
        unread += [c for c in _list_ticked(part) if c in table.header and self._is_on]
        speaking = self._list_speaking(part, table.unknown)
        is_held = table.name in self._holding
        is_note = not (is_held or "person" in part.feeds)
        return WatchedTable(
            table,
            tuple(unread),
            _find_note_subject(part, plan) if is_note else Subject((_find_person_column(part),)),
            on,
            is_held,
            is_note,
            speaking,
            self._choose_judge(part),
        )

    def _choose_judge(self, part: TablePart) -> CellJudge:
        """What judges a cell: the less a table has to do with consents, the more it has to say."""
        terms = load_consent_terms()
        if may_hold_consents(part) and "person" not in part.feeds:
            return terms.of_consents
        if "person" in part.feeds:
            return terms.judge_remarks(has_consents=bool(self._holding))
        return terms.of_notes

    def _list_speaking(self, part: TablePart, unknown: Sequence[str]) -> tuple[str, ...]:
        """The columns of which a cell may say that something was withdrawn.

        What stands where the mapping looks for it is judged with its row.
        """
        if not self._is_on or not part.feeds:
            return ()
        keys = () if may_hold_consents(part) else part.key
        columns = (*unknown, *keys, *_list_mapped(part))
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


def _list_ticked(part: TablePart) -> Iterator[str]:
    """The columns that a row ticks and whose own name tells that a consent was withdrawn."""
    ticked = (name for fed in part.feeds.values() if fed.each for name in fed.each.columns)
    return filter(load_consent_terms().tells_in_note, ticked)


def _find_note_subject(part: TablePart, plan: TablePlan | None) -> Subject:
    """Of whom the rows of a table are that holds neither persons nor consents.

    Of a conversation they are of its day. What lasts, as a case or a goal, may have been noted on
    any day since.
    """
    persons: dict[str, None] = {}
    split: dict[str, None] = {}
    record = None
    for name, fed in part.feeds.items():
        if fed.each and ENTITIES[name].each == ("person_key",):
            persons |= dict.fromkeys(fed.each.read_columns)
            split |= dict.fromkeys(fed.each.split)
        elif column := _find_person_key(part, name, fed):
            persons[column] = None
        else:
            record = _find_record(part, name, fed, record)
    told = "conversation" in part.feeds
    return Subject(tuple(persons), tuple(split), record, *_find_day(plan), is_conversation=told)


def _find_person_key(part: TablePart, name: str, fed: EntityPart) -> str | None:
    """The column with the person's key of an entity; None where it names none in a column."""
    spec = fed.fields.get("person_key")
    if spec and spec.column:
        return spec.column
    return _list_key(part, fed)[-1] if ENTITIES[name].owner == "person_key" else None


def _list_key(part: TablePart, fed: EntityPart) -> Sequence[str]:
    return fed.key or part.key


def _find_record(
    part: TablePart, name: str, fed: EntityPart, found: tuple[str, str] | None
) -> tuple[str, str] | None:
    """The record whose persons an entity is about, and the column with its key; else ``found``."""
    kind, key = ENTITIES[name].record, _list_key(part, fed)
    if kind in _RECORDS and len(key) == 1:
        return found or (kind, key[0])
    if name not in _NAMING:
        return found
    kind, field_name = _NAMING[name]
    named = fed.fields.get(field_name)
    return (kind, named.column) if named and named.column else found


def _find_day(plan: TablePlan | None) -> tuple[str | None, ReadText | date | None]:
    """The column with the day of the conversations of a table, and what reads it or the day."""
    entities = plan.entities if plan else ()
    fields = (field for e in entities if e.entity == "conversation" for field in e.fields)
    held_on = next((field for field in fields if field.name == "held_on"), None)
    if held_on is None:
        return None, None
    if held_on.reading:
        return held_on.reading.column, held_on.reading.read
    return None, held_on.constant if isinstance(held_on.constant, date) else None


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

    ``unread``: columns that no mapping reads; ``on``: the day of the delivery; ``holds_consents``:
    whether its rows are consents; ``is_note``: whether they are neither consents nor persons;
    ``speaking``: columns of which a cell may say that something was withdrawn, as ``judge`` does.
    """

    table: TextTable
    unread: tuple[str, ...]
    subject: Subject
    on: date
    holds_consents: bool
    is_note: bool
    speaking: tuple[str, ...]
    judge: CellJudge
    _doubts: dict[tuple[str, int | None], list[RejectedConsent]] = field(default_factory=dict)
    _placed: set[int] = field(default_factory=set)

    def read_batches(self) -> Iterator[Batch]:
        """The batches of the table, unchanged."""
        for batch in self.table.batches:
            self._watch_batch(batch)
            yield batch

    def find_doubts(self) -> list[RejectedConsent]:
        """The doubtful rows; one of anybody where it is not known which rows they are."""
        doubts = [doubt for found in self._doubts.values() for doubt in found]
        return [*doubts, _ANYBODY] if self._has_unplaced() else doubts

    def _note_remarks(self, numbers: pa.Int64Array, cells: Cells) -> None:
        """Collects the rows of these numbers of which a note, or a line through them, says so."""
        if not self.table.remarks or not self.speaking or not self._has_subject(cells):
            return
        self._placed.update(self.table.remarks.keys() & set(numbers.to_pylist()))
        remarks = [self.table.remarks.get(number, ()) for number in numbers.to_pylist()]
        saying = [any(map(self.judge.says, texts)) for texts in remarks]
        said = [" ".join(texts) for texts, says in zip(remarks, saying, strict=True) if says]
        rows = pc.indices_nonzero(pa.array(saying, pa.bool_()))
        for number, row, text in zip(
            numbers.take(rows).to_pylist(), _list_rows(cells, rows), said, strict=True
        ):
            place = number if self.is_note else None
            self._note_doubts("eine Notiz oder ein Strich", self._doubt_struck(row, text), place)

    def _note_ragged(self, ragged: Iterable[RaggedRow], columns: Sequence[str]) -> None:
        """Collects the rows of persons without columns that say that something was withdrawn."""
        if self.holds_consents or not self.speaking:
            return
        person = next(iter(self.subject.persons), None)
        at = columns.index(person) if person in columns else len(columns)
        said = [row for row in ragged if any(map(self.judge.says, row.cells))]
        self._note_doubts("eine Zeile mit einem Widerruf", [_doubt_row(row, at) for row in said])

    def list_unread(self) -> list[tuple[str, int | None]]:
        """What was not read, in German, and in which row it stands; None: not in one alone."""
        found = list(self._doubts)
        return [*found, ("Angaben neben der Tabelle", None)] if self._has_unplaced() else found

    def _has_unplaced(self) -> bool:
        """Whether something stands beside the table, or a note off its rows tells a withdrawal."""
        is_beside = any(notice.rule == _BESIDE for notice in self.table.notices)
        return (self.holds_consents and is_beside) or self._has_unplaced_note()

    def _has_unplaced_note(self) -> bool:
        unplaced = self.table.remarks.keys() - self._placed if self.speaking else ()
        texts = (
            "; ".join(text for text in self.table.remarks[n] if text != STRUCK) for n in unplaced
        )
        return any(map(load_consent_terms().tells_in_note, texts))

    def _watch_batch(self, batch: Batch) -> None:
        cells = dict(zip(batch.cells.schema.names, batch.cells.columns, strict=True))
        for name in self.unread:
            what = f"die Spalte „{self.table.inside.get(name, name)}“"
            if name in cells and self._has_subject(cells):
                # What stands in a column of its own may have happened on any day.
                said_in = (name,) if name not in self.table.unknown else ()
                self._note_rows(what, cells, _find_filled(cells[name], name), batch.row, said_in)
            else:
                self._note_doubts(what, [_ANYBODY])
        for name in self.speaking:
            if name in cells and self._has_subject(cells):
                what = f"„{self.table.inside.get(name, name)}“ mit einem Widerruf"
                self._note_rows(what, cells, self._find_saying(cells[name]), batch.row, (name,))
        if self.is_note and self._has_subject(cells):
            self._note_together(batch.row, cells)
        self._note_remarks(batch.row, cells)
        self._note_ragged(batch.ragged, batch.cells.schema.names)
        if self.holds_consents and self._has_swallowed(cells):
            self._note_doubts("Zeilen in einer Zelle", [_ANYBODY])

    def _note_together(self, numbers: pa.Int64Array, cells: Cells) -> None:
        """Collects the rows whose short cells say so only together, as a topic and its result."""
        names = [n for n in self.speaking if n in cells and not _OF_STATE.search(n.casefold())]
        if len(names) < 2:
            return
        short = [_keep_short(cells[name]) for name in names]
        joined = pc.binary_join_element_wise(*short, _BETWEEN_CELLS)
        rows = self._find_saying(joined)
        for name in names if len(rows) else ():
            alone = rows.take(self._find_saying(cells[name].take(rows)))
            rows = rows.filter(pc.invert(pc.is_in(rows, alone)))
        self._note_rows("Zellen mit einem Widerruf", cells, rows, numbers, names)

    def _has_subject(self, cells: Cells) -> bool:
        columns = self.subject.list_columns()
        return all(name in cells for name in columns) and (bool(columns) or self.is_note)

    def _find_saying(self, column: pa.StringArray) -> pa.UInt64Array:
        """The places of the cells of a column that say that something was withdrawn."""
        rows = pc.indices_nonzero(pc.is_valid(column))
        for hint in self.judge.hints:
            hinted = pc.match_substring_regex(column.take(rows), hint, ignore_case=True)
            rows = rows.filter(hinted)
        saying = list(map(self.judge.says, column.take(rows).to_pylist()))
        return rows.filter(pa.array(saying, pa.bool_()))

    def _note_rows(
        self,
        what: str,
        cells: Cells,
        rows: pa.UInt64Array,
        numbers: pa.Int64Array,
        said_in: Sequence[str] = (),
    ) -> None:
        """Collects the rows at these places; of notes each is told, as it may be one of many.

        ``said_in``: the columns that say it on the day of the row; empty: nobody knows when.
        """
        for number, row in zip(
            numbers.take(rows).to_pylist(), _list_rows(cells, rows), strict=True
        ):
            doubts = self._doubt_row(row, said_in)
            if not said_in:
                # That something stands in such a column does not say what.
                doubts = [replace(doubt, says_so=False) for doubt in doubts]
            self._note_doubts(what, doubts, number if self.is_note else None)

    def _doubt_struck(self, row: dict[str, str], text: str) -> list[RejectedConsent]:
        """What a row puts in doubt by the text at it, or a line through it, without its mark.

        It names whom it named. With such a key it is no record: a full delivery that brings it
        alone has no such person.
        """
        plain = {name: text.removeprefix(DAMAGED) for name, text in row.items()}
        is_whole = all(plain[name] == row[name] for name in self.subject.persons)
        doubts = self._doubt_row(plain, ())
        at_row = partial(replace, is_filled=is_whole, words=(text,))
        return [at_row(doubt, cells=(*doubt.cells, text)) for doubt in doubts]

    def _doubt_row(self, row: dict[str, str], said_in: Sequence[str]) -> list[RejectedConsent]:
        """What a row puts in doubt: of each person that it names, else of its record's."""
        subject, cells = self.subject, tuple(row.values())
        day = self._find_day(row, said_in) if said_in else None
        words = tuple(row[name] for name in said_in)
        about = RejectedConsent(
            None, cells, said_on=day, said_in=self.table.title, says_so=True, words=words
        )
        if subject.persons and self.is_note:
            keys = subject.cut_keys(row[name] for name in subject.persons)
            # Without a day it is no conversation, but a line that somebody wrote into the table.
            nobody = replace(about, names_nobody=subject.is_conversation and day is not None)
            return [replace(about, person=key) for key in keys] or [nobody]
        if subject.persons:
            return [replace(about, person=row[subject.persons[0]])]
        if subject.record is None:
            return [about]
        kind, column = subject.record
        return [replace(about, record=(kind, clean_line(row[column])))]

    def _find_day(self, row: dict[str, str], said_in: Sequence[str]) -> date | None:
        """The day of what these columns say: that of a note, or the one a remark names."""
        said = _BETWEEN_CELLS.join(row[name] for name in said_in)
        if self.is_note or self.holds_consents:
            written = row.get(self.subject.day_column or "", "")
            return self.subject.read_day(written, said, self.on)
        return read_remark_day(said, self.on)

    def _note_doubts(
        self, what: str, doubts: Sequence[RejectedConsent], row: int | None = None
    ) -> None:
        if doubts:
            self._doubts.setdefault((what, row), []).extend(doubts)

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


def _keep_short(column: pa.StringArray) -> pa.StringArray:
    """A column with its cells of a few words alone."""
    return pc.if_else(pc.match_substring_regex(column, _SHORT_CELL), column, "")


def _find_filled(column: pa.StringArray, name: str) -> pa.UInt64Array:
    """The places of the filled cells of a column; in one of withdrawals, a plain no is none."""
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(column))
    nothing = {"", *(NO if load_consent_terms().names_withdrawal(name) else ())}
    return pc.indices_nonzero(pc.invert(pc.is_in(texts, pa.array(sorted(nothing)))))


def _doubt_row(row: RaggedRow, person: int) -> RejectedConsent:
    """A row without columns, of the person whose key is at this place of it."""
    key = next(iter(row.cells[person : person + 1]), None)
    return RejectedConsent(key, tuple(row.cells), says_so=True)


def _list_rows(cells: Cells, rows: pa.UInt64Array) -> Iterator[dict[str, str]]:
    """The rows at these places, by column."""
    texts = (column.take(rows).to_pylist() for column in cells.values())
    return (dict(zip(cells, row, strict=True)) for row in zip(*texts, strict=True))
