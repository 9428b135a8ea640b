"""Whatever is changed in ledger or rows is noticed against any checkpoint printed later: generated tamperings."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, delete, insert, select, update

from warehouse.ledger.checkpoint import Checkpoint
from warehouse.ledger.entered_rows import (
    describe_row,
    find_subject,
    insert_entered,
    list_entered_tables,
)
from warehouse.ledger.entries import ERASURE, SIGNATURE, Entry, append_entries, read_checkpoint
from warehouse.ledger.erased_contents import erase_contents
from warehouse.ledger.verification import verify_ledger
from warehouse.rights.rights_key import RightsKey
from warehouse.schema import (
    consent_statement_group,
    ledger_content,
    ledger_leaf,
    ledger_node,
    metadata,
    transmission,
    transmission_event,
)

SIGN = RightsKey(bytes(32)).sign_erasure
DAY = date(2025, 8, 1)
TREE = (ledger_leaf, ledger_content)
ROWS = 270
# Contents of these persons were erased.
ERASED = 3


@dataclass
class Ledger:
    """A ledger in memory with the checkpoints printed on the way; a tampering is undone after its test."""

    connection: Connection
    printed: list[Checkpoint]
    chosen: random.Random

    @property
    def size(self) -> int:
        return self.printed[-1].size

    def position(self, *, known: bool = True) -> int:
        """An entry, with its content unless it is asked for without."""
        rows = self.connection.execute(select(ledger_content.c.position).order_by("position"))
        held = list(rows.scalars()) if known else range(self.size)
        return self.chosen.choice([n for n in held if n < self.size])


def form_row(n: int) -> dict[str, Any]:
    return {
        "transmission_id": f"t{n:04}",
        "recipient": "jobcenter",
        "sent_on": DAY + timedelta(n % 5),
        "made_at": datetime(2025, 8, 1, 10, 0, 0, n),
        "load_number": 1 + n % 3,
        "source": "alpha",
        "source_key": f"P-{n % 40}",
        "consent_keys": json.dumps([f"e{n}"]),
        "data_groups": json.dumps(["sprache"]),
        "sha256": f"{n:064x}",
        "form_number": f"f{n:015}",
        "tree_size": n,
        "letter_size": n + 1,
    }


def event_row(n: int) -> dict[str, Any]:
    return {
        "recipient": "jobcenter",
        "sent_on": DAY,
        "load_number": n,
        "event_at": datetime(2025, 8, 1, 11, 0, 0, n),
        "event": "placed",
        "reason": None,
        "made_by": "konto",
        "happened_on": DAY,
        "receipt_sha256": None,
    }


def create_ledger(engine: Engine) -> None:
    """The tables of the ledger, and those whose rows are entered."""
    kept = (ledger_leaf, ledger_content, ledger_node, consent_statement_group)
    tables = [*kept, *list_entered_tables()]
    metadata.create_all(engine, tables=tables)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    engine = create_engine("duckdb:///:memory:")
    create_ledger(engine)
    with engine.connect() as connection:
        printed = []
        for n in range(0, ROWS, 9):
            insert_entered(connection, transmission, [form_row(m) for m in range(n, n + 8)])
            insert_entered(connection, transmission_event, [event_row(n)])
            printed.append(read_checkpoint(connection))
        erased = [("alpha", f"P-{n}") for n in range(ERASED)]
        erase_contents(connection, SIGN, erased)
        keys = [key for _, key in erased]
        connection.execute(delete(transmission).where(transmission.c.source_key.in_(keys)))
        printed.append(read_checkpoint(connection))
        connection.commit()
        yield Ledger(connection, printed, random.Random(17))
    engine.dispose()


def cut_tail(ledger: Ledger) -> int:
    """The last entries vanish with their contents and rows; what is kept of the tree fits again."""
    keep = ledger.chosen.randrange(ledger.size)
    for table in TREE:
        ledger.connection.execute(delete(table).where(table.c.position >= keep))
    ledger.connection.execute(delete(ledger_node).where((ledger_node.c.number + 1) * 256 > keep))
    ledger.connection.execute(delete(transmission).where(transmission.c.tree_size >= keep))
    return keep


def change_row(ledger: Ledger) -> int:
    """A column of a row says something else."""
    rows = ledger.connection.execute(select(transmission)).mappings().all()
    row = ledger.chosen.choice(rows)
    name, value = ledger.chosen.choice(
        [
            ("recipient", "anderer"),
            ("sent_on", row["sent_on"] - timedelta(1)),
            ("made_at", row["made_at"] + timedelta(microseconds=1)),
            ("load_number", row["load_number"] + 1),
            ("data_groups", "[]"),
            ("consent_keys", '["e999"]'),
            ("sha256", "0" * 64),
            ("form_number", None),
            ("tree_size", None),
        ]
    )
    where = transmission.c.transmission_id == row["transmission_id"]
    ledger.connection.execute(update(transmission).where(where).values({name: value}))
    return 0


def remove_row(ledger: Ledger) -> int:
    """A row of a form or of an event vanishes."""
    table = ledger.chosen.choice([transmission, transmission_event])
    row = ledger.chosen.choice(ledger.connection.execute(select(table)).mappings().all())
    where = [c == row[c.name] for c in table.primary_key]
    ledger.connection.execute(delete(table).where(*where))
    return 0


def add_row(ledger: Ledger) -> int:
    """A row without an entry."""
    n = ledger.chosen.randrange(1000, 2000)
    row = ledger.chosen.choice([(transmission, form_row(n)), (transmission_event, event_row(n))])
    ledger.connection.execute(insert(row[0]).values(row[1]))
    return 0


def change_leaf(ledger: Ledger) -> int:
    """What stays of an entry after an erasure says something else."""
    position = ledger.position(known=False)
    values = ledger.chosen.choice(
        [{"kind": "note"}, {"made_at": datetime(2024, 1, 1)}, {"mac": "0" * 64}]
    )
    where = ledger_leaf.c.position == position
    ledger.connection.execute(update(ledger_leaf).where(where).values(values))
    return position


def change_content(ledger: Ledger) -> int:
    """Another content, without or with a hash that fits it; the row says the same."""
    position = ledger.position()
    where = ledger_content.c.position == position
    text = ledger.connection.execute(select(ledger_content.c.content).where(where)).scalar_one()
    digit = ledger.chosen.randrange(len(text))
    changed = text[:digit] + ("x" if text[digit] != "x" else "y") + text[digit + 1 :]
    ledger.connection.execute(update(ledger_content).where(where).values(content=changed))
    return position


def swap_contents(ledger: Ledger) -> int:
    """Two entries exchange salt and content."""
    one, other = ledger.position(), ledger.position()
    if one == other:
        other = one - 1 if one else one + 1
    c = ledger_content.c
    for position, number in ((one, -1), (other, one), (-1, other)):
        where = c.position == position
        ledger.connection.execute(update(ledger_content).where(where).values(position=number))
    return min(one, other)


def delete_content(ledger: Ledger) -> int:
    """A content goes, and no entry says that it was erased."""
    position = ledger.position()
    ledger.connection.execute(delete(ledger_content).where(ledger_content.c.position == position))
    return position


def pass_off_as_erased(ledger: Ledger) -> int:
    """A form and its content go, and an entry without the right signature says it was erased."""
    c = ledger_content.c
    forms = select(c.position, c.content).where(c.content.contains('"transmission_id"'))
    chosen = ledger.chosen.choice(ledger.connection.execute(forms.order_by(c.position)).all())
    number = json.loads(chosen.content)["row"]["transmission_id"]
    gone = transmission.c.transmission_id == number
    ledger.connection.execute(delete(transmission).where(gone))
    ledger.connection.execute(delete(ledger_content).where(c.position == chosen.position))
    signature = ledger.chosen.choice([{}, {SIGNATURE: "0" * 64}, {SIGNATURE: None}])
    content = {"positions": [chosen.position], **signature}
    append_entries(ledger.connection, [Entry(ERASURE, content)])
    return 0


def make_gap(ledger: Ledger) -> int:
    """A leaf in the middle vanishes."""
    position = ledger.position(known=False)
    for table in TREE:
        ledger.connection.execute(delete(table).where(table.c.position == position))
    return position


def build_anew(ledger: Ledger) -> int:
    """Somebody changes a row and builds a tree in which everything fits."""
    change_row(ledger)
    for table in (*TREE, ledger_node):
        ledger.connection.execute(delete(table))
    rows = [
        (table, dict(row))
        for table in (transmission, transmission_event)
        for row in ledger.connection.execute(select(table)).mappings()
    ]
    entries = [Entry(t.name, describe_row(t, row), find_subject(row)) for t, row in rows]
    spare = [Entry(ERASURE, {"positions": []}) for _ in range(ledger.size - len(entries))]
    append_entries(ledger.connection, [*entries, *spare])
    return 0


TAMPERINGS: tuple[Callable[[Ledger], int], ...] = (
    cut_tail,
    change_row,
    remove_row,
    add_row,
    change_leaf,
    change_content,
    swap_contents,
    delete_content,
    pass_off_as_erased,
    make_gap,
    build_anew,
)


def assert_noticed(ledger: Ledger, tamper: Callable[[Ledger], int]) -> None:
    try:
        touched = tamper(ledger)
        later = [checkpoint for checkpoint in ledger.printed if checkpoint.size > touched]
        printed = ledger.chosen.choice(later)
        assert not verify_ledger(ledger.connection, printed, sign=SIGN).is_proved
    finally:
        ledger.connection.rollback()


def test_nothing_is_wrong_with_a_ledger_that_nobody_touched(ledger: Ledger) -> None:
    for checkpoint in ledger.printed:
        found = verify_ledger(ledger.connection, checkpoint, sign=SIGN)
        assert (found.is_proved, found.findings) == (True, [])
    without = verify_ledger(ledger.connection)
    assert (without.is_proved, without.findings) == (False, [])


def test_a_tree_built_anew_contradicts_nothing_but_the_printed_root(ledger: Ledger) -> None:
    build_anew(ledger)
    assert verify_ledger(ledger.connection).findings == []
    faults = {f.fault for f in verify_ledger(ledger.connection, ledger.printed[3]).findings}
    ledger.connection.rollback()
    assert faults == {"other_root"}


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_every_tampering_is_noticed(ledger: Ledger, tamper: Callable[[Ledger], int]) -> None:
    for _ in range(20):
        assert_noticed(ledger, tamper)


@pytest.mark.slow
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_ten_thousand_tamperings(ledger: Ledger, tamper: Callable[[Ledger], int]) -> None:
    for _ in range(1000):
        assert_noticed(ledger, tamper)
