"""Runs one fetch of enaio from start to end: working folder, object types, shifts, watermark."""

from __future__ import annotations

import datetime
import hashlib
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from connectors.enaio.http import ReadOnlyHttp
from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.objects import EnaioObject, parse_objects
from connectors.enaio.pager import ListChanged, Pass, walk_pass
from connectors.enaio.replies import parse_json
from connectors.enaio.settings import Enaio, ObjectType
from connectors.enaio.working_folder import STATE, WorkingFolder
from connectors.fetch.fetcher import Fetched

LOG = logging.getLogger(__name__)

IDS = f"{STATE}/ids"
DELETED = "deleted"
LIVING = "living"
# An interrupted fetch that is older starts over.
RESUME_WITHIN = datetime.timedelta(hours=24)


@dataclass(frozen=True)
class EnaioInterface(ABC):
    """One of enaio's interfaces: its checks and the passes of an object type."""

    settings: Enaio
    client: ReadOnlyHttp

    @abstractmethod
    def check_columns(self, kinds: tuple[ObjectType, ...]) -> None:
        """Raises CannotFetch if the interface or a column does not exist."""

    @abstractmethod
    def plan_data(self, kind: ObjectType, since: str | None) -> Pass:
        """All objects with their columns, or those changed since."""

    @abstractmethod
    def plan_ids(self, kind: ObjectType, since: str | None) -> Pass:
        """The same objects with as few columns as possible."""

    def plan_deleted(self, kind: ObjectType) -> Pass | None:
        """The objects in the recycle bin; None if the interface or the type's key is missing."""
        return None

    def plan_living(self, kind: ObjectType, part: int, keys: Sequence[str]) -> Pass | None:
        """The living objects whose first key column has one of ``keys``; ``part`` counts from 1."""
        return None


@dataclass(frozen=True)
class Tools:
    """Waiting and time, to be replaced in tests."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime.datetime] = field(
        default=lambda: datetime.datetime.now(datetime.UTC)
    )


def require_columns(kind: ObjectType, found: Sequence[EnaioObject]) -> None:
    """Raises CannotFetch ``column_missing`` for a column that none of the objects names.

    Without objects nothing is known of the columns, and nothing is missed.
    """
    named = {name.casefold() for item in found for name in item.names}
    for column in kind.columns if found else ():
        if column.casefold() not in named:
            raise cannot_fetch_error("column_missing", type=kind.name, column=column)


@dataclass(frozen=True)
class EnaioFetcher:
    """The fetcher of one source over the ``interface`` of its class."""

    settings: Enaio
    tools: Tools = Tools()

    interface: ClassVar[type[EnaioInterface]]

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches everything, or what changed, and resumes an interrupted fetch.

        The pages of each type are written as ``<Type>/<first>-<last>.json``. Raises CannotFetch.
        """
        settings, tools = self.settings, self.tools
        plan = _plan_hash(settings, remembered)
        try:
            work = WorkingFolder(into, plan, tools.now(), RESUME_WITHIN)
            if work.finished is not None:
                return work.finished
            client = ReadOnlyHttp(settings.server, sleep=tools.sleep, clock=tools.clock)
            with closing(client):
                interface = self.interface(settings, client)
                run = _Run(settings, interface, work, remembered, tools.sleep)
                return run.fetch_objects()
        except OSError:
            LOG.warning("the working folder cannot be written to")
        raise cannot_fetch_error("folder_unusable")


def _plan_hash(settings: Enaio, remembered: Mapping[str, str]) -> str:
    """A hash of what is to be fetched; pages of another plan cannot be used."""
    plan = (
        settings.api,
        settings.server.url,
        settings.types,
        settings.paging,
        settings.changes,
        sorted(remembered.items()),
    )
    # Conditions are left out of the repr of a type.
    conditions = [sorted(kind.only.items()) for kind in settings.types]
    return hashlib.sha256(repr((plan, conditions)).encode()).hexdigest()


