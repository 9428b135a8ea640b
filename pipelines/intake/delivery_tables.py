"""Walks the files of one delivery: each wanted table is read, mapped and staged; what stops a table stops that table only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable
from mappings.compile import Compiler
from mappings.engine.duplicates import SeenHashes
from mappings.engine.prefetch import map_ahead
from mappings.engine.table import TableMapper
from mappings.findings.rules import RULES
from pipelines.intake.findings_collector import FindingsCollector, Place, write_notice
from pipelines.intake.reader_options import ReaderOptions
from pipelines.intake.wanted_tables import WantedTables
from warehouse.loading.loader import Loader

USUAL = ReaderOptions()


class DeliveredTables:
    """Carries the tables of one delivery from their files into the loader.

    ``findings`` collects what was found on the way; ``uses`` says by table what its rows are for,
    ``mapping`` is the one they are read with.
    """

    def __init__(self, compiler: Compiler) -> None:
        self.findings = FindingsCollector()
        self.mapping = compiler.mapping
        self._compiler = compiler
        self._parts = compiler.mapping.file.tables
        self._wanted = WantedTables(compiler.mapping)
        self.uses = self._wanted.uses
        self._keys: dict[str, SeenHashes] = {}

    def load_files(
        self, loader: Loader, files: Iterable[tuple[str, Path]], opening: ReaderOptions = USUAL
    ) -> None:
        """Loads the wanted tables of the files, in order of name; ``findings.stopped`` then tells which could not be read."""
        for name, path in files:
            self._load_file(loader, name, path, opening)
        for table in loader.missing_tables(self.findings.found):
            missing = CannotRead(
                "table_missing", RULES["table_missing"].write_sentence(), table=table
            )
            self.findings.add_stop(Place(", ".join(self._parts[table].files)), missing, [table])

    def _load_file(self, loader: Loader, name: str, path: Path, opening: ReaderOptions) -> None:
        wanted = self._wanted.find_in_file(name)
        if not wanted:
            self._report_unknown_file(name)
            return
        names = [want.name for want in wanted]
        try:
            for table in open_tables(
                path, name, wanted, opening.limits, password=opening.password, beside=opening.beside
            ):
                if isinstance(table, UnreadableTable):
                    self.findings.add_stop(
                        Place(table.file, sheet=table.sheet), table.error, [table.name]
                    )
                else:
                    self._load_table(loader, table)
        except CannotRead as error:
            self.findings.add_stop(
                Place(name), error, [n for n in names if n == error.table] or names
            )

    def _load_table(self, loader: Loader, table: TextTable) -> None:
        place = Place(table.file, table.title, table.sheet)
        self._report_unknown_columns(place, table.name, table.unknown)
        try:
            with loader.begin_table(table.name, table.file, table.title) as load:
                for mapped, ragged in map_ahead(
                    self._make_mapper(table.name, table.preamble), table.batches
                ):
                    load.add(mapped)
                    self.findings.add_findings(place, mapped.findings, ragged)
        except CannotRead as error:
            self.findings.add_stop(place, error, [table.name])
        finally:
            self.findings.add_notices(place, table.notices)

    def _make_mapper(self, name: str, preamble: Mapping[str, str]) -> TableMapper:
        # Of several files that hold the same table, a key may be in one only.
        return TableMapper(
            self._compiler.compile_table(name, preamble), self._keys.setdefault(name, SeenHashes())
        )

    def _report_unknown_file(self, name: str) -> None:
        if not self._wanted.is_description(name):
            self.findings.add_notices(Place(name), [write_notice("unknown_file")])

    def _report_unknown_columns(self, place: Place, table: str, columns: Sequence[str]) -> None:
        unknown = [column for column in columns if column not in self._parts[table].ignore]
        notices = [write_notice("unknown_column", column=column) for column in unknown]
        self.findings.add_notices(place, notices)
