"""What the kit must be able to do with a system outside to hold its connector to the rules. The rules are in test_every_connector.py."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from connectors.fetch.fetcher import Fetched, Fetcher

# planted in names and contents of everything outside, and looked for in everything that is said
PERSON = "Özgül Kennmich"
PAGE = 4


def number(n: int) -> str:
    """The key of the n-th record."""
    return f"R-{n:04d}"


class Outside(Protocol):
    """A system outside that holds records, one by one known by ``number``. A *step* is what can go wrong by itself: a request, a byte."""

    secret: str
    faults: tuple[str, ...]
    resumes: bool

    def fill(self, count: int) -> None:
        """From now on it holds exactly the records 0 … count-1."""
        ...

    def fetcher(self, secret: str | None = None) -> Fetcher:
        """A new fetcher with the right secret or that one, with pages of PAGE records where it has pages."""
        ...

    def repeat_a_page(self) -> bool:
        """Shows one page or file twice in the next fetch; False where that cannot happen."""
        ...

    def start(self, fault: str = "", share: float = 0.0, whole: int = 0) -> None:
        """Counts steps anew; with a fault, everything fails from that share of ``whole`` steps on, until the next start."""
        ...

    def steps(self) -> int:
        """The steps since the start."""
        ...

    def contacts(self) -> int:
        """How often anybody tried to reach it, ever."""
        ...

    def records(self, into: Path, fetched: Fetched) -> Iterable[str]:
        """The keys of the records in the fetched files."""
        ...

    def served(self, name: str, content: bytes) -> bool:
        """Whether these are the very bytes it gave, or holds, for the file of that name."""
        ...
