"""Finds a person's rows in the landed files, as they were delivered, by the mapping of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import Batch, CannotRead, TextTable, Wanted
from mappings.compile import Compiler
from mappings.engine.duplicates import TableKeys
from mappings.engine.findings import MappedBatch
from mappings.engine.plan import EntityPlan, TablePlan
from mappings.engine.table import TableMapper
from pipelines.hub import Hub
from pipelines.intake.copied_files import CopiedFiles
from pipelines.intake.reader_options import ReaderOptions, reader_options_of
from pipelines.intake.wanted_tables import WantedTables
from pipelines.rights.person_strings import PersonStrings
from warehouse.landing.landing import Manifest
from warehouse.landing.refusal_note import read_note
from warehouse.loading.spelled_keys import fold_keys
from warehouse.rights.person_rows import PARTS, OwnRecords
from warehouse.schema import ENTITIES

# Entities of which a row that names the person is theirs.
_NAMING = frozenset({*PARTS, "goal", "consent"})


@dataclass(frozen=True)
class LandedRow:
    """A row with its number as people see it; ``is_whole``: it is about this person only.

    Otherwise others take part in what it says, and only some of its cells are theirs; or none,
    where it is not ``is_theirs``. ``remarks`` is what a sheet says of it beside its cells.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    is_whole: bool = True
    is_theirs: bool = True
    remarks: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True)
class LandedTable:
    """The person's rows of one table of a file; ``name`` is the mapping's, ``title`` the file's."""

    manifest: Manifest
    file: str
    name: str
    title: str
    rows: Sequence[LandedRow]
    written: Mapping[str, str | None] = field(default_factory=dict)

    def list_numbers(self) -> set[int]:
        """The rows that are the person's alone."""
        return {row.number for row in self.rows if row.is_whole}


class LandedSearch:
    """Looks for one person in the deliveries of a hub.

    ``said_of_others``: the cells of unmapped columns and the notes at rows of others that were read.
    """

    def __init__(self, hub: Hub, own: OwnRecords, strings: PersonStrings) -> None:
        self.hub, self.own, self.strings = hub, own, strings
        self.said_of_others: set[str] = set()
        self._keys = {s: _fold(keys) for s, keys in own.subject.by_source().items()}

    def list_manifests(self) -> Iterator[Manifest]:
        """The deliveries of all configured sources, by source and day."""
        landed = (m for m in self.hub.landing.list_manifests() if isinstance(m, Manifest))
        known = [m for m in landed if m.source in self.hub.config.sources]
        yield from sorted(known, key=lambda m: (m.source, m.delivered_on, m.delivery_id))

    def knows_person(self, manifest: Manifest) -> bool:
        """Whether the source of a delivery has a record of the person."""
        return manifest.source in self._keys

    def find_tables(self, manifest: Manifest) -> Iterator[LandedTable]:
        """The tables of a delivery in which the person is."""
        for name, path, opening in self.open_files(manifest):
            yield from self.find_in_file(manifest, name, path, opening)

    def open_files(self, manifest: Manifest) -> Iterator[tuple[str, Path, ReaderOptions]]:
        """The files of a delivery as name, path and how to open it, but notes of refused ones."""
        landing = self.hub.landing
        hashes = {file.name: file.sha256 for file in manifest.files}
        with landing.open_files(manifest) as files, landing.index_files(manifest) as beside:
            copied = CopiedFiles.among(hashes)
            opening = reader_options_of(self.hub.config, manifest.source, beside, copied)
            for name, path in files:
                if not read_note(path):
                    yield name, path, opening

    def find_in_file(
        self, manifest: Manifest, name: str, path: Path, opening: ReaderOptions
    ) -> Iterator[LandedTable]:
        """The tables of one file in which the person is; nothing of a file that cannot be read."""
        mapping = self.hub.read_mapping(manifest.source)
        wanted = WantedTables(mapping).find_in_file(name)
        days = self.hub.config.days
        compiler = Compiler(mapping, self.hub.municipalities, manifest.delivered_on, days)
        for table in read_tables(path, name, wanted, opening):
            ignored = mapping.file.tables[table.name].ignore
            rows = list(self._find_rows(manifest.source, compiler, table, ignored))
            if rows:
                yield LandedTable(manifest, name, table.name, table.title, rows, table.written)

    def _find_rows(
        self, source: str, compiler: Compiler, table: TextTable, ignored: Collection[str]
    ) -> Iterator[LandedRow]:
        plan = compiler.compile_table(table.name, table.preamble, table.day_zero, table.title)
        mapper = TableMapper(plan, TableKeys(several=True))
        naming = find_naming(plan)
        try:
            for batch in table.batches:
                ragged = [row.row for row in batch.ragged]
                mapped = mapper.map_batch(batch.cells, batch.row, ragged)
                for found in self._sift_batch(source, naming, batch, mapped):
                    row = replace(found, remarks=table.remarks.get(found.number, ()))
                    if row.is_theirs:
                        yield row
                    else:
                        self._note_others(row, ignored)
        except CannotRead:
            return

    def _sift_batch(
        self, source: str, naming: Collection[str], batch: Batch, mapped: MappedBatch
    ) -> Iterator[LandedRow]:
        used = self._judge_rows(source, mapped)
        for number, texts in list_cells(batch):
            cells = dict(zip(batch.cells.schema.names, texts, strict=True))
            verdict = self._judge_row(source, used.get(number), naming, cells)
            yield LandedRow(number, cells, bool(verdict), verdict is not None)
        yield from self._sift_ragged(batch)

    def _sift_ragged(self, batch: Batch) -> Iterator[LandedRow]:
        """The rows with too few or too many cells that name the person."""
        for row in batch.ragged:
            if self.strings.names_row(row.cells):
                yield LandedRow(row.row, {str(at): c for at, c in enumerate(row.cells)})

    def _note_others(self, row: LandedRow, ignored: Collection[str]) -> None:
        """Notes what unmapped columns and notes say of somebody else's row: phrases that many use."""
        cells = (row.cells[name] for name in ignored if name in row.cells)
        self.said_of_others.update(text.strip() for text in (*cells, *row.remarks))

    def _judge_row(
        self,
        source: str,
        said: Sequence[bool] | None,
        naming: Collection[str],
        cells: Mapping[str, str],
    ) -> bool | None:
        """Whether a row is the person's: True alone, False in part, None not at all.

        Of a row of which nothing is known, its own cells tell.
        """
        if said is not None and any(said):
            return all(said)
        texts = list(cells.values())
        if said is None:
            own = any(self._is_own(source, cells.get(column, "")) for column in naming)
            return True if own or self.strings.names_row(texts) else None
        return False if any(map(self.strings.stands_in, texts)) else None

    def _judge_rows(self, source: str, mapped: MappedBatch) -> dict[int, list[bool]]:
        """By row, of each thing made of it, whether it is the person's alone.

        A row that names this person and no other is theirs, whatever else it says.
        """
        found: dict[int, list[bool]] = defaultdict(list)
        named: dict[int, list[bool]] = defaultdict(list)
        for entity, rows in mapped.entities.items():
            records = rows.column("record_key").to_pylist()
            places = rows.column("source_row").to_pylist()
            for place, record, key in zip(places, records, _persons_of(rows), strict=True):
                verdict = self._is_theirs(source, entity, record, key)
                (named if entity in PARTS else found)[place].append(verdict)
        for place, verdicts in named.items():
            found[place] = verdicts if all(verdicts) else [*found[place], *verdicts]
        return found

    def _is_theirs(self, source: str, entity: str, record: str, key: str | None) -> bool:
        if self.own.is_alone(ENTITIES[entity].record, source, record):
            return True
        return entity in _NAMING and key is not None and self._is_own(source, key)

    def _is_own(self, source: str, key: str) -> bool:
        return next(iter(_fold([key])), "") in self._keys.get(source, set())


