"""Looks into a file that no mapping reads: it may be about consents, or nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

import pyarrow as pa

from connectors.readers.profiling.profile_file import profile_file
from connectors.readers.rows.watched_part import has_watched_cells
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable
from connectors.tables.unread_watch import UnreadWatch
from pipelines.intake.reader_options import ReaderOptions

_ARCHIVES = frozenset(
    {
        *(".7z", ".cab", ".rar", ".tar", ".tbz", ".tgz", ".txz", ".zip", ".zipx"),
        *(".bz2", ".gz", ".xz", ".zst"),
    }
)
_ARCHIVE_STARTS = (
    *(b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"MSCF"),
    # The parts of a zip that was cut.
    *(b"PK\x07\x08", b"PK00"),
)
_TAR, _TAR_AT = b"ustar", 257
# Letters, pictures and sounds: nothing that a program exports rows to.
_DOCUMENTS = frozenset(
    {
        *(".doc", ".docm", ".docx", ".dot", ".dotx", ".msg", ".odt", ".ott", ".pdf", ".rtf"),
        *(".odg", ".odp", ".potx", ".pps", ".ppsx", ".ppt", ".pptx", ".vsd", ".vsdx"),
        *(".bmp", ".gif", ".heic", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff"),
        *(".avi", ".m4a", ".mov", ".mp3", ".mp4", ".wav", ".webp"),
    }
)
_OFFICE = ("[Content_Types].xml", "mimetype")
_HEAD = 4096
# A line of more is no sentence and looked at in pieces.
_LINE = 1 << 16


def is_archive(name: str, path: Path) -> bool:
    """Whether a file holds other files, which nobody has looked at, by its name or its bytes."""
    if _ARCHIVES.intersection(PurePosixPath(name.casefold()).suffixes):
        return True
    head = _read_head(path)
    is_tar = head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
    return is_tar or head.startswith(_ARCHIVE_STARTS) or _is_plain_zip(path, head)


def holds_watched(name: str, path: Path, opening: ReaderOptions, watch: UnreadWatch) -> bool:
    """Whether something in a file matters, or may: it cannot be read and is no document."""
    is_document = PurePosixPath(name.casefold()).suffix in _DOCUMENTS
    if is_document and _is_binary(path):
        return False
    try:
        return any(_is_watched_table(table, watch) for table in _open_tables(name, path, opening))
    except CannotRead as error:
        if error.rule == "empty_file" or is_document:
            return False
        return _is_binary(path) or _has_watched_lines(path, watch)


def _open_tables(
    name: str, path: Path, opening: ReaderOptions
) -> Iterator[TextTable | UnreadableTable]:
    return profile_file(
        path, shown_as=name, password=opening.password, limits=opening.limits, hidden=True
    )


def _is_watched_table(table: TextTable | UnreadableTable, watch: UnreadWatch) -> bool:
    if isinstance(table, UnreadableTable):
        return True
    above = (cell for row in table.above for cell in row.cells)
    if any(map(watch.names, (*table.header, *above))):
        return True
    return any(
        has_watched_cells(watch, batch.cells.columns)
        or any(watch.says(row.cells) for row in batch.ragged)
        for batch in table.batches
    )


def _has_watched_lines(path: Path, watch: UnreadWatch) -> bool:
    """Whether a line of a text that is no table matters."""
    with path.open("rb") as file:
        while lines := file.readlines(_LINE):
            pieces = [line[at : at + _LINE] for line in lines for at in range(0, len(line), _LINE)]
            if has_watched_cells(watch, [pa.array(map(_decode, pieces), pa.string())]):
                return True
    return False


def _decode(piece: bytes) -> str:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return piece.decode("cp1252", "replace")


def _is_binary(path: Path) -> bool:
    """Whether a file is no text: it has a byte 0 at its beginning, or is packed."""
    head = _read_head(path)
    return b"\0" in head or head.startswith(b"PK")


def _is_plain_zip(path: Path, head: bytes) -> bool:
    """Whether a file is a zip and nothing that an office program writes."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return False
    try:
        with ZipFile(path) as archive:
            return not any(name in _OFFICE for name in archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
