"""Reads streams from the container of old Excel files (OLE), after checking that it is sound.

Sound means that no chain of sectors runs in a circle and no size exceeds the file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO

from connectors.readers.spreadsheet.size_check import incomplete_error

# [MS-CFB] 2.1: sector numbers from here on are special values and no positions.
_NO_SECTOR = 0xFFFFFFFA
_ENTRY = 128


def streams_of(file: IO[bytes], names: Iterable[str]) -> list[bytes]:
    """The streams of these names that exist; raises CannotRead ``broken_file`` for an unsound file.

    The workbook library follows a circle until the memory is full, and reserves as much memory as
    any size in the file asks for.
    """
    import olefile  # type: ignore[import-untyped]

    # The library has no errors of its own for damage: any exception of its arithmetic may come.
    with suppress(Exception), olefile.OleFileIO(file) as container:
        if _is_sound(container, file):
            return [container.openstream(name).read() for name in names if container.exists(name)]
    raise incomplete_error()


def _is_sound(container, file: IO[bytes]) -> bool:  # type: ignore[no-untyped-def]
    container.loadminifat()
    most = file.seek(0, os.SEEK_END)
    if not _counts_fit(container) or not _tables_end(container, file):
        return False
    fat = container.fat
    if not _chains_end(fat, [container.first_dir_sector, container.first_mini_fat_sector]):
        return False
    entries = list(_directory_entries(container))
    starts = [struct.unpack_from("<I", entry, 116)[0] for entry in entries]
    # With small sectors the upper half of a size is undefined.
    layout = "<I" if container.sectorsize == 512 else "<Q"
    sizes = [struct.unpack_from(layout, entry, 120)[0] for entry in entries]
    in_file = max(sizes, default=0) <= most
    return in_file and all(_chains_end(table, starts) for table in (fat, container.minifat))


def _counts_fit(container) -> bool:  # type: ignore[no-untyped-def]
    counts = (
        container.num_fat_sectors,
        container.num_mini_fat_sectors,
        container.num_difat_sectors,
        container.num_dir_sectors,
    )
    return bool(max(counts) <= container.nb_sect)


def _directory_entries(container) -> Iterator[bytes]:  # type: ignore[no-untyped-def]
    content = container._open(container.first_dir_sector).read()
    for at in range(0, len(content) - _ENTRY + 1, _ENTRY):
        yield content[at : at + _ENTRY]


def _chains_end(table: Sequence[int], starts: Iterable[int]) -> bool:
    """Whether every chain comes to an end; a sector in two chains is followed once."""
    done: set[int] = set()
    for sector in starts:
        chain: set[int] = set()
        while sector < len(table) and sector not in done:
            if sector in chain:
                return False
            chain.add(sector)
            sector = table[sector]
        done |= chain
    return True


def _tables_end(container, file: IO[bytes]) -> bool:  # type: ignore[no-untyped-def]
    """Whether the chain of sectors that list the allocation table comes to an end."""
    sector = container.first_difat_sector
    for _ in range(container.nb_sect + 1):
        if sector >= min(_NO_SECTOR, container.nb_sect):
            return True
        file.seek((sector + 2) * container.sectorsize - 4)
        last = file.read(4)
        if len(last) < 4:
            return True
        sector = struct.unpack("<I", last)[0]
    return False
