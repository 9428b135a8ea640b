"""Tells which sheets of former deliveries a full delivery lacks, of tables in several sheets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from connectors.tables.text_table import CannotRead
from pipelines.intake.findings_collector import FindingsCollector, Place
from pipelines.intake.former_files import LOST, list_telling
from pipelines.intake.wanted_tables import WantedTables
from warehouse.loading.export_names import DeliveredExports, fold_name
from warehouse.loading.history import FormerRows
from warehouse.loading.loader import Loader

_SENTENCE = (
    "Das Blatt „{sheet}“ kam zuletzt und fehlt in dieser Lieferung, und seine Datensätze stehen in "
    "keinem anderen. Bisher Bekanntes bleibt stehen; bitte die Mappe mit dem Blatt neu liefern. "
    "Kommt es nicht mehr, in der Zuordnung unter ignore nennen."
)
# Files and sheets of one table.
_Places = set[tuple[str, str]]


def report_missing_sheets(
    findings: FindingsCollector,
    loader: Loader,
    wanted: WantedTables,
    ignores: Callable[[str], bool],
) -> None:
    """Adds the sheets that the source delivered before and that a file of a full delivery lacks.

    A sheet under another name is told by its records. ``ignores``: whether the mapping leaves out
    a sheet of this name on purpose.
    """
    places = [(count.file, count.table) for count in loader.counts]
    for table, former in _list_former(loader, wanted).items():
        if table in findings.found.stopped:
            continue
        now = _SheetsNow(place for place in places if wanted.is_sheet_of(table, place[1]))
        entities = list_telling(wanted.uses[table].feeds)
        for file, sheet in sorted(now.find_absent(former)):
            if not ignores(sheet) and now.lacks_records(loader, file, sheet, entities):
                error = CannotRead("sheet_missing", _SENTENCE.format(sheet=sheet), sheet=sheet)
                findings.add_stop(Place(file), error, [table])


def _list_former(loader: Loader, wanted: WantedTables) -> dict[str, _Places]:
    """Table → the sheets that it had, of tables in several sheets."""
    former: dict[str, _Places] = defaultdict(set)
    for delivered in loader.list_former_files():
        for file, sheet in delivered:
            for table in wanted.find_tables_of(file, sheet):
                if wanted.uses[table].feeds and wanted.is_sheet_of(table, sheet):
                    former[table].add((file, sheet))
    return former


class _SheetsNow:
    """The sheets of one table in a delivery, given as file and sheet."""

    def __init__(self, places: Iterable[tuple[str, str]]) -> None:
        self._there = {(file, fold_name(sheet)) for file, sheet in places}
        self._files = DeliveredExports({file for file, _ in self._there})

    def find_absent(self, former: _Places) -> set[tuple[str, str]]:
        """The sheets that are not in the file that is the same export, by its name now."""
        current = {(self._files.find_file(file), sheet) for file, sheet in former}
        return {(file, sheet) for file, sheet in current if file and not self._has(file, sheet)}

    def lacks_records(self, loader: Loader, file: str, sheet: str, entities: Sequence[str]) -> bool:
        """Whether most records that the sheet had are nowhere in the delivery."""
        for entity in entities:
            rows = self._select_rows(loader.count_former_rows(entity), file, sheet)
            known = sum(row.known for row in rows)
            if sum(row.missing for row in rows) >= LOST * known > 0:
                return True
        return False

    def _select_rows(self, former: Sequence[FormerRows], file: str, sheet: str) -> list[FormerRows]:
        """What came in a sheet; of one that had another name then, what came in sheets now gone."""
        mine = [rows for rows in former if self._files.find_file(rows.file) == file]
        named = [rows for rows in mine if fold_name(rows.table) == fold_name(sheet)]
        return named or [rows for rows in mine if not self._has(file, rows.table)]

    def _has(self, file: str, sheet: str) -> bool:
        return (file, fold_name(sheet)) in self._there
