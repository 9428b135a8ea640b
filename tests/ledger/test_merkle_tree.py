"""The tree of RFC 9162: its published roots, and proofs checked by the algorithms that the RFC gives to a verifier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete

from tests.ledger.test_tamperings import create_ledger
from warehouse.errors import DamagedLedger
from warehouse.ledger.entries import (
    Entry,
    append_entries,
    append_entry,
    read_checkpoint,
    read_leaves,
)
from warehouse.ledger.erased_contents import erase_contents
from warehouse.ledger.merkle_tree import (
    EMPTY_ROOT,
    compute_root,
    hash_leaf,
    hash_node,
    prove_consistency,
    prove_inclusion,
)
from warehouse.ledger.verification import verify_ledger
from warehouse.rights.rights_key import RightsKey
from warehouse.schema import ledger_node

# The entries and roots that the implementations of RFC 6962 test with; RFC 9162 kept the tree as it was.
SIGN = RightsKey(bytes(32)).sign_erasure
ENTRIES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [hash_leaf(bytes.fromhex(entry)) for entry in ENTRIES]


@pytest.mark.parametrize(("size", "root"), list(enumerate(ROOTS)))
def test_the_published_roots(size: int, root: str) -> None:
    assert compute_root(LEAVES[:size]).hex() == root


def includes(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    number, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            node = hash_node(sibling, node)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = hash_node(node, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and node == root


def adds_only(first: int, second: int, path: list[bytes], before: bytes, after: bytes) -> bool:
    """RFC 9162, section 2.1.4.2."""
    if first == second:
        return not path and before == after
    nodes = [before, *path] if first & (first - 1) == 0 else list(path)
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = hash_node(node, old), hash_node(node, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = hash_node(new, node)
        number, last = number >> 1, last >> 1
    return last == 0 and (old, new) == (before, after)


@given(st.integers(1, 70), st.data())
def test_proofs_convince_the_verifier_and_false_ones_do_not(size: int, data: st.DataObject) -> None:
    leaves = [hash_leaf(str(n).encode()) for n in range(size)]
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, before = compute_root(leaves), compute_root(leaves[:first])
    path = prove_inclusion(leaves, index)
    assert includes(leaves[index], index, size, path, root)
    assert not includes(hash_leaf(b"other"), index, size, path, root)
    steps = prove_consistency(leaves, first)
    assert adds_only(first, size, steps, before, root)
    assert first == size or not adds_only(first, size, steps, hash_leaf(b"other"), root)


def test_a_checkpoint_of_any_size_reads_few_leaves() -> None:
    engine = create_engine("duckdb:///:memory:")
    create_ledger(engine)
    printed = []
    with engine.begin() as connection:
        assert read_checkpoint(connection).root == EMPTY_ROOT
        for count in (1, 254, 1, 1, 300, 1500, 7):
            append_entries(connection, [Entry("note", {"n": n}) for n in range(count)])
            printed.append(read_checkpoint(connection))
        leaves = read_leaves(connection, 0, printed[-1].size)
        for before in printed:
            assert before.root == compute_root(leaves[: before.size])
            assert read_checkpoint(connection, before.size) == before
        connection.execute(delete(ledger_node))
        with pytest.raises(DamagedLedger):
            read_checkpoint(connection)
    engine.dispose()


def test_an_erased_content_leaves_every_checkpoint_valid() -> None:
    engine = create_engine("duckdb:///:memory:")
    create_ledger(engine)
    with engine.begin() as connection:
        for n in range(6):
            append_entry(connection, "note", ("alpha", str(n % 2)), {"name": f"Muster{n}"})
        before = read_checkpoint(connection)
        assert verify_ledger(connection, before).is_proved
        assert erase_contents(connection, SIGN, [("alpha", "1")]) == 3
        found = verify_ledger(connection, before)
        assert (found.is_proved, found.erased, found.size) == (True, 3, 7)
        assert erase_contents(connection, SIGN, [("alpha", "1")]) == 0
    engine.dispose()
