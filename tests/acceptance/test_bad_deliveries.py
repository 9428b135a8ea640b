"""Deliveries that are not as they should be: each gives its German message, ends nothing, keeps its bytes, stops no other source."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipelines.hub import Hub
from pipelines.intake.load_delivery import DeliveryResult
from pipelines.intake.run import run_intake
from tests.acceptance.damages import DAMAGES, Damage, edit
from tests.sources.sample import lay_out, open_hub
from warehouse.landing.landing import Manifest
from warehouse.loading.findings import list_findings
from warehouse.schema import ENTITIES

pytestmark = pytest.mark.thorough

GOOD, BAD, EARLIER = date(2025, 1, 31), date(2025, 2, 28), date(2024, 12, 31)
Known = dict[str, set[str]]


@contextmanager
def known_before(folder: Path, source: str, other: str) -> Iterator[Hub]:
    """A hub that knows a good delivery of both sources."""
    with open_hub(folder, source, other, delivered_on=GOOD) as hub:
        assert {t.state for t in run_intake(hub)} == {"loaded"}
        yield hub


def next_delivery(
    hub: Hub, source: str, damage: Damage = lambda folder: None, on: date = BAD
) -> Path:
    """One more delivery of a source, damaged; finished long ago."""
    folder = hub.config.sources[source].folder / on.isoformat()
    lay_out(source, folder)
    damage(folder)
    for path in folder.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def known(hub: Hub, source: str) -> Known:
    """The keys of all that is known of a source."""
    with hub.store.read() as connection:
        tables = {e: k.table for e, k in ENTITIES.items()}
        return {
            e: set(
                connection.execute(
                    select(t.c.source_key).where(t.c.source == source, t.c.known_to.is_(None))
                ).scalars()
            )
            for e, t in tables.items()
        }


def of(taken: list[DeliveryResult], source: str, on: date = BAD) -> DeliveryResult:
    (found,) = [t for t in taken if (t.source, t.delivered_on) == (source, on)]
    return found


def rules(hub: Hub, source: str, on: date = BAD) -> set[tuple[str, str]]:
    """(rule, severity) of the findings of a delivery; every one has a German sentence."""
    with hub.store.read() as connection:
        found = [f for f in list_findings(connection, sources=[source]) if f.delivered_on == on]
    assert all(f.message.rstrip().endswith((".", ")")) for f in found)
    return {(f.rule, f.severity) for f in found}


def in_landing(hub: Hub, folder: Path) -> bool:
    hashes = {hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}
    return hashes <= {p.name for p in hub.landing.folder.rglob("*")}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_deliveries(name: str, tmp_path: Path) -> None:
    source, damage, state, message, rule = DAMAGES[name]
    other = "workbook" if source == "tau_office" else "tau_office"
    with known_before(tmp_path, source, other) as hub:
        before = known(hub, source)
        folder = next_delivery(hub, source, damage)
        next_delivery(hub, other)
        taken = run_intake(hub)
        bad = of(taken, source)
        assert bad.state == state
        assert message in bad.message
        assert (rule, "rejected") in rules(hub, source)
        assert known(hub, source) == before
        assert in_landing(hub, folder)
        assert of(taken, other).state == "loaded"


def test_half_a_table_is_no_table(tmp_path: Path) -> None:
    """What was read before an XML breaks off says nothing sure: not even a changed row of it is taken."""
    breaks = edit(
        "Beratung.xml", lambda b: b[: b.index(b"B-4")].replace(b"16.05.2024", b"15.05.2024")
    )
    with known_before(tmp_path, "enaio_export", "tau_office") as hub:
        next_delivery(hub, "enaio_export", breaks)
        run_intake(hub)
        table = ENTITIES["conversation"].table
        with hub.store.read() as connection:
            rows = connection.execute(select(table).where(table.c.source == "enaio_export")).all()
        assert {r.source_key: r.held_on for r in rows}["B-1"] == date(2024, 5, 16)
        assert all(r.known_from == 1 and r.known_to is None for r in rows)


def test_a_file_that_belongs_nowhere_is_kept_and_noticed(tmp_path: Path) -> None:
    with known_before(tmp_path, "tau_office", "workbook") as hub:
        folder = next_delivery(
            hub, "tau_office", lambda f: (f / "Liesmich.txt").write_text("Notiz") and None
        )
        assert of(run_intake(hub), "tau_office").state == "loaded"
        assert ("unknown_file", "notice") in rules(hub, "tau_office")
        assert in_landing(hub, folder)


def test_an_empty_delivery(tmp_path: Path) -> None:
    with known_before(tmp_path, "tau_office", "workbook") as hub:
        before = known(hub, "tau_office")
        (hub.config.sources["tau_office"].folder / BAD.isoformat()).mkdir()
        next_delivery(hub, "workbook")
        taken = run_intake(hub)
        assert (of(taken, "tau_office").state, of(taken, "workbook").state) == ("empty", "loaded")
        assert "keine Dateien" in of(taken, "tau_office").message
        assert known(hub, "tau_office") == before


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with known_before(tmp_path, "tau_office", "workbook") as hub:
        before = known(hub, "tau_office")
        hub.config.sources["tau_office"].folder.rename(tmp_path / "weg")
        next_delivery(hub, "workbook")
        taken = run_intake(hub)
        (gone,) = [t for t in taken if t.source == "tau_office"]
        assert (gone.state, of(taken, "workbook").state) == ("unreachable", "loaded")
        assert "gibt es nicht" in gone.message
        assert known(hub, "tau_office") == before


def test_a_file_that_is_still_growing_waits_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.fetch.local_folder.YOUNG_SECONDS", 10.0)
    with known_before(tmp_path, "tau_office", "workbook") as hub:
        next_delivery(hub, "workbook")
        folder = next_delivery(hub, "tau_office")
        finished = threading.Event()

        def write() -> None:
            with (folder / "Kontakte.csv").open("ab", buffering=0) as file:
                while not finished.wait(0.05):
                    file.write(
                        b'"000009";"00005";17.06.2022;20,0;"telefonisch";"Einzel";"Arbeit";;0;"Probe, Nils";\r\n'
                    )

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.1)
        try:
            taken = run_intake(hub)
        finally:
            finished.set()
            writer.join()
        assert (of(taken, "tau_office").state, of(taken, "workbook").state) == ("growing", "loaded")
        assert "wird beim nächsten Lauf genommen" in of(taken, "tau_office").message
        assert "000009" not in known(hub, "tau_office")["conversation"]
        assert of(run_intake(hub), "tau_office").state == "loaded"
        assert "000009" in known(hub, "tau_office")["conversation"]


def test_an_older_delivery_after_a_newer_one(tmp_path: Path) -> None:
    with known_before(tmp_path, "tau_office", "workbook") as hub:
        before = known(hub, "tau_office")
        fewer = edit("Klienten.csv", lambda b: b"\r\n".join(b.split(b"\r\n")[:2]) + b"\r\n")
        folder = next_delivery(hub, "tau_office", fewer, on=EARLIER)
        next_delivery(hub, "workbook")
        taken = run_intake(hub)
        late = of(taken, "tau_office", EARLIER)
        assert (late.state, of(taken, "workbook").state) == ("failed", "loaded")
        assert "31.12.2024 ist älter als die" in late.message and "31.01.2025" in late.message
        assert known(hub, "tau_office") == before
        assert in_landing(hub, folder)


def test_what_was_missing_ends_once_a_whole_delivery_comes(tmp_path: Path) -> None:
    """A missing file ends nothing, however often; a whole delivery without the rows does."""
    whole = date(2025, 3, 31)
    with known_before(tmp_path, "tau_office", "workbook") as hub:
        next_delivery(hub, "tau_office", lambda folder: (folder / "Ziele.csv").unlink())
        run_intake(hub)
        assert known(hub, "tau_office")["goal"] == {"Z0001", "Z0002"}
        only_first = edit("Ziele.csv", lambda b: b"\r\n".join(b.split(b"\r\n")[:2]) + b"\r\n")
        next_delivery(hub, "tau_office", only_first, on=whole)
        assert of(run_intake(hub), "tau_office", whole).state == "loaded"
        assert known(hub, "tau_office")["goal"] == {"Z0001"}


def test_bytes_that_change_in_the_landing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with known_before(tmp_path, "tau_office", "enaio_export") as hub:
        next_delivery(hub, "tau_office")
        before, usual = known(hub, "tau_office"), hub.landing.land_delivery

        def spoiled(*arguments: Any) -> Manifest:
            manifest = usual(*arguments)
            hub.landing._fresh.clear()
            for file in manifest.files:
                hub.landing.path_of(file).chmod(0o600)
                hub.landing.path_of(file).write_bytes(b"KontaktNr;KlientNr")
            return manifest

        monkeypatch.setattr(hub.landing, "land_delivery", spoiled)
        taken = of(run_intake(hub), "tau_office")
        assert (
            taken.state == "failed"
            and "beschädigt" in taken.message
            and "db restore" in taken.message
        )
        assert known(hub, "tau_office") == before
