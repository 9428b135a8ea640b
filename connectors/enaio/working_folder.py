"""The working folder of a fetch: pages as served and a journal to resume an interrupted fetch."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from connectors.fetch.fetcher import Fetched

STATE = ".fetch"


@dataclass(frozen=True)
class StoredPage:
    """A page on disk: its name below the working folder, whether more follow.

    ``first`` and ``last`` are the running numbers of the objects it adds, from 1.
    """

    file: str
    sha256: str
    first: int
    last: int
    more: bool

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]


class WorkingFolder:
    """The pages of a fetch and their journal.

    A page is noted with its hash after it is written. A page damaged by a crash or power cut is
    found on resuming and requested again, so nothing needs to be forced to the disk.
    A journal of another ``plan`` or older than ``within`` is dropped with its pages.
    Raises OSError.
    """

    def __init__(
        self, into: Path, plan: str, now: datetime.datetime, within: datetime.timedelta
    ) -> None:
        self.into = into
        self._journal = into / STATE / "journal.jsonl"
        self.pages: dict[str, list[StoredPage]] = {}
        self.finished: Fetched | None = None
        self.note: Mapping[str, str] = {}
        self.began = now
        (into / STATE).mkdir(parents=True, exist_ok=True)
        if not self._resume_journal(plan, now, within):
            self._journal.unlink(missing_ok=True)
            self.pages, self.finished, self.note, self.began = {}, None, {}, now
            self._append_line({"plan": plan, "began": now.isoformat()})
        self._remove_unnoted()

    def keep_note(self, note: Mapping[str, str]) -> None:
        """Keeps what was decided at the start and must stay the same if the fetch is resumed."""
        self.note = dict(note)
        self._append_line({"note": self.note})

    def store_page(self, folder: str, body: bytes, first: int, last: int, more: bool) -> StoredPage:
        """Writes one page byte by byte as served, then notes it."""
        name = f"{folder}/{first:06d}-{last:06d}.json"
        page = StoredPage(name, hashlib.sha256(body).hexdigest(), first, last, more)
        target = self.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = self.into / STATE / "page.part"
        part.write_bytes(body)
        part.replace(target)
        self._append_line({"page": asdict(page)})
        self.pages.setdefault(folder, []).append(page)
        return page

    def read_page(self, page: StoredPage) -> bytes:
        """The bytes of a stored page."""
        return (self.into / page.file).read_bytes()

    def discard_pages(self, folder: str) -> None:
        """Drops the pages of a pass that must start afresh."""
        self._append_line({"discarded": folder})
        self.pages.pop(folder, None)
        shutil.rmtree(self.into / folder, ignore_errors=True)

    def note_finished(self, fetched: Fetched) -> Fetched:
        """Notes the result, which is returned without a request if the fetch is repeated."""
        self._append_line({"finished": {**asdict(fetched), "remember": dict(fetched.remember)}})
        self.finished = fetched
        return fetched

    def _append_line(self, line: Mapping[str, Any]) -> None:
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _resume_journal(
        self, plan: str, now: datetime.datetime, within: datetime.timedelta
    ) -> bool:
        lines = self._read_journal()
        if not lines or lines[0].get("plan") != plan:
            return False
        self.began = datetime.datetime.fromisoformat(lines[0]["began"])
        for line in lines[1:]:
            self._apply_line(line)
        if self.finished is None and not datetime.timedelta(0) <= now - self.began <= within:
            return False
        self._drop_damaged()
        return True

    def _drop_damaged(self) -> None:
        """Drops damaged pages together with those fetched after them."""
        for folder, pages in self.pages.items():
            whole = list(takewhile(self._is_whole, pages))
            if len(whole) < len(pages):
                self.finished = None
                self.pages[folder] = whole

    def _apply_line(self, line: Mapping[str, Any]) -> None:
        if "page" in line:
            page = StoredPage(**line["page"])
            earlier = (p for p in self.pages.get(page.folder, []) if p.first < page.first)
            self.pages[page.folder] = [*earlier, page]
        elif "discarded" in line:
            self.pages.pop(line["discarded"], None)
        elif "note" in line:
            self.note = line["note"]
        elif "finished" in line:
            fetched = line["finished"]
            lists = {name: tuple(fetched[name]) for name in ("files", "stray") if name in fetched}
            self.finished = Fetched(**{**fetched, **lists})

    def _read_journal(self) -> list[dict[str, Any]]:
        """The lines of the journal; a last line cut off by a crash is removed from the file."""
        if not self._journal.exists():
            return []
        found: list[dict[str, Any]] = []
        good = 0
        for raw in self._journal.read_bytes().splitlines(keepends=True):
            line = _parse_line(raw)
            if line is None:
                os.truncate(self._journal, good)
                break
            found.append(line)
            good += len(raw)
        return found

    def _is_whole(self, page: StoredPage) -> bool:
        path = self.into / page.file
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == page.sha256

    def _remove_unnoted(self) -> None:
        """Removes pages written but not noted before a crash, and pages of an older plan."""
        known = {page.file for pages in self.pages.values() for page in pages}
        for path in sorted(self.into.rglob("*-*.json")):
            if path.is_file() and path.relative_to(self.into).as_posix() not in known:
                path.unlink()


def _parse_line(raw: bytes) -> dict[str, Any] | None:
    """A line of the journal; None if it is damaged."""
    try:
        line = json.loads(raw) if raw.endswith(b"\n") else None
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