@dataclass
class _Run:
    settings: Enaio
    interface: EnaioInterface
    work: WorkingFolder
    remembered: Mapping[str, str]
    sleep: Callable[[float], None]

    def fetch_objects(self) -> Fetched:
        since = self._changes_since()
        self.interface.check_columns(self.settings.types)
        rows = sum(self._fetch_type(kind, since) for kind in self.settings.types)
        for kind in self.settings.types if since is not None else ():
            self._fetch_deletions(kind)
        remember = self._watermark(since) if self.settings.changes else {}
        return self.work.note_finished(Fetched(self._data_files(), rows, since is None, remember))

    def _fetch_type(self, kind: ObjectType, since: str | None) -> int:
        data, ids = self.interface.plan_data(kind, since), self.interface.plan_ids(kind, since)
        return self._walk_steadily(data, ids)

    def _data_files(self) -> tuple[str, ...]:
        """The names of the pages that hold data; pages of ids only serve to detect a shift."""
        pages = (page for stored in self.work.pages.values() for page in stored)
        return tuple(sorted(page.file for page in pages if not page.file.startswith(STATE)))

    def _watermark(self, since: str | None) -> dict[str, str]:
        began = self.work.began.isoformat()
        full_since = began if since is None else self.remembered["full_since"]
        return {"changed_since": began, "full_since": full_since}

    def _fetch_deletions(self, kind: ObjectType) -> None:
        """Fetches the recycle bin and the living objects with the same keys.

        A key with a living object was not deleted: a duplicate was removed, or the object was
        created anew.
        """
        step = self.interface.plan_deleted(kind)
        if step is None:
            return
        before = list(self.work.pages.get(step.folder, ()))
        self._walk_steadily(step, _ids_of(step))
        if self.work.pages[step.folder] != before:
            self._discard_living(kind)
        keys = self._key_values(step.folder, kind.key[0])
        size = self.settings.paging.size
        for part, first in enumerate(range(0, len(keys), size), 1):
            living = self.interface.plan_living(kind, part, keys[first : first + size])
            if living is not None:
                self._walk_steadily(living, _ids_of(living))

    def _discard_living(self, kind: ObjectType) -> None:
        """Drops pages of living objects that an interrupted run requested for other keys."""
        start = f"{LIVING}/{kind.name}/"
        for folder in list(self.work.pages):
            if folder.removeprefix(f"{IDS}/").startswith(start):
                self.work.discard_pages(folder)

    def _key_values(self, folder: str, column: str) -> list[str]:
        """The values of a column in the pages of a folder, each once and sorted."""
        wanted = column.casefold()
        return sorted(
            {
                value
                for found in self._read_objects(folder)
                for name, value in found.fields.items()
                if name.casefold() == wanted and value
            }
        )

    def _read_objects(self, folder: str) -> Iterator[EnaioObject]:
        for page in self.work.pages[folder]:
            yield from parse_objects(parse_json(self.work.read_page(page)))

    def _changes_since(self) -> str | None:
        """From when on changes are requested, as written in a condition; None for everything.

        Decided once per fetch, also if it is resumed.
        """
        if "since" not in self.work.note:
            self.work.keep_note({"since": self._decide_since() or ""})
        return self.work.note["since"] or None

    def _decide_since(self) -> str | None:
        changes = self.settings.changes
        if changes is None or not {"changed_since", "full_since"} <= self.remembered.keys():
            return None
        full = datetime.datetime.fromisoformat(self.remembered["full_since"])
        if self.work.began - full >= changes.full_every:
            return None
        changed = datetime.datetime.fromisoformat(self.remembered["changed_since"])
        return (changed - changes.overlap).date().isoformat()

    def _walk_once(self, step: Pass) -> list[str]:
        return walk_pass(step, self.work, self.settings.paging, self.sleep)

    def _walk_steadily(self, step: Pass, check: Pass) -> int:
        """Walks a list and then its ids; returns their number.

        A difference means that the list shifted meanwhile, and both are walked afresh.
        """
        for _ in range(self.settings.paging.fresh_starts + 1):
            try:
                ids = self._walk_once(step)
                if set(self._walk_once(check)) == set(ids):
                    return len(ids)
            except ListChanged:
                pass
            self.work.discard_pages(check.folder)
            self.work.discard_pages(step.folder)
        raise cannot_fetch_error("drift", type=step.type)


def _ids_of(step: Pass) -> Pass:
    return replace(step, folder=f"{IDS}/{step.folder}")
