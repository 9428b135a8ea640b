"""The simulated district is the same every time, and its files come to what was planned when counted by other means."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from examples.generate import SimulatedDistrict, simulate_district
from tests.examples.recount import day
from tests.examples.systems import count_all

COUNTED = (
    "conversations",
    "topics",
    "referrals",
    "plans_concluded",
    "goals_reached",
    "records_reached",
    "client_records",
)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> SimulatedDistrict:
    return simulate_district(tmp_path_factory.mktemp("district"))


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_same_seed_same_bytes(tmp_path: Path, district: SimulatedDistrict) -> None:
    again = simulate_district(tmp_path / "again")
    other = simulate_district(tmp_path / "other", seed=2)
    assert digests(again.out) == digests(district.out)
    assert digests(other.exports).items().isdisjoint(digests(again.exports).items())


def test_no_digest_is_shared_by_two_files(district: SimulatedDistrict) -> None:
    assert max(Counter(digests(district.exports).values()).values()) == 1


def test_files_come_to_the_planned_figures(district: SimulatedDistrict) -> None:
    assert len(district.planned) == 2
    for (first, last), planned in district.planned.items():
        counted, _ = count_all(district.exports, district.deliveries[-1], first, last)
        expected = {name: value for name, value in planned.items() if name.startswith(COUNTED)}
        assert {name: counted.get(name, 0) for name in expected} == expected
        assert planned["clients"] < planned["client_records"]


def test_every_delivery_holds_the_rows_it_says(district: SimulatedDistrict) -> None:
    for delivery in district.deliveries:
        _, tables = count_all(district.exports, delivery, *district.period)
        said = [
            count
            for (_, of), counts in district.tables.items()
            if of == delivery
            for count in counts
        ]
        assert len(said) == len(tables)
        for count in said:
            found = tables[count.file, count.table]
            assert (found.total, found.repeated, dict(found.rejected)) == (
                count.rows,
                count.repeated,
                count.rejected,
            )
            assert found.total == len(found.rows) + found.repeated + sum(found.rejected.values())


def test_mistakes_only_in_later_deliveries(district: SimulatedDistrict) -> None:
    first = [
        count
        for (_, of), counts in district.tables.items()
        if of == district.deliveries[0]
        for count in counts
    ]
    later = [
        count
        for (_, of), counts in district.tables.items()
        if of != district.deliveries[0]
        for count in counts
    ]
    assert not any(count.repeated or count.rejected or count.set_aside for count in first)
    assert {rule for count in later for rule in count.rejected} == {
        "key_missing",
        "required_date_unreadable",
        "ragged_row",
    }
    assert {rule for count in later for rule in count.set_aside} == {
        "impossible_date",
        "placeholder_date",
        "unknown_code",
    }


def keyed(made: SimulatedDistrict, delivery: date) -> dict[tuple[str, str, str], dict[str, str]]:
    """Usable rows by file, table and key; the key is the first column after a mere row number."""
    tables = count_all(made.exports, delivery, *made.period)[1]
    return {
        (file, name, next(value for head, value in row.items() if head not in ("id", "Lfd."))): row
        for (file, name), table in tables.items()
        for row in table.rows
    }


def test_rows_come_go_change_and_stay(district: SimulatedDistrict) -> None:
    before, after = (keyed(district, delivery) for delivery in district.deliveries)
    stayed = before.keys() & after.keys()
    assert before.keys() - after.keys()
    assert len(after.keys() - before.keys()) > 300
    assert any(before[key] == after[key] for key in stayed)
    assert any(before[key] != after[key] for key in stayed)


def test_some_conversations_are_entered_late(district: SimulatedDistrict) -> None:
    first, second = (keyed(district, delivery) for delivery in district.deliveries)
    fresh = [row for key, row in second.items() if key not in first and "Datum" in row]
    days = [found for row in fresh if (found := day(row["Datum"]))]
    assert sum(found < district.deliveries[0] - timedelta(days=30) for found in days) > 5


def test_days_are_spelled_in_many_ways(district: SimulatedDistrict) -> None:
    rows = keyed(district, district.deliveries[1])
    shapes = {re.sub(r"\d", "9", row["Datum"]) for row in rows.values() if "Datum" in row}
    assert shapes >= {"99.99.9999", "9.9.9999", "9999-99-99", "99999", "99.99.9999 99:99:99"}


def test_proportions(district: SimulatedDistrict) -> None:
    planned = district.planned[district.period]
    family = planned["conversations_by_setting:familie"] / planned["conversations"]
    topics = {name: value for name, value in planned.items() if name.startswith("topics:")}
    assert 0.13 < family < 0.23
    assert max(topics, key=lambda name: topics[name]) == "topics:anderes"
    assert sum(topics.values()) > planned["conversations"]


@pytest.mark.parametrize("kind", ["same", "transliteration", "swapped", "typo", "birthday"])
def test_some_people_are_known_twice(district: SimulatedDistrict, kind: str) -> None:
    assert kind in {how for _, _, how in district.same_person}


def test_consents_of_every_kind(district: SimulatedDistrict) -> None:
    fates = {fate if fate.startswith("!") else "released" for fate in district.released.values()}
    assert fates >= {
        "released",
        "!revoked",
        "!expired",
        "!other_recipient",
        "!purpose_missing",
        "!confidentiality_not_released",
        "!not_yet_valid",
        "!release_withdrawn",
        "!end_unreadable",
        "!revocation_unreadable",
    }


@pytest.mark.parametrize(
    ("file", "trap"),
    [
        ("enaio/*/Person.xml", 'encoding="UTF8"'),
        ("enaio/*/Beratung.xml", "\xa0</Value>"),
        ("enaio/*/Beratung.xml", "\xad"),
        ("tau/*/Kontakte.csv", "\0"),
        ("tau/*/Kontakte.csv", '""eilig""'),
        ("tau/*/Klienten.csv", " 00:00:00"),
        ("tau/*/Klienten.csv", "überzählig"),
        ("tau/*/Klienten.csv", "Zusatz1"),
    ],
)
def test_spellings_readers_stumble_over(district: SimulatedDistrict, file: str, trap: str) -> None:
    paths = list(district.exports.glob(file))
    encoding = "cp1252" if file.endswith("csv") else "utf-8"
    assert any(trap in path.read_bytes().decode(encoding) for path in paths)


def test_decomposed_letters_are_in_the_second_delivery(district: SimulatedDistrict) -> None:
    texts = [path.read_text("utf-8") for path in district.exports.glob("enaio/*/*.xml")]
    assert any(unicodedata.normalize("NFC", text) != text for text in texts)


@pytest.mark.parametrize(
    ("persons", "deliveries", "seed"), [(1, 1, 1), (9, 2, 3), (60, 3, 4), (150, 2, 7)]
)
def test_any_size(tmp_path: Path, persons: int, deliveries: int, seed: int) -> None:
    made = simulate_district(tmp_path, persons=persons, deliveries=deliveries, seed=seed)
    counted, _ = count_all(made.exports, made.deliveries[-1], *made.period)
    assert len(made.deliveries) == deliveries
    assert counted.get("conversations", 0) == made.planned[made.period].get("conversations", 0)


def test_unknown_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="alb-donau, tuebingen"):
        simulate_district(tmp_path, like="atlantis")
