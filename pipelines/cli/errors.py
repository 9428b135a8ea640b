"""What a person sees when a command fails: one clear sentence and an exit status, never a cell's content. No command stands here."""

from __future__ import annotations

import sys
import traceback
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
    return 1, place(error)


def place(error: BaseException) -> str:
    """Class and place of an unexpected error; its text may hold personal values and is not shown."""
    frames = traceback.extract_tb(error.__traceback__)
    where = next((f for f in reversed(frames) if "site-packages" not in f.filename), frames[-1] if frames else None)
    spot = f" at {where.filename.rsplit('/', 2)[-2]}/{where.filename.rsplit('/', 1)[-1]}:{where.lineno}" if where else ""
    return f"unexpected {type(error).__module__}.{type(error).__name__}{spot}; its text is withheld because it may name a person"


def _end(text: str, status: int) -> NoReturn:
    print(f"drehscheibe: {text}" if "\n" not in text else text, file=sys.stderr)
    sys.exit(status)
