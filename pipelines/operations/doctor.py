"""The doctor: looks at everything a run needs and says in plain words what is wrong and what to do. Changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from connectors.fetch.local_folder import FolderMissing, find_all_deliveries
from mappings.problems import YamlProblems
from pipelines.failures import translate_error
from pipelines.hub import Hub
from pipelines.intake.run import red_sources
from warehouse.identity.person_links import count_unlinked

_ROOM = 1 << 30


class CheckState(StrEnum):
    """Whether something has to be done."""

    FINE = "fine"
    RED = "red"


FINE, RED = CheckState


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    state: CheckState
    message: str


def examine_hub(hub: Hub) -> Iterator[Check]:
    """All checks, in the order in which one would mend things."""
    yield Check("python", FINE, f"Python {sys.version.split()[0]}")
    yield Check(
        "configuration",
        FINE,
        f"{hub.config.path}: {len(hub.config.sources)} sources, {len(hub.config.municipalities)} municipalities",
    )
    yield _check_clock()
    yield from _check_disk(hub)
    yield from _check_mappings(hub)
    yield from _check_folders(hub)
    yield from _check_warehouse(hub)


def _check_clock() -> Check:
    now = datetime.now(UTC)
    newest = datetime.fromtimestamp(os.path.getmtime(__file__), UTC)
    if now < newest:
        return Check(
            "clock",
            RED,
            f"the clock says {now:%Y-%m-%d}, which is before this program was installed; set it right",
        )
    return Check("clock", FINE, f"{now:%Y-%m-%d %H:%M} UTC")


def _check_disk(hub: Hub) -> Iterator[Check]:
    folder = hub.config.data
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(there, os.W_OK):
        yield Check(
            "data folder",
            RED,
            f"no permission to write in {there}; give the service user the right or choose another 'data' folder",
        )
        return
    free = shutil.disk_usage(there).free
    if free < _ROOM:
        yield Check(
            "disk",
            RED,
            f"only {free >> 20} MiB are free under {there}; make room for at least 1024 MiB",
        )
    else:
        yield Check("disk", FINE, f"{free >> 30} GiB free under {there}")
    if folder.exists() and folder.stat().st_mode & 0o077:
        yield Check(
            "rights",
            RED,
            f"{folder} can be read by other users of this machine; run: chmod -R go-rwx {folder}",
        )


def _check_mappings(hub: Hub) -> Iterator[Check]:
    for name in hub.config.sources:
        try:
            mapping = hub.read_mapping(name)
            yield Check(
                f"mapping of {name}", FINE, f"{mapping.name}: {len(mapping.file.tables)} tables"
            )
        except YamlProblems as problems:
            yield Check(f"mapping of {name}", RED, str(problems))


def _check_folders(hub: Hub) -> Iterator[Check]:
    names = list(hub.config.sources)
    found = find_all_deliveries([hub.config.sources[n].folder for n in names], settle_seconds=0)
    for name, deliveries in zip(names, found, strict=True):
        if isinstance(deliveries, FolderMissing) and hub.config.sources[name].fetch is not None:
            yield Check(f"folder of {name}", FINE, "nothing has been fetched yet")
        elif isinstance(deliveries, FolderMissing):
            yield Check(f"folder of {name}", RED, deliveries.message)
        else:
            newest = max((d.date for d in deliveries), default=None)
            text = (
                f"{len(deliveries)} deliveries, the newest of {newest}"
                if newest
                else "no deliveries yet"
            )
            late = hub.config.sources[name].expect_every_days
            is_late = bool(late and newest and (date.today() - newest).days > late)
            yield Check(
                f"folder of {name}",
                RED if is_late else FINE,
                text + (f"; one is expected every {late} days" if is_late else ""),
            )


def _check_warehouse(hub: Hub) -> Iterator[Check]:
    try:
        last = hub.store.last_load()
    except Exception as error:
        # Whoever asks the doctor has a trouble already; that must not be the end of the answer.
        yield Check("warehouse", RED, str(translate_error(error)))
        return
    yield Check("warehouse", FINE, f"{last} loads")
    for source, message in red_sources(hub).items():
        yield Check(f"last delivery of {source}", RED, message)
    with hub.store.read() as connection:
        alone = count_unlinked(connection)
    if alone:
        yield Check(
            "persons", RED, f"{alone} person records belong to no person; run: drehscheibe run"
        )
