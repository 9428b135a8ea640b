"""The newest publication cannot be changed or taken away either: the ledger of the warehouse knows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.publication.ledger import (
    BrokenLedger,
    PrintedCell,
    Publication,
    PublishedMeanwhile,
    write_publication,
)
from pipelines.publication.witnessed import publications_folder, read_witnessed, write_witnessed
from warehouse.ledger.publications import read_publication_sums
from warehouse.ledger.verification import verify_ledger

CELL = PrintedCell("topics", ("kinder",), ("08999001", ""), "2024-01-01", "2024-12-31", 7, True)
CONFIGURATION = """\
district: {ags: "08999", name: Probekreis}
data: data
municipalities: {"08999001": {name: Ort}}
sources: {enaio: {mapping: enaio_export, folder: exports, carrier: amt}}
carriers: {amt: {name: Amt}}
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    path = tmp_path_factory.mktemp("kreis") / "drehscheibe.yaml"
    (path.parent / "exports").mkdir()
    path.write_text(CONFIGURATION, encoding="utf-8")
    with Hub(load_config(path)) as opened:
        yield opened


def made(number: int) -> Publication:
    return Publication(number, "2025-01-02", "kreis", 8, [CELL], columns_by_size=False)


Change = Callable[[Path], object]
CHANGES: dict[str, Change] = {
    "the newest is edited": lambda f: _replace(f / "0003.json", '"value": 7', '"value": 8'),
    "the newest shows more": lambda f: _replace(f / "0003.json", "true", "false"),
    "the newest is removed": lambda f: (f / "0003.json").unlink(),
    "the last two are removed": lambda f: [(f / f"000{n}.json").unlink() for n in (2, 3)],
    "all are removed": shutil.rmtree,
    "the first is edited": lambda f: _replace(f / "0001.json", '"value": 7', '"value": 8'),
}


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_every_change_of_the_folder_is_found(empty: Hub, tmp_path: Path) -> None:
    folder = publications_folder(empty)
    # One of before there were entries: the next one enters both.
    write_publication(folder, made(1))
    assert [one.number for one in read_witnessed(empty)] == [1]
    for number in (2, 3):
        write_witnessed(empty, made(number))
    with empty.store.read() as connection:
        assert [*read_publication_sums(connection)] == [1, 2, 3]
        assert verify_ledger(connection).findings == []
    assert [one.number for one in read_witnessed(empty)] == [1, 2, 3]
    shutil.copytree(folder, tmp_path / "kept")
    for name, change in CHANGES.items():
        change(folder)
        with pytest.raises(BrokenLedger):
            read_witnessed(empty)
        with pytest.raises(BrokenLedger):
            write_witnessed(empty, made(4))
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tmp_path / "kept", folder)
        assert len(read_witnessed(empty)) == 3, name
    with pytest.raises(PublishedMeanwhile):
        write_witnessed(empty, made(3))
    # A file whose entry was lost, as by a crash between the two, is entered with the next one.
    write_publication(folder, made(4))
    write_witnessed(empty, made(5))
    with empty.store.read() as connection:
        assert [*read_publication_sums(connection)] == [1, 2, 3, 4, 5]
