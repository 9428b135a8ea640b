"""The texts of all rules of the funding, as they are kept with each load."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "rules"


@cache
def _read_shipped() -> dict[str, str]:
    return {path.stem: path.read_bytes().decode() for path in sorted(FOLDER.rglob("*.yaml"))}


def read_texts(own: Iterable[Path] = ()) -> dict[str, str]:
    """Name → text of the rules that come with the hub, and of the district's own files.

    A name of the district's own goes before one of ours; a file that is not there is left out.
    """
    found = {path.stem[:200]: path for path in own if path.is_file()}
    return _read_shipped() | {
        name: path.read_bytes().decode("utf-8", "replace") for name, path in found.items()
    }
