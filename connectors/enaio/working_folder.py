"""The working folder of one fetch: pages as served, and a journal of them, so that a killed fetch is gone on with. No requests."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from connectors.fetch.fetcher import Fetched

STATE = ".fetch"


@dataclass(frozen=True)
class StoredPage:
    """A page on disk: its name below the working folder, which objects it adds (running numbers), whether more follow."""

    file: str
    sha256: str
    first: int
    last: int
    more: bool

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]


class WorkingFolder:
    """Pages and their journal. A page is noted after it is written, with its hash: what a kill or a power cut has torn is
    seen when the fetch is gone on with, and asked for again, so nothing needs to be forced to the disk.

    A journal of another ``plan`` or older than ``within`` is dropped with its pages. Raises OSError.
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
        """Keeps something decided at the start that a resumed fetch must not decide anew."""
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
        """Forgets the pages of a pass that must start afresh."""
        self._append_line({"discarded": folder})
        self.pages.pop(folder, None)
        shutil.rmtree(self.into / folder, ignore_errors=True)

    def note_finished(self, fetched: Fetched) -> Fetched:
        """Notes the end: asked again, the same folder gives the same answer without a request."""
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
        # a page that is damaged takes with it those fetched after it
        for folder, pages in self.pages.items():
            whole = next(
                (i for i, page in enumerate(pages) if not self._is_whole(page)), len(pages)
            )
            self.finished = None if whole < len(pages) else self.finished
            self.pages[folder] = pages[:whole]
        return True

    def _apply_line(self, line: Mapping[str, Any]) -> None:
        if "page" in line:
            page = StoredPage(**line["page"])
            self.pages[page.folder] = [
                p for p in self.pages.get(page.folder, []) if p.first < page.first
            ] + [page]
        elif "discarded" in line:
            self.pages.pop(line["discarded"], None)
        elif "note" in line:
            self.note = line["note"]
        elif "finished" in line:
            told = line["finished"]
            self.finished = Fetched(
                tuple(told["files"]), told["rows"], told["full"], told["remember"]
            )

    def _read_journal(self) -> list[dict[str, Any]]:
        """The journal up to the first torn line, which it is cut off at: a kill can only tear the last one."""
        if not self._journal.exists():
            return []
        found: list[dict[str, Any]] = []
        good = 0
        for raw in self._journal.read_bytes().splitlines(keepends=True):
            try:
                line = json.loads(raw) if raw.endswith(b"\n") else None
            except ValueError:
                line = None
            if not isinstance(line, dict):
                os.truncate(self._journal, good)
                break
            found.append(line)
            good += len(raw)
        return found

    def _is_whole(self, page: StoredPage) -> bool:
        path = self.into / page.file
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == page.sha256

    def _remove_unnoted(self) -> None:
        """Removes what a kill left between writing a page and noting it, or what an older plan left."""
        known = {page.file for pages in self.pages.values() for page in pages}
        for path in sorted(self.into.rglob("*-*.json")):
            if path.is_file() and path.relative_to(self.into).as_posix() not in known:
                path.unlink()
