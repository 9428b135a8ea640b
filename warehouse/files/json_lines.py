"""Files to which lines of JSON are only added: a line that was cut off never took effect."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def add_line(file: Path, content: Mapping[str, Any]) -> None:
    """Adds a line, for this account alone, and waits until it is on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(handle, "ab") as opened:
        opened.write(json.dumps(content).encode() + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def read_json_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The whole lines in order; none where there is no file."""
    for text in file.read_bytes().splitlines() if file.exists() else ():
        try:
            content = json.loads(text)
        except ValueError:
            continue
        if isinstance(content, dict):
            yield content
