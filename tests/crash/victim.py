"""What a process goes through that is to be disturbed: one command of the real command line, and at one event the disturbance."""

from __future__ import annotations

import datetime
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from tests.crash.steps import Event, watch

Order = dict[str, Any]


def suffer(order: Order) -> NoReturn:
    """Runs ``words`` in ``folder`` with everything it says in ``log``; at the ``nth`` such ``event`` does ``do``. Ends the process."""
    os.chdir(order["folder"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["TMPDIR"] = tempfile.tempdir = order["temporary"]
    events: list[Event] = []
    seen = [0]
    if "file_size" in order:
        # Writing on gives an error, as on a full disk; the signal that comes with it is ignored by Python.
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_size"], resource.RLIM_INFINITY))
    if "clock" in order:
        _jumping(order["clock"])

    def told(event: Event) -> None:
        events.append(event)
        if list(event) == order.get("event"):
            seen[0] += 1
            if seen[0] == order["nth"]:
                DEEDS[order["do"]](order)

    _set_today(datetime.date.fromisoformat(order["today"]))
    watch(told)
    sys.argv = ["drehscheibe", *order["words"], "-c", "drehscheibe.yaml"]
    status = 70
    try:
        from pipelines.cli import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        if "events" in order:
            Path(order["events"]).write_text(json.dumps(events))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _set_today(day: datetime.date) -> None:
    """Forms are made for today only, and the simulated district ends in the past."""
    from pipelines.hub import Hub

    Hub.today = property(lambda hub: day)  # type: ignore[assignment, method-assign]


def _kill(order: Order) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _terminate(order: Order) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _interrupt(order: Order) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _kill_server(order: Order) -> None:
    os.kill(order["postmaster"], signal.SIGKILL)
    time.sleep(0.05)


def _kill_backend(order: Order) -> None:
    for pid in _backends(order):
        # After the first the server ends the others by itself, sometimes sooner.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(0.05)


def _end_connections(order: Order) -> None:
    _backends(order, "pg_terminate_backend(pid)")


def _backends(order: Order, what: str = "pid") -> list[int]:
    import psycopg

    mine = f"SELECT {what} FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(order["server"], autocommit=True) as connection:
        return [row[0] for row in connection.execute(mine).fetchall()]


DEEDS: dict[str, Callable[[Order], None]] = {
    "kill": _kill,
    "SIGTERM": _terminate,
    "Ctrl-C": _interrupt,
    "server killed": _kill_server,
    "backend killed": _kill_backend,
    "connection ended": _end_connections,
}


def _jumping(start: str) -> None:
    """A clock that begins at ``start`` (UTC) and at every second look stands an hour earlier, in a zone with summer time."""
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    looks = [0]
    begin = datetime.datetime.fromisoformat(start).replace(tzinfo=datetime.UTC)

    def now_utc() -> datetime.datetime:
        looks[0] += 1
        return begin + datetime.timedelta(seconds=looks[0], hours=-(looks[0] % 2))

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return now_utc().astimezone(tz) if tz else now_utc().astimezone().replace(tzinfo=None)

    class JumpingDay(datetime.date):
        @classmethod
        def today(cls) -> Any:
            return now_utc().astimezone().date()

    time.time = lambda: now_utc().timestamp()
    real = {datetime.datetime: Jumping, datetime.date: JumpingDay}
    for module in list(sys.modules.values()):
        if module is None or module.__name__.split(".")[0] not in (
            "warehouse",
            "pipelines",
            "connectors",
        ):
            continue
        for key, value in list(vars(module).items()):
            # Only who looks at the clock gets the other class; types of columns and options stay as they are.
            if (
                isinstance(value, type)
                and value in real
                and key in ("datetime", "date")
                and _looks(module, key)
            ):
                setattr(module, key, real[value])


def _looks(module: Any, key: str) -> bool:
    path = getattr(module, "__file__", None)
    text = Path(path).read_text(encoding="utf-8") if path else ""
    return f"{key}.now(" in text or f"{key}.today(" in text
