"""The whole crash matrix is run only where it is asked for by its marker: -m crash."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the whole form out unless the markers asked for name it."""
    if "crash" in (config.option.markexpr or ""):
        return
    whole = [
        item
        for item in items
        if item.path.is_relative_to(HERE) and item.get_closest_marker("crash")
    ]
    if whole:
        config.hook.pytest_deselected(items=whole)
        items[:] = [item for item in items if item not in whole]
