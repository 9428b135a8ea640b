"""Tells which files of former deliveries a full delivery lacks; no record of their tables ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from connectors.tables.text_table import CannotRead
from mappings.findings.rules import RULES
from mappings.source_yaml import TablePart
from pipelines.intake.findings_collector import FindingsCollector, Place, write_notice
from pipelines.intake.missing_files import AwaitedFile, await_files, compare_files
from pipelines.intake.wanted_tables import WantedTables
from warehouse.loading.loader import Loader
from warehouse.schema import ENTITIES

# A file is another export where so many of the records that it had are nowhere in the delivery.
LOST = 0.75


def report_missing_files(
    findings: FindingsCollector,
    loader: Loader,
    wanted: WantedTables,
    parts: Mapping[str, TablePart],
    files: Sequence[str],
) -> None:
    """Adds the files that the source delivered before and that a full delivery lacks.

    ``files``: those of the delivery. A table that may be missing, and is, is told as such.
    """
    missing: dict[str, list[str]] = defaultdict(list)
    for table, awaited in _await_tables(findings, loader, wanted, parts).items():
        now = sorted(wanted.select_files(table, files))
        if not now and wanted.uses[table].optional:
            names = ", ".join(sorted(file.name for file in awaited))
            findings.add_notices(Place(names, table), [write_notice("table_absent")])
            continue
        compared = compare_files(awaited, now, parts[table])
        entities = list_telling(wanted.uses[table].feeds)
        gone = [f for f in compared.doubtful if _lacks_records(loader, f, entities)]
        for file in (*compared.missing, *gone):
            missing[file.name].append(table)
    sentence = RULES["file_missing"].write_sentence()
    for name, tables in missing.items():
        findings.add_stop(Place(name), CannotRead("file_missing", sentence), tables)


def _await_tables(
    findings: FindingsCollector,
    loader: Loader,
    wanted: WantedTables,
    parts: Mapping[str, TablePart],
) -> dict[str, list[AwaitedFile]]:
    """The awaited files of the tables that feed something and were read."""
    former = [_sort_by_table(places, wanted) for places in loader.list_former_files()]
    return {
        table: awaited
        for table, awaited in await_files(former, parts).items()
        if wanted.uses[table].feeds and table not in findings.found.stopped and awaited
    }


def _sort_by_table(places: Sequence[tuple[str, str]], wanted: WantedTables) -> dict[str, list[str]]:
    sorted_files: dict[str, list[str]] = defaultdict(list)
    for file, title in places:
        for table in wanted.find_tables_of(file, title):
            sorted_files[table].append(file)
    return sorted_files


def list_telling(feeds: Sequence[str]) -> list[str]:
    """The entities whose rows tell a file again: records, or else all that it feeds."""
    return [name for name in feeds if ENTITIES[name].is_record] or list(feeds)


def _lacks_records(loader: Loader, file: AwaitedFile, entities: Sequence[str]) -> bool:
    """Whether most records that the file had are nowhere in the delivery, in whatever file."""
    return any(
        missing >= LOST * known > 0 for known, missing in _count_records(loader, file, entities)
    )


def _count_records(
    loader: Loader, file: AwaitedFile, entities: Sequence[str]
) -> Iterator[tuple[int, int]]:
    for entity in entities:
        rows = [r for r in loader.count_former_rows(entity) if file.export.covers(r.file)]
        yield sum(row.known for row in rows), sum(row.missing for row in rows)
