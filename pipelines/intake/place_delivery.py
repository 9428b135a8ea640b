"""Lays a fetched delivery into its source's folder, whole or not at all. Whence it came and what it holds is not known here."""

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
    """A delivery in the working folder: where each of its files, by its name in the delivery, lies there."""

    date: date
    files: Mapping[str, str]


def place_delivery(
    work: Path, delivered: FetchedDelivery, folder: Path, full: bool
) -> tuple[date, Literal["new", "same", "later"]]:
    """Moves a delivery into ``folder/<date>``; what a reader sees there is the old one, none, or the new one, never a half.

    One of the same date that lies there already is left if it has the same bytes, and replaced otherwise: a full delivery holds
    whatever an earlier one of that day did, and the landing keeps the bytes of what was taken. Changes only (not ``full``) never
    replace, since those lying there might not have been taken yet; they are asked for again later.
    """
    day = delivered.date.isoformat()
    target, arriving = folder / day, folder / (ARRIVING + day)
    if target.exists() and _is_same(work, delivered, target):
        return delivered.date, "same"
    if target.exists() and not full:
        return delivered.date, "later"
    for name, file in delivered.files.items():
        (arriving / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(work / file, arriving / name)
    if target.exists():
        os.replace(target, folder / (REPLACED + day))
    os.replace(arriving, target)
    shutil.rmtree(folder / (REPLACED + day), ignore_errors=True)
    return delivered.date, "new"


def recover_folder(folder: Path) -> None:
    """Puts in order what an interruption left: half of a delivery goes, one that was to be replaced comes back."""
    for half in folder.glob(f"{ARRIVING}*"):
        shutil.rmtree(half)
    for old in folder.glob(f"{REPLACED}*"):
        target = folder / old.name.removeprefix(REPLACED)
        if target.exists():
            shutil.rmtree(old)
        else:
            os.replace(old, target)


def _is_same(work: Path, delivered: FetchedDelivery, target: Path) -> bool:
    lying = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    return lying == set(delivered.files) and all(
        filecmp.cmp(work / file, target / name, shallow=False)
        for name, file in delivered.files.items()
    )
