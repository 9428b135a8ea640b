"""What every connector that fetches from outside has in common: bytes go into a working folder, page by page, and can be gone on with.

A fetcher writes raw answers as files, just as they came; reading and mapping them is done later, as with any delivered file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class CannotFetch(Exception):
    """Fetching stopped; what was fetched so far stays in the working folder and is gone on with at the next run.

    ``rule`` is its code in the log, ``message`` the German sentence that says what to do, without any value or secret.
    ``again`` is False where another try can only do harm (a refused login: the account locks after three).
    """

    def __init__(self, rule: str, message: str, *, again: bool = True) -> None:
        super().__init__(rule)
        self.rule = rule
        self.message = message
        self.again = again


class LoginRefused(CannotFetch):
    """The login may be at fault: nothing more is sent with the same secret, for accounts lock after three refusals."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(rule, message, again=False)


@dataclass(frozen=True)
class Fetched:
    """A finished fetch: the files written (names below the working folder), how many rows they say they hold, and what to
    remember for the next time (a watermark). ``full`` is False where only what changed was asked for."""

    files: tuple[str, ...]
    rows: int
    full: bool = True
    remember: Mapping[str, str] = field(default_factory=dict)


class Fetcher(Protocol):
    """A connector of one source. ``into`` keeps the pages of an interrupted fetch; calling again goes on behind them."""

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches into the folder; raises CannotFetch."""
        ...
