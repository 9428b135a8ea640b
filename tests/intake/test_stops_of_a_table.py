"""A delivered table is followed through few functions, from the run to its staged rows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa

from connectors.tables.text_table import Batch, TextTable
from mappings.engine.findings import MappedBatch
from pipelines.intake.load_delivery import QueuedDelivery
from pipelines.intake.run import run_intake
from tests.house.files import ROOT
from tests.sources.sample import open_hub

MOST = 15
ROOMS = ("connectors", "mappings", "warehouse", "pipelines")
# The forms a table has on its way; its batches are handed on as an iterator, too.
FORMS = (QueuedDelivery, TextTable, Batch, MappedBatch, pa.RecordBatch)


class Stops:
    """Notes every function of the project that is entered with the table among its arguments."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._iterators: list[Any] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watches this thread and those started meanwhile."""
        before = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(before[0])
            threading.setprofile(before[1])

    def _see(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        path = Path(code.co_filename)
        if event != "call" or code.co_name.startswith("<") or not path.is_relative_to(ROOT):
            return
        place = path.relative_to(ROOT)
        name = f"{place}:{code.co_qualname}"
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        given = [frame.f_locals[n] for n in names if n in frame.f_locals]
        if (
            place.parts[0] in ROOMS
            and name not in self.names
            and any(map(self._is_the_table, given))
        ):
            self.names.append(name)

    def _is_the_table(self, given: object) -> bool:
        if isinstance(given, TextTable):
            self._iterators.append(given.batches)
        if type(given) in (list, tuple, dict):
            several: Any = given
            first = next(iter(several.values() if type(given) is dict else several), None)
            return isinstance(first, FORMS)
        return isinstance(given, FORMS) or any(given is iterator for iterator in self._iterators)


def test_a_table_makes_few_stops(tmp_path: Path) -> None:
    stops = Stops()
    with open_hub(tmp_path, "tau_office", delivered_on=date(2025, 1, 31)) as hub, stops.watched():
        taken = run_intake(hub)
    assert [t.state for t in taken] == ["loaded"]
    # What is watched for is seen, from its first stop to its last.
    assert stops.names[0] == "pipelines/intake/run.py:_load_or_report"
    assert "warehouse/loading/staging.py:Staging.add" in stops.names
    assert len(stops.names) <= MOST, "\n".join(stops.names)
