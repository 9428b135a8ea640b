"""Reads every byte of files and of what is packed in them, and says which hold one of the needles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.search.needles import NEAR, Needle, fold_bytes
from connectors.search.packed_files import HEAD, TOLD_BY_ALL, Closed, find_kind, is_closed, unpack

BLOCK = 1 << 24
# Packed files within packed files.
_DEEPEST = 4
# Opens a file that is encrypted with the district's key; None for any other.
Unseal = Callable[[Path], bytes | None]


@dataclass
class SearchResult:
    """What was searched, and where something was found: places and kinds, never the text itself.

    ``closed``: places of which a part is encrypted, or packed in a way that nobody could look into.
    """

    files: int = 0
    bytes: int = 0
    found: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


@dataclass
class SearchedFile:
    """The kinds of needles in one file, and whether a part of it could not be looked into."""

    kinds: set[str] = field(default_factory=set)
    is_closed: bool = False


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
            searched = search_file(path, needles, unseal)
            result.bytes += path.lstat().st_size
        except OSError:
            result.unreadable.append(place)
            continue
        result.files += 1
        kinds = searched.kinds | _list_kinds(os.fsencode(place), needles)
        result.found += [(place, kind) for kind in sorted(kinds)]
        if searched.is_closed:
            result.closed.append(place)
    return result


def _walk(folder: Path) -> Iterator[Path]:
    yield from sorted(Path(base, name) for base, _, files in os.walk(folder) for name in files)


def search_file(
    path: Path, needles: Sequence[Needle], unseal: Unseal = lambda path: None
) -> SearchedFile:
    """Searches a file in the clear, packed or encrypted with the district's key."""
    searched = SearchedFile()
    if path.is_symlink():
        searched.kinds = _list_kinds(os.fsencode(os.readlink(path)), needles)
    elif path.is_file():
        searched.kinds = _search_blocks(path, needles)
        plain, head = unseal(path), _read_head(path)
        if plain is not None:
            _search_bytes(searched, plain, needles, 0)
        elif is_closed(head):
            # A warehouse may be larger than the memory.
            searched.is_closed = True
        elif find_kind(head) or head.startswith(TOLD_BY_ALL):
            _search_packed(searched, path.read_bytes(), needles, 0)
    return searched


def _search_blocks(path: Path, needles: Sequence[Needle]) -> set[str]:
    """The needles in the bytes as they are, however long the file is."""
    found: set[str] = set()
    with path.open("rb") as file:
        head = b""
        while block := file.read(BLOCK):
            data = head + block
            found |= _list_kinds(data, needles)
            head = data[-4 * NEAR :]
    return found


def _read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _list_kinds(data: bytes, needles: Sequence[Needle]) -> set[str]:
    folded = fold_bytes(data)
    return {needle.kind for needle in needles if needle.is_in(folded)}


def _search_bytes(
    searched: SearchedFile, data: bytes, needles: Sequence[Needle], depth: int
) -> None:
    searched.kinds |= _list_kinds(data, needles)
    _search_packed(searched, data, needles, depth)


def _search_packed(
    searched: SearchedFile, data: bytes, needles: Sequence[Needle], depth: int
) -> None:
    """Searches the members of an archive, what a stream unpacks to, and the text of a PDF."""
    try:
        for part in unpack(data) if depth < _DEEPEST else ():
            _search_bytes(searched, part, needles, depth + 1)
    except Closed:
        searched.is_closed = True
    if depth == _DEEPEST and (find_kind(data) or is_closed(data[:HEAD])):
        searched.is_closed = True
