"""An error nobody foresaw, told by class and place: its text may name a person and is withheld everywhere."""

from __future__ import annotations

import traceback


def place(error: BaseException) -> str:
    """Class and place of an unexpected error; its text may hold personal values and is not shown."""
    frames = traceback.extract_tb(error.__traceback__)
    where = next((f for f in reversed(frames) if "site-packages" not in f.filename), frames[-1] if frames else None)
    spot = f" at {where.filename.rsplit('/', 2)[-2]}/{where.filename.rsplit('/', 1)[-1]}:{where.lineno}" if where else ""
    return f"unexpected {type(error).__module__}.{type(error).__name__}{spot}; its text is withheld because it may name a person"
