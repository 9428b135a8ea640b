"""One fetch from start to end: breaker, working folder, all object types, shifts, watermark. How to ask stands in dms, osrest."""

from __future__ import annotations

import datetime
import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from connectors.enaio.http import ReadOnlyHttp
from connectors.enaio.messages import cannot_fetch_error
from connectors.enaio.objects import parse_objects
from connectors.enaio.pager import ListChanged, Pager, Pass
from connectors.enaio.replies import parse_json
from connectors.enaio.settings import Enaio, ObjectType
from connectors.enaio.working_folder import STATE, WorkingFolder
from connectors.fetch.fetcher import Fetched

LOG = logging.getLogger(__name__)

IDS = f"{STATE}/ids"
DELETED = "deleted"
LIVING = "living"


class Questions(Protocol):
    """One of enaio's interfaces: the checks before, and the passes of an object type."""

    def check_columns(self, kinds: tuple[ObjectType, ...]) -> None:
        """Raises CannotFetch where the interface or a column is not there."""
        ...

    def plan_data(self, kind: ObjectType, since: str | None) -> Pass:
        """All objects with their columns, or those changed since."""
        ...

    def plan_ids(self, kind: ObjectType, since: str | None) -> Pass:
        """The same objects once more, as little of them as possible."""
        ...

    def plan_deleted(self, kind: ObjectType) -> Pass | None:
        """The objects in the recycle bin, where the interface knows it and the type has a key to name them by."""
        ...

    def plan_living(self, kind: ObjectType, part: int, keys: Sequence[str]) -> Pass | None:
        """The living objects with one of these values in their first key column; ``part`` numbers the question."""
        ...


@dataclass(frozen=True)
class Tools:
    """Waiting and time, to be replaced in tests."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime.datetime] = field(
        default=lambda: datetime.datetime.now(datetime.UTC)
    )


def fetch_all(
    settings: Enaio,
    questions: Callable[[ReadOnlyHttp], Questions],
    into: Path,
    remembered: Mapping[str, str],
    tools: Tools,
) -> Fetched:
    """Fetches everything (or what changed) into the folder, going on where it was left; raises CannotFetch."""
    try:
        work = WorkingFolder(
            into, _plan_hash(settings, remembered), tools.now(), settings.resume_within
        )
        if work.finished is not None:
            return work.finished
        line = ReadOnlyHttp(settings.server, sleep=tools.sleep, clock=tools.clock)
        with closing(line):
            return _Run(settings, questions(line), work, remembered, tools).fetch_objects()
    except OSError:
        LOG.warning("the working folder cannot be written to")
    raise cannot_fetch_error("folder_unusable")


def _plan_hash(settings: Enaio, remembered: Mapping[str, str]) -> str:
    """What is to be fetched, as one hash: pages fetched for another plan are of no use."""
    told = (
        settings.api,
        settings.server.url,
        settings.types,
        settings.paging,
        settings.changes,
        sorted(remembered.items()),
    )
    told_only = [sorted(kind.only.items()) for kind in settings.types]
    return hashlib.sha256(repr((told, told_only)).encode()).hexdigest()


@dataclass
class _Run:
    settings: Enaio
    questions: Questions
    work: WorkingFolder
    remembered: Mapping[str, str]
    tools: Tools

    def fetch_objects(self) -> Fetched:
        since = self._changes_since()
        self.questions.check_columns(self.settings.types)
        pager = Pager(self.work, self.settings.paging, sleep=self.tools.sleep)
        rows = 0
        for kind in self.settings.types:
            rows += self._walk_steadily(
                pager, self.questions.plan_data(kind, since), self.questions.plan_ids(kind, since)
            )
        for kind in self.settings.types if since is not None else ():
            self._fetch_deletions(pager, kind)
        files = [
            p.file
            for folder, pages in self.work.pages.items()
            for p in pages
            if not folder.startswith(STATE)
        ]
        began = self.work.began.isoformat()
        full_since = began if since is None else self.remembered["full_since"]
        remember = (
            {"changed_since": began, "full_since": full_since} if self.settings.changes else {}
        )
        return self.work.note_finished(Fetched(tuple(sorted(files)), rows, since is None, remember))

    def _fetch_deletions(self, pager: Pager, kind: ObjectType) -> None:
        """What lies in the recycle bin, and which of its keys a living object bears: a double was removed, or made anew."""
        step = self.questions.plan_deleted(kind)
        if step is None:
            return
        held = list(self.work.pages.get(step.folder, ()))
        self._walk_steadily(pager, step, _ids_of(step))
        if self.work.pages[step.folder] != held:
            # What was asked about other keys, by a run that broke off, answers nothing now.
            asked = [
                f
                for f in self.work.pages
                if f.removeprefix(f"{IDS}/").startswith(f"{LIVING}/{kind.name}/")
            ]
            for folder in asked:
                self.work.discard_pages(folder)
        keys = self._key_values(step.folder, kind.key[0])
        size = self.settings.paging.size
        for part, first in enumerate(range(0, len(keys), size), 1):
            living = self.questions.plan_living(kind, part, keys[first : first + size])
            if living is not None:
                self._walk_steadily(pager, living, _ids_of(living))

    def _key_values(self, folder: str, column: str) -> list[str]:
        """The values of a column in the pages of a folder, each once."""
        found = (
            thing
            for page in self.work.pages[folder]
            for thing in parse_objects(parse_json(self.work.read_page(page)))
        )
        wanted = column.casefold()
        values = (
            value
            for thing in found
            for name, value in thing.fields.items()
            if name.casefold() == wanted
        )
        return sorted(set(filter(None, values)))

    def _changes_since(self) -> str | None:
        """From when on changes are asked for, as written in a condition; None: everything. Decided once per fetch."""
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
        return (changed - changes.overlap).strftime(changes.since_format)

    def _walk_steadily(self, pager: Pager, step: Pass, check: Pass) -> int:
        """Walks a list, then its ids once more: what differs means that it shifted, and both start afresh."""
        for _ in range(self.settings.paging.fresh_starts + 1):
            try:
                ids = pager.walk(step)
                if set(pager.walk(check)) == set(ids):
                    return len(ids)
            except ListChanged:
                pass
            self.work.discard_pages(check.folder)
            self.work.discard_pages(step.folder)
        raise cannot_fetch_error("drift", type=step.type)


def _ids_of(step: Pass) -> Pass:
    return replace(step, folder=f"{IDS}/{step.folder}")