def list_places(tables: Iterable[LandedTable]) -> list[tuple[str, str, int]]:
    """Delivery, file and number of each row of these tables."""
    return [(t.manifest.delivery_id, t.file, row) for t in tables for row in t.list_numbers()]


def list_cells(batch: Batch) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Number and cells of each row of a batch."""
    columns = [column.to_pylist() for column in batch.cells.columns]
    return zip(batch.row.to_pylist(), zip(*columns, strict=True), strict=True)


def find_naming(plan: TablePlan) -> set[str]:
    """The columns in which a row of a table has the key of a person."""
    found = {column for entity in plan.entities for column in _list_person_columns(entity)}
    if plan.find_entity("person") or "case" in (*plan.ends, *plan.keeps):
        found |= {reading.column for reading in plan.key}
    return found


def _list_person_columns(entity: EntityPlan) -> Iterator[str]:
    yield from (f.reading.column for f in entity.fields if f.name == "person_key" and f.reading)
    each = entity.each
    if each and each.reading and each.field == "person_key":
        yield each.reading.column


def _persons_of(rows: pa.RecordBatch) -> list[str | None]:
    if "person_key" in rows.schema.names:
        return list(rows.column("person_key").to_pylist())
    return [None] * rows.num_rows


def _fold(keys: Sequence[str] | set[str]) -> set[str]:
    """The keys without what hands and programs change about them."""
    return {key for key in fold_keys(pa.array(list(keys), pa.string())).to_pylist() if key}


def read_tables(
    path: Path, name: str, wanted: Sequence[Wanted], opening: ReaderOptions
) -> Iterator[TextTable]:
    """The wanted tables of a file that can be read; each is read before the next."""
    password, beside = opening.password, opening.beside
    try:
        for table in open_tables(
            path, name, wanted, opening.limits, password=password, beside=beside
        ):
            if isinstance(table, TextTable):
                yield table
    except CannotRead:
        return
