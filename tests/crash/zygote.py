"""A process that has everything imported and nothing opened; each victim is a fork of it, and costs no start of Python."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from typing import IO, Any

from tests.crash.steps import preload
from tests.crash.victim import suffer

HANGS_AFTER = 60.0


@dataclass(frozen=True)
class Ended:
    """How a victim ended: its exit status (negative: by that signal; None: it hung and was killed) and after how many seconds."""

    status: int | None
    seconds: float


class Zygote:
    """Start it before anything is opened in this process."""

    def __init__(self) -> None:
        preload()
        orders, ends = os.pipe(), os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(orders[1])
            os.close(ends[0])
            _serve(os.fdopen(orders[0]), os.fdopen(ends[1], "w"))
            os._exit(0)
        os.close(orders[0])
        os.close(ends[1])
        self._orders, self._ends = os.fdopen(orders[1], "w"), os.fdopen(ends[0])

    def victim(self, order: dict[str, Any]) -> Ended:
        """Lets one victim go through ``order`` and waits for its end; ``after`` seconds it is killed, if it says so."""
        print(json.dumps(order), file=self._orders, flush=True)
        return Ended(**json.loads(self._ends.readline()))

    def close(self) -> None:
        """Ends the process."""
        self._orders.close()
        os.waitpid(self.pid, 0)


def _serve(orders: IO[str], ends: IO[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in orders:
        order = json.loads(line)
        begun = time.monotonic()
        pid = os.fork()
        if not pid:
            suffer(order)
        status = _wait(pid, begun, order.get("after"))
        print(
            json.dumps({"status": status, "seconds": time.monotonic() - begun}),
            file=ends,
            flush=True,
        )


def _wait(pid: int, begun: float, after: float | None) -> int | None:
    limit = begun + (HANGS_AFTER if after is None else after)
    while time.monotonic() < limit:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return None if after is None else status
