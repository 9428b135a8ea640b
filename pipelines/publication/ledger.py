"""The ledger of publications: what was shown and hidden in each, never changed afterwards."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from connectors.documents.atomic_file import open_draft, write_through
from pipelines.failures import Failure


class BrokenLedger(Failure):
    """A publication was changed, or one is missing; nothing new may be published beside it."""


class PublishedMeanwhile(Failure):
    """Another publication was made in the same moment."""


@dataclass(frozen=True)
class PrintedCell:
    """One number of a published table.

    ``categories`` None: the total of the indicator; ``places``: AGS, "" for those of none.
    ``first`` None: a stock, counted on ``last``. ``is_shown``: whether its number was printed.
    """

    indicator: str
    categories: tuple[str, ...] | None
    places: tuple[str, ...]
    first: str | None
    last: str
    value: int
    is_shown: bool


@dataclass(frozen=True)
class Publication:
    """One publication; ``previous`` is the hash of the one before.

    ``columns_by_size``: as in publications that do not say so; a hidden number is then no larger
    than that of the column before it.
    """

    number: int
    made_on: str
    layout: str
    load: int
    cells: Sequence[PrintedCell]
    previous: str = ""
    columns_by_size: bool = True


def read_publications(
    folder: Path, witnessed: Mapping[int, str] = MappingProxyType({})
) -> list[Publication]:
    """All publications in their order; BrokenLedger where the chain does not hold.

    ``witnessed``: number → sum of the file, as far as somebody else knows them: nothing follows the
    newest one that would show a change of it.
    """
    found: list[Publication] = []
    previous = ""
    for number, path in enumerate(_list_files(folder), 1):
        content = path.read_bytes()
        one = _understand_publication(content)
        now = hashlib.sha256(content).hexdigest()
        is_chained = one is not None and one.number == number and one.previous == previous
        if one is None or not is_chained or witnessed.get(number, now) != now:
            raise BrokenLedger(f"the ledger of publications is broken at {path.name}")
        previous = now
        found.append(one)
    if max(witnessed, default=0) > len(found):
        raise BrokenLedger(
            f"publication {max(witnessed)} is missing in {folder}; bring the folder back as a whole"
        )
    return found


def sum_publications(folder: Path) -> dict[int, str]:
    """Number → SHA-256 of each file."""
    files = enumerate(_list_files(folder), 1)
    return {number: hashlib.sha256(path.read_bytes()).hexdigest() for number, path in files}


def _list_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def _understand_publication(content: bytes) -> Publication | None:
    try:
        return _parse_publication(json.loads(content))
    except (ValueError, TypeError, KeyError):
        return None


def write_publication(folder: Path, made: Publication) -> Publication:
    """Appends a publication and returns it with its hash of the one before."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = _list_files(folder)
    previous = hashlib.sha256(before[-1].read_bytes()).hexdigest() if before else ""
    chained = Publication(**{**vars(made), "previous": previous})
    path = folder / f"{made.number:04}.json"
    with open_draft(path) as draft:
        write_through(draft, json.dumps(asdict(chained), ensure_ascii=False, indent=1).encode())
        try:
            # Unlike a move, a link never takes the place of what another process wrote.
            os.link(draft, path)
        except FileExistsError:
            raise PublishedMeanwhile(
                f"publication {made.number} was made meanwhile; call again"
            ) from None
    return chained


def _parse_publication(data: dict[str, Any]) -> Publication:
    cells = [
        PrintedCell(
            **{
                **cell,
                "categories": None if cell["categories"] is None else tuple(cell["categories"]),
                "places": tuple(cell["places"]),
            }
        )
        for cell in data["cells"]
    ]
    return Publication(**{**data, "cells": cells})
