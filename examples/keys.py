"""Numbers the records of each system in the way the system does."""

from __future__ import annotations

from collections import Counter
from typing import Final

_SHAPES: Final = {
    ("enaio", "case"): "{:06d}",
    ("enaio", "conversation"): "B-{:06d}",
    ("enaio", "plan"): "IP-{:05d}",
    ("enaio", "goal"): "Z{:06d}",
    ("enaio", "consent"): "E-{:05d}",
    ("jobkraftwerk", "case"): "JK-{:05d}",
    ("jobkraftwerk", "conversation"): "G{:06d}",
    ("jobkraftwerk", "plan"): "IP-{:05d}",
    ("jobkraftwerk", "goal"): "",
    ("tau", "case"): "{:05d}",
    ("tau", "conversation"): "{:06d}",
    ("tau", "goal"): "Z{:06d}",
    ("workbook:08998005", "case"): "SG-{:03d}",
    ("workbook:08998005", "conversation"): "SG-G{:04d}",
    ("workbook:08998006", "case"): "ML-{:03d}",
    ("workbook:08998006", "conversation"): "ML-G{:04d}",
}
_FIRST: Final = {("enaio", "case"): 700_000}


class Keys:
    """Gives the next key of a source and kind; a workbook numbers per municipality."""

    def __init__(self) -> None:
        self._given: Counter[tuple[str, str]] = Counter()

    def next(self, source: str, kind: str, municipality: str = "") -> str:
        """The next unused key, '' where the system gives none."""
        name = (f"workbook:{municipality}" if source == "workbook" else source, kind)
        self._given[name] += 1
        return _SHAPES[name].format(_FIRST.get(name, 0) + self._given[name])
