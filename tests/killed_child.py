"""Does something in a process of its own that kills itself at a certain step."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

Tell = Callable[[], None]


def run_killed(
    nth: int, watch: Callable[[pytest.MonkeyPatch, Tell], None], act: Callable[[], None]
) -> int:
    """The exit code of a child that does ``act``: 0 if it came to its end, else the signal, negative.

    ``watch`` puts a call before and after every step; at the ``nth`` the child kills itself.
    """
    child = os.fork()
    if child == 0:
        left = [nth]

        def tell() -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        # Whatever happens, the child does not go on with the tests of its parent.
        try:
            watch(pytest.MonkeyPatch(), tell)
            act()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def around(original: Callable[..., Any], tell: Tell) -> Callable[..., Any]:
    """The function with a call before and after it."""

    def wrapped(*args: Any, **words: Any) -> Any:
        tell()
        done = original(*args, **words)
        tell()
        return done

    return wrapped
