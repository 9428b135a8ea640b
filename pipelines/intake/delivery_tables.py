"""Reads, maps and stages the wanted tables of one delivery; an unreadable one stops no other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import (
    CannotRead,
    Notice,
    RaggedRow,
    TextTable,
    UnreadableTable,
    UnreadPart,
    Wanted,
)
from mappings.compile import Compiler
from mappings.engine.clean import clean_line
from mappings.engine.duplicates import TableKeys
from mappings.engine.findings import MappedBatch, RejectedConsent
from mappings.engine.plan import TablePlan
from mappings.engine.prefetch import map_ahead
from mappings.engine.table import TableMapper
from mappings.findings.rules import RULES
from pipelines.intake.copied_files import CopiedFiles
from pipelines.intake.dated_keys import list_columns, list_dated_rows
from pipelines.intake.findings_collector import FindingsCollector, Place, write_notice
from pipelines.intake.former_files import report_missing_files
from pipelines.intake.former_sheets import report_missing_sheets
from pipelines.intake.reader_options import ReaderOptions
from pipelines.intake.unknown_persons import report_unknown_persons
from pipelines.intake.unread_consents import ConsentWatch, WatchedTable
from pipelines.intake.wanted_tables import WantedTables
from pipelines.rights.erased_rows import ErasedRows
from warehouse.landing.refusal_note import read_note
from warehouse.loading.loader import Loader
from warehouse.loading.row_balance import RowCount
from warehouse.loading.storable_text import fit_name
from warehouse.loading.table_load import TableLoad
from warehouse.schema import table_balance

USUAL = ReaderOptions()
# Of a cell without a value of its own nobody can tell whether it would be a withdrawal.
_UNSTORED = ("error_value", "formula_without_value", "cell_merged")
# Of fewer cells a share says little.
_LEAST_FILLED = 20
_APART = re.compile(r"[\n;,|\t]")
_WORD, _NUMBER = re.compile(r"[\w./-]+"), re.compile("[0-9]+")


class DeliveredTables:
    """Carries the tables of one delivery from their files into the loader.

    ``findings`` collects what readers and mapping found; ``uses`` is by table what its rows are
    for; ``mapping`` is the one they are read with; ``rejected_consents`` are rejected rows of
    tables with consents. ``most_rejected``: the share of a table's rows that may be. ``erased``
    leaves out who was erased, if anybody was; ``hands_out``: whether the district hands data out.
    """

    def __init__(
        self,
        compiler: Compiler,
        most_rejected: float = 0.5,
        erased: ErasedRows | None = None,
        *,
        hands_out: bool = False,
    ) -> None:
        self.findings = FindingsCollector()
        self.erased = erased
        self.mapping = compiler.mapping
        self._compiler, self._most_rejected = compiler, most_rejected
        self._parts = compiler.mapping.file.tables
        self._watch = ConsentWatch(compiler.mapping, hands_out=hands_out)
        self._wanted = WantedTables(compiler.mapping, self._watch.make_unread_watch())
        self.uses = self._wanted.uses
        self._keys: dict[str, TableKeys] = {}
        self._copied = CopiedFiles()
        self.rejected_consents: list[RejectedConsent] = []
        self._refused: dict[str, str] = {}
        self._files: list[str] = []
        self._places: dict[tuple[str, str], tuple[Place, str]] = {}
        self._readers: dict[Place, str] = {}
        self._unknown: dict[str, Path] = {}
        self._told_above: set[tuple[str | None, str | None]] = set()

    def load_files(
        self, loader: Loader, files: Iterable[tuple[str, Path]], opening: ReaderOptions = USUAL
    ) -> None:
        """Loads the wanted tables of the files, in the order given.

        ``findings.stopped`` then lists the tables that could not be read or are missing.
        """
        self._copied = opening.copied
        wanted = (want.name for name in opening.beside for want in self._wanted.find_in_file(name))
        self._keys = {
            name: TableKeys(several=count != 1 or self._wanted.has_several_sheets(name))
            for name, count in Counter(wanted).items()
        }
        for name, path in files:
            self._files.append(fit_name(name, table_balance.c.file))
            self._load_file(loader, name, path, opening)
        self._report_missing_tables(loader)
        self._report_refused()
        report_missing_files(self.findings, loader, self._wanted, self._parts, self._files)
        report_missing_sheets(self.findings, loader, self._wanted, self._watch.ignores)
        if loader.counts:
            self._report_dated_keys(loader, opening)
            report_unknown_persons(self.findings, loader, self._places, self._parts)
            self._report_vanished_columns(loader)
        if self.erased:
            self.findings.add_counts({"erased_person": self.erased.left_out})

    def _report_missing_tables(self, loader: Loader) -> None:
        sentence = RULES["table_missing"].write_sentence()
        missing = loader.missing_tables(self.findings.found)
        for table in [*missing, *self._find_missing_consents(loader)]:
            place = Place(", ".join(self._parts[table].files))
            error = CannotRead("table_missing", sentence, table=table)
            self.findings.add_stop(place, error, [table])

    def _find_missing_consents(self, loader: Loader) -> list[str]:
        """The optional tables that consents came from before and that the delivery lacks.

        Whether they were withdrawn, or their file was forgotten or renamed, nobody can tell.
        """
        lacking = [
            name
            for name, use in self.uses.items()
            if use.optional and "consent" in use.feeds and not self._is_there(loader, name)
        ]
        if not lacking or not loader.is_full:
            return []
        former = {
            name
            for file, title in loader.find_former_places("consent")
            for name in self._wanted.find_tables_of(file, title)
        }
        return [name for name in lacking if name in former]

    def _is_there(self, loader: Loader, table: str) -> bool:
        return loader.was_seen(table) or table in self.findings.found.stopped

    def misses_consents(self, loader: Loader) -> bool:
        """Whether known consents are neither delivered nor looked for where they came from.

        The mapping has changed, and a withdrawal would be where it does not look. It is told, and
        in a delivery of changes everybody is doubtful.
        """
        unread = {
            (file, title)
            for file, title in loader.find_former_places("consent")
            if not self._looks_for_consents(loader, file, title)
        }
        if not unread or unread.isdisjoint(loader.find_undelivered_places("consent")):
            return False
        if loader.is_full:
            self.findings.add_notices(Place(), [write_notice("consents_unfed")])
        else:
            self._doubt_everybody(Place(), "consents_unfed")
        return True

    def _looks_for_consents(self, loader: Loader, file: str, title: str) -> bool:
        if title in loader.list_titles("consent"):
            return True
        names = self._wanted.find_readers(file, title)
        return any("consent" in self.uses[name].feeds for name in names)

    def _doubt_everybody(self, place: Place, rule: str, **details: str) -> None:
        """Notes that a withdrawal of anybody may be among what was not read."""
        self.rejected_consents.append(RejectedConsent(None, ()))
        self.findings.add_notices(place, [write_notice(rule, **details)])

    def _load_file(self, loader: Loader, name: str, path: Path, opening: ReaderOptions) -> None:
        if reason := read_note(path):
            self._refused[name] = reason
            return
        wanted = self._wanted.find_in_file(name)
        if not wanted:
            self._report_unknown_file(name, path, opening)
            return
        if self._repeats_file(name, wanted):
            return
        try:
            self._load_wanted(loader, name, path, wanted, opening)
        except CannotRead as error:
            names = [want.name for want in wanted]
            concerned = [table for table in names if table == error.table]
            self.findings.add_stop(Place(name), error, concerned or names)

    def _repeats_file(self, name: str, wanted: Sequence[Wanted]) -> bool:
        """Whether a file has the bytes of one that was read for the same tables; tells it."""
        other = self._copied.same.get(name)
        if other is None or self._wanted.find_in_file(other) != wanted:
            return False
        self.findings.add_notices(Place(name), [write_notice("same_file", reason=other)])
        return True

    def _report_refused(self) -> None:
        """Adds the files that were not opened; as each may hold any table, no record ends."""
        for name, reason in self._refused.items():
            error = CannotRead("refused_file", RULES["refused_file"].write_sentence(reason=reason))
            self.findings.add_stop(Place(name), error, list(self._parts))

    def _load_wanted(
        self,
        loader: Loader,
        name: str,
        path: Path,
        wanted: Sequence[Wanted],
        opening: ReaderOptions,
    ) -> None:
        beside: list[UnreadPart] = []
        # A workbook says once what all its sheets need.
        self._told_above = set()
        for table in open_tables(
            path, name, wanted, opening.limits, password=opening.password, beside=opening.beside
        ):
            if isinstance(table, UnreadableTable):
                place = Place(table.file, sheet=table.sheet)
                self.findings.add_stop(place, table.error, [table.name])
            else:
                self._load_table(loader, table)
                beside = table.beside
        self._report_unread(name, beside)
        for title in self._watch.select_titles(beside):
            self._doubt_everybody(Place(name, sheet=title), "consents_unread", reason=f"„{title}“")

    def _report_unread(self, name: str, beside: Sequence[UnreadPart]) -> None:
        """Adds what is read of no table and has the header of one: it may hold rows of it."""
        for part in beside:
            if not part.is_visible or self._watch.ignores(part.title):
                continue
            place = Place(name, sheet=part.title)
            if part.fits:
                sentence = RULES["part_unread"].write_sentence(reason=part.title)
                self.findings.add_stop(place, CannotRead("part_unread", sentence), [part.fits])
            elif part.resembles:
                notice = write_notice("part_resembles", reason=part.title)
                self.findings.add_notices(place._replace(table=part.resembles), [notice])

    def _load_table(self, loader: Loader, table: TextTable) -> None:
        place, name = Place(table.file, table.title, table.sheet), table.name
        self._report_unknown_columns(place, table)
        try:
            self._refuse_second_reading(place, name)
            with loader.begin_table(name, table.file, table.title) as load:
                self._places[load.count.file, load.count.table] = place, name
                mapper = self._make_mapper(place, name, table.preamble, table.day_zero)
                watched = self._watch.watch_table(table, mapper.plan, self._compiler.on)
                for mapped, ragged in self._map_rows(mapper, watched):
                    self._refuse_copy(place, name, mapped.in_files)
                    load.add(mapped)
                    self.findings.add_findings(place, mapped.findings, ragged)
                    self._collect_rejected(mapper, mapped, ragged)
                    load.withhold_records(_list_texts(ragged))
                self._end_table(mapper, load, place, table.notices)
            self._report_watched(place, watched)
            self._report_table(place, mapper, load)
        except CannotRead as error:
            self.findings.add_stop(place, error, [name])
        finally:
            self.findings.add_notices(place, table.notices)

    def _report_table(self, place: Place, mapper: TableMapper, load: TableLoad) -> None:
        self._report_count(place, mapper.plan.name, load.count)
        self._report_codes(place, mapper.plan.name, mapper)

    def _map_rows(
        self, mapper: TableMapper, watched: WatchedTable
    ) -> Iterator[tuple[MappedBatch, Sequence[RaggedRow]]]:
        """What the mapping makes of the rows, without those of erased persons."""
        for mapped, ragged in map_ahead(mapper, watched.read_batches()):
            yield self.erased.sift(mapped) if self.erased else mapped, ragged

    def _end_table(
        self, mapper: TableMapper, load: TableLoad, place: Place, notices: Sequence[Notice]
    ) -> None:
        self._distrust_unstored(mapper.plan, load, notices)
        load.gaps += mapper.plan.list_gaps(mapper.columns) if mapper.columns else ()
        mapper.keys_seen.end_file(self._name_part(mapper.plan.name, place))

    def _name_part(self, table: str, place: Place) -> str:
        """The file of a table, with the sheet where it has several."""
        if self._wanted.has_several_sheets(table):
            return f"{place.file}, Blatt {place.table}"
        return place.file or ""

    def _refuse_second_reading(self, place: Place, name: str) -> None:
        """Raises CannotRead ``table_read_twice`` where another table of the mapping read it."""
        first = self._readers.setdefault(place, name)
        if first != name:
            sentence = RULES["table_read_twice"].write_sentence(reason=first)
            raise CannotRead("table_read_twice", sentence, table=name)

    def _refuse_copy(self, place: Place, table: str, in_files: Sequence[str]) -> None:
        """Raises CannotRead ``copied_table`` where a file named like a copy has keys of others."""
        if in_files and place.file in self._copied.by_name:
            sentence = RULES["copied_table"].write_sentence(reason=in_files[0])
            raise CannotRead("copied_table", sentence, table=table)

    def _report_count(self, place: Place, name: str, count: RowCount) -> None:
        """Tells a copy with rows of its own; a table of too many rejected rows counts as unread."""
        if (original := self._copied.by_name.get(place.file or "")) and count.used:
            notice = write_notice("copy_with_other_keys", reason=original)
            self.findings.add_notices(place, [notice])
        if count.rejected > self._most_rejected * count.read:
            sentence = RULES["rows_rejected"].write_sentence(count=count.rejected)
            self.findings.add_stop(place, CannotRead("rows_rejected", sentence, table=name), [name])

    def _report_codes(self, place: Place, name: str, mapper: TableMapper) -> None:
        """A table of which too many values of a column are no code that is known is not whole."""
        for column, unknown in sorted(mapper.unknown.items()):
            filled = mapper.filled[column]
            if filled >= _LEAST_FILLED and unknown > self._most_rejected * filled:
                share = f"{unknown} von {filled}"
                sentence = RULES["codes_unknown"].write_sentence(column=column, count=share)
                error = CannotRead("codes_unknown", sentence, column=column, table=name)
                self.findings.add_stop(place, error, [name])

    def _report_vanished_columns(self, loader: Loader) -> None:
        loader.end_staging()
        for kept in loader.kept_columns:
            place, _ = self._places[kept.file, kept.table]
            notice = write_notice("column_vanished", kept.column, count=kept.values)
            self.findings.add_notices(place, [notice])

    def _collect_rejected(
        self, mapper: TableMapper, mapped: MappedBatch, ragged: Sequence[RaggedRow]
    ) -> None:
        self.rejected_consents += mapped.rejected_consents
        plan = mapper.plan
        if plan.consents:
            person = plan.consents.person.column if plan.consents.person else ""
            at = mapper.columns.index(person) if person in mapper.columns else len(mapper.columns)
            self.rejected_consents += [
                RejectedConsent(next(iter(row.cells[at : at + 1]), None), tuple(row.cells))
                for row in ragged
            ]
        elif "consent" in plan.ends and mapped.rejected:
            # A deletion that names nothing may be that of any consent.
            self.rejected_consents.append(RejectedConsent(None, ()))

    def _distrust_unstored(
        self, plan: TablePlan, load: TableLoad, notices: Sequence[Notice]
    ) -> None:
        """Distrusts consents of which a cell has no value of its own, or none that was stored.

        It holds an error or a formula without a result, or is merged with one further up.
        """
        if plan.consents is None:
            return
        unstored = [n for n in notices if n.rule in _UNSTORED]
        named = (n for n in unstored if n.row and n.column in plan.consents.columns)
        rows = [row for n in named for row in range(n.row or 0, (n.last_row or n.row or 0) + 1)]
        # Only the first cells are named; the others may be in any row.
        has_more = any(notice.row is None for notice in unstored)
        if rows or has_more:
            load.distrust_rows(None if has_more else rows)

    def _report_watched(self, place: Place, watched: WatchedTable) -> None:
        erased = self.erased.keys if self.erased else set()
        doubts = (doubt for doubt in watched.find_doubts() if doubt.person not in erased)
        self.rejected_consents += doubts
        notices = [
            replace(write_notice("consents_unread", reason=what), row=row)
            for what, row in watched.list_unread()
        ]
        self.findings.add_notices(place, notices)

    def _make_mapper(
        self, place: Place, name: str, preamble: Mapping[str, str], day_zero: date
    ) -> TableMapper:
        # Of several files that hold the same table, a key may be in one only.
        seen = self._keys.setdefault(name, TableKeys(several=True))
        plan = self._compiler.compile_table(name, preamble, day_zero, place.table or "")
        return TableMapper(plan, seen, self._told_above)

    def _report_unknown_file(self, name: str, path: Path, opening: ReaderOptions) -> None:
        if self._wanted.is_description(name):
            return
        if self._watch.watches_file(name, path, opening):
            self._doubt_everybody(Place(name), "consents_unread", reason="die ganze Datei")
        else:
            self._unknown[name] = path
            self.findings.add_notices(Place(name), [write_notice("unknown_file")])

    def _report_dated_keys(self, loader: Loader, opening: ReaderOptions) -> None:
        """Doubts the persons of whom a file has the key and a day, and says nothing else."""
        for name, path in self._unknown.items():
            listed = list_dated_rows(name, path, opening) if self._watch.watches(name) else []
            doubted = [
                RejectedConsent(key, row)
                for rows in listed
                for keys in list_columns(rows)
                if loader.knows_persons(keys)
                for key, row in zip(keys, rows, strict=True)
            ]
            self.rejected_consents += doubted
            if doubted:
                notice = write_notice(
                    "consents_unread", reason="Nummern von Personen mit einem Tag"
                )
                self.findings.add_notices(Place(name), [notice])

    def _report_unknown_columns(self, place: Place, table: TextTable) -> None:
        """Tells each column that is not read, of those within an object the object alone."""
        ignored = set(self._parts[table.name].ignore)
        shown = {column: table.inside.get(column, column) for column in table.unknown}
        found = dict.fromkeys(
            ("nested_rows" if column in table.nested else "unknown_column", name)
            for column, name in shown.items()
            if ignored.isdisjoint((column, name))
        )
        notices = [write_notice(rule, column=name) for rule, name in found]
        self.findings.add_notices(place, notices)


def _list_texts(ragged: Sequence[RaggedRow]) -> list[str]:
    """What stands in rows without columns, also between separators and in lines of a cell.

    Of a row that nobody could divide each word may be its key, and each number, with zeros or not.
    """
    cells = [cell for row in ragged for cell in row.cells]
    parts = [part for cell in cells for part in _APART.split(cell)]
    words = [word for row in ragged if len(row.cells) == 1 for word in _WORD.findall(row.cells[0])]
    numbers = [number for word in words for number in _NUMBER.findall(word)]
    parts += [*words, *numbers, *(number.lstrip("0") for number in numbers)]
    return [text for text in map(clean_line, (*cells, *parts)) if text]
