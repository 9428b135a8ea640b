"""Reads every byte of files and of what is packed in them, and says which hold one of the needles."""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.search.needles import NEAR, Needle, fold_bytes

BLOCK = 1 << 24
# Packed files within packed files.
_DEEPEST = 4
_MOST_UNPACKED = 1 << 31
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.S)
_KINDS = ((b"PK\x03\x04", "zip"), (b"\x1f\x8b", "gzip"), (b"%PDF-", "pdf"))
# Opens a file that is encrypted with the district's key; None for any other.
Unseal = Callable[[Path], bytes | None]


@dataclass
class SearchResult:
    """What was searched, and where something was found: places and kinds, never the text itself."""

    files: int = 0
    bytes: int = 0
    found: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def search_folder(
    folder: Path,
    needles: Sequence[Needle],
    left_out: Iterable[Path] = (),
    unseal: Unseal = lambda path: None,
) -> SearchResult:
    """Searches every file below a folder, links not followed; ``left_out`` files are not opened."""
    result = SearchResult()
    skipped = set(left_out)
    for path in _walk(folder):
        if path in skipped:
            continue
        place = str(path.relative_to(folder))
        try:
            kinds = _list_kinds(os.fsencode(place), needles)
            kinds |= search_file(path, needles, unseal)
            result.bytes += path.lstat().st_size
        except OSError:
            result.unreadable.append(place)
            continue
        result.files += 1
        result.found += [(place, kind) for kind in sorted(kinds)]
    return result


def _walk(folder: Path) -> Iterator[Path]:
    yield from sorted(Path(base, name) for base, _, files in os.walk(folder) for name in files)


def search_file(
    path: Path, needles: Sequence[Needle], unseal: Unseal = lambda path: None
) -> set[str]:
    """The kinds of needles in a file, in the clear, packed or encrypted with the district's key."""
    if path.is_symlink():
        return _search_bytes(os.fsencode(os.readlink(path)), needles, 0)
    if not path.is_file():
        return set()
    found: set[str] = set()
    with path.open("rb") as file:
        head = b""
        while block := file.read(BLOCK):
            data = head + block
            found |= _list_kinds(data, needles)
            head = data[-4 * NEAR :]
    plain = unseal(path)
    if plain is not None:
        return found | _search_bytes(plain, needles, 0)
    return found | (_search_packed(path.read_bytes(), needles, 0) if _is_packed(path) else set())


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(_kind_of(file.read(8)))


def _list_kinds(data: bytes, needles: Sequence[Needle]) -> set[str]:
    folded = fold_bytes(data)
    return {needle.kind for needle in needles if needle.is_in(folded)}


def _kind_of(data: bytes) -> str | None:
    return next((kind for mark, kind in _KINDS if data.startswith(mark)), None)


def _search_bytes(data: bytes, needles: Sequence[Needle], depth: int) -> set[str]:
    return _list_kinds(data, needles) | _search_packed(data, needles, depth)


def _search_packed(data: bytes, needles: Sequence[Needle], depth: int) -> set[str]:
    """What is in the members of an archive, in a gzip, or in the streams of a PDF."""
    found: set[str] = set()
    if depth < _DEEPEST:
        for part in _unpack(data):
            found |= _search_bytes(part, needles, depth + 1)
    return found


def _unpack(data: bytes) -> Iterator[bytes]:
    try:
        match _kind_of(data):
            case "zip":
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    for entry in archive.infolist():
                        yield os.fsencode(entry.filename)
                        yield _read_member(archive, entry)
            case "gzip":
                yield gzip.decompress(data)
            case "pdf":
                yield from _inflate_streams(data)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError):
        # It is no archive after all, or a damaged one; its own bytes were searched.
        return


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The member, and what its markup says without tags, as a name may be in two of them."""
    content = archive.read(entry) if entry.file_size < _MOST_UNPACKED else b""
    if entry.filename.endswith(".xml"):
        return content + b"\n" + re.sub(rb"<[^>]*>", b" ", content)
    return content


def _inflate_streams(data: bytes) -> Iterator[bytes]:
    for match in _STREAM.finditer(data):
        try:
            yield zlib.decompressobj().decompress(match[1])
        except zlib.error:
            continue
