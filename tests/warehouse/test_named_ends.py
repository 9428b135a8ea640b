"""Tables that only name records: what a delivery of changes ends by them, on both engines, and what it must leave alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import select

from tests.warehouse.deliveries import OTHERS, Content, changes, deliver, everything, known, mapped
from tests.warehouse.test_history import DAY, cases, talk
from warehouse.database.store import Store
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.loader import IncomingDelivery, Loader
from warehouse.loading.mass_change_guard import GuardTripped, Limits
from warehouse.loading.table_load import TableUse
from warehouse.schema import entity_balance, load, table_balance

PEOPLE = ["P1", "P2", "P3"]
KNOWN: Content = {
    "case": [{"key": p, "begun_on": DAY} for p in PEOPLE],
    "person": [{"key": p, "sex": "w"} for p in PEOPLE],
    "language_level": [{"key": p, "language": "Dari"} for p in PEOPLE],
    "conversation": [{"key": b, "held_on": DAY} for b in ("B1", "B2")],
    "conversation_topic": [{"key": b, "topic": "arbeit"} for b in ("B1", "B2")],
    "conversation_participant": [{"key": b, "person_key": "P1"} for b in ("B1", "B2")],
    # The consent of P1 has its number by chance: another kind of record.
    "consent": [{"key": "P1", "basis": "form", "person_key": "P1"}],
}


@dataclass(frozen=True)
class Rule:
    """What a delivery after KNOWN brings and names; which keys are left of cases and conversations; what its balance says of cases."""

    left: str
    balance: tuple[int, int, int, int]
    ends: Mapping[str, list[str]] = field(default_factory=dict)
    keeps: Mapping[str, list[str]] = field(default_factory=dict)
    brings: Content = field(default_factory=dict)
    stopped: tuple[str, ...] = ()


CHANGED: Content = cases(P1="Anna")
RULES = {
    "a deleted record": Rule("P2 P3 B1 B2", (0, 0, 0, 1), {"case": ["P1"]}),
    "named twice": Rule("P2 P3 B1 B2", (0, 0, 0, 1), {"case": ["P1", "P1"]}),
    "several of several kinds": Rule(
        "P3 B2", (0, 0, 0, 2), {"case": ["P1", "P2"], "conversation": ["B1"]}
    ),
    "nobody knows it": Rule("P1 P2 P3 B1 B2", (0, 0, 0, 0), {"case": ["P9"]}),
    "nothing is named": Rule("P1 P2 P3 B1 B2", (0, 0, 0, 0), {"case": []}),
    "a key of another kind": Rule("P1 P2 P3 B1 B2", (0, 0, 0, 0), {"case": ["B1"]}),
    "deleted, but brought": Rule("P1 P2 P3 B1 B2", (0, 1, 0, 0), {"case": ["P1"]}, brings=CHANGED),
    "deleted, another brought": Rule("P1 P3 B1 B2", (0, 1, 0, 1), {"case": ["P2"]}, brings=CHANGED),
    "deleted, but a part brought": Rule(
        "P1 P2 P3 B1 B2",
        (0, 0, 0, 0),
        {"conversation": ["B1"]},
        brings={"conversation_topic": [{"key": "B1", "topic": "wohnen"}]},
    ),
    "deleted, but kept": Rule(
        "P1 P3 B1 B2", (0, 0, 0, 1), {"case": ["P1", "P2"]}, {"case": ["P1", "P9"]}
    ),
    "kept of another kind": Rule(
        "P2 P3 B1 B2", (0, 0, 0, 1), {"case": ["P1"]}, {"conversation": ["P1"]}
    ),
    "only kept": Rule("P1 P2 P3 B1 B2", (0, 0, 0, 0), {}, {"case": ["P1"]}),
    "its table could not be read": Rule(
        "P1 P2 P3 B2", (0, 0, 0, 0), {"case": ["P1"], "conversation": ["B1"]}, stopped=("person",)
    ),
    "one ends, one is new": Rule(
        "P2 P3 P4 B1 B2", (1, 0, 0, 1), {"case": ["P1"]}, brings=cases(P4="Anna")
    ),
}


@pytest.fixture(scope="module")
def stores(
    empty_file: Path, server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Store]]:
    """Both engines, each for all rules: every rule is a source of its own."""
    file = tmp_path_factory.mktemp("named") / "warehouse.duckdb"
    shutil.copyfile(empty_file, file)
    with Store(f"duckdb:///{file}") as embedded, Store(server) as at_server:
        yield {"DuckDB": embedded, "PostgreSQL": at_server}


@pytest.fixture(params=["DuckDB", "PostgreSQL"])
def both(request: pytest.FixtureRequest, stores: dict[str, Store]) -> Store:
    return stores[request.param]


@pytest.mark.parametrize("name", RULES)
def test_what_ends(both: Store, name: str) -> None:
    rule = RULES[name]
    first = deliver(both, KNOWN, source=name)
    done = deliver(
        both,
        rule.brings,
        source=name,
        full=False,
        ends=rule.ends,
        keeps=rule.keeps,
        stopped=rule.stopped,
    )
    left = known(both, "case", source=name).keys() | known(both, "conversation", source=name).keys()
    assert left == set(rule.left.split())
    assert changes(done, "case") == rule.balance
    people = {key for key in left if key.startswith("P") and key != "P4"}
    assert known(both, "person", source=name).keys() == (
        people if "case" not in rule.brings else people - {"P1"}
    )
    talks = {key for key in left if key.startswith("B")}
    assert {
        key.split(" · ")[0] for key in known(both, "conversation_participant", source=name)
    } == talks
    assert {key.split(" · ")[0] for key in known(both, "conversation_topic", source=name)} == talks
    assert known(both, "consent", source=name).keys() == {"P1"}
    assert sorted(known(both, "case", source=name, load=first.number)) == PEOPLE
    assert sorted(known(both, "language_level", source=name, load=first.number)) == [
        f"{p} · Dari" for p in PEOPLE
    ]


def test_rows_and_records_are_counted(both: Store) -> None:
    source = "counted"
    deliver(both, KNOWN, source=source)
    done = deliver(both, {}, source=source, full=False, ends={"case": ["P1", "P2", "P9"]})
    c, t = entity_balance.c, table_balance.c
    this = select(load.c.delivery_id).where(load.c.number == done.number).scalar_subquery()
    with both.read() as connection:
        records = connection.execute(
            select(c.entity, c.new, c.gone, c.known_before, c.known_after).where(
                c.delivery_id == this
            )
        ).all()
        rows = connection.execute(select(t.file, t.read, t.used).where(t.delivery_id == this)).all()
    assert [tuple(r) for r in records] == [("case", 0, 2, 3, 1)]
    assert ("ends-case.csv", 3, 3) in rows
    assert done.known["case"] == 1


def test_gone_stays_gone_and_comes_back_when_it_is_brought(both: Store) -> None:
    source = "again"
    deliver(both, KNOWN, source=source)
    deliver(both, {}, source=source, full=False, ends={"case": ["P1"]})
    before = everything(both)
    again = deliver(
        both, {}, source=source, full=False, ends={"case": ["P1", "P1"]}, keeps={"case": []}
    )
    assert again.changes["case"] == []
    assert everything(both) == before
    back = deliver(both, CHANGED, source=source, full=False, ends={"case": ["P2"]})
    assert changes(back, "case") == (1, 0, 0, 1)
    assert sorted(known(both, "case", source=source)) == ["P1", "P3"]


def test_a_full_delivery_tells_by_itself_what_is_gone(both: Store) -> None:
    source = "full"
    deliver(both, KNOWN, source=source)
    done = deliver(
        both, KNOWN, source=source, ends={"case": ["P1"]}, keeps={"conversation": ["B9"]}
    )
    assert changes(done, "case") == (0, 0, 3, 0)
    assert sorted(known(both, "case", source=source)) == PEOPLE
    deliver(both, {"case": KNOWN["case"]}, source=source, ends={"conversation": ["B1"]})
    assert sorted(known(both, "conversation", source=source)) == ["B1", "B2"]


def test_sources_do_not_end_each_other(both: Store) -> None:
    deliver(both, KNOWN, source="one")
    deliver(both, KNOWN, source="two")
    deliver(both, {}, source="two", full=False, ends={"case": ["P1"]})
    assert sorted(known(both, "case", source="one")) == PEOPLE


def test_the_guard_counts_what_is_named(store: Store) -> None:
    keys = [f"K{number}" for number in range(20)]
    deliver(store, cases(**dict.fromkeys(keys, "Anna")))
    with pytest.raises(GuardTripped) as tripped:
        deliver(store, {}, full=False, ends={"case": keys[:7]}, limits=Limits())
    assert [(t.record, t.known, t.gone) for t in tripped.value.trips] == [("case", 20, 7)]
    assert len(known(store, "case")) == 20
    deliver(store, {}, full=False, ends={"case": keys[:6]}, limits=Limits())
    assert len(known(store, "case")) == 14


class BrokeOff(Exception):
    """Stands for what a reader raises."""


def test_a_table_that_broke_off_names_nothing(store: Store) -> None:
    deliver(store, KNOWN)
    with store.transaction() as connection:
        uses = {"ends": TableUse(ends=("case",), unique=False), **OTHERS}
        loader = Loader(connection, IncomingDelivery("d", "enaio", DAY, "partial", "m"), uses)
        with loader.begin_table("ends", "a.csv", "ends") as table:
            table.add(mapped({}, 1, named=pa.array(["P1"])))
        with suppress(BrokeOff), loader.begin_table("ends", "b.csv", "ends") as table:
            table.add(mapped({}, 1, named=pa.array(["P2"])))
            raise BrokeOff
        assert loader.finish(DeliveryFindings()).state == "incomplete"
    assert sorted(known(store, "case")) == ["P2", "P3"]


def test_a_topic_ends_with_its_conversation_alone(store: Store) -> None:
    deliver(store, talk("arbeit", "wohnen"))
    deliver(store, talk("wohnen", key="B2"), full=False, ends={"conversation": ["B1"]})
    assert sorted(known(store, "conversation_topic")) == ["B2 · wohnen"]
