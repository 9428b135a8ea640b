"""What the tests of remembering share: deliveries of TAU Office as files, and hubs that lean on what they remember or may not."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.run import run
from pipelines.take import Taken
from tests.warehouse.deliveries import everything
from warehouse.findings import listing
from warehouse.schema import entity_balance, table_balance

Row = tuple[str, ...]
CONTACTS = "KontaktNr;KlientNr;Datum;Dauer_Min;Kontaktart;Einzel_Familie;Thema;Weiterleitung;Dolmetscher;Mitarbeiter"
CLIENTS = (
    "KlientNr;Name;Vorname;GebDat;Geschlecht;Nationalitaet;Familienstand;Einreise;Ort;Aufenthaltsstatus;"
    "Betreuung_von;Betreuung_bis;Mitarbeiter"
)
GOALS = "ZielNr;KlientNr;Bereich;Ziel;Beginn;Status;Ende"
CONFIGURATION = """\
district: {{ags: "08999", name: Musterkreis}}
data: data
warehouse: "{warehouse}"
carriers: {{diakonie: {{name: Diakonieverband Musterkreis}}}}
municipalities: {{"08999001": {{name: Musterstadt}}}}
sources: {{tau: {{mapping: tau_office, folder: "{exports}", carrier: diakonie, delivers: full, max_gone_share: 1, max_changed_share: 1}}}}
"""


def contact(key: str, day: str = "03.02.2024", minutes: str = "30", topic: str = "Arbeit", client: str = "7") -> Row:
    return (key, client, day, minutes, "Telefon", "Einzelperson", topic, "", "0", "Rösler, Anna")


def client(key: str, born: str = "01.05.1990", begun: str = "01.02.2023") -> Row:
    return (key, "Şahin", "Ali", born, "m", "Syrien", "ledig", "01.03.2016", "Musterstadt", "", begun, "", "Rösler, Anna")


def deliver(exports: Path, on: date, contacts: Sequence[Row], clients: Sequence[Row] = ()) -> None:
    """Lays a delivery of these rows into the folder of the source."""
    folder = exports / on.isoformat()
    folder.mkdir(parents=True)
    for name, header, rows in (("Kontakte", CONTACTS, contacts), ("Klienten", CLIENTS, clients), ("Ziele", GOALS, ())):
        text = "\n".join([header, *(";".join(row) for row in rows), ""])
        (folder / f"{name}.csv").write_text(text, encoding="cp1252", errors="replace")


def opened(folder: Path, exports: Path, warehouse: str = "duckdb") -> Hub:
    """A hub with its data in ``folder``."""
    for needed in (folder, exports):
        needed.mkdir(parents=True, exist_ok=True)
    path = folder / "drehscheibe.yaml"
    path.write_text(CONFIGURATION.format(exports=exports, warehouse=warehouse), encoding="utf-8")
    return Hub(load_config(path))


def take(hub: Hub, *, remembering: bool = True) -> Taken:
    """Takes what waits and returns what became of the newest delivery; not ``remembering``: the full way."""
    if not remembering:
        shutil.rmtree(hub.landing.folder / "cache", ignore_errors=True)
    return run(hub)[-1]


def content(hub: Hub) -> dict[str, Any]:
    """All that can be seen of a warehouse: rows, balances, findings with their values."""
    with hub.store.read() as connection:
        balances = {t.name: sorted(map(tuple, connection.execute(select(t))), key=str) for t in (table_balance, entity_balance)}
        found = sorted(map(str, listing(connection, with_values=True)))
    return {**everything(hub.store), **balances, "findings": found}
