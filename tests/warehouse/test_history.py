"""Deliveries one after another: what is new, changed, unchanged, gone, and what is known at any load."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.warehouse.deliveries import (
    FILE,
    TABLE,
    Content,
    changes,
    deliver,
    everything,
    known,
    mapped,
)
from warehouse.database.store import Store
from warehouse.loading import loader as loading
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.row_balance import BalanceOpen
from warehouse.loading.table_load import TableUse
from warehouse.schema import ENTITIES, delivery, load

DAY = date(2024, 5, 1)


def cases(**staff: str) -> Content:
    return {"case": [{"key": key, "begun_on": DAY, "staff": name} for key, name in staff.items()]}


def talk(*topics: str, key: str = "B1", on: date = DAY, **fields: Any) -> Content:
    return {
        "conversation": [{"key": key, "held_on": on, **fields}],
        "conversation_topic": [{"key": key, "topic": t} for t in topics],
    }


def test_new_changed_unchanged_gone(store: Store) -> None:
    first = deliver(store, cases(a="Anna", b="Anna", c="Anna"))
    second = deliver(store, cases(b="Anna", c="Berta", d="Anna"))
    assert changes(first, "case") == (3, 0, 0, 0)
    assert changes(second, "case") == (1, 1, 1, 1)
    assert {key: row["staff"] for key, row in known(store, "case").items()} == {
        "b": "Anna",
        "c": "Berta",
        "d": "Anna",
    }


def test_old_versions_are_closed_and_never_overwritten(store: Store) -> None:
    deliver(store, cases(a="Anna", b="Anna"))
    deliver(store, cases(a="Berta"))
    table = ENTITIES["case"].table
    columns = (table.c.source_key, table.c.staff, table.c.known_from, table.c.known_to)
    with store.read() as connection:
        rows = sorted(map(tuple, connection.execute(select(*columns))), key=str)
    assert rows == [("a", "Anna", 1, 2), ("a", "Berta", 2, None), ("b", "Anna", 1, 2)]


def test_the_same_again_changes_nothing(store: Store) -> None:
    content = {**cases(a="Anna"), **talk("arbeit", "wohnen")}
    deliver(store, content)
    before = everything(store)
    again = deliver(store, content)
    assert everything(store) == before
    assert changes(again, "case") == changes(again, "conversation") == (0, 0, 1, 0)


def test_what_was_gone_may_come_back(store: Store) -> None:
    deliver(store, cases(a="Anna", b="Anna"))
    deliver(store, cases(b="Anna"))
    back = deliver(store, cases(a="Anna", b="Anna"))
    assert changes(back, "case") == (1, 0, 1, 0)
    assert [sorted(known(store, "case", load=n)) for n in (1, 2, 3)] == [
        ["a", "b"],
        ["b"],
        ["a", "b"],
    ]


def test_a_partial_delivery_says_nothing_about_the_rest(store: Store) -> None:
    deliver(store, cases(a="Anna", b="Anna"))
    done = deliver(store, cases(b="Berta", c="Anna"), full=False)
    assert changes(done, "case") == (1, 1, 0, 0)
    assert sorted(known(store, "case")) == ["a", "b", "c"]


def test_of_what_a_partial_delivery_brings_it_says_everything(store: Store) -> None:
    deliver(store, {**talk("arbeit", "wohnen"), "person": [{"key": "a", "sex": "w"}]})
    deliver(store, talk("schule", key="B2"), full=False)
    done = deliver(store, talk("wohnen"), full=False)
    assert changes(done, "conversation") == (0, 1, 0, 0)
    assert sorted(known(store, "conversation_topic")) == ["B1 · wohnen", "B2 · schule"]
    assert sorted(known(store, "person")) == ["a"]


def test_a_table_that_could_not_be_read_ends_nothing(store: Store) -> None:
    deliver(store, {**cases(a="Anna"), **talk("arbeit")})
    done = deliver(store, {"case": [], **talk("arbeit", "schule")}, stopped=["case"])
    assert changes(done, "case") == (0, 0, 0, 0)
    assert changes(done, "conversation") == (0, 1, 0, 0)
    assert sorted(known(store, "case")) == ["a"]


def test_an_empty_full_table_ends_all_of_it(store: Store) -> None:
    deliver(store, cases(a="Anna", b="Anna"))
    assert changes(deliver(store, {"case": []}), "case") == (0, 0, 0, 2)
    assert known(store, "case") == {}


def test_sources_do_not_touch_each_other(store: Store) -> None:
    deliver(store, cases(a="Anna"), source="enaio")
    done = deliver(store, cases(a="Berta", b="Berta"), source="tau")
    deliver(store, cases(b="Berta"), source="tau")
    assert changes(done, "case") == (2, 0, 0, 0)
    assert known(store, "case", source="enaio")["a"]["staff"] == "Anna"
    assert sorted(known(store, "case", source="tau")) == ["b"]


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        (("arbeit",), ("arbeit", "wohnen"), (0, 1, 0, 0)),
        (("arbeit", "wohnen"), ("arbeit",), (0, 1, 0, 0)),
        (("arbeit",), ("wohnen",), (0, 1, 0, 0)),
        (("arbeit",), (), (0, 1, 0, 0)),
        (("arbeit", "wohnen"), ("wohnen", "arbeit"), (0, 0, 1, 0)),
    ],
)
def test_a_conversation_changes_with_its_topics(
    store: Store, before: tuple[str, ...], after: tuple[str, ...], counts: tuple[int, ...]
) -> None:
    deliver(store, talk(*before))
    assert changes(deliver(store, talk(*after)), "conversation") == counts
    assert sorted(row["topic"] for row in known(store, "conversation_topic").values()) == sorted(
        after
    )
    assert sorted(
        row["topic"] for row in known(store, "conversation_topic", load=1).values()
    ) == sorted(before)


def test_a_case_changes_with_what_is_known_of_the_person_and_with_a_release_on_its_row(
    store: Store,
) -> None:
    def profile(name: str, *groups: str) -> Content:
        return {
            **cases(a="Anna"),
            "person": [{"key": "a", "last_name": name}],
            "consent": [{"key": "a", "person_key": "a", "basis": "release"}] if groups else [],
            "consent_data_group": [{"key": "a", "data_group": g} for g in groups],
        }

    together = {"case": ["consent", "consent_data_group"]}
    steps = [
        profile("Beispiel"),
        profile("Beispiel", "beruf"),
        profile("Beispiel", "beruf", "sprache"),
        profile("Muster"),
    ]
    seen = [
        changes(deliver(store, step, together=together), "case") for step in [*steps, steps[-1]]
    ]
    assert seen == [(1, 0, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)]


def test_every_row_says_where_it_came_from(store: Store) -> None:
    done = deliver(store, {**cases(a="Anna"), **talk("arbeit"), "person": [{"key": "a"}]}, on=DAY)
    with store.read() as connection:
        (row,) = connection.execute(select(delivery)).all()
        assert (row.source, row.delivered_on, row.scope, row.load_number) == (
            "enaio",
            DAY,
            "full",
            done.number,
        )
        for kind in ENTITIES.values():
            for r in connection.execute(select(kind.table)):
                assert (r.source, r.known_from) == ("enaio", done.number)
                assert (r.source_file, r.source_table, r.source_row) == (FILE, TABLE, 2)


def test_an_open_balance_of_rows_undoes_all(store: Store) -> None:
    deliver(store, cases(a="Anna"))
    before = everything(store)
    with pytest.raises(BalanceOpen, match="read 2 != used 1"):
        deliver(store, cases(a="Berta", b="Anna"), uncounted=1)
    assert everything(store) == before
    assert store.last_load() == 1


@pytest.mark.parametrize("broken", ["take_in", "compare_with_history"])
def test_an_open_balance_of_records_undoes_all(
    store: Store, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    deliver(store, cases(a="Anna"))
    before = everything(store)
    real = loading.compare_with_history
    wrong = {
        "take_in": lambda *args: None,
        "compare_with_history": lambda *args: [
            loading.Change(c.file, c.table, c.new + 1, c.changed, c.unchanged, c.gone)
            for c in real(*args)
        ],
    }
    monkeypatch.setattr(loading, broken, wrong[broken])
    with pytest.raises(BalanceOpen, match="case: known before 1"):
        deliver(store, cases(a="Berta", b="Anna"))
    assert everything(store) == before
    with store.read() as connection:
        assert (
            len(connection.execute(select(load)).all())
            == len(connection.execute(select(delivery)).all())
            == 1
        )


def test_a_key_on_several_rows_is_one_record_and_contradictions_are_counted(store: Store) -> None:
    content = {
        "conversation": [
            {"key": "B1", "held_on": DAY, "minutes": 5},
            {"key": "B1", "held_on": DAY, "minutes": 9},
        ]
    }
    with store.transaction() as connection:
        uses = {TABLE: TableUse(("conversation",), unique=False)}
        loader = loading.Loader(
            connection, loading.IncomingDelivery("d", "tau", DAY, "full", "m"), uses
        )
        with loader.begin_table(TABLE, FILE, TABLE) as table:
            table.add(mapped(content, 2))
        done = loader.finish(DeliveryFindings())
    assert done.contradictions == {"conversation": 1}
    assert known(store, "conversation") == {"B1": {"held_on": DAY, "minutes": 5}}
