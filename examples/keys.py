"""Numbers the records of each system in the way the system does, by keys.yaml."""

from __future__ import annotations

from collections import Counter
from typing import Final

from examples.yaml_data import read_data

_SHAPES: Final[dict[str, dict[str, str]]] = read_data("keys", dict[str, dict[str, str]])


class Keys:
    """Gives the next key of a source and kind; a workbook numbers per municipality."""

    def __init__(self) -> None:
        self._given: Counter[tuple[str, str]] = Counter()

    def next(self, source: str, kind: str, municipality: str = "") -> str:
        """The next unused key, '' where the system gives none."""
        series = f"workbook {municipality}" if source == "workbook" else source
        self._given[series, kind] += 1
        return _SHAPES[series][kind].format(self._given[series, kind])
