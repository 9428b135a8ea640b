"""A known person whose key is only written otherwise does not become a second human being unseen."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.conformance.fault_kinds import holds
from tests.warehouse.deliveries import deliver, known
from warehouse.database.store import Store
from warehouse.loading.findings import list_findings
from warehouse.loading.mass_change_guard import GuardTripped, Limits

SELIN = {"last_name": "Tarhan", "first_name": "Selin", "birth_date": date(1990, 5, 4)}
OMID = {"last_name": "Bashir", "first_name": "Omid", "birth_date": date(1971, 12, 12)}
FARID = {"last_name": "Ahmadi", "first_name": "Farid", "birth_date": date(1990, 1, 1)}
Persons = dict[str, dict[str, Any]]
# before, after, of how many persons the key is only written otherwise
DELIVERIES: dict[str, tuple[Persons, Persons, int]] = {
    "zeros lost": ({"0007": SELIN, "0008": OMID}, {"7": SELIN, "8": OMID}, 2),
    "zeros come": ({"7": SELIN, "8": OMID}, {"007": SELIN, "8": OMID}, 1),
    "a number with decimals": ({"4711": SELIN}, {"4711.0": SELIN}, 1),
    "capitals": ({"k12": SELIN}, {"K12": SELIN}, 1),
    "an apostrophe": ({"00123": SELIN}, {"'00123": SELIN}, 1),
    "a married person": ({"07": SELIN}, {"7": {**SELIN, "last_name": "Kaya"}}, 1),
    "without names": ({"07": {}}, {"7": {}}, 1),
    "another human being": ({"07": SELIN}, {"7": OMID}, 0),
    "both there": ({"07": SELIN}, {"07": SELIN, "7": OMID}, 0),
    "two that may be meant": ({"07": SELIN, "007": FARID}, {"7": SELIN}, 0),
    "another number": ({"07": SELIN}, {"8": SELIN}, 0),
    "one gone, one new": ({"7": SELIN, "8": OMID}, {"8": OMID, "70": FARID}, 0),
}


def content(persons: Persons, *, with_persons: bool = True) -> dict[str, list[dict[str, Any]]]:
    """The persons with a case each, or (as some systems deliver) the cases alone."""
    cases = [{"key": key, "person_key": key, "begun_on": date(2024, 1, 3)} for key in persons]
    rows = [{"key": key, **row} for key, row in persons.items()]
    return {"person": rows, "case": cases} if with_persons else {"case": cases}


def count_respelled(
    store: Store, source: str, before: Persons, after: Persons, **how: Any
) -> tuple[int, set[str]]:
    """Of how many persons the guard says so, and which keys are known afterwards."""
    deliver(store, content(before, **how), source=source, link=False)
    limits = Limits(gone=1.0, changed=1.0)
    try:
        deliver(store, content(after, **how), source=source, limits=limits, link=False)
    except GuardTripped as tripped:
        return sum(trip.respelled for trip in tripped.trips), set(known(store, "case"))
    return 0, set(known(store, "case"))


@holds(2)
def test_keys_in_another_spelling_wait_for_a_person(engine: Store) -> None:
    found = {}
    for number, (name, (before, after, _)) in enumerate(DELIVERIES.items()):
        found[name], keys = count_respelled(engine, f"s{number}", before, after)
        # Nothing of a held delivery ends a record.
        assert not found[name] or before.keys() <= keys, name
    assert found == {name: count for name, (_, _, count) in DELIVERIES.items()}


def test_a_source_without_persons_is_compared_by_its_cases(store: Store) -> None:
    before, after, _ = DELIVERIES["zeros lost"]
    assert count_respelled(store, "s", before, after, with_persons=False)[0] == 2


MAPPING = """\
system: Probe
tables:
  Klienten:
    files: ["Klienten*"]
    key: Nr
    feeds:
      person: {fields: {last_name: Nachname, first_name: Vorname}}
      case: {}
"""
CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
sources: {probe: {mapping: probe.yaml, folder: probe}}
"""


def test_it_is_told_with_its_row_and_the_delivery_is_held(tmp_path: Path) -> None:
    (tmp_path / "probe.yaml").write_text(MAPPING, encoding="utf-8")
    config = tmp_path / "drehscheibe.yaml"
    config.write_text(CONFIGURATION, encoding="utf-8")
    for day, keys in (("2024-03-31", ("0006", "0007")), ("2024-09-30", ("0006", "7"))):
        path = tmp_path / "probe" / day / "Klienten.csv"
        path.parent.mkdir(parents=True)
        rows = zip(keys, ("Kaya;Amir", "Tarhan;Selin"), strict=True)
        lines = ["Nr;Nachname;Vorname", *(f"{key};{name}" for key, name in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(path, (1_700_000_000, 1_700_000_000))
    with Hub(load_config(config)) as hub:
        results = run_intake(hub)
        with hub.store.read() as connection:
            found = list_findings(connection)
    assert [result.state for result in results] == ["loaded", "held"]
    assert "Kennung von 1 ist nur anders geschrieben" in results[1].message
    assert [(f.rule, f.table, f.row) for f in found] == [("keys_respelled", "Klienten", 3)]
    assert "0007" not in results[1].message + found[0].message
