"""A delivery that is read again keeps the balance of its load before."""

from __future__ import annotations

from pathlib import Path

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance, closes
from pipelines.intake.run import run_intake
from tests.figures.small import CONFIGURATION, deliver, small_hub
from warehouse.as_of import KnownAt
from warehouse.backup.consistency_check import check_warehouse
from warehouse.ledger.deliveries import loaded_until

EXTENDED = "extends: tau_office\ntables:\n  Kontakte: {ignore: [%s]}\n"


def test_each_load_keeps_its_balance(tmp_path: Path) -> None:
    deliver(tmp_path, "2025-01-31")
    (tmp_path / "own.yaml").write_text(EXTENDED % "Bemerkung", encoding="utf-8")
    with small_hub(tmp_path) as hub:
        config = hub.config.path
    config.write_text(CONFIGURATION.replace("mapping: tau_office", "mapping: ./own.yaml"))
    with small_hub_again(config) as hub:
        run_intake(hub)
        first = answer_balance(hub)
    assert first.earlier == []
    (tmp_path / "own.yaml").write_text(EXTENDED % "Bemerkung, Nichts", encoding="utf-8")
    with small_hub_again(config) as hub:
        run_intake(hub)
        again = answer_balance(hub)
        with hub.store.read() as connection:
            until = [loaded_until(connection, KnownAt(number)) for number in (1, 2)]
        assert check_warehouse(hub.store, hub.landing) == []
    assert [d.load for d in again.deliveries] == [2] and again.earlier == first.deliveries
    assert again.deliveries[0].known["conversation"].new == 0 and closes(again)
    assert [d.tables for (d,) in until] == [first.deliveries[0].tables, again.deliveries[0].tables]


def small_hub_again(config: Path) -> Hub:
    """The hub of a configuration that was changed."""

    return Hub(load_config(config))
