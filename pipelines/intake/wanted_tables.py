"""The tables a mapping expects of a delivery: in which files, and what their rows are for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from connectors.readers.open_file import wants_file
from connectors.readers.rows.header import normalize_name
from connectors.readers.rows.table_names import is_named, is_pattern
from connectors.readers.text.field_description import is_description
from connectors.tables.text_table import FOOTERS, Dialect, Wanted
from connectors.tables.unread_watch import UnreadWatch
from mappings.compile import (
    find_companions,
    has_unique_keys,
    is_spelled_freely,
    list_person_references,
    may_hold_consents,
    names_by_record,
)
from mappings.consent_terms import load_consent_terms
from mappings.source_mapping import SourceMapping, collect_columns, collect_telling_columns
from mappings.source_yaml import DialectPart, TablePart
from warehouse.loading.table_load import PersonReference, TableUse


class WantedTables:
    """The tables of one mapping. ``uses``: table → what its rows are for.

    ``watch`` judges what is left unread beside them.
    """

    def __init__(self, mapping: SourceMapping, watch: UnreadWatch | None = None) -> None:
        dialect, tables = _wanted_dialect(mapping.file.dialect), mapping.file.tables
        self.uses = {name: _describe_use(part) for name, part in tables.items()}
        words = load_consent_terms().list_footer_words(mapping.file.system)
        wanted = (_wanted_table(n, part, dialect, words) for n, part in tables.items())
        self._wanted = [replace(want, watch=watch) for want in wanted]

    def find_in_file(self, file: str) -> list[Wanted]:
        """The tables to look for in a file of this name."""
        return [want for want in self._wanted if wants_file(want, file)]

    def select_files(self, table: str, files: Iterable[str]) -> list[str]:
        """Those of the files in which a table is looked for."""
        return [f for f in files if any(want.name == table for want in self.find_in_file(f))]

    def find_tables_of(self, file: str, title: str) -> set[str]:
        """The tables that a table of this title in this file may have been."""
        mine = self.find_in_file(file)
        named = {want.name for want in mine if is_named(title, want)}
        return named or {want.name for want in mine}

    def find_readers(self, file: str, title: str) -> set[str]:
        """The tables that read a table of this title in this file; a text file has its own name."""
        mine = self.find_in_file(file)
        named = {want.name for want in mine if want.table is None or is_named(title, want)}
        is_stem = normalize_name(title) == normalize_name(PurePosixPath(file).stem)
        is_alone = len(mine) == 1 and is_stem
        return {mine[0].name} if is_alone else named

    def has_several_sheets(self, table: str) -> bool:
        """Whether all sheets whose names fit are read as the table."""
        return any(want.sheets for want in self._wanted if want.name == table)

    def is_sheet_of(self, table: str, title: str) -> bool:
        """Whether a sheet of this name is one of the several that are read as the table."""
        named = (w for w in self._wanted if w.name == table and w.sheets)
        return any(is_named(title, want) for want in named)

    def is_description(self, file: str) -> bool:
        """Whether a file of this name may describe the fields of others."""
        return any(is_description(want.dialect, file) for want in self._wanted)


def _describe_use(part: TablePart) -> TableUse:
    return TableUse(
        feeds=tuple(part.feeds),
        ends=tuple(part.ends),
        keeps=tuple(part.keeps),
        unique=has_unique_keys(part),
        companions=find_companions(part),
        optional=part.optional,
        references=tuple(_describe_reference(name, part) for name in list_person_references(part)),
    )


def _describe_reference(entity: str, table: TablePart) -> PersonReference:
    part = table.feeds[entity]
    return PersonReference(
        entity,
        is_key=names_by_record(entity, part),
        is_spelled=is_spelled_freely(part, table),
    )


def _wanted_table(
    name: str, part: TablePart, dialect: Dialect, footer_words: frozenset[str]
) -> Wanted:
    mapped = collect_columns(part)
    if may_hold_consents(part):
        # A row that says more than a footer may be a withdrawal.
        dialect = replace(dialect, footer_words=footer_words)
    columns = sorted(mapped | set(part.ignore))
    return Wanted(
        name,
        files=tuple(part.files),
        table=part.table,
        sheets=_list_sheets(part),
        columns={column: (column, *part.also.get(column, ())) for column in columns},
        required=frozenset(mapped - set(part.optional_columns)),
        key=tuple(part.key),
        dialect=dialect,
        telling=frozenset(collect_telling_columns(part)),
        above=frozenset(text for label in _list_labels(part) for text in label),
    )


def _list_sheets(part: TablePart) -> tuple[str, ...]:
    """The names and patterns of a table that may be in several sheets; () for one plain name."""
    is_several = len(part.tables) > 1 or any(map(is_pattern, part.tables))
    return tuple(part.tables) if is_several else ()


def _list_labels(part: TablePart) -> list[tuple[str, ...]]:
    """The labels above the table that the mapping reads, each with its other spellings."""
    fields = (spec for entity in part.feeds.values() for spec in entity.fields.values())
    labels = (spec.preamble for spec in fields if spec.preamble)
    return [(label, *part.also.get(label, ())) for label in labels]


def _wanted_dialect(part: DialectPart) -> Dialect:
    return Dialect(
        encoding=part.encoding,
        delimiter=part.delimiter,
        quote=part.quote,
        escape=part.escape,
        header_row=part.header_row,
        columns=tuple(part.columns),
        footers=FOOTERS if part.footers is None else tuple(part.footers),
        header_rows=part.header_rows,
        fixed=tuple(part.fixed),
        description=part.description,
    )
