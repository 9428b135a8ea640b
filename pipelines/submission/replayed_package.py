"""Verifies a package as it lies in its folder, and makes it anew to compare every byte."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from connectors.documents.package.bag import (
    PAYLOAD,
    TAG_MANIFEST,
    list_damages,
    read_folder,
    sum_bag,
)
from pipelines.submission.kennzahlen_package import FIGURES
from pipelines.submission.packages import make_package
from pipelines.submission.program import describe_program
from pipelines.submission.submissions import find_submission, list_submissions
from warehouse.backup.receipt_files import describe_lost, is_kept
from warehouse.ledger.submissions import State, Submission
from warehouse.schema import erasure

if TYPE_CHECKING:
    from pipelines.hub import Hub

_MOST_FIGURES = 20


@dataclass(frozen=True)
class Verified:
    """Whether a package lies there as it was recorded; ``damages`` name what does not."""

    id: str
    folder: str
    damages: Sequence[str]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.damages


@dataclass(frozen=True)
class Difference:
    """A file that is not what the replay makes; ``where``: sheets, figures or lines in it."""

    file: str
    where: Sequence[str]


@dataclass(frozen=True)
class Replayed:
    """What came of making a package anew: equal in every byte, or how it differs.

    ``program_changed``: it was made by another version of the program. ``erased_since``: how many
    persons were erased of those it counts; they count on, without names.
    """

    id: str
    load: int
    files: int
    equal: bool
    program_changed: bool
    differences: Sequence[Difference]
    erased_since: int = 0


def verify_submission(hub: Hub, submission_id: str) -> Verified:
    """Compares the package in its folder with its own sums and with the ledger, and its receipts."""
    made = find_submission(hub, submission_id)
    folder = hub.config.data_folder.submission(made.submission_id)
    damages = _check_folder(folder, made) if folder.is_dir() else ["the folder is missing"]
    return Verified(made.submission_id, str(folder), [*damages, *_list_lost_receipts(hub, made)])


def _list_lost_receipts(hub: Hub, made: Submission) -> Iterator[str]:
    """The receipts of its states that do not lie there as they were kept."""
    for event in made.events:
        sha256 = event.receipt_sha256
        if sha256 and not is_kept(hub.config.data_folder.receipts, sha256):
            yield f"{event.state.value}: {describe_lost(sha256)}"


def _check_folder(folder: Path, made: Submission) -> list[str]:
    """What is wrong with the folder by its own sums and by the ledger."""
    damages = list_damages(folder)
    if sum_bag(read_folder(folder)) != made.manifest_sha256:
        damages.append(f"{TAG_MANIFEST} is not the one in the ledger")
    return damages


def replay_submission(hub: Hub, submission_id: str) -> Replayed:
    """Makes the package anew from the warehouse and compares it with what lies in its folder.

    Where the folder is missing, with the sums in the ledger.
    """
    made = find_submission(hub, submission_id)
    again = make_package(hub, made)
    folder = hub.config.data_folder.submission(made.submission_id)
    then = read_folder(folder) if folder.is_dir() else {}
    differences = list(_list_differences(then, again)) if then else []
    if sum_bag(again) != made.manifest_sha256 and not differences:
        differences = [Difference(TAG_MANIFEST, ["the sums are not those in the ledger"])]
    return Replayed(
        made.submission_id,
        made.load_number,
        len(again),
        not differences,
        json.loads(made.program) != describe_program(),
        differences,
        _count_erased(hub, made),
    )


def _count_erased(hub: Hub, made: Submission) -> int:
    """How many persons were erased after the load of a submission."""
    later = select(func.count()).select_from(erasure).where(erasure.c.records > 0)
    with hub.store.read() as connection:
        found = later.where(erasure.c.made_at > made.prepared_at)
        return connection.execute(found).scalar_one()


def choose_submission(hub: Hub, chosen: random.Random) -> Submission | None:
    """One of the submissions that were not withdrawn, at random; None where there is none."""
    known = [made for made in list_submissions(hub) if made.state is not State.WITHDRAWN]
    return chosen.choice(known) if known else None


def _list_differences(
    then: Mapping[str, bytes], again: Mapping[str, bytes]
) -> Iterator[Difference]:
    for name in sorted(then.keys() | again.keys()):
        if name not in then:
            yield Difference(name, ["missing in the folder"])
        elif name not in again:
            yield Difference(name, ["not part of the package"])
        elif then[name] != again[name]:
            yield Difference(name, _locate_difference(name, then[name], again[name]))


def _locate_difference(name: str, then: bytes, again: bytes) -> list[str]:
    try:
        if name == f"{PAYLOAD}/{FIGURES}":
            return _compare_figures(json.loads(then), json.loads(again))
        if name.endswith(".xlsx"):
            return _compare_parts(then, again)
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return ["it cannot be read any more"]
    if name.endswith((".csv", ".json", ".txt")):
        return _compare_lines(then, again)
    return [f"byte {_find_byte(then, again)}"]


def _find_byte(then: bytes, again: bytes) -> int:
    """The first byte that differs; where one is the beginning of the other, its end."""
    differing = (i for i, (a, b) in enumerate(zip(then, again, strict=False)) if a != b)
    return next(differing, min(len(then), len(again)))


def _compare_figures(then: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    listed = _list_changes(_index_figures(then), _index_figures(again))
    return listed[:_MOST_FIGURES] or ["other than its figures"]


def _list_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    changed = _name_changed(before, now)
    return [f"{n}: {before.get(n)} then, {now.get(n)} now" for n in changed]


def _name_changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of what is on one side only, or differs."""
    return sorted(n for n in before.keys() | now.keys() if before.get(n) != now.get(n))


def _index_figures(content: Mapping[str, Any]) -> dict[str, int]:
    return {
        " ".join(filter(None, [f["indicator"], f["category"], *map(str, f["unit"].values())])): f[
            "value"
        ]
        for f in content["figures"]
    }


def _compare_parts(then: bytes, again: bytes) -> list[str]:
    return _name_changed(_read_parts(then), _read_parts(again)) or ["order"]


def _read_parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _compare_lines(then: bytes, again: bytes) -> list[str]:
    pairs = zip(then.splitlines(), again.splitlines(), strict=False)
    lines = [number for number, (one, other) in enumerate(pairs, start=1) if one != other]
    if not lines:
        return ["its number of lines"]
    return [f"{len(lines)} lines, the first is line {lines[0]}"]
