"""Keeps report and workbook of the configured period current in the data folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.atomic_file import write_atomically
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.figures.report import REPORT, WORKBOOK, coordinator_report

if TYPE_CHECKING:
    from pipelines.hub import Hub

MADE_OF = "made-of.json"


class CurrentReport:
    """The report and workbook of the period the configuration reports on."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        first, last = hub.config.reports.default_period(hub.today)
        self.asked = FigureRequest(first, last)
        self.folder = hub.config.data_folder.output("report", f"{first}_{last}")

    def is_current(self) -> bool:
        """Whether both exist and were made of the newest load; True while nothing is loaded.

        A run interrupted after its load leaves them as they were before it.
        """
        number = self.hub.store.last_load()
        return number == 0 or (
            self._made_of() == {"load": number}
            and all((self.folder / name).is_file() for name in (REPORT, WORKBOOK))
        )

    def renew(self) -> list[Path]:
        """Makes both anew and records of which load."""
        number = self.hub.store.last_load()
        files = coordinator_report(self.hub, self.asked, self.folder)
        write_atomically(self.folder / MADE_OF, json.dumps({"load": number}).encode())
        return files

    def _made_of(self) -> object:
        try:
            return json.loads((self.folder / MADE_OF).read_bytes())
        except (OSError, ValueError):
            return None
