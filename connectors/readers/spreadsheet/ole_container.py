"""The container of old Excel files: its streams, if no chain in it runs in a circle and no size exceeds the file."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import IO

from connectors.tables.text_table import CannotRead

# [MS-CFB] 2.1: from here on a sector number says something else than where the next sector is.
_NO_SECTOR = 0xFFFFFFFA
_ENTRY = 128


def streams_of(file: IO[bytes], names: Iterable[str]) -> list[bytes]:
    """The streams of these names, those that are there; raises CannotRead ``broken_file`` for a container that is not sound.

    The workbook library follows a circle until the memory is full, and takes as much of it as any size says.
    """
    import olefile  # type: ignore[import-untyped]

    # Over a damaged container the library raises whatever its arithmetic leads to.
    with suppress(Exception), olefile.OleFileIO(file) as container:
        if _is_sound(container, file):
            return [container.openstream(name).read() for name in names if container.exists(name)]
    raise CannotRead(
        "broken_file",
        "Die Arbeitsmappe ist unvollständig oder beschädigt. Bitte neu exportieren und vollständig übertragen.",
    )


def _is_sound(container, file: IO[bytes]) -> bool:  # type: ignore[no-untyped-def]
    container.loadminifat()
    most = file.seek(0, os.SEEK_END)
    counts = (
        container.num_fat_sectors,
        container.num_mini_fat_sectors,
        container.num_difat_sectors,
        container.num_dir_sectors,
    )
    if max(counts) > container.nb_sect or not _tables_end(container, file):
        return False
    fat, mini = container.fat, container.minifat
    if not _chains_end(fat, [container.first_dir_sector, container.first_mini_fat_sector]):
        return False
    content = container._open(container.first_dir_sector).read()
    entries = [content[at : at + _ENTRY] for at in range(0, len(content) - _ENTRY + 1, _ENTRY)]
    starts = [struct.unpack_from("<I", entry, 116)[0] for entry in entries]
    # The upper half of a size is left as it was where sectors are small.
    layout = "<I" if container.sectorsize == 512 else "<Q"
    sizes = [struct.unpack_from(layout, entry, 120)[0] for entry in entries]
    return max(sizes, default=0) <= most and _chains_end(fat, starts) and _chains_end(mini, starts)


def _chains_end(table: Sequence[int], starts: Iterable[int]) -> bool:
    """Whether every chain comes to an end; a sector in two chains is looked at once."""
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
    """Whether the sectors that list the sectors of the table come to an end."""
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
