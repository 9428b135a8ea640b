"""A table that could not be read to its end ends nothing and leaves nothing, and nobody has to say so to the loader."""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from mappings.engine.findings import FINDINGS, MappedBatch
from tests.warehouse.deliveries import OTHERS, Content, batch, deliver, known, mapped
from tests.warehouse.test_history import DAY, cases
from warehouse.database.store import Store
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.loader import IncomingDelivery, Loader, LoadResult
from warehouse.loading.table_load import TableUse
from warehouse.schema import consent, table_balance

CASES = TableUse(("case",))
READ = {"Fälle": CASES, **OTHERS}


class BrokeOff(Exception):
    """Stands for what a reader raises."""


@pytest.fixture
def informed(store: Store) -> Store:
    """A warehouse that knows two cases."""
    deliver(store, cases(a="Anna", b="Berta"), source="tau")
    return store


def load(
    store: Store,
    uses: dict[str, TableUse],
    *read: tuple[str, Content],
    broken: str = "",
    found: DeliveryFindings | None = None,
) -> LoadResult:
    """Loads a full delivery of these tables, each in a file of its own; ``broken`` is the file in which reading breaks off."""
    with store.transaction() as connection:
        loader = Loader(connection, IncomingDelivery("d", "tau", DAY, "full", "m"), uses)
        for number, (name, content) in enumerate(read):
            file = f"{number}.csv"
            with suppress(BrokeOff), loader.begin_table(name, file, name) as table:
                table.add(mapped(content, 1))
                if file == broken:
                    raise BrokeOff
        return loader.finish(found or DeliveryFindings())


def keys(store: Store) -> dict[str, str]:
    return {key: row["staff"] for key, row in known(store, "case").items()}


def test_what_a_table_that_was_read_lacks_has_ended(informed: Store) -> None:
    done = load(informed, READ, ("Fälle", cases(a="Anna")))
    assert (done.state, keys(informed)) == ("loaded", {"a": "Anna"})


def test_a_table_that_breaks_off_changes_and_ends_nothing(informed: Store) -> None:
    done = load(informed, READ, ("Fälle", cases(a="Carla")), broken="0.csv")
    assert (done.state, done.counts, keys(informed)) == (
        "incomplete",
        [],
        {"a": "Anna", "b": "Berta"},
    )


def test_of_two_files_with_the_same_table_the_whole_one_is_kept(informed: Store) -> None:
    done = load(
        informed, READ, ("Fälle", cases(a="Carla")), ("Fälle", cases(b="Dora")), broken="1.csv"
    )
    assert (done.state, keys(informed)) == ("incomplete", {"a": "Carla", "b": "Berta"})
    with informed.read() as connection:
        rows = connection.execute(
            select(table_balance.c.file).where(table_balance.c.delivery_id == "d")
        )
        assert rows.scalars().all() == ["0.csv"]


def test_a_table_that_was_never_loaded_ends_nothing(informed: Store) -> None:
    uses = {**READ, "Alte Fälle": CASES}
    done = load(informed, uses, ("Fälle", cases(a="Anna")))
    assert (done.state, keys(informed)) == ("incomplete", {"a": "Anna", "b": "Berta"})


def test_an_optional_table_that_is_not_delivered_keeps_nothing(informed: Store) -> None:
    uses = {**READ, "Alte Fälle": TableUse(("case",), optional=True)}
    done = load(informed, uses, ("Fälle", cases(a="Anna")))
    assert (done.state, keys(informed)) == ("loaded", {"a": "Anna"})


def test_an_optional_table_found_unreadable_ends_nothing(informed: Store) -> None:
    uses = {**READ, "Alte Fälle": TableUse(("case",), optional=True)}
    done = load(
        informed, uses, ("Fälle", cases(a="Anna")), found=DeliveryFindings(stopped={"Alte Fälle"})
    )
    assert (done.state, keys(informed)) == ("incomplete", {"a": "Anna", "b": "Berta"})


def test_what_no_table_feeds_has_ended(informed: Store) -> None:
    talk = {"conversation": [{"key": "B1", "held_on": DAY}]}
    done = load(informed, {"Gespräche": TableUse(("conversation",))}, ("Gespräche", talk))
    assert (done.state, keys(informed)) == ("loaded", {})


def test_a_consent_whose_key_comes_twice_lets_nothing_out(store: Store) -> None:
    rows = {
        "consent": batch(
            "consent", [{"key": k, "basis": "form", "person_key": k} for k in ("E1", "E2")]
        )
    }
    with store.transaction() as connection:
        loader = Loader(
            connection,
            IncomingDelivery("d", "tau", DAY, "full", "m"),
            {"Einwilligungen": TableUse(("consent",))},
        )
        with loader.begin_table("Einwilligungen", "e.csv", "e") as table:
            table.add(
                MappedBatch(rows, FINDINGS.empty_table(), 3, 2, 1, 0, doubled=pa.array(["E2"]))
            )
        loader.finish(DeliveryFindings())
    with store.read() as connection:
        found = {r.source_key: r.revoked_on_unreadable for r in connection.execute(select(consent))}
    assert found == {"E1": None, "E2": True}


def test_an_error_of_the_database_is_raised_as_it_is(informed: Store) -> None:
    with pytest.raises(DBAPIError), informed.transaction() as connection:
        loader = Loader(connection, IncomingDelivery("d", "tau", DAY, "full", "m"), READ)
        with loader.begin_table("Fälle", "0.csv", "Fälle"):
            connection.exec_driver_sql("SELECT no_such_column FROM load")
    assert keys(informed) == {"a": "Anna", "b": "Berta"}
