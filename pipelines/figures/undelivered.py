"""Finds what sources do not deliver, so that nobody takes it for a 0 or for "ohne Angabe"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, select

from connectors.documents.figure_data import Figure, Gap
from connectors.documents.signs import NOT_DELIVERED
from mappings.problems import YamlProblems
from mappings.source_mapping import SourceMapping
from mappings.source_yaml import EntityPart, SourceFile, TablePart
from pipelines.figures.kept_mappings import read_newest_mappings
from pipelines.hub import Hub
from warehouse.as_of import KnownAt
from warehouse.marts.deliverers import (
    find_beyond,
    find_deliverers,
    list_known_sources,
    list_sources_of_units,
)
from warehouse.marts.indicators import FOR_THE_REPORT, INDICATORS
from warehouse.marts.scope import Scope
from warehouse.schema import ENTITIES, municipality


def find_silent(hub: Hub, connection: Connection, known_at: KnownAt) -> frozenset[tuple[str, str]]:
    """Pairs of a column that an indicator needs and a source that does not deliver it.

    A source delivers what the mapping of its newest load reads from columns and tables that are
    never missing, and what a value is known of.
    """
    sources = list_known_sources(connection, known_at)
    mappings = read_newest_mappings(connection, known_at)
    files = dict(_choose_files(hub, sources, mappings))
    silent: set[tuple[str, str]] = set()
    for name, column in _list_needs().items():
        if doubtful := _list_doubtful(files, sources, column):
            delivering = find_deliverers(connection, known_at, column)
            silent.update((name, source) for source in doubtful if source not in delivering)
    return frozenset(silent)


def _list_needs() -> dict[str, Column[Any]]:
    declared = [*INDICATORS.values(), *FOR_THE_REPORT.values()]
    needs = [n for one in declared for by in (None, "staff") for n in one.list_needs(by)]
    return {str(column): column for column in needs}


def _choose_files(
    hub: Hub, sources: Iterable[str], kept: Mapping[str, SourceMapping | None]
) -> Iterator[tuple[str, SourceFile | None]]:
    """The mapping that each source was read with; today's where that of its load was not kept.

    None: nobody can tell, and the source is red for it. A source without any has no line.
    """
    for source in sources:
        if mapping := kept.get(source):
            yield source, mapping.file
        elif source in hub.config.sources:
            try:
                yield source, hub.read_mapping(source).file
            except YamlProblems:
                yield source, None


def _list_doubtful(
    files: Mapping[str, SourceFile | None], sources: Mapping[str, bool], column: Column[Any]
) -> list[str]:
    """The sources of which only a known value can show that they deliver the column."""
    return [
        source
        for source, is_loaded in sources.items()
        if not (is_loaded and source in files and _is_always_fed(files[source], column))
    ]


def _is_always_fed(file: SourceFile | None, column: Column[Any]) -> bool:
    return file is None or _feeds(file, column)


def _feeds(file: SourceFile, column: Column[Any]) -> bool:
    (entity,) = (e.name for e in ENTITIES.values() if e.table is column.table)
    return any(
        not table.optional and _fills(table, table.feeds[entity], column.name)
        for table in file.tables.values()
        if entity in table.feeds
    )


def _fills(table: TablePart, part: EntityPart, field: str) -> bool:
    """Whether a column that is never missing fills the field; the key: rows at all."""
    given = part.fields.get(field)
    if given is not None:
        return given.column not in table.optional_columns
    if part.each is None:
        return field == "source_key"
    columns = set(part.each.read_columns)
    return not columns <= set(table.optional_columns)


def list_gaps(connection: Connection, scope: Scope, indicators: Iterable[str]) -> Iterator[Gap]:
    """The indicators that not all sources of the district, or of a unit, deliver.

    That of a source which knows nothing of the period's days is none, either. What stands on a day
    after its newest delivery is what was known last.
    """
    every = set(list_known_sources(connection, scope.known_at))
    units, beyond = _sources_by_unit(connection, scope, every), find_beyond(connection, scope)
    empty = _list_empty_units(connection, scope, units)
    for name in indicators:
        declared = INDICATORS[name]
        if scope.by in (None, *declared.units):
            needs = declared.list_needs(scope.by)
            silent = {source for need in needs for source in scope.silent_about(need)}
            silent |= beyond.early | (beyond.late if declared.counts_events else frozenset())
            yield from _find_gaps(name, scope, units, silent)
            # What no source at all delivers is not 0 where nobody is counselled either.
            if every and silent >= every:
                yield from _find_gaps(name, scope, dict.fromkeys(empty, every), silent)


def _list_empty_units(
    connection: Connection, scope: Scope, units: Collection[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The municipalities or teams of the register of which no source has a case."""
    if scope.by not in ("municipality", "team"):
        return []
    c = municipality.c
    column = c.ags if scope.by == "municipality" else c.team
    named = select(column).where(scope.known_at.in_force(municipality), column.is_not(None))
    found = connection.execute(named.distinct()).scalars()
    return sorted({(name,) for name in found} - set(units))


def _find_gaps(
    indicator: str, scope: Scope, units: Mapping[tuple[Any, ...], set[str]], silent: set[str]
) -> Iterator[Gap]:
    for unit, sources in units.items():
        if missing := sorted(silent & sources):
            names = dict(zip(scope.unit_names, unit, strict=True))
            whole = silent >= sources
            yield Gap(indicator, names, missing, whole, NOT_DELIVERED if whole else None)


def _sources_by_unit(
    connection: Connection, scope: Scope, every: set[str]
) -> dict[tuple[Any, ...], set[str]]:
    if scope.by is None:
        return {(): every}
    if scope.by == "source":
        return {(name,): {name} for name in sorted(every)}
    found = list_sources_of_units(connection, scope)
    return dict(sorted(found.items()))


def without_empty_lines(figures: Sequence[Figure], gaps: Sequence[Gap]) -> list[Figure]:
    """The figures without the zeros of what nobody delivers."""
    whole = {_name_line(gap) for gap in gaps if gap.whole}
    return [figure for figure in figures if figure.value or _name_line(figure) not in whole]


def _name_line(line: Figure | Gap) -> tuple[str, frozenset[tuple[str, str]]]:
    return line.indicator, frozenset(line.unit.items())
