"""Places a fetched delivery in its source's folder, whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

ARRIVING, REPLACED = ".arriving-", ".replaced-"


@dataclass(frozen=True)
class FetchedDelivery:
    """A delivery in the working folder; ``files``: name in the delivery → path in that folder."""

    date: date
    files: Mapping[str, str]


def place_delivery(
    work: Path, delivered: FetchedDelivery, folder: Path, full: bool
) -> tuple[date, Literal["new", "same", "later"]]:
    """Moves a delivery into ``folder/<date>``; readers never see half of one.

    One of the same date is left if it has the same bytes. Otherwise a full delivery replaces it:
    it holds all that the earlier one did, and the landing keeps the bytes of what was loaded.
    Changes only (not ``full``) never replace, since the earlier ones might not have been loaded
    yet; the caller asks for them again later.
    """
    target = folder / delivered.date.isoformat()
    if target.exists() and _is_same(work, delivered, target):
        return delivered.date, "same"
    if target.exists() and not full:
        return delivered.date, "later"
    _put_in_place(work, delivered, target)
    return delivered.date, "new"


def _put_in_place(work: Path, delivered: FetchedDelivery, target: Path) -> None:
    arriving = target.with_name(ARRIVING + target.name)
    replaced = target.with_name(REPLACED + target.name)
    for name, file in delivered.files.items():
        (arriving / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(work / file, arriving / name)
    if target.exists():
        os.replace(target, replaced)
    os.replace(arriving, target)
    shutil.rmtree(replaced, ignore_errors=True)


def recover_folder(folder: Path) -> None:
    """Repairs a folder after an interruption.

    Half of a delivery is deleted; one that was about to be replaced comes back.
    """
    for half in folder.glob(f"{ARRIVING}*"):
        shutil.rmtree(half)
    for old in folder.glob(f"{REPLACED}*"):
        target = folder / old.name.removeprefix(REPLACED)
        if target.exists():
            shutil.rmtree(old)
        else:
            os.replace(old, target)


def _is_same(work: Path, delivered: FetchedDelivery, target: Path) -> bool:
    placed = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    return placed == set(delivered.files) and all(
        filecmp.cmp(work / file, target / name, shallow=False)
        for name, file in delivered.files.items()
    )
