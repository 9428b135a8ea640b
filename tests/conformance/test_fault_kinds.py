"""The kit of the kinds of fault: every format holds the same table, and the page says of the tests what they say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.docs import fault_kinds
from pipelines.docs.fault_kinds import READERS, HeldKind, list_held
from tests.conformance.fault_kinds import holds
from tests.conformance.formats import WRITERS, Number, write_table

TESTS = """
@holds(8, "csv", "json")
@pytest.mark.parametrize("text", [])
def test_one(reader, text): ...

@holds(8)
def test_behind_the_readers(): ...

@pytest.mark.skipif(True, reason="")
@holds(9, "csv")
def test_left_out(): ...

@holds(9, "csv")
def helper(): ...
"""


@pytest.mark.parametrize("reader", READERS)
def test_every_format_gives_the_same_table(reader: str, tmp_path: Path) -> None:
    written = write_table(reader, tmp_path, "AB", ("1", "Müller"), ("2", Number("45")))
    assert written.rows() == [["1", "Müller"], ["2", "45"]]


def test_there_is_a_writer_for_each_format() -> None:
    assert list(WRITERS) == list(READERS)


def test_the_page_lists_what_tests_declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_x.py").write_text(TESTS)
    held = list_held(tmp_path)
    assert held == [
        HeldKind(8, (), "test_x.py", "test_behind_the_readers"),
        HeldKind(8, ("csv", "json"), "test_x.py", "test_one"),
    ]
    monkeypatch.setattr(fault_kinds, "TESTS", tmp_path)
    (line,) = [x for x in fault_kinds.page_text().splitlines() if x.startswith("| 8 enc")]
    marks = [cell.strip() for cell in line.split("|")[2:-1]]
    assert marks == ["✓" if reader in ("csv", "json") else "all" for reader in READERS]


@pytest.mark.parametrize(("kind", "reader"), [(99, "csv"), (8, "parchment"), (6, "sql")])
def test_nobody_declares_what_there_is_not(kind: int, reader: str) -> None:
    with pytest.raises(ValueError, match="unknown"):
        holds(kind, reader)
