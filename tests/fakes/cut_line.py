"""A line to a server that can be cut after any number of bytes, counted over all connections. The servers stand beside."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType


class CutLine:
    """Listens on a loopback port and carries bytes to where ``dial`` connects; hangs up after ``cut_after`` bytes of answers."""

    def __init__(self, dial: Callable[[], socket.socket]) -> None:
        self.dial = dial
        self.cut_after: int | None = None
        self.carried = 0
        self.calls = 0
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, cut_after: int | None) -> None:
        """Counts anew and cuts there; None: never."""
        self.carried, self.cut_after = 0, cut_after

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self.calls += 1
                if self._is_cut():
                    near.close()
                    continue
                far = self.dial()
                threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _is_cut(self) -> bool:
        return self.cut_after is not None and self.carried >= self.cut_after

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                if counted:
                    with self._lock:
                        room = (
                            len(block)
                            if self.cut_after is None
                            else max(self.cut_after - self.carried, 0)
                        )
                        self.carried += min(len(block), room)
                    block = block[:room]
                target.sendall(block)
                if counted and self._is_cut():
                    break
        for line in (source, target):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> CutLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listening.close()
