"""OSRest: search and stored queries, ids as numbers and texts, servers with smaller pages or without paging."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.enaio.settings import ObjectType, Paging
from connectors.fetch.fetcher import CannotFetch
from tests.enaio.trial import TYPES, fetch, pages, read, settings
from tests.fakes.enaio import FakeEnaio, Fault, sample

STORED = ObjectType("Person", ("Personennummer", "Nachname", "Sprachkurse"), stored_query="4")


@pytest.mark.parametrize("overlap", [0, 1, 3])
@pytest.mark.parametrize("persons", [1, 4, 5, 6, 9, 10, 11, 40])
def test_every_size_of_a_result(persons: int, overlap: int, tmp_path: Path) -> None:
    with FakeEnaio(sample(persons)) as fake:
        fetched = fetch(settings(fake, "osrest", paging=Paging(size=5, overlap=overlap)), tmp_path)
        rows = read(tmp_path, fetched.files)["Person"]
        expected = [held.value("Personennummer") for held in fake.holdings.of("Person")]
    assert [(place, cells[0]) for place, cells in rows] == list(enumerate(expected, 1))
    assert fetched.full


@pytest.mark.parametrize("largest", [1, 2, 3, 4])
def test_a_server_with_smaller_pages_than_asked_for(largest: int, tmp_path: Path) -> None:
    with FakeEnaio(largest_page=largest) as fake:
        paging = Paging(size=5, overlap=0 if largest == 1 else 1)
        assert fetch(settings(fake, "osrest", paging=paging), tmp_path).rows == 22


def test_both_interfaces_give_the_same_tables(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        dms = read(tmp_path / "dms", fetch(settings(fake), tmp_path / "dms").files)
        osrest = read(
            tmp_path / "osrest", fetch(settings(fake, "osrest"), tmp_path / "osrest").files
        )
    flags = {"Wahr": "1", "Falsch": "0", "61.50": "61.5"}
    assert osrest == {
        table: [(place, tuple(flags.get(cell, cell) for cell in cells)) for place, cells in rows]
        for table, rows in dms.items()
    }


def test_a_stored_query(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        assert fetch(settings(fake, "osrest", types=(STORED,)), tmp_path).rows == 17
    assert (tmp_path / "Person" / "000001-000005.json").exists()


def test_a_stored_query_that_is_not_there(tmp_path: Path) -> None:
    with FakeEnaio() as fake, pytest.raises(CannotFetch) as stopped:
        fetch(settings(fake, "osrest", types=(replace(STORED, stored_query="99"),)), tmp_path)
    assert (stopped.value.rule, stopped.value.again) == ("not_found", False)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        with pytest.raises(CannotFetch) as stopped:
            fetch(
                settings(fake, "osrest", types=(replace(STORED, columns=("Nachnahme",)),)), tmp_path
            )
        assert stopped.value.rule == "column_missing"
        with pytest.raises(CannotFetch) as stopped:
            fetch(
                settings(fake, "osrest", types=(replace(TYPES[1], columns=("Datumm",)),)), tmp_path
            )
        assert stopped.value.rule == "question_refused"


def test_a_server_that_ignores_the_offset(tmp_path: Path) -> None:
    with (
        FakeEnaio(faults=[Fault("offset_ignored", 0, 1000)]) as fake,
        pytest.raises(CannotFetch) as stopped,
    ):
        fetch(settings(fake, "osrest"), tmp_path)
    assert (stopped.value.rule, stopped.value.again) == ("paging_ignored", False)
    assert len(fake.asked) < 10


def test_pages_land_as_served(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        fetch(settings(fake, "osrest"), tmp_path)
        served = [asked.body for asked in fake.asked]
    assert all(body in served for body in pages(tmp_path).values())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"types": (replace(TYPES[0], type_id=""),)}, "type_id"),
        ({"types": (replace(TYPES[0], only={"Aktiv": ("1", "0")}),)}, "one value"),
        ({"types": TYPES[:1] * 2}, "once"),
        ({"types": ()}, "once"),
    ],
)
def test_settings_that_cannot_work(wrong: dict[str, object], said: str) -> None:
    with FakeEnaio() as fake, pytest.raises(ValueError, match=said):
        settings(fake, "osrest", **wrong)
