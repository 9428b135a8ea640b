"""The registers of the warehouse follow the configuration and are written only where it changed; each load keeps its texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from examples.generate import simulate_district
from mappings import catalogue, code_lists, source_mapping
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.registers import write_registers
from pipelines.intake.run import run_intake
from warehouse.ledger.configuration import read_texts
from warehouse.schema import REGISTERS, municipality

OWN = "extends: tau_office\nsystem: TAU des Kreises   # wie im Haus genannt\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(simulate_district(tmp_path, seed=3, persons=30).config)


GRANTS = """\
grants: [{key: g, from: 2024-01-01}]
posts: [{key: p, grant: g, vzae: 1, municipalities: ["%s"]}]
staff: [{key: im-1}]
holdings: [{staff: im-1, post: p, from: 2024-01-01, vzae: 1}]
interruptions: [{staff: im-1, from: 2024-02-01}]
extensions: [{source: enaio, key: P-1, until: 2025-01-01, reason: Probe}]
"""


def change(config: Path, old: str, new: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")


def write(config: Path) -> set[str]:
    """Writes the registers; gives the tables that were written to."""
    seen: set[str] = set()

    def see(_: Any, __: Any, statement: str, *___: Any) -> None:
        words = statement.split()
        if words[0] in ("DELETE", "INSERT", "UPDATE") and "false" not in statement:
            # One sentence deletes nothing and only asks for the right to.
            seen.add(words[1] if words[0] == "UPDATE" else words[2])

    with Hub(load_config(config)) as hub:
        event.listen(hub.store.engine, "before_cursor_execute", see)
        write_registers(hub)
    return seen


def test_what_did_not_change_is_not_written(config: Path) -> None:
    change(
        config,
        "staff:\n",
        'staff:\n  - {name: "Neu, Nora", source: enaio, vzae: 0.5, from: 2024-01-01}\n',
    )
    first = min(load_config(config).municipalities)
    (config.parent / "grants.yaml").write_text(GRANTS % first, encoding="utf-8")
    with config.open("a", encoding="utf-8") as file:
        file.write("funding: {register: grants.yaml}\n")
    assert write(config) == {table.name for table in REGISTERS}
    assert write(config) == set()
    change(config, "Lerchenweiler, team", "Amselweiler, team")
    assert write(config) == {"municipality"}
    with Hub(load_config(config)) as hub, hub.store.read() as connection:
        names = (
            connection.execute(select(municipality.c.name).order_by(municipality.c.ags))
            .scalars()
            .all()
        )
        assert "Amselweiler" in names and "Lerchenweiler" not in names
        assert all(connection.execute(select(t)).first() for t in REGISTERS)


def test_a_load_keeps_the_texts_it_was_made_with(config: Path) -> None:
    Path(config.parent, "tau.yaml").write_bytes(OWN.encode())
    change(config, "{mapping: tau_office", "{mapping: tau.yaml")
    with Hub(load_config(config)) as hub:
        loaded = {t.source: t.loaded.number for t in run_intake(hub, ["tau", "enaio"]) if t.loaded}
        with hub.store.read() as connection:
            tau, enaio = (read_texts(connection, loaded[name]) for name in ("tau", "enaio"))
    ours = {
        name: (source_mapping.FOLDER / f"{name}.yaml").read_text("utf-8")
        for name in ("tau_office", "enaio_export")
    }
    assert (tau["mapping", "tau"], tau["extended", "tau_office"]) == (OWN, ours["tau_office"])
    assert enaio["mapping", "enaio_export"] == ours["enaio_export"]
    assert {name for kind, name in enaio if kind == "codes"} == set(code_lists.list_names())
    assert '"Gemeinde Lerchenweiler"' in enaio["codes", "municipality"]
    shown = {name: text for (kind, name), text in enaio.items() if kind == "catalogue"}
    assert shown == catalogue.read_texts()
