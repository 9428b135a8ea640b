"""What a person sees when a command fails: one clear sentence and an exit status, never a cell's content. No command stands here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn


class Wrong(Exception):
    """The call is wrong; its text says what would be right. Exit status 2."""


class Red(Exception):
    """Something is red; its text says what. Exit status 1."""


def guarded(app: Callable[..., Any]) -> NoReturn:
    """Runs the app and turns every failure into a sentence and a status."""
    from mappings.problems import YamlProblems

    try:
        app()
    except (Wrong, YamlProblems) as error:
        _end(str(error), 2)
    except Red as error:
        _end(str(error), 1)
    except (KeyboardInterrupt, BrokenPipeError):
        _end("interrupted; what was finished is kept, the rest is undone", 130)
    except Exception as error:
        status, text = _known(error)
        _end(text, status)
    sys.exit(0)


def _known(error: Exception) -> tuple[int, str]:
    names = {c.__name__ for c in type(error).__mro__}
    if names & {"UnknownDay", "PeriodOpen", "FileExistsError", "FolderMissing"}:
        return 2, str(error)
    if names & {"WarehouseBusy"}:
        return 1, str(error)
    from pipelines.unexpected import place

    return 1, place(error)


def _end(text: str, status: int) -> NoReturn:
    print(f"drehscheibe: {text}" if "\n" not in text else text, file=sys.stderr)
    sys.exit(status)
