"""Brings the files of remote deliveries into the working folder: steady ones only, gone on with where it stopped, whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from connectors.fetch.fetcher import CannotFetch, Fetched
from connectors.fetch.remote_deliveries import RemoteDelivery, find_remote
from connectors.fetch.remote_folder import Limits, RemoteChanged, RemoteFile, RemoteFolder

ROUNDS = 3
NOTES = ".brought.jsonl"

log = logging.getLogger(__name__)


def download_deliveries(
    remote: RemoteFolder,
    into: Path,
    remembered: Mapping[str, str],
    patterns: Sequence[str] = ("*",),
    limits: Limits | None = None,
    settle_seconds: float = 2.0,
) -> Fetched:
    """Fetches every delivery that is new or differs from what ``remembered`` says, each into a sub-folder named by its date.

    A delivery is taken only if two looks ``settle_seconds`` apart and a third after the last byte saw the same files, sizes and
    marks. Raises CannotFetch; what is complete by then stays and is not fetched again.
    """
    limits = limits or Limits()
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    visit = _Download(remote, into, patterns, limits)
    fresh = [
        (day, d)
        for day, d in visit.list_deliveries().items()
        if d.files and remembered.get(day) != d.digest
    ]
    if not fresh:
        return Fetched((), 0, remember=remembered)
    time.sleep(settle_seconds)
    again = visit.list_deliveries()
    steady = {day: d for day, d in fresh if again.get(day) == d and not d.unfinished}
    for day in sorted({day for day, _ in fresh} - set(steady)):
        log.info("delivery %s is still being written, left for the next time", day)
    visit.check_size(steady.values())
    brought = {day: visit.fetch_delivery(day, d) for day, d in steady.items()}
    files = tuple(sorted(f"{day}/{name}" for day, d in brought.items() for name in d.files))
    known = {day: digest for day, digest in remembered.items() if day in again}
    return Fetched(files, 0, remember={**known, **{day: d.digest for day, d in brought.items()}})


class _Download:
    """One stay at the remote folder, with the notes of what an earlier one brought."""

    def __init__(
        self, remote: RemoteFolder, into: Path, patterns: Sequence[str], limits: Limits
    ) -> None:
        self.remote, self.into, self.patterns, self.limits = remote, into, patterns, limits
        self.deadline = time.monotonic() + limits.seconds
        self.notes = _Notes(into / NOTES)

    def list_deliveries(self) -> dict[str, RemoteDelivery]:
        for _ in range(ROUNDS):
            self.check_time()
            try:
                return find_remote(self.remote, self.patterns, self.limits)
            except RemoteChanged:
                continue
        raise _changing_error()

    def check_size(self, deliveries: Iterable[RemoteDelivery]) -> None:
        """Refuses what is too much before the first byte."""
        total = sum(file.size for delivery in deliveries for file in delivery.files.values())
        if total > self.limits.size:
            raise _too_much_error(self.limits)
        if total > shutil.disk_usage(self.into).free:
            raise CannotFetch(
                "disk_full",
                "Auf der Platte ist zu wenig Platz für die Lieferung. Bitte Platz schaffen.",
            )

    def check_time(self) -> None:
        if time.monotonic() > self.deadline:
            minutes = self.limits.seconds / 60
            raise CannotFetch(
                "too_slow",
                f"Das Abholen dauert länger als {minutes:.0f} Minuten; der nächste Lauf macht dort weiter.",
            )

    def fetch_delivery(self, day: str, listed: RemoteDelivery) -> RemoteDelivery:
        """All files of a delivery as they lay there together at one time."""
        for _ in range(ROUNDS):
            self._leave_only(day, listed)
            try:
                for name, file in listed.files.items():
                    self._fetch_file(f"{day}/{name}", file)
            except RemoteChanged:
                pass
            else:
                now = self.list_deliveries().get(day)
                if now == listed:
                    return listed
            now = self.list_deliveries().get(day)
            if now is None or now.unfinished:
                raise _changing_error()
            listed = now
        raise _changing_error()

    def _leave_only(self, day: str, listed: RemoteDelivery) -> None:
        """Files that an earlier round brought and that are gone now."""
        folder = self.into / day
        wanted = {folder / name for name in listed.files} | {
            _part_path(folder / name) for name in listed.files
        }
        for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
            if path.is_file() and path not in wanted:
                path.unlink()

    def _fetch_file(self, name: str, file: RemoteFile) -> None:
        target = self.into / name
        if (
            self.notes.complete.get(name) == [file.size, file.mark]
            and target.is_file()
            and target.stat().st_size == file.size
        ):
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = _part_path(target)
        if self.notes.begun.get(name) != [file.size, file.mark]:
            part.unlink(missing_ok=True)
            self.notes.add("begun", name, file)
        self._fetch_bytes(part, file)
        os.replace(part, target)
        self.notes.add("complete", name, file)

    def _fetch_bytes(self, part: Path, file: RemoteFile) -> None:
        """Everything that is missing in ``part``; Changed if the file is longer or shorter than listed."""
        begin = part.stat().st_size if part.exists() else 0
        begin = begin if begin < file.size else 0
        begin, blocks = self.remote.read(file, begin)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
            out.truncate(begin)
            out.seek(begin)
            for block in blocks:
                self.check_time()
                out.write(block)
                if out.tell() > file.size:
                    raise RemoteChanged
            out.flush()
            os.fsync(out.fileno())
            if out.tell() != file.size:
                raise RemoteChanged


class _Notes:
    """What of which state of a file is in the working folder, one line each, so that an interruption leaves all but the last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begun: dict[str, list[object]] = {}
        self.complete: dict[str, list[object]] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                what, name, size, mark = json.loads(line)
            except ValueError:  # the line an interruption cut off
                continue
            getattr(self, what)[name] = [size, mark]

    def add(self, what: str, name: str, file: RemoteFile) -> None:
        with self.path.open("a", encoding="utf-8", newline="\n") as notes:
            notes.write(json.dumps([what, name, file.size, file.mark]) + "\n")
        getattr(self, what)[name] = [file.size, file.mark]


def _part_path(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _changing_error() -> CannotFetch:
    return CannotFetch(
        "changing",
        "Dateien der Lieferung wurden während des Abholens geändert, umbenannt oder gelöscht. "
        "Der nächste Lauf versucht es wieder; bitte gleichzeitiges Schreiben in den Ordner vermeiden.",
    )


def _too_much_error(limits: Limits) -> CannotFetch:
    return CannotFetch(
        "too_much",
        f"Die wartenden Dateien sind zusammen größer als {limits.size >> 20} MB. Bitte Ordner oder Muster (patterns) prüfen, "
        "oder max_mb anheben.",
    )
