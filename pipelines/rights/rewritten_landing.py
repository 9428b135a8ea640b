"""Writes landed files anew without a person's rows, and checks that all other rows are as before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from connectors.redaction.redacted_file import redact_file
from connectors.redaction.wanted_rows import CannotRedact, Redaction
from connectors.search.byte_search import search_file
from connectors.search.needles import Needle
from connectors.tables.text_table import CannotRead, Dialect, TextTable, Wanted
from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.intake.reader_options import ReaderOptions
from pipelines.intake.wanted_tables import WantedTables
from pipelines.rights.landed_rows import LandedSearch, LandedTable, list_cells, read_tables
from warehouse.landing.landing import Manifest

_MEMORY = Path("/dev/shm")
Texts = tuple[str, ...]
# Title of a table → its rows: their number, cells, and what is said of them beside the cells.
Content = dict[tuple[str, str], list[tuple[int, Texts, Texts]]]


class NotRewritten(Failure):
    """A delivered file could not be written anew without the person's rows; nothing is certified."""


@dataclass(frozen=True)
class Rewrite:
    """A file written anew: its SHA-256 before and after, and how many rows went."""

    delivery_id: str
    old_sha256: str
    new_sha256: str
    rows: int


@dataclass(frozen=True)
class _FileAtHand:
    """One file of a delivery, how it is opened, and the person's rows in it."""

    manifest: Manifest
    name: str
    path: Path
    opening: ReaderOptions
    tables: Sequence[LandedTable] = field(repr=False)


class LandingRewriter:
    """Takes the rows of one person out of the landing."""

    def __init__(self, search: LandedSearch, needles: Sequence[Needle]) -> None:
        self.search, self.hub, self.needles = search, search.hub, needles

    def rewrite_delivery(self, manifest: Manifest) -> Iterator[Rewrite]:
        """Writes the files anew in which the person is; raises NotRewritten."""
        changed = [
            (file, content)
            for file in self._open_files(manifest)
            if (content := self._redact(file)) is not None
        ]
        for file, content in changed:
            old = _read_sum(manifest, file.name)
            manifest = self.hub.landing.replace_file(manifest, file.name, content)
            new = _read_sum(manifest, file.name)
            rows = sum(len(table.list_numbers()) for table in file.tables)
            yield Rewrite(manifest.delivery_id, old, new, rows)

    def _open_files(self, manifest: Manifest) -> Iterator[_FileAtHand]:
        is_source = self.search.knows_person(manifest)
        for name, path, opening in self.search.open_files(manifest):
            is_named = bool(search_file(path, self.needles).kinds)
            tables: list[LandedTable] = []
            if is_source or is_named:
                tables = list(self.search.find_in_file(manifest, name, path, opening))
            if tables or is_named:
                yield _FileAtHand(manifest, name, path, opening, tables)

    def _redact(self, file: _FileAtHand) -> bytes | None:
        redaction = self._plan(file)
        dialects = self._list_dialects(file)
        limits = file.opening.limits
        try:
            content = redact_file(file.path, file.name, redaction, dialects, limits)
            if content == file.path.read_bytes():
                return None
            self._compare(file, redaction, content)
        except CannotRedact as error:
            raise _refuse_file(file, error) from None
        return content

    def _plan(self, file: _FileAtHand) -> Redaction:
        whole: dict[str, set[int]] = defaultdict(set)
        for table in file.tables:
            whole[table.title] |= table.list_numbers()
        strings = self.search.strings
        keys = frozenset(key for _, key in strings.records)
        frozen = {title: frozenset(rows) for title, rows in whole.items()}
        return Redaction(frozen, keys, strings.names_row, strings.stands_in)

    def _list_dialects(self, file: _FileAtHand) -> list[Dialect]:
        found = [_read_dialect(table.written) for table in file.tables if table.written]
        stated = [want.dialect for want in self._find_wanted(file)]
        if found and stated and stated[0].fixed:
            return stated
        return found or stated

    def _compare(self, file: _FileAtHand, redaction: Redaction, content: bytes) -> None:
        """Raises CannotRedact unless the new file says the same of everybody else."""
        before = self._read_content(file, file.path)
        with _at_hand(content, self.hub) as path:
            after = self._read_content(file, path)
        for place, rows in before.items():
            found = [(cells, said) for _, cells, said in after.get(place, []) if any(cells)]
            if _expect_rows(place, rows, redaction) != found:
                raise CannotRedact("its other rows would not be the same")

    def _read_content(self, file: _FileAtHand, path: Path) -> Content:
        found: Content = {}
        for table in read_tables(path, file.name, self._find_wanted(file), file.opening):
            found[table.name, table.title] = list(_list_rows(table))
        return found

    def _find_wanted(self, file: _FileAtHand) -> list[Wanted]:
        mapping = self.hub.read_mapping(file.manifest.source)
        return WantedTables(mapping).find_in_file(file.name)


def _read_sum(manifest: Manifest, name: str) -> str:
    return next(one for one in manifest.files if one.name == name).sha256


def _refuse_file(file: _FileAtHand, error: CannotRedact) -> NotRewritten:
    manifest = file.manifest
    number = [one.name for one in manifest.files].index(file.name) + 1
    return NotRewritten(
        f"file {number} of the delivery {manifest.source}/{manifest.delivered_on} names the "
        f"person, and {error}; take it out of the landing by hand, then call again"
    )


@contextmanager
def _at_hand(content: bytes, hub: Hub) -> Iterator[Path]:
    """A path to the bytes while they are read; in memory where nothing may lie on the disk plain."""
    folder = hub.landing.folder if hub.key is None else _MEMORY
    with NamedTemporaryFile(dir=folder, prefix=".arriving-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _expect_rows(
    place: tuple[str, str], rows: Sequence[tuple[int, Texts, Texts]], redaction: Redaction
) -> list[tuple[Texts, Texts]]:
    """The rows that stay, as they have to be, with what is said of them; not those without cells."""
    stay = (
        (_trim(cells, redaction), tuple(filter(None, _trim(said, redaction))))
        for number, cells, said in rows
        if not _went(place, number, cells, redaction)
    )
    return [(cells, said) for cells, said in stay if any(cells)]


def _went(place: tuple[str, str], number: int, cells: Sequence[str], redaction: Redaction) -> bool:
    title = place[1]
    if number in redaction.rows_of(title):
        return True
    return title not in redaction.whole and redaction.names_row(cells)


def _trim(cells: Sequence[str], redaction: Redaction) -> Texts:
    return tuple(redaction.trim_cell(cell) for cell in cells)


def _list_rows(table: TextTable) -> Iterator[tuple[int, Texts, Texts]]:
    try:
        for batch in table.batches:
            for number, cells in list_cells(batch):
                yield number, cells, tuple(table.remarks.get(number, ()))
    except CannotRead:
        return


def _read_dialect(written: Mapping[str, str | None]) -> Dialect:
    return Dialect(
        encoding=written.get("encoding"),
        delimiter=written.get("delimiter"),
        quote=written.get("quote"),
        escape=written.get("escape"),
    )
