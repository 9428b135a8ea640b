"""Two districts on one server: each account sees its own district's rows only, and gives the figures of a warehouse of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.run import run
from tests.district_server.districts import Accounts, Exports, figures, rows


@pytest.fixture
def both(accounts: Accounts, exports: dict[str, Exports], tmp_path: Path) -> Accounts:
    """Both districts, each loaded by its own account."""
    for name, district in exports.items():
        with district.hub(tmp_path / name, accounts.url(f"kreis_{name}_loader")) as hub:
            assert {t.state for t in run(hub)} == {"loaded"}
    return accounts


def test_each_district_has_its_own_rows_and_figures(both: Accounts, exports: dict[str, Exports], tmp_path: Path) -> None:
    for name, district in exports.items():
        with (
            district.hub(tmp_path / f"{name}-alone") as embedded,
            district.hub(tmp_path / name, both.url(f"kreis_{name}_loader")) as hub,
            district.hub(tmp_path / name, both.url(f"kreis_{name}_analyst")) as counting,
        ):
            run(embedded)
            assert rows(hub) == rows(embedded)
            assert figures(hub, district) == figures(embedded, district) == figures(counting, district)
            assert hub.store.last_load() == embedded.store.last_load() == 8
            assert {t.state for t in run(hub)} == {"known"}
