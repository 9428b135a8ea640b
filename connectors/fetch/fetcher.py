"""The interface of all connectors that fetch from outside, and the errors they raise.

A fetcher writes raw answers as files into a working folder, where an interrupted fetch is resumed.
Reading and mapping them happens later, as with any delivered file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class CannotFetch(Exception):
    """Fetching stopped; the next run resumes from the files in the working folder.

    ``rule`` is the code used in logs, ``message`` a German sentence with what to do, free of values
    and secrets. ``again`` is False where another try can only do harm: after a refused login, as
    accounts lock after three.
    """

    def __init__(self, rule: str, message: str, *, again: bool = True) -> None:
        super().__init__(rule)
        self.rule = rule
        self.message = message
        self.again = again


class LoginRefused(CannotFetch):
    """The login may be wrong; the same secret is not sent again, as accounts lock after three."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(rule, message, again=False)


NO_SECRET = (
    "Für die Quelle ist kein Kennwort hinterlegt. Bitte in der Umgebung oder im"
    " Geheimnis-Ordner ablegen."
)


def describe_failure(rule: str, sentences: Mapping[str, str], **names: object) -> CannotFetch:
    """The exception of a rule with its sentence, which ``names`` fill in; never with values."""
    kind = LoginRefused if rule == "login_refused" else CannotFetch
    return kind(rule, sentences[rule].format(**names))


@dataclass(frozen=True)
class Fetched:
    """The result of a finished fetch.

    ``files`` are names below the working folder, ``rows`` is how many rows they hold as far as the
    source says, ``remember`` (a watermark) is passed to the next fetch. ``full`` is False where
    only changes were requested. ``stray`` names what lies on the server and belongs to no
    delivery; ``aside`` has the days of deliveries that were not taken, with the state of each.
    """

    files: tuple[str, ...]
    rows: int
    full: bool = True
    remember: Mapping[str, str] = field(default_factory=dict)
    stray: tuple[str, ...] = ()
    aside: Mapping[str, str] = field(default_factory=dict)


class Fetcher(Protocol):
    """A connector of one source; ``fetch`` can be called again to resume an interrupted fetch."""

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches into the folder ``into``; ``remembered`` is what the last fetch returned.

        Raises CannotFetch.
        """
        ...
