"""Links that are sure no more, the whole way: a run takes them apart, says so, and keeps what was known before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.loading.findings import list_findings
from warehouse.schema import load, person, person_link, quarantine

MAPPING = """\
system: Probe
tables:
  Klienten:
    files: "*.csv"
    key: Nr
    feeds:
      case: {}
      person:
        fields: {last_name: Nachname, first_name: Vorname, birth_date: Geboren, official_number: {column: AZR, kind: azr}}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
sources:
  tau: {mapping: probe.yaml, folder: tau}
  kreis: {mapping: probe.yaml, folder: kreis}
"""
ONE, OTHER = "160512012345", "171130998877"


@pytest.fixture(params=["duckdb", "postgresql"])
def hub(request: Any, tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Hub]:
    """A district with two sources and nothing delivered yet."""
    (tmp_path / "probe.yaml").write_text(MAPPING, encoding="utf-8")
    config = tmp_path / "drehscheibe.yaml"
    config.write_text(CONFIGURATION, encoding="utf-8")
    for source in ("tau", "kreis"):
        (tmp_path / source).mkdir()
    with Hub(load_config(config)) as opened:
        if request.param == "postgresql":
            opened.__dict__["store"] = Store(new_database())
        yield opened


ROW = "{key};Beispiel;Amal;05.05.{year};{number}\n"


def deliver(hub: Hub, source: str, day: str, rows: str) -> None:
    """Lays down a delivery that was finished long ago."""
    path = hub.config.sources[source].folder / day / "Klienten.csv"
    path.parent.mkdir()
    path.write_text("Nr;Nachname;Vorname;Geboren;AZR\n" + rows, encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))


def take(hub: Hub, day: str = "", **numbers: str) -> list[tuple[str, str]]:
    """A delivery of that day of each source, with this number; all that is found so far."""
    for source, number in numbers.items():
        deliver(hub, source, day, ROW.format(key=1, year=1990, number=number))
    assert {t.state for t in run_intake(hub)} <= {"loaded", "known"}
    with hub.store.read() as connection:
        return [(f.rule, f.severity) for f in list_findings(connection)]


def persons_at(hub: Hub, number: int) -> int:
    with hub.store.read() as connection:
        known = KnownAt(number).select_rows(person_link, identifying=True)
        return len({row.person_id for row in connection.execute(select(known))})


def test_a_stand_in_is_told_set_aside_and_contradicts_nobody(hub: Hub) -> None:
    found = take(hub, "2025-01-31", tau="beantragt", kreis=ONE)
    assert found == [("no_official_number", "set_aside")]
    assert persons_at(hub, 2) == 1
    with hub.store.read() as connection:
        numbers = set(connection.execute(select(person.c.official_number)).scalars())
        assert numbers == {None, ONE}
        assert connection.execute(select(quarantine.c.value)).scalars().all() == ["beantragt"]


def test_a_number_that_is_known_later_dissolves_a_link(hub: Hub) -> None:
    take(hub, "2025-01-31", tau="", kreis=ONE)
    assert take(hub, "2025-02-28", tau=OTHER) == [("links_dissolved", "notice")]
    assert [persons_at(hub, number) for number in (2, 3)] == [1, 2]


def test_a_link_of_an_earlier_version_is_dissolved_by_the_next_run(hub: Hub) -> None:
    """Nothing new is delivered, but the terms and the engine are not what the last loads were made with."""
    take(hub, "2025-01-31", tau=OTHER, kreis=ONE)
    c = person_link.c
    with hub.store.transaction() as connection:
        first = connection.execute(select(c.person_id).where(c.source == "kreis")).scalar_one()
        linked = {"person_id": first, "rule": "name_and_birth_date", "linked_to": "kreis:1"}
        connection.execute(update(person_link).where(c.source == "tau").values(linked))
        connection.execute(update(load).values(mapping_hash="of an earlier version"))
    assert take(hub) == [("links_dissolved", "notice")]
    assert [persons_at(hub, number) for number in (2, 3)] == [1, 2]


def test_a_number_of_very_many_is_told(hub: Hub) -> None:
    rows = [ROW.format(key=n, year=n, number=ONE) for n in range(1980, 1991)]
    deliver(hub, "tau", "2025-01-31", "".join(rows))
    assert take(hub) == [("number_of_many", "notice")]
