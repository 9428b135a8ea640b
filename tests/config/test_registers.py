"""The registers of the warehouse follow the configuration, and are written only where it says something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from examples.generate import simulate
from pipelines.config import load_config
from pipelines.hub import Hub
from warehouse.schema import municipality, source_register, staff, team


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(simulate(tmp_path, seed=3, persons=30).config)


def write(config: Path) -> list[str]:
    """Writes the registers; gives the tables that were written to."""
    seen: list[str] = []

    def see(_: Any, __: Any, statement: str, *___: Any) -> None:
        words = statement.split()
        if words[0] in ("DELETE", "INSERT"):
            seen.append(words[2] if "false" not in statement else "")

    with Hub(load_config(config)) as hub:
        event.listen(hub.store.engine, "before_cursor_execute", see)
        hub.write_registers()
    # One sentence deletes nothing and only asks for the right to.
    return [table for table in seen if table]


def test_what_did_not_change_is_not_written(config: Path) -> None:
    assert {"municipality", "team", "carrier", "source_register", "staff"} == set(write(config))
    assert write(config) == []
    config.write_text(config.read_text(encoding="utf-8").replace("Lerchenweiler", "Amselweiler"), encoding="utf-8")
    assert write(config) == ["municipality", "municipality"]
    with Hub(load_config(config)) as hub, hub.store.read() as connection:
        names = connection.execute(select(municipality.c.name).order_by(municipality.c.ags)).scalars().all()
        assert "Amselweiler" in names and "Lerchenweiler" not in names
        assert all(connection.execute(select(t)).first() for t in (team, source_register, staff))
