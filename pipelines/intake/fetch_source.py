"""Fetches a source over its transport and places the deliveries in the source's folder."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from connectors.fetch.fetcher import CannotFetch, Fetched
from pipelines.config import Config
from pipelines.failures import Kind, find_disk_failure
from pipelines.hub import Hub
from pipelines.intake.fetchers import fetcher_of
from pipelines.intake.place_delivery import FetchedDelivery, place_delivery, recover_folder
from warehouse.files.atomic_file import write_file
from warehouse.files.data_folder import FetchFolder
from warehouse.schema.states import DeliveryScope, DeliveryState

log = logging.getLogger(__name__)


class FetchState(StrEnum):
    """What became of a fetch; ``BUSY``: another process fetches this source."""

    FETCHED = "fetched"
    NOTHING_NEW = "nothing_new"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class FetchResult:
    """What became of a fetch.

    ``dates`` are those of the deliveries that are new or changed in the source's folder.
    ``message`` (German) says why a source is unreachable and what to do.
    """

    source: str
    state: FetchState
    message: str = ""
    dates: tuple[date, ...] = ()
    rows: int = 0


_UNFINISHED = "Das Abholen läuft gerade oder wurde unterbrochen."


class _Busy(Exception):
    """Another process holds the lock of the source."""


def fetch_source(hub: Hub, name: str) -> FetchResult:
    """Fetches one source; a source without `fetch` has nothing new.

    Every failure becomes a result, so that no source stops another; only an error of the disk,
    which serves all of them, is raised.
    """
    if hub.config.sources[name].fetch is None:
        return FetchResult(name, FetchState.NOTHING_NEW)
    try:
        return _fetch_locked(hub.config, name)
    except _Busy:
        return FetchResult(name, FetchState.BUSY, "Ein anderer Lauf holt diese Quelle gerade ab.")
    except Exception as error:
        failure = find_disk_failure(error)
        if failure is not None and failure.kind is Kind.DISK:
            raise
        # Only rule or class are shown: the text of the error may hold what was read.
        shown = error.rule if isinstance(error, CannotFetch) else type(error).__name__
        log.warning("source %s was not fetched: %s", name, shown)
        message = _describe_error(error)
        _note_failure(hub.config.data_folder.fetching(name), message)
        return FetchResult(name, FetchState.UNREACHABLE, message)


def _describe_error(error: Exception) -> str:
    match error:
        case CannotFetch():
            return error.message
        case OSError():
            return "Das Abgeholte lässt sich nicht ablegen. Bitte Rechte des Datenordners prüfen."
        case _:
            name = type(error).__name__
            return f"Unerwarteter Fehler beim Abholen ({name}); bitte dem Betreuer melden."


def read_failure(config: Config, name: str) -> str | None:
    """Why the last fetch of a source failed, or that one is not finished; None where all is well.

    What could not be fetched may be a withdrawal.
    """
    kept = config.data_folder.fetching(name)
    if config.sources[name].fetch is None:
        return None
    if kept.failure.exists():
        return kept.failure.read_text(encoding="utf-8")
    return _UNFINISHED if kept.work.exists() else None


def read_stray(config: Config, name: str) -> tuple[str, ...]:
    """The names of what the last fetch found on the server and belongs to no delivery."""
    if config.sources[name].fetch is None:
        return ()
    return _read_state(config.data_folder.fetching(name)).stray


def list_left(config: Config, name: str) -> list[tuple[date, DeliveryState]]:
    """The days of the deliveries that the last fetch left on the server, each with its state."""
    if config.sources[name].fetch is None:
        return []
    left = _read_state(config.data_folder.fetching(name)).aside
    return [(date.fromisoformat(day), DeliveryState(state)) for day, state in sorted(left.items())]


def read_look(config: Config, name: str) -> date | None:
    """The day on which all was last taken that lay on the server of a source; None: never."""
    looked_on = _read_state(config.data_folder.fetching(name)).looked_on
    return date.fromisoformat(looked_on) if looked_on else None


def _note_failure(kept: FetchFolder, message: str) -> None:
    # Where not even this can be written, the run fails on the same disk or right.
    with suppress(OSError):
        kept.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(kept.failure, message.encode())


def scope_of(config: Config, name: str, day: date) -> DeliveryScope:
    """The scope of a delivery: partial if fetched as changes only, otherwise as configured."""
    if day.isoformat() in _read_state(config.data_folder.fetching(name)).partial:
        return DeliveryScope.PARTIAL
    return DeliveryScope(config.sources[name].delivers)


@dataclass(frozen=True)
class _State:
    """What is kept from one fetch to the next.

    ``partial`` are the days fetched as changes only; ``stray`` and ``aside`` are what the last
    fetch left on the server; ``looked_on`` is the day of the last one that took all else, in ISO
    format.
    """

    remember: Mapping[str, str]
    partial: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()
    aside: Mapping[str, str] = field(default_factory=dict)
    looked_on: str | None = None


def _fetch_locked(config: Config, name: str) -> FetchResult:
    kept, folder = config.data_folder.fetching(name), config.sources[name].folder
    for path in (kept.path, folder):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock_source(kept.lock):
        recover_folder(folder)
        result = _fetch_and_place(config, name, kept, folder)
        kept.failure.unlink(missing_ok=True)
        return result


def _fetch_and_place(config: Config, name: str, kept: FetchFolder, folder: Path) -> FetchResult:
    # One working folder for all days: a fetch interrupted before midnight is resumed after it.
    # Each connector knows what is too old to be resumed.
    work = kept.work
    work.mkdir(exist_ok=True, mode=0o700)
    state = _read_state(kept)
    fetched = fetcher_of(config, name).fetch(work, state.remember)
    placed = [
        place_delivery(work, delivery, folder, fetched.full)
        for delivery in _split_by_day(fetched, config.today)
    ]
    has_later = any(outcome == "later" for _, outcome in placed)
    days = [day for day, _ in placed]
    reached = state if has_later else _next_state(state, fetched, days, config.today)
    _write_state(kept, replace(reached, stray=fetched.stray, aside=fetched.aside))
    shutil.rmtree(work)
    dates = tuple(day for day, outcome in placed if outcome == "new")
    if dates:
        return FetchResult(name, FetchState.FETCHED, dates=dates, rows=fetched.rows)
    later = (
        "Für heute liegt schon eine Lieferung vor; "
        "was sich seitdem geändert hat, wird morgen abgeholt."
    )
    return FetchResult(name, FetchState.NOTHING_NEW, later if has_later else "")


def _next_state(state: _State, fetched: Fetched, placed: Sequence[date], today: date) -> _State:
    partial, days = set(state.partial), {day.isoformat() for day in placed}
    partial = partial - days if fetched.full else partial | days
    remember, looked_on = dict(fetched.remember), today.isoformat()
    return _State(remember, tuple(sorted(partial)), looked_on=looked_on)


def _split_by_day(fetched: Fetched, today: date) -> list[FetchedDelivery]:
    """Splits the files by sub-folders named by a date; all other files belong to today."""
    by_day: dict[date, dict[str, str]] = {}
    for file in fetched.files:
        first, _, rest = file.partition("/")
        day = _parse_day(first) if rest else None
        by_day.setdefault(day or today, {})[rest if day else file] = file
    return [FetchedDelivery(day, files) for day, files in sorted(by_day.items())]


def _parse_day(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == 10 else None
    except ValueError:
        return None


def _read_state(kept: FetchFolder) -> _State:
    try:
        content = json.loads(kept.state.read_text(encoding="utf-8"))
        left = tuple(content.get("stray", ())), dict(content.get("aside", {}))
        looked_on = content.get("looked_on")
        return _State(dict(content["remember"]), tuple(content["partial"]), *left, looked_on)
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError):
        # Fetching everything anew is slower, but right.
        log.warning("the state of an earlier fetch is unreadable, everything is fetched anew")
    return _State({})


def _write_state(kept: FetchFolder, state: _State) -> None:
    write_file(kept.state, json.dumps(asdict(state), ensure_ascii=False, indent=1).encode())


@contextmanager
def _lock_source(lock: Path) -> Iterator[None]:
    """Locks with SQLite's file lock, which works on every system and ends with its process."""
    with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as holder:
        try:
            holder.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise _Busy from None
        yield
