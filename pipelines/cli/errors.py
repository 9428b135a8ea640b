"""What a person sees when a command fails: one clear sentence and an exit status, never a cell's content. No command stands here."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

_INTERRUPTED = "interrupted; what was finished is kept, the rest is undone: run again"


class Wrong(Exception):
    """The call is wrong; its text says what would be right. Exit status 2."""


class Red(Exception):
    """Something is red; its text says what. Exit status 1."""


class _Ended(BaseException):
    """The process was asked to end (SIGTERM)."""


def guarded(app: Callable[..., Any]) -> NoReturn:
    """Runs the app and turns every failure into a sentence and a status."""
    from mappings.problems import YamlProblems

    signal.signal(signal.SIGTERM, _asked_to_end)
    try:
        app()
    except SystemExit as end:
        # Typer turns Ctrl-C into this status and says nothing.
        if end.code == 130:
            _end(_INTERRUPTED, 130)
        raise
    except _Ended:
        _end(_INTERRUPTED, 143)
    except (Wrong, YamlProblems) as error:
        _end(str(error), 2)
    except Red as error:
        _end(str(error), 1)
    except (KeyboardInterrupt, BrokenPipeError):
        _end(_INTERRUPTED, 130)
    except Exception as error:
        status, text = _known(error)
        _end(text, status)
    sys.exit(0)


def _known(error: Exception) -> tuple[int, str]:
    names = {c.__name__ for c in type(error).__mro__}
    if names & {"UnknownDay", "PeriodOpen", "FileExistsError", "FolderMissing", "KeyProblem", "WrongDistrict"}:
        return 2, str(error)
    if names & {"WarehouseTrouble"}:
        return 1, str(error)
    from pipelines.disk import trouble
    from pipelines.unexpected import place

    return 1, trouble(error) or place(error)


def _asked_to_end(number: int, frame: object) -> NoReturn:
    # A second one while things are being undone must not break that off.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Ended


def _end(text: str, status: int) -> NoReturn:
    print(f"drehscheibe: {text}" if "\n" not in text else text, file=sys.stderr)
    sys.exit(status)
