"""A checkpoint of the ledger: how many entries it had, and the root over them, as printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"(?<!\d)(\d{1,15})\s*·\s*([0-9a-fA-F]{64})(?![0-9a-fA-F])")


@dataclass(frozen=True)
class Checkpoint:
    """The size of the ledger's tree and its root; who holds one is a witness of all before it."""

    size: int
    root: bytes

    @property
    def text(self) -> str:
        """As printed: ``SIZE · ROOT``, the root in hexadecimal digits."""
        return f"{self.size} · {self.root.hex()}"


def parse_checkpoint(text: str) -> Checkpoint | None:
    """The checkpoint in a text, typed with any blanks around its point; None where there is none.

    Raises ValueError where the text has several that differ.
    """
    joined = re.sub(r"\s+", " ", text)
    found = {Checkpoint(int(size), bytes.fromhex(root)) for size, root in _WRITTEN.findall(joined)}
    if len(found) > 1:
        raise ValueError("several checkpoints that differ")
    return found.pop() if found else None
