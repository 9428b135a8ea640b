"""Fetches a source that does not come by itself, and lays what came into its folder, from where it is taken like any delivery."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from connectors.fetch.fetcher import CannotFetch, Fetched
from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.intake.fetchers import fetcher_of
from pipelines.intake.place_delivery import FetchedDelivery, place_delivery, recover_folder
from warehouse.files.atomic_file import write_file
from warehouse.files.data_folder import FetchFolder
from warehouse.schema.states import DeliveryScope

log = logging.getLogger(__name__)


class FetchState(StrEnum):
    """What became of a fetch; ``BUSY``: another process fetches this source."""

    FETCHED = "fetched"
    NOTHING_NEW = "nothing_new"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class FetchResult:
    """What became of a fetch. ``dates`` are those of the deliveries that are new or changed in the source's folder.

    ``message`` (German) says why a source is unreachable and what to do.
    """

    source: str
    state: FetchState
    message: str = ""
    dates: tuple[date, ...] = ()
    rows: int = 0


class _Busy(Exception):
    """Another process holds the lock of the source."""


def fetch_source(hub: Hub, name: str) -> FetchResult:
    """Fetches one source; every failure is a result, so that no source stops another. Sources without `fetch`: nothing_new."""
    settings = hub.config.sources[name]
    if settings.fetch is None:
        return FetchResult(name, FetchState.NOTHING_NEW)
    ours = hub.config.data_folder.fetching(name)
    try:
        ours.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _lock_source(ours.lock):
            return _fetch_and_place(hub.config, name, ours, settings.folder)
    except _Busy:
        return FetchResult(name, FetchState.BUSY, "Ein anderer Lauf holt diese Quelle gerade ab.")
    except CannotFetch as stopped:
        log.warning("source %s was not fetched: %s", name, stopped.rule)
        return FetchResult(name, FetchState.UNREACHABLE, stopped.message)
    except OSError as error:
        log.warning("source %s was not fetched: %s", name, type(error).__name__)
        return FetchResult(
            name,
            FetchState.UNREACHABLE,
            "Das Abgeholte lässt sich nicht ablegen. Bitte Rechte und Platz des Datenordners prüfen.",
        )
    except Exception as error:
        # its text may hold what was read
        log.error("source %s was not fetched: %s", name, type(error).__name__)
        return FetchResult(
            name,
            FetchState.UNREACHABLE,
            f"Unerwarteter Fehler beim Abholen ({type(error).__name__}); bitte dem Betreuer melden.",
        )


def scope_of(config: Config, name: str, day: date) -> DeliveryScope:
    """Whether a delivery says all: as the configuration states, unless only changes were asked for when it was fetched."""
    fetched_partial = day.isoformat() in _read_state(config.data_folder.fetching(name)).partial
    return (
        DeliveryScope.PARTIAL if fetched_partial else DeliveryScope(config.sources[name].delivers)
    )


@dataclass(frozen=True)
class _State:
    """What is known from one fetch to the next."""

    remember: Mapping[str, str]
    partial: tuple[str, ...] = ()


def _fetch_and_place(config: Config, name: str, ours: FetchFolder, folder: Path) -> FetchResult:
    recover_folder(folder)
    # one working folder whatever the day: an interruption over midnight is gone on with, and what is too old each connector knows
    work = ours.work
    work.mkdir(exist_ok=True, mode=0o700)
    state = _read_state(ours)
    fetched = fetcher_of(config, name).fetch(work, state.remember)
    placed = [
        place_delivery(work, delivered, folder, fetched.full)
        for delivered in _split_by_day(fetched)
    ]
    if "later" not in (state_of for _, state_of in placed):
        days = {day.isoformat() for day, _ in placed}
        partial = sorted({*state.partial, *days} if not fetched.full else set(state.partial) - days)
        _write_state(ours, replace(state, remember=dict(fetched.remember), partial=tuple(partial)))
    shutil.rmtree(work)
    dates = tuple(day for day, what in placed if what == "new")
    if dates:
        return FetchResult(name, FetchState.FETCHED, dates=dates, rows=fetched.rows)
    later = "Für heute liegt schon eine Lieferung vor; was sich seitdem geändert hat, wird morgen abgeholt."
    return FetchResult(
        name, FetchState.NOTHING_NEW, later if any(what == "later" for _, what in placed) else ""
    )


def _split_by_day(fetched: Fetched) -> list[FetchedDelivery]:
    """Files in sub-folders named by a date are deliveries of these dates; all others are one of today."""
    by_day: dict[date, dict[str, str]] = {}
    for file in fetched.files:
        first, _, rest = file.partition("/")
        day = _parse_day(first) if rest else None
        by_day.setdefault(day or date.today(), {})[rest if day else file] = file
    return [FetchedDelivery(day, files) for day, files in sorted(by_day.items())]


def _parse_day(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == 10 else None
    except ValueError:
        return None


def _read_state(ours: FetchFolder) -> _State:
    try:
        kept = json.loads(ours.state.read_text(encoding="utf-8"))
        return _State(dict(kept["remember"]), tuple(kept["partial"]))
    except FileNotFoundError:
        return _State({})
    except (ValueError, KeyError, TypeError):
        # without memory everything is fetched anew, which is slower but right
        log.warning("the state of an earlier fetch is unreadable, everything is fetched anew")
        return _State({})


def _write_state(ours: FetchFolder, state: _State) -> None:
    content = {"remember": dict(state.remember), "partial": list(state.partial)}
    write_file(ours.state, json.dumps(content, ensure_ascii=False, indent=1).encode())


@contextmanager
def _lock_source(lock: Path) -> Iterator[None]:
    """SQLite's file lock works on every system and dies with its holder."""
    with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as holder:
        try:
            holder.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise _Busy from None
        yield
