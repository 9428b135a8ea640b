"""Ends a command that fails with one sentence, an exit status, and with `--json` an object."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NoReturn

from pipelines.failures import Failure, Kind, translate_error
from pipelines.printable import make_printable, printable_output
from warehouse.files.private_files import private_files

# True from the parsing of `--json` until the answer is printed: a call prints one object.
json_awaited = ContextVar("json_awaited", default=False)
# True where `--quiet` was given: nothing is printed of what a command is doing.
quiet = ContextVar("quiet", default=False)
_INTERRUPTED = "interrupted; what was finished is kept, the rest is undone: run again"


class Wrong(Failure):
    """The call is wrong; its text says what would be right. Exit status 2."""

    kind = Kind.WRONG_CALL


class Red(Failure):
    """Something is red; its text says what. Exit status 1."""


class _Ended(BaseException):
    """The process was asked to end (SIGTERM)."""


def guarded(app: Callable[..., Any]) -> NoReturn:
    """Runs the app and turns every failure into a sentence and a status."""
    signal.signal(signal.SIGTERM, _asked_to_end)
    json_awaited.set(False)
    quiet.set(False)
    with private_files(), printable_output():
        _run_to_its_end(app)


def _run_to_its_end(app: Callable[..., Any]) -> NoReturn:
    try:
        app()
    except SystemExit as end:
        _follow_exit(end)
    except _Ended:
        _end(Failure(_INTERRUPTED, Kind.TERMINATED))
    except (KeyboardInterrupt, BrokenPipeError):
        _end(Failure(_INTERRUPTED, Kind.INTERRUPTED))
    except Exception as error:
        _end(translate_error(error))
    sys.exit(0)


def _asked_to_end(number: int, frame: object) -> NoReturn:
    # A second one while things are being undone must not break that off.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Ended


def _follow_exit(end: SystemExit) -> NoReturn:
    """Exits as Typer decided, which has printed its message already, except for Ctrl-C."""
    from click import Abort, ClickException

    if end.code == 130:
        _end(Failure(_INTERRUPTED, Kind.INTERRUPTED))
    match end.__context__:
        case ClickException() as error:
            _print_json(Failure(error.format_message(), Kind.WRONG_CALL))
        case Abort():
            _print_json(Failure("aborted: the question was not answered"))
    raise end


def _end(failure: Failure) -> NoReturn:
    text = str(failure)
    if failure.kind is not Kind.WRONG_YAML:
        # Elsewhere, a line break is part of a foreign name.
        lines = text.split("\n") if failure.is_list else [text]
        text = "\n".join(map(make_printable, lines))
    print(f"drehscheibe: {text}" if "\n" not in text else text, file=sys.stderr)
    _print_json(failure)
    sys.exit(failure.kind.exit_status)


def _print_json(failure: Failure) -> None:
    if not json_awaited.get():
        return
    try:
        print(json.dumps(failure.as_json(), ensure_ascii=False, indent=1), flush=True)
    except OSError:
        # The interpreter would write again at its end, fail, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
