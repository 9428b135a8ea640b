"""Declares which kind of fault a test holds, and for which readers: ``@holds(8, "csv", "json")``.

The page docs/generated/fault-kinds.md is made of these declarations. A test with an argument ``reader`` runs once for each of them;
a declaration without readers says that the kind is handled behind them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.docs.fault_kinds import IMPOSSIBLE, KINDS, READERS

Test = Callable[..., Any]


def holds(kind: int, *readers: str) -> Callable[[Test], Test]:
    """Declares that a test holds a kind for these readers, whose names are literals of the call."""
    strange = [name for name in readers if name not in READERS or (kind, name) in IMPOSSIBLE]
    if kind not in KINDS or strange:
        raise ValueError(f"kind {kind} is unknown, or cannot be held for {strange}")

    def declare(test: Test) -> Test:
        marked: Test = pytest.mark.fault_kind(test)
        if "reader" in inspect.signature(test).parameters:
            marked = pytest.mark.parametrize("reader", readers)(marked)
        return marked

    return declare
