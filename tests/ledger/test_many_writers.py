"""Several processes append to one ledger on a server, and every checkpoint that one of them printed stays true."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text

from warehouse.database.store import Store
from warehouse.ledger.checkpoint import Checkpoint
from warehouse.ledger.entries import append_entry, count_entries, read_checkpoint
from warehouse.ledger.erased_contents import erase_contents
from warehouse.ledger.verification import verify_ledger
from warehouse.rights.rights_key import RightsKey
from warehouse.schema import ledger_leaf

SIGN = RightsKey(bytes(32)).sign_erasure
WRITERS, ENTRIES = 4, 75


def append_some(url: str, writer: int) -> list[Checkpoint]:
    """Appends, some of it in vain, and prints a checkpoint after each."""
    printed = []
    with Store(url) as store:
        for number in range(ENTRIES):
            with store.engine.connect() as connection:
                append_entry(connection, "note", ("alpha", str(writer)), {"number": number})
                if number % 5 == 0:
                    connection.rollback()
                    continue
                printed.append(read_checkpoint(connection))
                connection.commit()
    return printed


def test_positions_never_fork(new_database: Callable[[], str]) -> None:
    url = new_database()
    with Store(url) as store:
        with ThreadPoolExecutor(WRITERS) as pool:
            done = list(pool.map(lambda writer: append_some(url, writer), range(WRITERS)))
        printed = [checkpoint for checkpoints in done for checkpoint in checkpoints]
        with store.transaction() as connection:
            positions = connection.execute(select(ledger_leaf.c.position)).scalars().all()
            assert sorted(positions) == list(range(len(printed)))
            assert count_entries(connection) == len({c.size for c in printed}) == len(printed)
            erase_contents(connection, SIGN, [("alpha", "0")])
            for checkpoint in (min(printed, key=lambda c: c.size), *done[-1][-3:]):
                assert verify_ledger(connection, checkpoint).is_proved
            for checkpoint in printed:
                assert read_checkpoint(connection, checkpoint.size) == checkpoint
            rows = text("SELECT count(*) FROM ledger_content").columns()
            assert connection.execute(rows).scalar_one() == len(printed) + 1 - len(done[0])
