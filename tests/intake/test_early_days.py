"""A day years before the first case of its person is told with its place, and still counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.fault_kinds import holds
from tests.intake.test_what_is_not_here import HEADER, TALKS, Source, client, talk
from warehouse.loading.findings import list_findings

# The cases of client() begin on 1 February 2024.
CLIENTS = [HEADER, client("1"), client("2")]
# days of conversations of the first client, more of the configuration, rows that are told
DAYS: dict[str, tuple[list[str], str, list[int]]] = {
    "a slip of the year": (["02.03.2004", "02.03.2024"], "", [2]),
    "the last month that is near": (["01.02.2022"], "", []),
    "the first that is not": (["31.01.2022", "31.12.2021"], "", [2, 3]),
    "after the case": (["02.03.2024"], "", []),
    "a wider limit": (["02.03.2020"], ", years_before_case: 5", []),
    "a narrower limit": (["02.12.2022"], ", years_before_case: 1", [2]),
}


@holds(5)
@pytest.mark.parametrize("case", DAYS)
def test_days_long_before_the_case(case: str, tmp_path: Path) -> None:
    days, more, rows = DAYS[case]
    source = Source(tmp_path)
    source.configure(more)
    talks = [talk(f"G{at}", day=day) for at, day in enumerate(days, 1)]
    assert source.deliver(Klienten=CLIENTS, Gespräche=[TALKS, *talks]).state == "loaded"
    assert source.known("conversation") == len(days)
    places = [f"Zeile {row} von „Gespräche“ der Datei „Gespräche.csv“" for row in rows]
    told = _find_told(source)
    assert len(told) == bool(rows)
    for message in told:
        assert f"Von {len(rows)} Gesprächen" in message and "; ".join(places) in message


def test_one_participant_near_is_enough(tmp_path: Path) -> None:
    """The earliest case of those who took part decides."""
    source = Source(tmp_path)
    old = [*client("2")[:4], "01.02.2004", *client("2")[5:]]
    talks = [talk("G1", "1,2", "02.03.2004"), talk("G2", "1", "02.03.2004")]
    source.deliver(Klienten=[HEADER, client("1"), old], Gespräche=[TALKS, *talks])
    (message,) = _find_told(source)
    assert "Zeile 3 von" in message and "Zeile 2 von" not in message


def test_more_places_than_are_named(tmp_path: Path) -> None:
    source = Source(tmp_path)
    talks = [talk(f"G{at}", day="02.03.2004") for at in range(12)]
    source.deliver(Klienten=CLIENTS, Gespräche=[TALKS, *talks])
    (message,) = _find_told(source)
    assert "Von 12 Gesprächen" in message and message.count("Zeile") == 10 and " …" in message


def _find_told(source: Source) -> list[str]:
    with source.open() as hub, hub.store.read() as connection:
        return [f.message for f in list_findings(connection) if f.rule == "long_before_case"]
