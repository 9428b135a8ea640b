"""Checks everything a run needs and says what is wrong and what to do; changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.exc import ProgrammingError

from connectors.fetch.local_folder import FolderMissing, FoundDelivery
from mappings.problems import YamlProblems
from mappings.target_group import load_rule
from pipelines.config.models import FundingTerms
from pipelines.failures import translate_error
from pipelines.funding.register_file import read_register
from pipelines.hub import Hub
from pipelines.intake.district_model import describe_dropped
from pipelines.intake.freshness import find_release_obstacles
from pipelines.intake.run import find_in_folders
from warehouse.backup.receipt_files import find_lost_receipts
from warehouse.identity.person_links import count_unlinked

_LEAST_FREE_BYTES = 1 << 30


class CheckState(StrEnum):
    """Whether a check passed; ``RED``: something has to be done."""

    FINE = "fine"
    RED = "red"


FINE, RED = CheckState


@dataclass(frozen=True)
class Check:
    """One check and its result."""

    name: str
    state: CheckState
    message: str


def examine_hub(hub: Hub) -> Iterator[Check]:
    """All checks, in the order in which one would repair things."""
    yield Check("python", FINE, f"Python {sys.version.split()[0]}")
    yield _describe_configuration(hub)
    yield _check_clock()
    yield from _check_disk(hub)
    yield from _check_mappings(hub)
    yield from _check_funding(hub)
    yield from _check_folders(hub)
    yield from _check_warehouse(hub)
    yield from _list_ungrounded(hub)


def _describe_configuration(hub: Hub) -> Check:
    config = hub.config
    counts = f"{len(config.sources)} sources, {len(config.municipalities)} municipalities"
    return Check("configuration", FINE, f"{config.path}: {counts}")


def _check_clock() -> Check:
    now = datetime.now(UTC)
    if now < datetime.fromtimestamp(os.path.getmtime(__file__), UTC):
        said = f"the clock says {now:%Y-%m-%d}, which is before this program was installed"
        return Check("clock", RED, f"{said}; set it right")
    return Check("clock", FINE, f"{now:%Y-%m-%d %H:%M} UTC")


def _check_disk(hub: Hub) -> Iterator[Check]:
    folder = hub.config.data
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    if not os.access(existing, os.W_OK):
        text = (
            f"no permission to write in {existing}; "
            "give the service user the right or choose another 'data' folder"
        )
        yield Check("data folder", RED, text)
        return
    yield _check_free_space(existing)
    if folder.exists() and folder.stat().st_mode & 0o077:
        text = f"{folder} can be read by other users of this machine; run: chmod -R go-rwx {folder}"
        yield Check("rights", RED, text)


def _check_free_space(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    if free >= _LEAST_FREE_BYTES:
        return Check("disk", FINE, f"{free >> 30} GiB free under {folder}")
    advice = "make room for at least 1024 MiB"
    return Check("disk", RED, f"only {free >> 20} MiB are free under {folder}; {advice}")


def _check_mappings(hub: Hub) -> Iterator[Check]:
    for name in hub.config.sources:
        try:
            mapping = hub.read_mapping(name)
        except YamlProblems as problems:
            yield Check(f"mapping of {name}", RED, str(problems))
        else:
            text = f"{mapping.name}: {len(mapping.file.tables)} tables"
            yield Check(f"mapping of {name}", FINE, text)


def _check_funding(hub: Hub) -> Iterator[Check]:
    """Register and rules of the funding, where the district has its own."""
    config = hub.config
    try:
        register = read_register(config)
        rules = [load_rule(name, config.path.parent) for name in config.funding.list_rules()]
    except YamlProblems as error:
        yield Check("funding", RED, str(error))
        return
    if config.funding != FundingTerms():
        counts = f"{len(register.posts)} posts, {len(register.staff)} staff, {len(rules)} rules"
        yield Check("funding", FINE, counts)


def _check_folders(hub: Hub) -> Iterator[Check]:
    for name, found in find_in_folders(hub.config, hub.select_sources(), settle_seconds=0):
        yield Check(f"folder of {name}", *_examine_folder(hub, name, found))


def _examine_folder(
    hub: Hub, name: str, found: list[FoundDelivery] | FolderMissing
) -> tuple[CheckState, str]:
    settings = hub.config.sources[name]
    if isinstance(found, FolderMissing):
        if settings.fetch is not None:
            return FINE, "nothing has been fetched yet"
        return RED, found.message
    if not found:
        return FINE, "no deliveries yet"
    newest, expected = max(d.date for d in found), settings.expect_every_days
    text = f"{len(found)} deliveries, the newest of {newest}"
    if refused := sum(len(d.refused) for d in found):
        return RED, f"{text}; {refused} files are refused, see: drehscheibe findings"
    if expected and (hub.today - newest).days > expected:
        return RED, f"{text}; one is expected every {expected} days"
    return FINE, text


def _check_warehouse(hub: Hub) -> Iterator[Check]:
    try:
        last = hub.store.last_load()
    except Exception as error:
        # Whoever asks the doctor has a problem already; it must not end the answer.
        yield Check("warehouse", RED, str(translate_error(error)))
        return
    yield Check("warehouse", FINE, f"{last} loads")
    for source, reasons in find_release_obstacles(hub).items():
        yield Check(f"releases of {source}", RED, f"no forms are made: {' '.join(reasons)}")
    with hub.store.read() as connection:
        unlinked = count_unlinked(connection)
    if dropped := describe_dropped(hub):
        yield Check("model of persons", RED, dropped)
    if unlinked:
        text = f"{unlinked} person records belong to no person; run: drehscheibe run"
        yield Check("persons", RED, text)
    yield from _check_receipts(hub)


def _check_receipts(hub: Hub) -> Iterator[Check]:
    # An account that may not read what was handed over has no receipts to look after.
    with suppress(ProgrammingError), hub.store.read() as connection:
        if lost := find_lost_receipts(connection, hub.config.data_folder.receipts):
            yield Check("receipts", RED, "; ".join(lost))


def _list_ungrounded(hub: Hub) -> Iterator[Check]:
    """The recipients for whom no form is made of what persons released in a system."""
    for recipient in hub.config.recipients:
        sources = sorted(hub.config.release_sources(recipient) & _list_releasing(hub))
        if sources and hub.config.grounded_releases(recipient, hub.today) is None:
            # Nothing is broken: the releases count for nobody until somebody decided on them.
            text = (
                f"no form is made of releases in {', '.join(sources)}: they name neither recipient "
                "nor purpose. Once the data protection officer decided that they count, write in "
                f"the configuration: releases: {{sources: [{', '.join(sources)}], "
                "dpo: {decided_on: DAY, reference: …}}"
            )
            yield Check(f"releases for {recipient}", FINE, text)


def _list_releasing(hub: Hub) -> set[str]:
    """The sources in which persons release something, by their mappings."""
    found = set()
    for source in hub.config.sources:
        with suppress(YamlProblems):
            tables = hub.read_mapping(source).file.tables.values()
            fed = (table.feeds["consent"].fields for table in tables if "consent" in table.feeds)
            if any(str(fields["basis"].constant) == "release" for fields in fed):
                found.add(source)
    return found
