"""The Musterkreis of this folder as a district on disk: its configuration, its answers, its deliveries taken in. No comparing here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake

FOLDER = Path(__file__).parent / "musterkreis"
FIRST, SECOND = date(2025, 1, 31), date(2025, 7, 31)

CONFIGURATION = """\
district: {{ags: "08999", name: Musterkreis}}
data: data
warehouse: {warehouse}
carriers:
  landratsamt: {{name: Landratsamt Musterkreis}}
  stadt: {{name: Stadt Musterstadt}}
  diakonie: {{name: Diakonieverband Musterkreis}}
  gvv: {{name: Gemeindeverwaltungsverband Tannau-Winkel}}
municipalities:
  "08999001": {{name: Musterstadt, team: Nord, also: [Stadt Musterstadt]}}
  "08999002": {{name: Feldlingen, team: Nord}}
  "08999003": {{name: Mühlenröth, team: Süd}}
  "08999004": {{name: Oberlischbach, team: Süd}}
  "08999005": {{name: Kleintannau, team: Mitte}}
  "08999006": {{name: Winkelbronn, team: Mitte}}
sources:
  enaio: {{mapping: enaio_export, folder: {exports}/enaio, carrier: landratsamt, delivers: full}}
  jobkraftwerk: {{mapping: jobkraftwerk, folder: {exports}/jobkraftwerk, carrier: stadt, delivers: full}}
  tau: {{mapping: tau_office, folder: {exports}/tau, carrier: diakonie, delivers: full}}
  workbook: {{mapping: workbook, folder: {exports}/workbook, carrier: gvv, delivers: full}}
recipients:
  jobcenter: {{name: Jobcenter Musterkreis, kind: jobcenter}}
"""


@dataclass(frozen=True)
class District:
    """The opened hub of the Musterkreis, what became of its deliveries, and the answers that belong to them."""

    hub: Hub
    taken: list[DeliveryResult]
    answers: Mapping[str, Any]


def answers() -> Mapping[str, Any]:
    """What must be found in the deliveries."""
    found: Mapping[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return found


def open_hub(folder: Path, *, exports: Path = FOLDER, warehouse: str = "duckdb") -> Hub:
    """A hub whose data lie in ``folder`` and whose sources deliver from ``exports``."""
    path = folder / "drehscheibe.yaml"
    path.write_text(
        CONFIGURATION.format(exports=exports, warehouse=json.dumps(warehouse)), encoding="utf-8"
    )
    return Hub(load_config(path))


def take_all(hub: Hub, until: date | None = None) -> District:
    """The district once everything (up to ``until``) is taken in."""
    return District(hub, run_intake(hub, until=until), answers())
